"""Intervals for any figure of paired scores: one bootstrap, resampling prompts where there are enough of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]
# Takes resamples of answers, shape (resamples, answers), as judge scores and label scores; gives one number each.
Figure = Callable[[Floats, Floats], Floats]

RESAMPLES = 2000
_LEAST_RESAMPLES = 400  # whose deviation is within 4 % of what endless ones would have
_DRAWN = 600_000  # answers that are drawn in all: of many answers as many resamples would take minutes
FEWEST_PROMPTS = 8
_FEWEST = 5
_SEED = 20240607  # the same labels always give the same report
_EDGE = 1e-6


@dataclass(frozen=True, slots=True)
class Estimate:
    """Hold a figure with its 95 % interval; None where the data cannot tell it.

    Example:
        >>> Estimate(0.71, 0.47, 0.86).width
        0.39
    """

    value: float | None
    low: float | None = None
    high: float | None = None

    def __neg__(self) -> Estimate:
        """Turn the sign: of a gain in error, the change of error."""
        ends = (None, None) if self.low is None or self.high is None else (-self.high, -self.low)
        return Estimate(None if self.value is None else -self.value, *ends)

    @property
    def width(self) -> float | None:
        """How far apart the interval's ends are."""
        return None if self.low is None or self.high is None else round(self.high - self.low, 12)


@dataclass(frozen=True, slots=True)
class Resamples:
    """Hold which answers each resample takes.

    Args:
        rows: Indices into the answers with weights, shape (resamples, answers): how often each answer is taken.
        clusters: How many units were drawn: prompts or answers.
        by_prompt: Whether whole prompts were drawn.
    """

    rows: NDArray[np.intp]
    clusters: int
    by_prompt: bool


def resamples(groups: Sequence[str], count: int | None = None, seed: int = _SEED) -> Resamples:
    """Draw resamples: whole prompts where there are at least `FEWEST_PROMPTS`, else single answers.

    Answers of one prompt err together (a prompt that a judge misreads, it misreads for all its answers), so that
    drawing single answers would make every interval too narrow.

    Args:
        groups: The prompt of each answer.
        count: How many resamples; by default `RESAMPLES`, fewer for more than 300 answers.
        seed: Of the draws.
    """
    generator = np.random.default_rng(seed)
    units = places(groups)
    if count is None:
        count = min(RESAMPLES, max(_LEAST_RESAMPLES, _DRAWN // max(1, len(groups))))
    if len(units) < FEWEST_PROMPTS:
        return Resamples(generator.integers(0, len(groups), (count, len(groups))), len(groups), by_prompt=False)
    size = len(groups)
    rows = np.empty((count, size), dtype=np.intp)
    for number in range(count):
        drawn = np.concatenate([units[one] for one in generator.integers(0, len(units), len(units))])
        # Prompts of unequal size give resamples of unequal length: wrapped to one length, which repeats or leaves
        # out a few answers of the last prompts drawn and keeps the computation in one array.
        rows[number] = np.resize(drawn, size)
    return Resamples(rows, len(units), by_prompt=len(units) < size)


def places(groups: Sequence[str]) -> list[NDArray[np.intp]]:
    """List where each group's members stand, groups by name.

    Example:
        >>> [one.tolist() for one in places(["b", "a", "b"])]
        [[1], [0, 2]]
    """
    found: dict[str, list[int]] = {}
    for place, group in enumerate(groups):
        found.setdefault(group, []).append(place)
    return [np.array(found[name], dtype=np.intp) for name in sorted(found)]


def estimate(figure: Figure, judge: Floats, label: Floats, drawn: Resamples, scale: str = "plain") -> Estimate:
    """Estimate a figure of paired scores with its 95 % interval; see `estimate_over`.

    Args:
        figure: What to compute.
        judge: The judge's scores.
        label: The people's scores.
        drawn: The resamples.
        scale: As `estimate_over` has it.
    """
    return estimate_over(lambda rows: figure(judge[rows], label[rows]), drawn, scale)


def estimate_over(compute: Callable[[NDArray[np.intp]], Floats], drawn: Resamples, scale: str = "plain") -> Estimate:
    """Estimate with its 95 % interval what can be computed from any choice of answers.

    The bootstrap's error about the point, on a scale where the figure's error is about the same everywhere, times
    Student's quantile for the number of units drawn: at 20 to 100 labels this covers closer to 95 % than percentiles
    do, which are too narrow at such sizes. `python -m benchmarks.calibration` prints the coverage.

    Args:
        compute: Takes indices of answers, shape (resamples, answers); gives one number each, NaN where undefined.
        drawn: The resamples.
        scale: `plain`; `positive` for a deviation or an error (logarithm); `correlation` for one in -1..1 (Fisher's
            z); `ranks` for one of ranks: the same, less the bootstrap's bias, for drawing an answer twice makes a tie
            that the answers do not have.

    Returns:
        The estimate; without an interval below five units or without resamples, without a value where the figure is
        undefined.

    Source:
        Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapters 6 and 12.
    """
    point = float(compute(np.arange(drawn.rows.shape[1], dtype=np.intp)[None, :])[0])
    if not np.isfinite(point):
        return Estimate(None)
    if drawn.clusters < _FEWEST or not len(drawn.rows):
        return Estimate(point)
    values = compute(drawn.rows)
    values = values[np.isfinite(values)]
    if len(values) < len(drawn.rows) // 2:
        return Estimate(point)
    there, back = _SCALES[scale]
    middle, moved = float(there(np.array(point))), there(values)
    few = np.sqrt(drawn.clusters / (drawn.clusters - 1))  # a resample varies less than a sample does
    if scale == "ranks":
        middle, few = 2 * middle - float(moved.mean()), 1.0  # the ties of answers drawn twice make up for that
        error = float(moved.std())
    else:  # about the point, not about their own mean: what resampling shifts is part of the error
        error = float(np.sqrt(np.mean((moved - middle) ** 2)))
    reach = float(stats.t.ppf(0.975, drawn.clusters - 1)) * error * few
    return Estimate(point, float(back(np.array(middle - reach))), float(back(np.array(middle + reach))))


def _same(values: Floats) -> Floats:
    return values


def _log(values: Floats) -> Floats:
    return np.log(np.maximum(values, _EDGE))


def _fisher(values: Floats) -> Floats:
    return np.arctanh(np.clip(values, -1 + _EDGE, 1 - _EDGE))


_SCALES: dict[str, tuple[Callable[[Floats], Floats], Callable[[Floats], Floats]]] = {
    "plain": (_same, _same),
    "positive": (_log, np.exp),
    "correlation": (_fisher, np.tanh),
    "ranks": (_fisher, np.tanh),
}
