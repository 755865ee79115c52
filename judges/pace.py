"""How fast a service may be asked, learnt from its throttles: additive increase, multiplicative decrease."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_LOOK, _FEWEST = 1.2, 12  # seconds and sends, whichever is more, that a cut looks back on
_SETTLE = 0.4  # seconds after a cut before throttles of newer sends count as news
_MISHAPS, _FLOOD = 0.045, 0.12  # share of sends refused: less is no sign of a quota; more disproves what was proven
_ALARMS = 3  # refusals at once that the first cut needs: one alone is another user's burst
_KEEP = 0.97  # of what was let through: what a cut leaves
_DEEPEST, _SHALLOWEST = 0.5, 0.96  # of the rate: the most and the least that one cut takes away
_PROVEN, _REMEMBERED = 0.03, 30.0  # a rate is proven while less than that is refused; for so many seconds
_GROWTH, _DOUBLES = 0.015, 4.0  # growth a second of waiting; twice that after so many seconds without a throttle
_SEARCH = 0.2  # the same after the first cut, which is no more than a guess
_SLOWEST = 0.05  # requests a second, at the least


@dataclass(slots=True)
class Send:
    """Hold one request that had its turn: when, how much of the quantity, and whether it was refused."""

    at: float
    amount: float
    refused: bool = False


class Pace:
    """Pace one quantity (requests, or reserved tokens) of one model; safe for threads.

    Unlimited until the first throttles. A cut sets the rate to just under what the service has been letting through,
    so one look at the throttles finds the quota; in between, the rate creeps up to find out whether there is more.
    Throttles that come now and then at any rate are mishaps, not a quota: they are retried, and slow nothing down.

    Args:
        clock: Seconds, for tests.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.rate = math.inf
        self._clock = clock
        self._changed = threading.Condition()
        self._turnstile = threading.Lock()
        self._next = -math.inf
        self._cuts = 0
        self._cut_at = -math.inf
        self._calm = 0.0
        self._grown_at = -math.inf
        self._proven: deque[tuple[float, float]] = deque(maxlen=200)
        self._sends: deque[Send] = deque(maxlen=2000)

    def take(self, amount: float, deadline: float, stop: Callable[[], bool] = lambda: False) -> Send | None:
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

    def throttled(self, sent: Send) -> None:
        """Say that the service refused a send: slow down, unless that is old news or a mishap."""
        with self._changed:
            sent.refused = True
            self._calm = 0.0
            now = self._clock()
            sends = self._recent(now)
            refusals = sum(send.refused for send in sends)
            share = refusals / max(len(sends), 1)
            if share < _MISHAPS or (not self._cuts and refusals < _ALARMS):
                return
            if sent.at >= self._cut_at + _SETTLE:
                self._cut_at = self._grown_at = now
                self._cuts += 1
            elif self._cuts > 1:
                return  # old news
            if self._cuts == 1:  # the burst that found the quota: its last word counts
                self._set(max(_let_through(sends, now, 1.0), sent.amount))
            else:
                self._set(self._lower(sends, now, share))

    def _lower(self, sends: Sequence[Send], now: float, share: float) -> float:
        if share >= _FLOOD:
            self._proven.clear()
        proven = max((rate for at, rate in self._proven if at > now - _REMEMBERED), default=0.0)
        target = max(_let_through(sends, now, _SETTLE) * _KEEP, self.rate * _DEEPEST, sends[-1].amount * _SLOWEST)
        return min(self.rate, max(min(target, self.rate * _SHALLOWEST), proven * _SHALLOWEST))

    def _send(self, amount: float) -> Send:
        now = self._clock()
        self._next = max(self._next, now) + amount / self.rate
        send = Send(now, amount)
        self._sends.append(send)
        if self._cuts and now - self._cut_at > _LOOK and (not self._proven or now - self._proven[-1][0] > _SETTLE):
            sends = self._recent(now - _SETTLE)  # by then a throttle would have come back
            if sum(sent.refused for sent in sends) < _PROVEN * len(sends):
                self._proven.append((now, _let_through(sends, now - _SETTLE, _LOOK)))
        return send

    def _recent(self, now: float) -> list[Send]:
        """Give the sends up to now that a decision looks back on."""
        sends = [send for send in self._sends if send.at <= now]
        fewest = max(0, len(sends) - _FEWEST)
        return [send for i, send in enumerate(sends) if send.at >= now - _LOOK or i >= fewest]

    def _set(self, rate: float) -> None:
        old, self.rate = self.rate, rate
        now = self._clock()
        if old < math.inf and self._next > now:  # who waits now waits by the new rate
            self._next = now + (self._next - now) * old / self.rate
        self._changed.notify_all()

    def _grow(self) -> None:
        """Creep up while somebody waits for the pace and the service is content."""
        now = self._clock()
        passed = min(now - self._grown_at, 1.0)
        self._grown_at = now
        self._calm += passed
        if self.rate < math.inf and self._calm > _SETTLE:
            growth = _SEARCH if self._cuts == 1 else _GROWTH * (1 + (self._calm / _DOUBLES) ** 2)
            self.rate *= 1 + growth * passed


def _let_through(sends: Sequence[Send], now: float, shortest: float) -> float:
    """Give the quantity a second that was let through; what is under way counts as let through."""
    seconds = max(shortest, now - sends[0].at) if sends else shortest
    return sum(send.amount for send in sends if not send.refused) / seconds
