"""The one plain sentence of a calibration."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.calibration.intervals import Estimate

_STEP = 0.1  # correlations this far to each side should be told apart
_HIGHEST = 0.8  # above it .1 to each side would reach 1
_MOST = 0.99  # an interval that reaches it says no more of the error
_RANKS = 1.06  # variance of Fisher's z of a rank correlation, times n (Fieller, Hartley and Pearson, 1957)
_SURE, _POWER = 1.96, 1.28  # normal quantiles: 95 % both sides, 90 % one side
_ROUND = 10
_FEW = 20  # labels, below which an interval is too rough to reckon with
_LEAST = 0.05  # points that one digit shows


def sentence(n: int, bias: Estimate, order: Estimate, *, alone: bool, flat: str = "judge") -> str:
    """Say how kind the judge is, how well it orders, and whether the labels suffice to say so.

    Args:
        n: Answers labelled.
        bias: Judge less label, in points.
        order: Spearman's rank correlation.
        alone: One rater, whom the sentence calls "you"; otherwise it speaks of the raters.
        flat: Where there is no order: who gives every answer the same score, `judge` or `people`.

    Example:
        >>> from workbench.calibration.intervals import Estimate
        >>> print(sentence(40, Estimate(0.8, 0.4, 1.2), Estimate(0.71, 0.47, 0.86), alone=True))
        On 40 answers the judge is 0.8 points kinder than you (0.4 to 1.2) and orders them like you with .71 \
(.47 to .86); 40 labels cannot tell .6 from .8: label 60 more.
    """
    you = "you" if alone else "the raters"
    return f"On {n} answers the judge is {_kind(bias, you)} and {_ordered(order, you, flat)}{_enough(n, order)}."


def _kind(bias: Estimate, you: str) -> str:
    value = bias.value or 0.0
    told = f"{abs(value):.1f} points {'kinder' if value >= 0 else 'stricter'} than {you}"
    if bias.low is None or bias.high is None:
        return told
    if bias.low * bias.high > 0:
        low, high = sorted((abs(bias.low), abs(bias.high)))
        return f"{told} ({low:.1f} to {high:.1f})"
    told = f"{told}, which may be none" if abs(value) >= _LEAST else f"as kind as {you}"
    return f"{told} ({abs(bias.low):.1f} stricter to {abs(bias.high):.1f} kinder)"


def _ordered(order: Estimate, you: str, flat: str) -> str:
    if order.value is None:
        who = you if flat == "people" else "it"
        return f"orders nothing like {you}, for {who} gave every answer the same score"
    interval = "" if order.low is None or order.high is None else f" ({_short(order.low)} to {_short(order.high)})"
    return f"orders them like {you} with {_short(order.value)}{interval}"


def _short(value: float, digits: int = 2) -> str:
    """Write a correlation without its leading zero."""
    told = f"{value:z.{digits}f}"
    return told.replace("0.", ".", 1) if told.lstrip("-").startswith("0.") else told


def _enough(n: int, order: Estimate) -> str:
    """Tell whether so many labels tell correlations .1 to each side apart nine times in ten, and how many more do."""
    if order.value is None or order.low is None or order.high is None:
        return "; too few labels for an interval" if order.value is not None else ""
    middle = min(max(round(order.value, 1), -_HIGHEST), _HIGHEST)
    low, high = middle - _STEP, middle + _STEP
    gap = math.atanh(high) - math.atanh(low)
    needed = n * (_error(n, order.low, order.high) * (_SURE + _POWER) / gap) ** 2
    ends = f"{_short(low, 1)} from {_short(high, 1)}"
    if needed <= n:
        return f"; {n} labels are enough to tell {ends}"
    return f"; {n} labels cannot tell {ends}: label {max(1, round((needed - n) / _ROUND)) * _ROUND} more"


def _error(n: int, low: float, high: float) -> float:
    """Compute the standard error on Fisher's scale: from the interval; where that tells little, as theory has it."""
    if n < _FEW or low <= -_MOST or high >= _MOST:
        return math.sqrt(_RANKS / n)
    return (math.atanh(high) - math.atanh(low)) / (2 * _SURE)
