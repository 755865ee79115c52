"""What reinforcement fine-tuning will feel of a judge: ties, dead groups, failures, and the pull of length."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from workbench.calibration.agreement import spearman
from workbench.calibration.intervals import Estimate, Floats, Resamples, estimate, places

_FEWEST = 4


@dataclass(frozen=True, slots=True)
class Feel:
    """Hold what training will feel.

    Args:
        group_size: Completions a prompt in the job.
        tied_pairs: Share of pairs of one prompt's answers that get the same score; None without such a pair.
        dead_groups: Chance that all completions of a group get the same score, so that it teaches nothing.
        with_replacement: A prompt has fewer answers than the group, so that groups were drawn with replacement.
        failures: Share of answers without a verdict because of the answer.
        length_bias: Rank correlation of judge less label with the answer's length: above 0 length is paid for.
    """

    group_size: int
    tied_pairs: float | None
    dead_groups: float | None
    with_replacement: bool
    failures: float
    length_bias: Estimate


def feel(
    judge: Floats, label: Floats, lengths: Floats, groups: Sequence[str], failures: float, drawn: Resamples, size: int
) -> Feel:
    """Compute what training will feel at a group size."""
    by_prompt = [judge[one].tolist() for one in places(groups)]
    return Feel(
        group_size=size,
        tied_pairs=tied_pairs(by_prompt),
        dead_groups=dead_groups(by_prompt, size),
        with_replacement=any(1 < len(scores) < size for scores in by_prompt),
        failures=failures,
        length_bias=estimate(spearman, judge - label, lengths, drawn, "ranks"),
    )


def tied_pairs(by_prompt: Sequence[Sequence[float]]) -> float | None:
    """Share the pairs of one prompt's answers whose scores are equal: between them training feels no difference.

    Example:
        >>> tied_pairs([[7.0, 7.0, 8.0]])
        0.3333333333333333
    """
    pairs = sum(math.comb(len(scores), 2) for scores in by_prompt)
    tied = sum(math.comb(count, 2) for scores in by_prompt for count in Counter(scores).values())
    return tied / pairs if pairs else None


def dead_groups(by_prompt: Sequence[Sequence[float]], size: int) -> float | None:
    """Tell the chance that all of a group's completions get one score, averaged over prompts.

    Exact, with no simulation: a group is drawn from the prompt's answers without replacement, or with it where the
    prompt has fewer than `size`. Prompts with one answer tell nothing and are left out.

    Example:
        >>> dead_groups([[7.0, 7.0, 8.0]], 2)
        0.3333333333333333
    """
    chances = [_dead(Counter(scores), len(scores), size) for scores in by_prompt if len(scores) > 1]
    return math.fsum(chances) / len(chances) if chances else None


def _dead(counts: Counter[float], total: int, size: int) -> float:
    if total >= size:
        return sum(math.comb(count, size) for count in counts.values()) / math.comb(total, size)
    return math.fsum((count / total) ** size for count in counts.values())


def repeat_deviation(repeats: Sequence[Sequence[float]]) -> float | None:
    """Pool the standard deviation of a judge's repeated scores of the same answer; None without repeats.

    Example:
        >>> round(repeat_deviation([(7.0, 8.0), (5.0, 5.0)]), 3)
        0.5
    """
    several = [scores for scores in repeats if len(scores) > 1]
    if not several:
        return None
    freedom = sum(len(scores) - 1 for scores in several)
    return math.sqrt(math.fsum(float(np.var(scores)) * len(scores) for scores in several) / freedom)


ISOTONIC = (
    "An isotonic map is refused in the reward path: it fits better on paper, but draws neighbouring scores together "
    "and about doubles the ties between answers of one prompt, from which training learns nothing."
)


@dataclass(frozen=True, slots=True)
class LinearMap:
    """Hold the line that brings the judge's scores nearest to people's: for reports and thresholds, never rewards.

    A straight line keeps the order of scores and every difference in proportion, so that it changes no advantage; an
    isotonic map does not, see `ISOTONIC`.

    Args:
        slope: Label points a judge point.
        intercept: In label points.
        error: Mean absolute error with each answer left out of its own fit, in points.
    """

    slope: float
    intercept: float
    error: float


def linear_map(judge: Floats, label: Floats) -> LinearMap | None:
    """Fit the line by least squares, with its leave-one-out error; None for too few or constant scores.

    Example:
        >>> fitted = linear_map(np.array([2.0, 4.0, 6.0, 8.0]), np.array([1.0, 3.0, 5.0, 7.0]))
        >>> round(fitted.slope, 6), round(fitted.intercept, 6), round(fitted.error, 6)
        (1.0, -1.0, 0.0)
    """
    if len(judge) < _FEWEST or np.ptp(judge) == 0:
        return None
    slope, intercept = np.polynomial.Polynomial.fit(judge, label, 1).convert().coef[::-1]
    residuals = label - (slope * judge + intercept)
    centred = judge - judge.mean()
    leverage = 1 / len(judge) + centred**2 / (centred**2).sum()
    kept = leverage < 1 - 1e-9  # an answer that alone fixes the slope cannot be left out
    if not kept.any():
        return None
    error = float(np.abs(residuals[kept] / (1 - leverage[kept])).mean())
    return LinearMap(float(slope), float(intercept), error)
