"""What a judge answers with, and what it raises when it cannot. Standard library only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


class JudgeError(Exception):
    """Say why a judge gave no score."""


class ContentError(JudgeError):
    """The answer kept the judge from a verdict: after one re-ask it earns the floor, so that this never pays."""


class RefusedError(ContentError):
    """The judge refused, a guardrail stepped in, or a filter took the reply away."""


class TruncatedError(ContentError):
    """The reply was cut off before it was whole."""


class MalformedError(ContentError):
    """The reply holds no verdict in the form that was asked for."""


class AmbiguousError(ContentError):
    """The reply holds two verdicts, or one that can be read in two ways."""


class ServiceFaultError(JudgeError):
    """We are at fault: throttled to the end, timed out, refused access. Never a number of its own."""


class ConfigurationError(JudgeError, ValueError):
    """The deployment is at fault: a rubric that cannot be read, a judge that does not exist."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Count what judging cost.

    Args:
        calls: Requests sent, the failed ones among them.
        retries: How many of them were sent again after a failure.
        input_tokens: Tokens read at the full price.
        output_tokens: Tokens written.
        cached_tokens: Tokens read from the prompt cache.
        written_tokens: Tokens written into the prompt cache.
        seconds: From the first request to the last reply.
        cost: US dollars; None where a price is not known, never 0 for that.
    """

    calls: int = 0
    retries: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    written_tokens: int = 0
    seconds: float = 0.0
    cost: float | None = 0.0

    def __add__(self, other: Usage) -> Usage:
        """Join two counts; what is unknown in one is unknown in the sum; seconds are the longer of both."""
        return Usage(
            self.calls + other.calls,
            self.retries + other.retries,
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.cached_tokens + other.cached_tokens,
            self.written_tokens + other.written_tokens,
            max(self.seconds, other.seconds),
            None if self.cost is None or other.cost is None else self.cost + other.cost,
        )


@dataclass(frozen=True, slots=True)
class Finding:
    """Hold what one reply decided.

    Args:
        score: On the rubric's scale.
        rationale: The judge's words; they may quote the answer.
        criteria: Criterion name to its score on the rubric's scale; empty for a holistic rubric.
    """

    score: float
    rationale: str = ""
    criteria: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Judgement:
    """Hold what the judges decided about one answer.

    Args:
        score: On the rubric's scale; None where no verdict was obtained.
        rationale: Why, in the judge's words; for no verdict, what was wrong.
        criteria: Criterion name to its score on the rubric's scale; empty for a holistic rubric.
        content_failure: The judge gave no verdict because of the answer.
        offline: No model was asked.
        spread: The largest score less the smallest among several replies; None for one reply.
        answered: How many replies the score is the mean of.
        usage: What it cost.
    """

    score: float | None
    rationale: str = ""
    criteria: Mapping[str, float] = field(default_factory=dict)
    content_failure: bool = False
    offline: bool = False
    spread: float | None = None
    answered: int = 1
    usage: Usage = Usage()
