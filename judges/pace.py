"""How fast a service may be asked, learnt from its throttles: additive increase, multiplicative decrease."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_WINDOW = 10.0  # seconds that sends are kept
_LOOK, _FEWEST = 1.2, 12  # seconds and sends, whichever is more, that a cut looks back on
_SETTLE = 0.4  # seconds after a cut before throttles of newer sends count as news
_KEEP = 0.97  # of what was let through: what a cut leaves
_DEEPEST, _SHALLOWEST = 0.5, 0.96  # of the rate: the most and the least that one cut takes away
_GROWTH = 0.015  # of the rate at the last cut, each second that the pace held somebody back ...
_GROWTH_DOUBLES = 4.0  # ... and twice that after so many seconds without a throttle, growing with their square
_SEARCH = 0.2  # the same after the first cut, which is no more than a guess
_SLOWEST = 0.05  # requests a second, at the least
_MISHAPS = 0.045  # share of sends refused that is no sign of a quota


class Pace:
    """Pace one quantity (requests, or reserved tokens) of one model; safe for threads.

    Unlimited until the first throttle. A cut sets the rate to just under what the service has been letting through,
    so one look at the throttles finds the quota; in between, the rate creeps up to find out whether there is more.

    Args:
        clock: Seconds, for tests.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.rate = math.inf
        self._clock = clock
        self._changed = threading.Condition()
        self._turnstile = threading.Lock()
        self._next = -math.inf
        self._cut_at = -math.inf
        self._cuts = 0
        self._throttled_at = -math.inf
        self._grown_at = -math.inf
        self._sends: deque[list[float]] = deque()  # when, how much, and how much of it was let through

    def take(self, amount: float, deadline: float, stop: Callable[[], bool] = lambda: False) -> list[float] | None:
        """Wait for the turn to send.

        Args:
            amount: How much of the quantity the request uses.
            deadline: By the clock.
            stop: Tells that the request is not wanted any more.

        Returns:
            The send, to be handed to `throttled` should the service refuse it; None at the deadline or when stopped.
        """
        left = deadline - self._clock()
        if left <= 0 or not self._turnstile.acquire(timeout=min(left, threading.TIMEOUT_MAX)):
            return None
        try:
            with self._changed:
                while (wait := self._next - self._clock()) > 0:
                    left = deadline - self._clock()
                    if left <= 0 or stop():
                        return None
                    self._grow()
                    self._changed.wait(min(wait, left))
                return None if stop() else self._send(amount)
        finally:
            self._turnstile.release()

    def _send(self, amount: float) -> list[float]:
        now = self._clock()
        self._next = max(self._next, now - 1 / max(self.rate, 10)) + amount / self.rate
        sent = [now, amount, amount]
        self._sends.append(sent)
        while self._sends[0][0] < now - _WINDOW:
            self._sends.popleft()
        return sent

    def throttled(self, sent: list[float]) -> None:
        """Say that the service refused a send: slow down, unless that is old news or a rare mishap."""
        with self._changed:
            sent[2] = 0.0
            now = self._clock()
            self._throttled_at = now
            sends = self._recent(now)
            refused = sum(not send[2] for send in sends) / len(sends)
            if refused < _MISHAPS:
                return
            seconds = max(1.0 if self._cuts < 2 else _SETTLE, now - sends[0][0])  # noqa: PLR2004 - no estimate yet
            let_through = sum(send[2] for send in sends) / seconds
            if sent[0] < self._cut_at + _SETTLE:
                if self._cuts == 1:  # the burst that found the quota: its last word counts
                    self._set(max(let_through, sent[1]))
                return
            self._cut_at = self._grown_at = now
            self._cuts += 1
            if self._cuts == 1:
                self._set(max(let_through, sent[1]))
            else:
                least = max(self.rate * _DEEPEST, sent[1] * _SLOWEST)
                self._set(min(max(let_through * _KEEP, least), self.rate * _SHALLOWEST))

    def _set(self, rate: float) -> None:
        old, self.rate = self.rate, max(rate, _SLOWEST)
        now = self._clock()
        if old < math.inf and self._next > now:  # who waits now waits by the new rate
            self._next = now + (self._next - now) * old / self.rate
        self._changed.notify_all()

    def _recent(self, now: float) -> list[list[float]]:
        """Give the sends that a cut looks back on; what is under way counts as let through."""
        fewest = max(0, len(self._sends) - _FEWEST)
        return [send for i, send in enumerate(self._sends) if send[0] >= now - _LOOK or i >= fewest]

    def _grow(self) -> None:
        """Creep up while somebody waits for the pace and the service is content."""
        now = self._clock()
        if self.rate == math.inf:
            return
        calm = now - self._throttled_at
        passed = min(now - self._grown_at, 1.0)
        self._grown_at = now
        if calm > _SETTLE:
            growth = _SEARCH if self._cuts == 1 else _GROWTH * (1 + (calm / _GROWTH_DOUBLES) ** 2)
            self.rate *= 1 + growth * passed
