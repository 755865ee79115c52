r"""Compare functions at the points that their formulas single out, which points drawn at random never meet.

Such are the ends of cases, where `x > 0` and `x >= 0` differ, a point in each case, and the numbers in the formulas:
$x + \max(0, x - 10^9)$ is $x$ as far as most people look. Bounds: `MAX_MARKS` points a variable; the steps of
`evaluation.py`.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from rewards.mathematics.balls import NoCaseError, UndecidedError, ball, precision
from rewards.mathematics.evaluation import MAX_STEPS, Point
from rewards.mathematics.exact import exact, probes
from rewards.mathematics.finding import Finding, shown
from rewards.mathematics.tree import Tree, symbols, walk

if TYPE_CHECKING:
    from flint import acb

MAX_MARKS = 60
_BITS = 192
_BESIDE = Fraction(1, 2**50)
_NEAR = 2.0**-40
_USUAL = (Fraction(1, 20), 60)  # between these, points drawn at random lie on both sides of a number
_FAR = 5  # beyond it few points drawn at random lie
_BENT = frozenset({"max", "min", "abs", "floor", "ceil", "sgn"})  # what may change its form at a number
_NO_VALUE = (UndecidedError, ZeroDivisionError, ValueError, OverflowError)
_NOWHERE = "not defined at @, where the reference is"  # @ stands for the point
_DOZEN = 12
_LARGEST = Fraction(10) ** 40


def differ_at_marks(reference: Tree, answer: Tree, place: dict[str, float], *, whole: set[str]) -> Finding | None:
    r"""Find a singled-out point at which two functions differ; None where there is none.

    An answer of one variable that has no value at the end of a case is forgiven where its values on both sides lead to
    the reference's.

    Args:
        reference: What the row says.
        answer: What the completion says.
        place: An ordinary value for every variable: where there are several, one at a time is moved from it.
        whole: The variables that stand for whole numbers.

    Example:
        >>> from rewards.mathematics.parse import parse
        >>> open_end = parse("\\begin{cases}1&x>0\\\\0&x<0\\end{cases}")
        >>> closed = parse("\\begin{cases}1&x>0\\\\0&x\\le0\\end{cases}")
        >>> differ_at_marks(closed, open_end, {"x": 1.0}, whole=set()).why
        'not defined at x = 0, where the reference is'
    """
    steps = [MAX_STEPS]
    with precision(_BITS):
        usual = {name: ball(Fraction(value)) for name, value in place.items()}
        for name in place:
            for at in _marks(reference, answer, alone=len(place) == 1, whole=name in whole):
                why = _differ(reference, answer, {**usual, name: ball(at)}, steps)
                if why and not (why == _NOWHERE and _removable(reference, answer, name, at, usual)):
                    return Finding(False, why.replace("@", f"{name} = {shown(at)}"))
    return None


def _differ(reference: Tree, answer: Tree, point: dict[str, acb], steps: list[int]) -> str:
    first, second = Point(point, steps), Point(point, steps)
    try:
        expected = first.value(reference)
    except _NO_VALUE:
        return ""
    if first.strayed or not first.real(expected):
        return ""
    try:
        value = second.value(answer)
    except NoCaseError:
        return _NOWHERE if len(point) == 1 else ""
    except _NO_VALUE:
        return ""
    gap = value - expected
    return "differ at @" if not second.strayed and gap.is_finite() and gap.abs_lower() > 0 else ""


def _removable(reference: Tree, answer: Tree, name: str, at: Fraction, usual: dict[str, acb]) -> bool:
    """Tell whether the answer's values on both sides of a point lead to the reference's value there."""
    try:
        expected = Point({**usual, name: ball(at)}, [MAX_STEPS]).value(reference)
        sides = [Point({**usual, name: ball(at + side)}, [MAX_STEPS]).value(answer) for side in (-_BESIDE, _BESIDE)]
    except UndecidedError:
        return False
    return all((side - expected).abs_upper() < _NEAR for side in sides)


def _marks(*trees: Tree, alone: bool, whole: bool) -> list[Fraction]:
    """List the points: ends of cases, between and beyond them, and what the numbers in the formulas single out."""
    marks = [*_case_marks(trees), Fraction(0)] if alone else []
    low, high = _USUAL
    beyond = _FAR if any(node.value in _BENT for tree in trees for node in walk(tree)) or whole else high
    for number in sorted({abs(number) for tree in trees for number in _numbers(tree)}):
        marks += [number] if low <= number <= high else [number, number / 2, number * 3 / 2]
        marks += [number * 2] if beyond <= number <= high else []
        if alone:
            marks += [-number] if low <= number <= high else [-number, -number / 2, -number * 3 / 2]
    if whole:
        marks = [mark for mark in marks if mark.denominator == 1 and mark > 0]
        marks = [Fraction(number) for number in range(1, _period(trees) + 1)] + marks
    return list(dict.fromkeys(marks))[:MAX_MARKS]


def _period(trees: tuple[Tree, ...]) -> int:
    """Tell how many whole numbers in a row show every case: a dozen, or the largest modulus."""
    moduli = (exact(node.args[-1]) for tree in trees for node in walk(tree) if node.op == "congruent")
    return max(_DOZEN, *(int(modulus) for modulus in moduli if modulus is not None and modulus <= MAX_MARKS), 0)


def _numbers(tree: Tree) -> set[Fraction]:
    """List the largest parts of a formula that are numbers."""
    if not symbols(tree):
        number = exact(tree)
        return {number} if number is not None and 0 < abs(number) < _LARGEST else set()
    return set().union(*map(_numbers, tree.args))


def _case_marks(trees: tuple[Tree, ...]) -> list[Fraction]:
    """List the numbers that the conditions of cases compare with, one between any two, and one beyond."""
    found: set[Fraction] = set()
    for tree in trees:
        for node in walk(tree):
            if node.op == "cases":
                sides = (side for piece in node.args for condition in piece.args[1:] for side in _sides(condition))
                found.update(value for value in map(exact, sides) if value is not None)
    return probes(found)


def _sides(condition: Tree) -> tuple[Tree, ...]:
    return tuple(side for node in walk(condition) if node.op == "rel" for side in node.args)
