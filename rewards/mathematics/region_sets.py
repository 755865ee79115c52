r"""Compare sets of real numbers, as `regions.py` reads them: exactly where every end is rational, else by values.

A set made of intervals can only change at its ends, so two such sets are the same when they agree at every end, between
any two that follow one another, and beyond the outermost.

Bound: `MAX_ENDS` ends in all.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from rewards.mathematics.exact import COMPARED, exact, probes
from rewards.mathematics.finding import Finding, shown
from rewards.mathematics.tree import INFINITY, MINUS_INFINITY, REALS, Tree, sym

MAX_ENDS = 60
VARIABLE = "(the variable)"
_VARIABLE = sym(VARIABLE)
_ENDLESS = (INFINITY, MINUS_INFINITY)


def same_region(reference: Tree, answer: Tree) -> Finding:
    r"""Decide whether two sets of real numbers are the same.

    Args:
        reference: What `regions.region` read from the row.
        answer: What it read from the completion.

    Example:
        >>> from rewards.mathematics.parse import parse
        >>> from rewards.mathematics.regions import region
        >>> sets = [region(parse(text))[0] for text in ("x < 3", "(-\\infty, 3)", "x <= 3")]
        >>> same_region(sets[0], sets[1]).same, same_region(sets[0], sets[2]).why
        (True, '3 is only in the answer')
    """
    points = _points((reference, answer))
    if points is None:
        from rewards.mathematics.region_values import same_by_values  # it loads the arithmetic library

        return same_by_values(reference, answer)
    for at in points:
        inside = _holds(reference, at)
        if inside != _holds(answer, at):
            return Finding(False, f"{shown(at)} is only in the {'reference' if inside else 'answer'}")
    return Finding(True, f"the same at {len(points)} points, its ends and between them")


def inhabited(tree: Tree) -> bool:
    """Tell whether a set has a member, as far as it can be told."""
    points = _points((tree,))
    if points is None:
        from rewards.mathematics.region_values import inhabited_by_values  # the same

        return inhabited_by_values(tree)
    return any(_holds(tree, at) for at in points)


def _points(trees: Sequence[Tree]) -> list[Fraction] | None:
    """List every end, a point between any two, and one beyond; None where an end is no rational number."""
    found: set[Fraction] = set()
    for tree in trees:
        ends = _ends(tree)
        if ends is None:
            return None
        found.update(ends)
    if len(found) > MAX_ENDS:
        return None
    return probes(found or {Fraction(0)})


def _ends(tree: Tree) -> list[Fraction] | None:
    if tree.op == "rel" and not all(side == _VARIABLE or exact(side) is not None for side in tree.args):
        return None
    ends: list[Fraction] = []
    for arg in () if tree == REALS else tree.args:
        if arg in _ENDLESS or arg == _VARIABLE:
            continue
        inside = _ends(arg) if tree.op in ("union", "inter", "minus") else _only(exact(arg))
        if inside is None:
            return None
        ends += inside
    return ends


def _only(value: Fraction | None) -> list[Fraction] | None:
    return None if value is None else [value]


def _holds(tree: Tree, at: Fraction) -> bool:
    """Tell whether a number is in a set all of whose ends are rational."""
    op, args = tree.op, tree.args
    if op == "union":
        return any(_holds(arg, at) for arg in args)
    if op == "inter":
        return all(_holds(arg, at) for arg in args)
    if op == "minus":
        return _holds(args[0], at) and not _holds(args[1], at)
    if op == "set":
        return any(exact(arg) == at for arg in args)
    if op == "seq":
        low, high = (_place(arg, at) for arg in args)
        return (low <= at if tree.value[0] == "[" else low < at) and (at <= high if tree.value[1] == "]" else at < high)
    sides = [_place(arg, at) for arg in args]  # of the whole line none, of a relation two or more
    return all(COMPARED[sign](left, right) for left, sign, right in zip(sides, tree.value, sides[1:], strict=False))


def _place(end: Tree, at: Fraction) -> Fraction | float:
    if end in _ENDLESS:
        return float("inf") if end == INFINITY else float("-inf")
    return at if end == _VARIABLE else exact(end) or Fraction(0)
