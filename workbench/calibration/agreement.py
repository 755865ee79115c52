"""The figures of agreement between a judge's scores and people's: each computed for many resamples at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from workbench.calibration.intervals import (
    RESAMPLES,
    Estimate,
    Figure,
    Floats,
    Resamples,
    estimate,
    estimate_over,
    places,
    resamples,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SPREAD = 1.96  # standard deviations within which 95 % of normal differences lie


def bias(judge: Floats, label: Floats) -> Floats:
    """Average judge less label, in points: above 0 the judge is kinder."""
    return np.asarray((judge - label).mean(axis=1))


def absolute_error(judge: Floats, label: Floats) -> Floats:
    """Average the distance between judge and label, in points."""
    return np.asarray(np.abs(judge - label).mean(axis=1))


def deviation(judge: Floats, label: Floats) -> Floats:
    """Compute the standard deviation of judge less label, in points."""
    return np.asarray((judge - label).std(axis=1, ddof=1))


def limit(middle: Estimate, spread: Estimate, side: int) -> Estimate:
    """Compute a Bland-Altman limit, within which 95 % of differences lie on one side, from bias and deviation.

    Its interval joins theirs (MOVER): symmetric ones are too narrow, for a deviation errs further up than down.

    Args:
        middle: The bias.
        spread: The deviation of the differences.
        side: -1 for the lower limit, 1 for the upper one.

    Source:
        Bland and Altman, Lancet 327 (1986) 307-310; Zou, Statistical Methods in Medical Research 22 (2013) 630-642.
    """
    if middle.value is None or spread.value is None:
        return Estimate(None)
    value = middle.value + side * _SPREAD * spread.value
    if middle.low is None or middle.high is None or spread.low is None or spread.high is None:
        return Estimate(value)
    inner, outer = _SPREAD * (spread.value - spread.low), _SPREAD * (spread.high - spread.value)
    down, up = (inner, outer) if side > 0 else (outer, inner)
    low = value - float(np.hypot(middle.value - middle.low, down))
    return Estimate(value, low, value + float(np.hypot(middle.high - middle.value, up)))


def spearman(judge: Floats, label: Floats) -> Floats:
    """Correlate ranks, ties sharing theirs; undefined (NaN) where one side is constant."""
    return _pearson(stats.rankdata(judge, axis=1), stats.rankdata(label, axis=1))


def _pearson(one: Floats, other: Floats) -> Floats:
    x, y = one - one.mean(axis=1, keepdims=True), other - other.mean(axis=1, keepdims=True)
    scale = np.sqrt((x * x).sum(axis=1) * (y * y).sum(axis=1))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(scale > 0, (x * y).sum(axis=1) / scale, np.nan))


def weighted_kappa(judge: Floats, label: Floats) -> Floats:
    """Weigh disagreement by its square, against that of chance: Cohen's quadratic-weighted kappa.

    On the scores' own distances, so that half points and means of several replies need no rounding; equal to
    scikit-learn's `cohen_kappa_score(weights="quadratic")` over all points of the scale.

    Source:
        Cohen, Psychological Bulletin 70 (1968) 213-220.
    """
    observed = ((judge - label) ** 2).mean(axis=1)
    chance = judge.var(axis=1) + label.var(axis=1) + (judge.mean(axis=1) - label.mean(axis=1)) ** 2
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(chance > 0, 1 - observed / chance, np.nan))


def intraclass(judge: Floats, label: Floats) -> Floats:
    """Compute ICC(2,1) of two raters: absolute agreement of single scores, both raters seen as drawn from many.

    Source:
        Shrout and Fleiss, Psychological Bulletin 86 (1979) 420-428.
    """
    return intraclass_of(np.stack([judge, label], axis=-1))


def intraclass_of(scores: Floats) -> Floats:
    """Compute ICC(2,1) of any number of raters; the last axis is the rater, the one before the answer.

    Example:
        >>> shrout_fleiss = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
        >>> round(float(intraclass_of(np.array([shrout_fleiss], dtype=float))[0]), 2)
        0.29
    """
    answers, raters = scores.shape[-2:]
    grand = scores.mean(axis=(-2, -1), keepdims=True)
    by_answer, by_rater = scores.mean(axis=-1, keepdims=True), scores.mean(axis=-2, keepdims=True)
    between = raters * ((by_answer - grand) ** 2).sum(axis=(-2, -1)) / (answers - 1)
    raters_apart = answers * ((by_rater - grand) ** 2).sum(axis=(-2, -1)) / (raters - 1)
    left = ((scores - by_answer - by_rater + grand) ** 2).sum(axis=(-2, -1)) / ((answers - 1) * (raters - 1))
    below = between + (raters - 1) * left + raters * (raters_apart - left) / answers
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(below > 0, (between - left) / below, np.nan))


# Name: figure, and the scale on which its interval is made.
FIGURES: Mapping[str, tuple[Figure, str]] = {
    "bias": (bias, "plain"),
    "mae": (absolute_error, "positive"),
    "deviation": (deviation, "positive"),
    "spearman": (spearman, "ranks"),
    "weighted_kappa": (weighted_kappa, "correlation"),
    "icc": (intraclass, "correlation"),
}


def agreement(judge: Floats, label: Floats, groups: Sequence[str], drawn: Resamples) -> dict[str, Estimate]:
    """Estimate every figure of agreement, the limits and Kendall's tau-b within prompts among them."""
    found = {name: estimate(figure, judge, label, drawn, scale) for name, (figure, scale) in FIGURES.items()}
    found["limit_low"] = limit(found["bias"], found["deviation"], -1)
    found["limit_high"] = limit(found["bias"], found["deviation"], 1)
    found["kendall_within_prompts"] = kendall_within(judge, label, groups, len(drawn.rows))
    return found


def gains(judge: Floats, other: Floats, label: Floats, drawn: Resamples) -> dict[str, Estimate]:
    """Tell by how much a judge is nearer to the labels than another, and orders them better: paired, answer by answer.

    Returns:
        `mae_gain`, in points, and `spearman_gain`; above 0 the judge is the better one.
    """

    def nearer(rows: NDArray[np.intp]) -> Floats:
        return absolute_error(other[rows], label[rows]) - absolute_error(judge[rows], label[rows])

    # Ranked once, among all answers: an answer that is drawn twice would tie with itself.
    ranked, another, wanted = (stats.rankdata(side) for side in (judge, other, label))

    def better(rows: NDArray[np.intp]) -> Floats:
        return _pearson(ranked[rows], wanted[rows]) - _pearson(another[rows], wanted[rows])

    return {"mae_gain": estimate_over(nearer, drawn), "spearman_gain": estimate_over(better, drawn)}


def kendall_within(judge: Floats, label: Floats, groups: Sequence[str], count: int = RESAMPLES) -> Estimate:
    """Estimate Kendall's tau-b over the pairs of answers that share a prompt: what a group's advantages rest on.

    Pairs are counted within each prompt and added up; the interval resamples prompts, `count` times.
    """
    counted = np.array([_pairs(judge[one], label[one]) for one in places(groups)])
    counted = counted[counted.sum(axis=1) > 0]
    if not len(counted):
        return Estimate(None)

    def tau(rows: NDArray[np.intp]) -> Floats:
        same, apart, judge_tied, label_tied = counted[rows].sum(axis=1).T
        below = np.sqrt((same + apart + judge_tied) * (same + apart + label_tied))
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(np.where(below > 0, (same - apart) / below, np.nan))

    units = resamples([str(unit) for unit in range(len(counted))], count)
    return estimate_over(tau, units, "correlation")


def _pairs(judge: Floats, label: Floats) -> tuple[int, int, int, int]:
    """Count pairs: ordered alike, ordered otherwise, tied for the judge alone, tied for people alone."""
    above = np.triu_indices(len(judge), 1)
    x = np.sign(judge[above[0]] - judge[above[1]])
    y = np.sign(label[above[0]] - label[above[1]])
    product = x * y
    return (
        int((product > 0).sum()),
        int((product < 0).sum()),
        int(((x == 0) & (y != 0)).sum()),
        int(((x != 0) & (y == 0)).sum()),
    )
