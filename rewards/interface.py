"""The one interface: a reward function takes a `Sample` and returns a `Reward`. Standard library only."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Sample:
    """Hold one rollout of the policy as it reaches us: the whole input of a reward function.

    Args:
        id: As the job sent it, echoed unchanged.
        prompt: What the policy saw, as text; several turns are written `role: text`, a blank line apart.
        completion: What the policy wrote in its last turn, without its reasoning blocks.
        reference_answer: What the row says is right: any JSON value; None where the row has none.
        metadata: Every other field of the row; one that stands under `metadata` wins over one at the top.
        defect: What makes the row unusable, found by the wire before a reward sees it; "" for a sound row.

    Example:
        >>> Sample(id="a1", prompt="6*7?", completion="#### 42", reference_answer="42").completion
        '#### 42'
    """

    id: object
    prompt: str
    completion: str
    reference_answer: object = None
    metadata: Mapping[str, object] = field(default_factory=dict)
    defect: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Decide one criterion.

    Args:
        name: What was decided, unique within a reward; the metric's name on the wire.
        score: In [0, 1] where weight > 0; any finite number where weight is 0.
        reason: Why, in words a person believes. It may quote the sample, so it is never logged by default.
        weight: The share in the reward, >= 0; 0 makes a metric that changes no reward.

    Raises:
        ValueError: A score or weight out of its range, or an empty name: a bug in the reward.

    Example:
        >>> Verdict("tests_passed", 0.5, "2 of 4 tests passed").weight
        1.0
    """

    name: str
    score: float
    reason: str = ""
    weight: float = 1.0

    def __post_init__(self) -> None:
        if not (isinstance(self.name, str) and self.name):
            raise ValueError(f"a verdict's name must be a non-empty string, not {self.name!r}")
        for what, number in (("score", self.score), ("weight", self.weight)):
            if type(number) not in (int, float) or not math.isfinite(number):
                raise ValueError(f"{self.name}: {what} must be a finite number, not {number!r}")
        if self.weight < 0:
            raise ValueError(f"{self.name}: weight must be 0 or more, not {self.weight!r}")
        if self.weight > 0 and not 0 <= self.score <= 1:
            raise ValueError(f"{self.name}: a score that counts lies in [0, 1], not {self.score!r}")


@dataclass(frozen=True, slots=True)
class Reward:
    """Join the verdicts on one sample; the number is computed from them and so cannot disagree with them.

    Raises:
        ValueError: No verdict counts, or two share a name: a bug in the reward.

    Example:
        >>> Reward.of(Verdict("right", 1), Verdict("short", 0, weight=3), Verdict("chars", 9, weight=0)).value
        0.25
    """

    verdicts: tuple[Verdict, ...]

    def __post_init__(self) -> None:
        names = [verdict.name for verdict in self.verdicts]
        if len(set(names)) < len(names):
            raise ValueError(f"two verdicts share a name: {sorted(names)}")
        if not any(verdict.weight for verdict in self.verdicts):
            raise ValueError("a reward needs at least one verdict with a weight above 0")

    @classmethod
    def of(cls, *verdicts: Verdict) -> Reward:
        """Join verdicts into a reward."""
        return cls(verdicts)

    @property
    def value(self) -> float:
        """The aggregate reward score: the mean of the scores weighted by their weights, in [0, 1]."""
        total = math.fsum(verdict.weight for verdict in self.verdicts)
        return min(1.0, math.fsum(v.weight / total * v.score for v in self.verdicts if v.weight))


RewardFunction = Callable[[Sample], Reward]


class UnscoredError(Exception):
    """Say why a sample got no score by no fault of its completion: raise `RowError` or `ServiceError`."""


class RowError(UnscoredError):
    """The row is at fault (an unreadable reference answer): it gets the floor and metric `unscored` = 1."""


class ServiceError(UnscoredError):
    """We are at fault (a judge throttled to the end): the sample is imputed, or the batch raises."""


_deadline: ContextVar[float] = ContextVar("deadline", default=math.inf)


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Give what runs inside `seconds` to answer; `seconds_left` tells a reward how many of them remain.

    The limit belongs to the context, not to the process: a thread pool hands it on by `copy_context().run`.

    Example:
        >>> with time_limit(5):
        ...     0 < seconds_left() <= 5
        True
    """
    token = _deadline.set(min(_deadline.get(), time.monotonic() + seconds))
    try:
        yield
    finally:
        _deadline.reset(token)


def seconds_left() -> float:
    """Tell how many seconds a reward still has to answer: 0 or more; infinity where nobody set a limit."""
    return max(0.0, _deadline.get() - time.monotonic())
