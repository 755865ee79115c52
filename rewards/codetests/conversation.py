"""Say what running a submission is, wherever it runs: one outcome and one output for each task or question."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from sandbox import outcome
from sandbox.outcome import Outcome

Limits = Mapping[str, float | int]
Result = tuple[Outcome, bytes]


class Talk(Protocol):
    """Hold a conversation with one loaded submission.

    Args:
        patience: Seconds that one test may go on asking.
    """

    patience: float

    def ask(self, questions: Sequence[bytes]) -> Iterator[list[Result]]:
        """Ask questions in turn, until the answer to one is more than a short value: the asker may ask about it first.

        Returns:
            What came of those that were asked, in parts as it came, one at least: the last may have ended the
            submission, and the next questions find it loaded anew.
        """

    def close(self) -> None:
        """End the conversation."""


def limits_of(limits: Limits) -> outcome.Limits:
    """Give a row's limits as the sandbox knows them."""
    return outcome.Limits(**dict(limits))  # type: ignore[arg-type]  # `options` made them of these types


def answered(results: Sequence[Result], least: int = 1) -> list[Result]:
    """Take what came of questions up to one that ended the submission, or to those that were left out.

    Args:
        results: What came of them.
        least: How many were asked at the least, though they were answered with nothing.

    Example:
        >>> ok, left_out = (Outcome("ok"), b"1"), (Outcome("ok"), b"")
        >>> answered([ok, left_out, left_out]) == [ok]
        True
    """
    for number, (ended, answer) in enumerate(results):
        if ended.status != "ok":
            return list(results[: number + 1])
        if not answer:
            return list(results[: max(least, number)])
    return list(results)
