"""Compare general solutions: what an expression takes on as a parameter runs over the whole numbers.

Bounds: the parameter runs from -`REACH` to `REACH`; values are compared in the window that both must cover.
"""

from __future__ import annotations

from fractions import Fraction

from rewards.mathematics.balls import UndecidedError, ball, precision
from rewards.mathematics.evaluation import MAX_STEPS, Point
from rewards.mathematics.finding import Finding, undecided
from rewards.mathematics.tree import Tree

REACH = 24
_BITS = 160


def same_family(first: list[Tree], second: list[Tree], parameters: tuple[str, str]) -> Finding:
    """Decide whether two lists of expressions run through the same values.

    Example:
        >>> from rewards.mathematics.parse import parse
        >>> same_family([parse("7k+3")], [parse("7n-4")], ("k", "n")).same
        True
    """
    try:
        with precision(_BITS):
            values = [_values(trees, name) for trees, name in zip((first, second), parameters, strict=True)]
    except (UndecidedError, ValueError, OverflowError, ZeroDivisionError) as error:
        return undecided(error)
    span = min(_span(first, parameters[0]), _span(second, parameters[1]))
    window = [sorted(value for value in every if abs(value) < span) for every in values]
    small = Fraction(1, 10**20)
    merged = [
        [value for place, value in enumerate(every) if not place or value - every[place - 1] > small]
        for every in window
    ]
    same = len(merged[0]) == len(merged[1]) > 2 and all(
        abs(left - right) < small for left, right in zip(*merged, strict=True)
    )
    return Finding(same, f"the same {len(merged[0])} values near zero" if same else "different values near zero")


def _values(trees: list[Tree], name: str) -> list[Fraction]:
    steps, found = [MAX_STEPS], []
    for tree in trees:
        for index in range(-REACH, REACH + 1):
            value = Point({name: ball(Fraction(index))}, steps).value(tree)
            if not value.is_finite() or not value.imag.contains(0):
                raise UndecidedError("a value that is no real number")
            middle = value.real.mid().fmpq()
            found.append(Fraction(int(middle.p), int(middle.q)))
    return found


def _span(trees: list[Tree], name: str) -> Fraction:
    """Tell how far from zero every expression is sure to reach both ways."""
    with precision(_BITS):
        reaches = []
        for tree in trees:
            for index in (-REACH, REACH):
                value = Point({name: ball(Fraction(index))}, [MAX_STEPS]).value(tree)
                middle = value.real.mid().fmpq()
                reaches.append(abs(Fraction(int(middle.p), int(middle.q))))
    return min(reaches) * Fraction(9, 10)
