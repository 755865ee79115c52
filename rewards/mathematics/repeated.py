"""Evaluate what adds or multiplies many terms: sums, products, integrals.

Bounds: `MAX_TERMS` terms of a bounded sum or product, `MAX_ENDLESS` of an endless one, `MAX_EVALUATIONS` of an
integrand.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from flint import acb, arb

from rewards.mathematics.balls import UndecidedError, ball, whole_number
from rewards.mathematics.tree import INFINITY, Tree, walk

if TYPE_CHECKING:
    from rewards.mathematics.evaluation import Point

MAX_TERMS = 2_500
MAX_EVALUATIONS = 1_000
MAX_ENDLESS = 8_000


def series(point: Point, tree: Tree) -> acb:
    """Evaluate a sum or a product, term by term."""
    if len(tree.args) != 3:
        raise UndecidedError("a sum without bounds")
    low = whole_number(point.value(tree.args[1]))
    if tree.args[2] == INFINITY and tree.op == "sum" and low is not None:
        return _endless(point, tree, low)
    high = whole_number(point.value(tree.args[2]))
    if low is None or high is None or high - low > MAX_TERMS:
        raise UndecidedError("a sum out of bounds")
    total = ball(Fraction(0 if tree.op == "sum" else 1))
    outer = point.place
    for index in range(low, high + 1):
        point.place = {**outer, str(tree.value): ball(Fraction(index))}
        term = point.value(tree.args[0])
        total = total + term if tree.op == "sum" else total * term
    point.place = outer
    return total


def _endless(point: Point, tree: Tree, low: int) -> acb:
    """Add an endless sum whose terms shrink at least geometrically, until they no longer matter."""
    total, before, outer = ball(Fraction(0)), None, point.place
    for index in range(low, low + MAX_ENDLESS):
        point.place = {**outer, str(tree.value): ball(Fraction(index))}
        term = point.value(tree.args[0])
        total += term
        size = term.abs_upper()
        if before is not None and index > low + 8 and size < 2.0**-450:
            point.place = outer
            return total + acb(arb(0, size * 32))  # terms that shrink to 0.95 add up to 19 times the last
        if index > low + 60 and before is not None and not size < before * 0.95:
            break
        before = size
    point.place = outer
    raise UndecidedError("a sum that converges slowly")


def integral(point: Point, tree: Tree) -> acb:
    """Evaluate a definite integral of an analytic function."""
    if len(tree.args) != 3:
        raise UndecidedError("an indefinite integral")
    low, high = point.value(tree.args[1]), point.value(tree.args[2])
    outer = point.place

    def integrand(at: acb, _: bool) -> acb:
        # An error must not cross the arithmetic library's C code: it becomes a ball without a value.
        point.place = {**outer, str(tree.value): at}
        try:
            return point.value(tree.args[0])
        except (UndecidedError, ZeroDivisionError, ValueError, OverflowError):
            return acb(arb.nan())

    unfit = ("abs", "floor", "ceil", "sgn", "max", "min")
    if any(node.op == "integral" or node.value in unfit for node in walk(tree.args[0])):
        raise UndecidedError("an integrand that is not analytic")
    value = acb.integral(integrand, low, high, eval_limit=MAX_EVALUATIONS)
    point.place = outer
    return value
