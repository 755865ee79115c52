"""What carries a question to a model and its reply back: the one interface, and what can go wrong on the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from judges.judgement import JudgeError, Usage
from judges.ladder import Shape
from judges.prompt import Question
from judges.verdict import Reply


class ThrottledError(JudgeError):
    """The service asks for fewer requests, or (`tokens`) for fewer tokens: retry later, and slower."""

    def __init__(self, message: str, *, tokens: bool = False) -> None:
        super().__init__(message)
        self.tokens = tokens


class TransientError(JudgeError):
    """The service or the way there failed: retry."""


class UnsupportedError(JudgeError):
    """The model refuses the request's shape: step down the ladder."""


@dataclass(frozen=True, slots=True)
class Received:
    """Hold one reply with what it cost."""

    reply: Reply
    usage: Usage


class Transport(Protocol):
    """Carry one question to one model."""

    model: str

    def send(self, asked: Question, shape: Shape, max_tokens: int, seconds: float) -> Received:
        """Send once, without any retry of its own.

        Args:
            asked: The question.
            shape: What the request may contain.
            max_tokens: The most that the reply may take.
            seconds: How long to wait at most.

        Raises:
            ThrottledError, TransientError: Worth another attempt.
            UnsupportedError: The shape is refused.
            ServiceFaultError: Nothing that an attempt could change.
        """
        ...
