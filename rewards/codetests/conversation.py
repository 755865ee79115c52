"""Say what running a submission is, wherever it runs: one outcome and one output for each task or question."""

from __future__ import annotations

from collections.abc import Mapping
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

    def ask(self, question: bytes) -> Result:
        """Ask one question; after an ended submission the next question finds it loaded anew."""

    def close(self) -> None:
        """End the conversation."""


def limits_of(limits: Limits) -> outcome.Limits:
    """Give a row's limits as the sandbox knows them."""
    return outcome.Limits(**dict(limits))  # type: ignore[arg-type]  # `options` made them of these types
