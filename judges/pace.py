"""How fast a service may be asked: its quota, learnt from what it refuses."""

from __future__ import annotations

import math
import threading
from collections import deque
from itertools import islice

from judges.bucket import LATE, Bucket, Turn

_MEASURED = 1.0  # seconds over which it is measured what is let through
_KEPT, _RECENT, _JUST_NOW = 400, 64, 12  # sends that are remembered; that tell what share is refused
_CHANCE, _MOST_CHANCE = 0.08, 0.25  # share of sends that may be refused by chance, at any rate; what that may grow to
_SIGMAS = 3.0  # beyond chance: a quota
_FORGETS = 0.8  # what is left of a higher share of chance after a pause ...
_PAUSE = 2.0  # ... of so many seconds without a send
_GAP = 0.25  # the same as long as nobody is held up
_LOWER = 0.02  # what each refusal takes off a known rate ...
_RAISE, _CALM = 0.0003, 80.0  # ... what each send adds, and after how many without a refusal it adds twice that
_MOST_RAISES = 40.0  # times that, at the most
_DOUBLES = 0.5  # seconds in which the first guess doubles until it is refused
_AHEAD = 3.0  # times what is let through: what a rate may grow to unproven
_HALF = 0.5  # of the rate: the most that one cut takes; of the first rate: below that, refusals ought to have ended
_SHALLOWER, _DEEPER = 0.9, 0.1  # of what is thought to be saved up, if it was less; seconds of rate, if it may be more
_SLOWEST = 0.05  # requests a second, at the least


class Pace:
    """Pace one quantity (requests, or reserved tokens) of one model; safe for threads; time comes in.

    Unlimited until more is refused than chance explains. Then the rate is what was let through, doubled until it is
    refused again; from there each send raises it a little and each refusal lowers it by fifty times that, so that it
    comes to rest where one in fifty is refused: just above the quota, which is then used to the full. What a quota
    saves up while nobody asks is learnt too, and spent at once. Refusals that slowing down does not end are no quota's:
    they are retried, at any rate.
    """

    def __init__(self) -> None:
        self._bucket = Bucket()
        self._lock = threading.Lock()
        self._sends: deque[Turn] = deque(maxlen=_KEPT)
        self._begun_at, self._had = -math.inf, 0.0  # since the last pause: its end, and what was let through
        self._cut_at, self._sounded_at = -math.inf, -math.inf
        self._calm, self._chance = 0, _CHANCE
        self._searching = self._ran_dry = False
        self._first_rate, self._worst_share = math.inf, 0.0

    @property
    def rate(self) -> float:
        """How much a second may be asked for; infinite as long as no quota is known."""
        return self._bucket.rate

    def line_up(self, amount: float, now: float) -> Turn:
        """Take a place in the line.

        Args:
            amount: How much of the quantity the request uses.
            now: Seconds, by any clock that all calls share.
        """
        with self._lock:
            bucket = self._bucket
            if self._ran_dry and bucket.saved(now) > bucket.depth:  # it gave all that was thought to be in it
                bucket.ran_dry(bucket.depth + self.rate * _DEEPER, 0.0)
                self._ran_dry = False
            saved = bucket.limited and bucket.saved(now) > self.rate * LATE
            place = bucket.take(amount, now)
            waits = bucket.limited and place > bucket.filled(now)
            self._ran_dry |= waits
            return Turn(amount, place, waits, saved)

    def leave(self, turn: Turn) -> None:
        """Give up a place in the line."""
        with self._lock:
            if turn.place > -math.inf:
                self._bucket.leave(turn.amount)

    def ready(self, turn: Turn, now: float) -> float:
        """Tell when a turn comes, as far as is known now; it may come sooner: look again half-way."""
        with self._lock:
            at = self._bucket.when(turn.place, now)
            if at > now and self._searching and self.rate < _AHEAD * max(self._let_through(now), turn.amount):
                held = min(self._bucket.seconds_at(now), _DOUBLES)
                self._bucket.fill_at(self.rate * 2 ** (held / _DOUBLES), now)
                at = self._bucket.when(turn.place, now)
            return at

    def behind(self, now: float) -> bool:
        """Tell whether somebody waits in the line."""
        with self._lock:
            return self._bucket.limited and self._bucket.saved(now) < 0

    def flows(self) -> bool:
        """Tell whether anything was let through since the last pause; what is under way counts."""
        with self._lock:
            return self._had > 0

    def sent(self, turn: Turn, now: float) -> None:
        """Note that a turn was used."""
        with self._lock:
            idle = now - self._sends[-1].at if self._sends else math.inf
            if idle > _PAUSE:
                self._chance = max(_CHANCE, self._chance * _FORGETS)
            if idle > (_PAUSE if self._bucket.limited else _GAP):
                self._begun_at, self._had = now, 0.0
            turn.at = now
            self._sends.append(turn)
            self._had += turn.amount
            self._calm = 0 if turn.saved else self._calm + 1
            if turn.waits and (self._calm < _CALM or self.rate < _AHEAD * self._let_through(now)):
                self._bucket.fill_at(self.rate * (1 + _RAISE * min(1 + (self._calm / _CALM) ** 3, _MOST_RAISES)), now)

    def throttled(self, turn: Turn, now: float) -> None:
        """Say that the service refused a turn: slow down, unless that is old news or chance."""
        with self._lock:
            turn.refused = True
            self._calm = 0
            self._had -= turn.amount
            if turn.at < self._cut_at:
                self._recount(turn, now)
            elif turn.saved:
                self._shallower(turn, now)
            elif self._bucket.limited and self._no_quota():
                self._unlimited(now)
            elif self._alarmed():
                self._cut(now)
            elif self._bucket.limited and (turn.waits or not self._searching):
                self._searching = False
                kept = 1 - _LOWER
                self._bucket.fill_at(max(self.rate * kept, min(self.rate, self._let_through(now) * kept)), now)

    def _recount(self, turn: Turn, now: float) -> None:
        """Take off what counted as let through at the last cut, and was refused after all."""
        self._bucket.gave_less(turn.amount)
        if self._searching:
            self._bucket.fill_at(max(turn.amount * _SLOWEST, self.rate - turn.amount / _MEASURED), now)

    def _shallower(self, turn: Turn, now: float) -> None:
        """Learn that less had been saved up than was thought."""
        if turn.at >= self._sounded_at:
            bucket = self._bucket
            bucket.ran_dry((bucket.depth - max(0.0, bucket.saved(now))) * _SHALLOWER, 0.0)
            bucket.spend(now)
            self._ran_dry, self._sounded_at = False, now

    def _cut(self, now: float) -> None:
        """Ask no faster than was let through of late."""
        rate = max(self._sends[-1].amount * _SLOWEST, self._let_through(now))
        self._searching = first = not self._bucket.limited
        self._worst_share = max(0.0 if first else self._worst_share, self._refused_share())
        if first:
            self._first_rate = rate
        self._bucket.fill_at(rate if first else min(self.rate, max(rate, self.rate * _HALF)), now)
        if first:
            self._bucket.ran_dry(self._had, now - self._begun_at)
        self._bucket.spend(now)
        self._cut_at = now

    def _no_quota(self) -> bool:
        """Tell whether slowing down did not end the refusals."""
        share = self._refused_share()
        as_before = max(_CHANCE, self._worst_share * _HALF) < share < _MOST_CHANCE
        return as_before and self.rate < self._first_rate * _HALF

    def _unlimited(self, now: float) -> None:
        self._chance = min(_MOST_CHANCE, 1.5 * self._refused_share())
        self._bucket.fill_at(math.inf, now)
        self._searching = False

    def _alarmed(self) -> bool:
        """Tell whether more was refused since the last cut than chance explains, just now or for some time."""
        fresh = self._fresh()
        for sends in (fresh[:_JUST_NOW] if self._bucket.limited else fresh, fresh):
            likely = len(sends) * self._chance
            refused = sum(turn.refused for turn in sends)
            if refused >= likely + _SIGMAS * math.sqrt(likely * (1 - self._chance)) + 1:
                return True
        return False

    def _refused_share(self) -> float:
        fresh = self._fresh()
        return sum(turn.refused for turn in fresh) / max(len(fresh), 1)

    def _fresh(self) -> list[Turn]:
        """List the sends since the last cut, newest first; of a limited pace those that had to wait for it."""
        recent = islice(reversed(self._sends), _RECENT)
        return [turn for turn in recent if turn.at >= self._cut_at and (turn.waits or not self._bucket.limited)]

    def _let_through(self, now: float) -> float:
        """Give the quantity a second that was let through of late; what is under way counts as let through."""
        recent = (turn.amount for turn in self._sends if turn.at >= now - _MEASURED and not turn.refused)
        return sum(recent) / _MEASURED
