"""Compare functions given by cases where one case ends and the next begins, and in each of them.

Points drawn at random never meet such an end, where `x > 0` and `x >= 0` differ, and may miss a short case.
Bound: `MAX_PLACES` places.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

from rewards.mathematics.balls import NoCaseError, UndecidedError, ball, precision
from rewards.mathematics.evaluation import MAX_STEPS, Point
from rewards.mathematics.exact import exact
from rewards.mathematics.finding import Finding, shown
from rewards.mathematics.tree import Tree, walk

if TYPE_CHECKING:
    from flint import acb

MAX_PLACES = 24
_BITS = 128
_BESIDE = Fraction(1, 2**50)
_NEAR = 2.0**-40


def differ_by_cases(reference: Tree, answer: Tree, name: str) -> Finding | None:
    r"""Find a place at which two functions of one variable differ; None where there is none.

    An answer that has no value there is forgiven where its values on both sides lead to the reference's.

    Example:
        >>> from rewards.mathematics.parse import parse
        >>> open_end = parse("\\begin{cases}1&x>0\\\\0&x<0\\end{cases}")
        >>> closed = parse("\\begin{cases}1&x>0\\\\0&x\\le0\\end{cases}")
        >>> differ_by_cases(closed, open_end, "x").why
        'not defined at x = 0, where the reference is'
    """
    with precision(_BITS):
        for at in _places(reference, answer)[:MAX_PLACES]:
            try:
                expected = Point({name: ball(at)}, [MAX_STEPS]).value(reference)
            except UndecidedError:
                continue
            if not expected.is_finite() or not expected.imag.contains(0):
                continue
            try:
                value = Point({name: ball(at)}, [MAX_STEPS]).value(answer)
            except NoCaseError:
                if not all(_leads_to(answer, name, at + side, expected) for side in (-_BESIDE, _BESIDE)):
                    return Finding(False, f"not defined at {name} = {shown(at)}, where the reference is")
            except UndecidedError:
                continue
            else:
                if (value - expected).abs_lower() > 0:
                    return Finding(False, f"differ at {name} = {shown(at)}")
    return None


def _leads_to(tree: Tree, name: str, at: Fraction, expected: acb) -> bool:
    try:
        return bool((Point({name: ball(at)}, [MAX_STEPS]).value(tree) - expected).abs_upper() < _NEAR)
    except UndecidedError:
        return False


def _places(*trees: Tree) -> list[Fraction]:
    """List the numbers that the conditions of all cases compare with, one between any two, and one beyond."""
    found: set[Fraction] = set()
    for tree in trees:
        for node in walk(tree):
            if node.op == "cases":
                sides = (side for piece in node.args for condition in piece.args[1:] for side in _sides(condition))
                found.update(value for value in map(exact, sides) if value is not None)
    ends = sorted(found)
    if not ends:
        return []
    return [*ends, *((low + high) / 2 for low, high in pairwise(ends)), ends[0] - 1, ends[-1] + 1]


def _sides(condition: Tree) -> tuple[Tree, ...]:
    return tuple(side for node in walk(condition) if node.op == "rel" for side in node.args)
