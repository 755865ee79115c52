"""Bound what one conversation with a submission may take, all that is repeated to it included."""

from __future__ import annotations

from sandbox.outcome import Outcome

REPEATS = 10  # time limits that repeating may take beyond the one of each question


class Allowance:
    """Count down the seconds of a conversation: a time limit for each question asked, and some for repeating them.

    A question that is repeated is within its own limit each time, so its limit alone bounds nothing: a submission that
    takes half of it would take minutes, all of them paid by the batch that it is in.

    Args:
        limit: The seconds that one question may take.

    Example:
        >>> allowance = Allowance(2.0)
        >>> allowance.ask()
        >>> allowance.spend(22.5)
        >>> allowance.left, allowance.spent
        (0.5, False)
    """

    def __init__(self, limit: float) -> None:
        self.limit, self.left = limit, limit * REPEATS + 1.0

    def ask(self) -> None:
        """Add what one more question may take."""
        self.left += self.limit

    def spend(self, seconds: float) -> None:
        """Take off what was used."""
        self.left -= seconds

    @property
    def spent(self) -> bool:
        """Tell whether nothing is left."""
        return self.left <= 0

    @property
    def outcome(self) -> Outcome:
        """Say so of every further question."""
        return Outcome("time", f"all calls together took longer than their limits and {REPEATS} more")
