"""The one plain sentence of a calibration."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.calibration.intervals import Estimate

_STEP = 0.1  # correlations this far to each side should be told apart
_MOST = 0.99
_SURE, _POWER = 1.96, 1.28  # normal quantiles: 95 % both sides, 90 % one side
_ROUND = 10


def sentence(n: int, bias: Estimate, order: Estimate, *, alone: bool) -> str:
    """Say how kind the judge is, how well it orders, and whether the labels suffice to say so.

    Args:
        n: Answers labelled.
        bias: Judge less label, in points.
        order: Spearman's rank correlation.
        alone: One rater, whom the sentence calls "you"; otherwise it speaks of the raters.

    Example:
        >>> from workbench.calibration.intervals import Estimate
        >>> print(sentence(40, Estimate(0.8, 0.4, 1.2), Estimate(0.71, 0.47, 0.86), alone=True))
        On 40 answers the judge is 0.8 points kinder than you (0.4 to 1.2) and orders them like you with .71 \
(.47 to .86); 40 labels cannot tell .6 from .8: label 60 more.
    """
    you = "you" if alone else "the raters"
    return f"On {n} answers the judge is {_kind(bias, you)} and {_ordered(order, you)}{_enough(n, order)}."


def _kind(bias: Estimate, you: str) -> str:
    value = bias.value or 0.0
    if bias.low is None or bias.high is None:
        return f"{abs(value):.1f} points {_side(value)} than {you}"
    low, high = sorted((abs(bias.low), abs(bias.high)))
    if bias.low * bias.high > 0:
        return f"{abs(value):.1f} points {_side(value)} than {you} ({low:.1f} to {high:.1f})"
    ends = f"({-bias.low:.1f} stricter to {bias.high:.1f} kinder)"
    return f"{abs(value):.1f} points {_side(value)} than {you}, which may be none {ends}"


def _side(value: float) -> str:
    return "kinder" if value >= 0 else "stricter"


def _ordered(order: Estimate, you: str) -> str:
    if order.value is None:
        return f"orders nothing, for one of the two gives every answer the same score, not like {you}"
    interval = "" if order.low is None or order.high is None else f" ({_short(order.low)} to {_short(order.high)})"
    return f"orders them like {you} with {_short(order.value)}{interval}"


def _short(value: float, digits: int = 2) -> str:
    """Write a correlation without its leading zero."""
    return f"{value:.{digits}f}".replace("0.", ".", 1) if abs(value) < 1 else f"{value:.{digits}f}"


def _enough(n: int, order: Estimate) -> str:
    """Tell whether so many labels tell correlations .1 to each side apart nine times in ten, and how many more do."""
    if order.value is None or order.low is None or order.high is None:
        return "; too few labels for an interval" if order.value is not None else ""
    middle = min(max(round(order.value, 1), -_MOST + _STEP), _MOST - _STEP)
    low, high = middle - _STEP, middle + _STEP
    error = (math.atanh(min(order.high, _MOST)) - math.atanh(max(order.low, -_MOST))) / (2 * _SURE)
    needed = n * (error * (_SURE + _POWER) / (math.atanh(high) - math.atanh(low))) ** 2
    ends = f"{_short(low, 1)} from {_short(high, 1)}"
    if needed <= n:
        return f"; {n} labels are enough to tell {ends}"
    return f"; {n} labels cannot tell {ends}: label {max(1, round((needed - n) / _ROUND)) * _ROUND} more"
