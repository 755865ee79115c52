"""What is known about a model: how fast it may be asked, how long its replies take, whether it ever gave a verdict."""

from __future__ import annotations

import threading
from collections import deque

from judges.judgement import Usage
from judges.pace import Pace

_COLD_PATIENCE = 30.0  # seconds, until latencies are known: the first use of a schema may take long
_FEW, _KNOWN = 3, 20  # latencies that give an idea of the usual one; that make it known
_SLOW = 4.0  # times the slowest of a few
_KEPT = 200
_LATE = 0.95  # stalled: longer than the slowest twentieth of replies takes, by a factor that is learnt ...
_BEYOND, _LEAST_BEYOND, _MOST_BEYOND = 1.3, 0.85, 1.8
_WON, _LOST = 0.85, 1.03  # ... from whether asking twice helped
_IDLE = 0.9  # share of a batch's most items under way: fewer are the end of it
_ENDING = 0.85  # at the end of a batch, longer than this share of replies takes
_HEDGE_SHARE, _MOST_HEDGES = 0.05, 20.0  # hedges at the end of a batch that a reply earns; how many may be saved up
_IN_LINE = 3.0  # times that, while a quota is waited for
_SHORTEST_PATIENCE = 0.05
_MUTE = 8
_REFUSALS = 3  # in a row


class Model:
    """Hold what is known about one model; safe for threads."""

    def __init__(self) -> None:
        self.requests, self.tokens = Pace(), Pace()
        self.answered = 0
        self._verdicts = self._failures = 0
        self._latencies: deque[float] = deque(maxlen=_KEPT)
        self._ordered: list[float] = []
        self._refused = 0
        self._under_way = self._most_under_way = 0
        self._hedges = 0.0
        self._beyond = _BEYOND
        self._late = Usage()
        self._lock = threading.Lock()

    def starts(self) -> None:
        """Note that an item is being asked."""
        with self._lock:
            self._under_way += 1
            most = 0 if self._under_way == 1 else self._most_under_way
            self._most_under_way = max(most, self._under_way)

    def ends(self) -> None:
        """Note that an item has its reply, or never will."""
        with self._lock:
            self._under_way -= 1

    def took(self, seconds: float) -> None:
        """Note a reply's latency."""
        with self._lock:
            self._refused = 0
            self._latencies.append(seconds)
            self._ordered = []
            self.answered += 1
            self._hedges = min(self._hedges + _HEDGE_SHARE, _MOST_HEDGES)

    def refuses(self) -> bool:
        """Note that a question was refused in every form.

        Returns:
            Whether that is the answer's doing: the model takes others. Where it refuses several in a row, it is ours.
        """
        with self._lock:
            self._refused += 1
            return self.answered > 0 and self._refused <= _REFUSALS

    def hedged(self) -> None:
        """Note that a request was asked a second time."""
        with self._lock:
            if self._ending():
                self._hedges = max(0.0, self._hedges - 1)

    def _ending(self) -> bool:
        return self._under_way < self._most_under_way * _IDLE

    def late(self, usage: Usage) -> None:
        """Note what a reply cost that came when its item had been answered by another."""
        with self._lock:
            self._late += usage

    def collect_late(self) -> Usage:
        """Give what late replies cost since this was last asked: the next item bears it, so that sums are right."""
        with self._lock:
            usage, self._late = self._late, Usage()
            return usage

    def helped(self, *, second: bool) -> None:
        """Note whether the second request was answered before the first: ask twice sooner, or later."""
        with self._lock:
            beyond = self._beyond * (_WON if second else _LOST)
            self._beyond = min(max(beyond, _LEAST_BEYOND), _MOST_BEYOND)

    def patience(self, now: float, left: float) -> float:
        """Tell after how many seconds a request is taken for stalled.

        Somewhat later than the slowest twentieth of replies, the sooner the more often asking twice has helped; at the
        end of a batch, when workers stand idle and the last replies hold up all others, sooner still, but then no
        more often than for one request in twenty. Much later while a quota keeps others waiting: it is they who would
        pay for the second request. While few latencies are known, a good deal later than the slowest; while next to
        none are, after half of the time there is, for the first use of a schema may take long.

        Args:
            now: By the pace's clock.
            left: Seconds from when the request was sent to when its reply no longer helps.
        """
        with self._lock:
            if len(self._latencies) < _KNOWN:
                usual = _SLOW * max(self._latencies) + 1 if len(self._latencies) >= _FEW else _COLD_PATIENCE
                return min(usual, _COLD_PATIENCE, left / 2)
            ordered = self._ordered = self._ordered or sorted(self._latencies)
            ending = self._ending() and self._hedges >= 1
        late = ordered[int(len(ordered) * (_ENDING if ending else _LATE))]
        if self.tokens.behind(now) or self.requests.behind(now):
            return late * _IN_LINE
        return max(late * min(1.0, self._beyond) if ending else late * self._beyond, _SHORTEST_PATIENCE)

    def decided(self, *, verdict: bool) -> bool:
        """Note whether an item got a verdict from its replies.

        Returns:
            Whether this judge ever gives one. A judge that never did, item after item, is misconfigured: that is our
            fault, not that of the answers.
        """
        with self._lock:
            self._verdicts += verdict
            self._failures += not verdict
            return self._verdicts > 0 or self._failures < _MUTE


_models: dict[str, Model] = {}
_lock = threading.Lock()


def about(name: str) -> Model:
    """Give what is known about the model of a name. One for the process."""
    with _lock:
        return _models.setdefault(name, Model())


def forget() -> None:
    """Know nothing about any model, as a new process does."""
    with _lock:
        _models.clear()
