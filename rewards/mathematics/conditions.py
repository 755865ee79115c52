"""Tell whether a condition holds at a point: comparisons, congruences, and what is joined of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rewards.mathematics.balls import UndecidedError, whole_number

if TYPE_CHECKING:
    from flint import acb

    from rewards.mathematics.evaluation import Point
    from rewards.mathematics.tree import Tree


def holds(point: Point, condition: Tree) -> bool:
    """Tell whether a condition holds at the point.

    Raises:
        UndecidedError: It cannot be told.
    """
    if condition.op == "list":
        parts = [holds(point, part) for part in condition.args]
        return any(parts) if condition.value == "or" else all(parts)
    if condition.op == "congruent" and len(condition.args) == 3:
        return _congruent(*map(point.value, condition.args))
    if condition.op != "rel" or "in" in condition.value:
        raise UndecidedError("a condition that is no comparison")
    sides = [point.value(side) for side in condition.args]
    return all(
        _compared(left, operator, right)
        for left, operator, right in zip(sides, condition.value, sides[1:], strict=False)
    )


def _congruent(value: acb, residue: acb, modulus: acb) -> bool:
    gap, period = whole_number(value - residue), whole_number(modulus)
    if gap is None or not period:
        raise UndecidedError("a congruence of no whole numbers")
    return gap % period == 0


def _compared(left: acb, operator: str, right: acb) -> bool:
    gap = left - right
    if not gap.is_finite() or not gap.imag.contains(0):
        raise UndecidedError("not comparable")
    if operator in ("=", "!="):
        return bool(gap.contains(0)) == (operator == "=")
    if gap.real.contains(0) and not gap.real.is_zero():
        raise UndecidedError("too close to compare")
    if gap.real.is_zero():
        return operator in ("<=", ">=")
    return bool(gap.real > 0) == (operator in (">", ">="))
