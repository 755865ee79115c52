"""The one interface: a reward function takes a `Sample` and returns a `Reward`. Standard library only.

Named tuples, not data classes: loading `dataclasses` takes a quarter of a grader's cold start.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple, Self


class _Sample(NamedTuple):
    id: object
    prompt: str
    completion: str
    reference_answer: object
    metadata: Mapping[str, object]
    defect: str


class Sample(_Sample):
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

    __slots__ = ()

    def __new__(  # noqa: PLR0913, PLR0917  # its fields
        cls,
        id: object,  # noqa: A002  # the wire's word
        prompt: str,
        completion: str,
        reference_answer: object = None,
        metadata: Mapping[str, object] | None = None,
        defect: str = "",
    ) -> Self:
        """Give each sample that is made without metadata an empty mapping of its own."""
        metadata = {} if metadata is None else metadata
        return super().__new__(cls, id, prompt, completion, reference_answer, metadata, defect)


class _Verdict(NamedTuple):
    name: str
    score: float
    reason: str
    weight: float


class Verdict(_Verdict):
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

    __slots__ = ()

    def __new__(cls, name: str, score: float, reason: str = "", weight: float = 1.0) -> Self:
        """Refuse what no reward may say."""
        if not (isinstance(name, str) and name):
            raise ValueError(f"a verdict's name must be a non-empty string, not {name!r}")
        for what, number in (("score", score), ("weight", weight)):
            if type(number) not in (int, float) or not math.isfinite(number):
                raise ValueError(f"{name}: {what} must be a finite number, not {number!r}")
        if weight < 0:
            raise ValueError(f"{name}: weight must be 0 or more, not {weight!r}")
        if weight > 0 and not 0 <= score <= 1:
            raise ValueError(f"{name}: a score that counts lies in [0, 1], not {score!r}")
        return super().__new__(cls, name, score, reason, weight)

    @classmethod
    def _make(cls, values: Iterable[Any]) -> Self:  # type: ignore[override]  # typeshed's is no method to be overridden
        """Make a verdict of its four fields; `_replace` does it so, and must be refused the same."""
        return cls(*values)


class _Reward(NamedTuple):
    verdicts: tuple[Verdict, ...]


class Reward(_Reward):
    """Join the verdicts on one sample; the number is computed from them and so cannot disagree with them.

    Raises:
        ValueError: No verdict counts, or two share a name: a bug in the reward.

    Example:
        >>> Reward.of(Verdict("right", 1), Verdict("short", 0, weight=3), Verdict("chars", 9, weight=0)).value
        0.25
    """

    __slots__ = ()

    def __new__(cls, verdicts: tuple[Verdict, ...]) -> Self:
        """Refuse verdicts that make no number."""
        names = [verdict.name for verdict in verdicts]
        if len(set(names)) < len(names):
            raise ValueError(f"two verdicts share a name: {sorted(names)}")
        if not any(verdict.weight for verdict in verdicts):
            raise ValueError("a reward needs at least one verdict with a weight above 0")
        return super().__new__(cls, verdicts)

    @classmethod
    def _make(cls, values: Iterable[Any]) -> Self:  # type: ignore[override]  # as above
        """Make a reward of its one field, refused as any other."""
        return cls(*values)

    @classmethod
    def of(cls, *verdicts: Verdict) -> Self:
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
