"""A quota as the bucket that services keep: it fills at a rate, holds so much, and whoever comes first takes first."""

from __future__ import annotations

import math
from dataclasses import dataclass

LATE = 0.1  # seconds that a turn may be late and the next ones make up for


@dataclass(slots=True)
class Turn:
    """Hold one request's place in the line.

    Args:
        amount: How much of the quantity it uses.
        place: How much must have come in before it may go.
        waits: Whether that lay ahead when it lined up.
        saved: Whether it took of what had been saved up.
        at: When it was sent.
        refused: Whether the service refused it.
    """

    amount: float
    place: float = -math.inf
    waits: bool = False
    saved: bool = False
    at: float = math.inf
    refused: bool = False


class Bucket:
    """Mirror a service's bucket, and line up before it; without a rate nobody waits.

    Time comes in. Who calls it holds a lock: it has none of its own.

    Example:
        >>> bucket = Bucket()
        >>> bucket.fill_at(2.0, now=0.0)
        >>> [bucket.when(bucket.take(1.0, now=0.0), now=0.0) for _ in range(3)]
        [0.0, 0.5, 1.0]
    """

    def __init__(self) -> None:
        self.rate = math.inf
        self._filled, self._at = 0.0, 0.0  # how much came in until when
        self._taken = 0.0  # how much is spoken for
        self._held, self._held_in = 0.0, 0.0  # what had been had until it first ran dry, and in how many seconds

    @property
    def depth(self) -> float:
        """How much it holds: what had been had when it first ran dry, less what came in meanwhile."""
        return max(0.0, self._held - self.rate * self._held_in) if self.limited else 0.0

    @property
    def limited(self) -> bool:
        """Whether a rate is known."""
        return self.rate < math.inf

    def ran_dry(self, amount: float, seconds: float) -> None:
        """Note how much it gave, within how many seconds, until it ran dry."""
        self._held, self._held_in = amount, seconds

    def gave_less(self, amount: float) -> None:
        """Take off what had counted as given when it ran dry."""
        self._held -= amount

    def take(self, amount: float, now: float) -> float:
        """Speak for some; give the place in the line, to be asked about by `when`."""
        if not self.limited:
            return -math.inf
        place = max(self._taken, self.filled(now) - max(self.depth, self.rate * LATE))
        self._taken = place + amount
        return place

    def leave(self, amount: float) -> None:
        """Give back a place that is not wanted any more: whoever lines up next gets it."""
        self._taken -= amount

    def when(self, place: float, now: float) -> float:
        """Tell when a place's turn comes, at the present rate."""
        ahead = place - self.filled(now)
        return now + ahead / self.rate if ahead > 0 else now

    def filled(self, now: float) -> float:
        """Tell how much has come in."""
        return self._filled + self.rate * (now - self._at) if self.limited else math.inf

    def saved(self, now: float) -> float:
        """Tell how much lies there that nobody has spoken for; below 0 how much they wait for."""
        return self.filled(now) - self._taken

    def spend(self, now: float) -> None:
        """Leave nothing of what was saved up: it has run dry."""
        self._taken = max(self._taken, self.filled(now))

    def fill_at(self, rate: float, now: float) -> None:
        """Change the rate."""
        if self.limited:
            self._filled = self.filled(now)
        else:
            self._filled = self._taken = 0.0
        self._at, self.rate = now, rate

    def seconds_at(self, now: float) -> float:
        """Tell for how long the present rate has held."""
        return now - self._at
