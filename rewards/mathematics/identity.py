"""Decide whether two single values are the same: exactly where both are rational, else by `sampling`."""

from __future__ import annotations

from rewards.mathematics.exact import exact
from rewards.mathematics.factored import factored
from rewards.mathematics.finding import Finding
from rewards.mathematics.rounding import same_number
from rewards.mathematics.tree import INFINITY, Tree


def same_value(
    reference: Tree, answer: Tree, *, rounding: bool = True, tolerance: float = 0.0, whole: frozenset[str] = frozenset()
) -> Finding:
    """Decide whether two expressions have one value, for all values of their variables.

    Args:
        reference: What the row says.
        answer: What the completion says.
        rounding: Accept what rounds to a reference that is itself a rounded decimal.
        tolerance: The relative difference that a number may have.
        whole: Symbols that stand for whole numbers only.

    Example:
        >>> from rewards.mathematics.parse import parse
        >>> same_value(parse("(x+1)^2"), parse("x^2+2x+1")).same
        True
    """
    if reference == answer:
        return Finding(True, "the same expression")
    endless = _infinite(reference), _infinite(answer)
    if endless != (0, 0):
        return Finding(endless[0] == endless[1], "infinity" if endless[0] == endless[1] else "only one is infinite")
    left, right = exact(reference), exact(answer)
    if left is not None and right is not None:
        return same_number(reference, left, answer, right, rounding=rounding, tolerance=tolerance)
    first, second = factored(reference), factored(answer)
    if first is not None and second is not None:
        return Finding(first == second, "the same prime factors" if first == second else "other prime factors")
    from rewards.mathematics.sampling import sampled  # it loads the arithmetic library, which few pairs need

    return sampled(reference, answer, rounding=rounding, tolerance=tolerance, whole=whole)


def _infinite(tree: Tree) -> int:
    if tree.op == "neg":
        return -_infinite(tree.args[0])
    return int(tree == INFINITY)
