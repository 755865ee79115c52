"""Compare sets of real numbers by values.

Both are asked about every end, both sides of it, and points all over the line. It serves sets that `region_sets` cannot
compare exactly: ends that are no rational numbers, inequalities to be solved,
ends with symbols in them. Bounds: `MAX_ENDS` ends; the steps of `evaluation.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from flint import acb

from rewards.mathematics.balls import UndecidedError, ball, precision
from rewards.mathematics.evaluation import MAX_STEPS, Point
from rewards.mathematics.finding import Finding, undecided, yes
from rewards.mathematics.points import draws
from rewards.mathematics.region_sets import MAX_ENDS, VARIABLE
from rewards.mathematics.tree import INFINITY, MINUS_INFINITY, Tree, symbols

BITS = 192
_ENOUGH = 10  # points at which both sets must be known
_PLACES = 2  # choices of values for the symbols in the ends

Place = dict[str, acb]
Test = Callable[[acb], bool]


def same_by_values(reference: Tree, answer: Tree) -> Finding:
    """Decide whether two sets of real numbers are the same; see `region_sets.same_region`."""
    others = sorted((symbols(reference) | symbols(answer)) - {VARIABLE})
    source = draws(7)
    steps = [MAX_STEPS]
    known = 0
    for _ in range(_PLACES if others else 1):
        values = {name: Fraction(1 + int(900 * next(source)), 128) for name in others}
        try:
            with precision(BITS):
                place = {name: ball(value) for name, value in values.items()}
                first, second = (_membership(tree, place, steps) for tree in (reference, answer))
                for at in _samples([reference, answer], place):
                    try:
                        inside = first(at), second(at)
                    except UndecidedError:
                        continue
                    known += 1
                    if inside[0] != inside[1]:
                        which = "reference" if inside[0] else "answer"
                        return Finding(False, f"{at.real.mid().str(6, radius=False)} is only in the {which}")
        except (UndecidedError, ZeroDivisionError, ValueError, OverflowError) as error:
            return undecided(error)
    return yes(f"the same at {known} points and ends") if known > _ENOUGH else undecided("known at too few points")


def inhabited_by_values(tree: Tree) -> bool:
    """Tell whether a set has a member; a set of which it cannot be told has."""
    try:
        with precision(BITS):
            holds = _membership(tree, {}, [MAX_STEPS])
            return any(holds(at) for at in _samples([tree], {}))
    except UndecidedError:
        return True


def _membership(tree: Tree, place: Place, steps: list[int]) -> Test:
    """Make the test of what is in a set; its ends are worked out once."""
    op = tree.op
    if op == "const":
        return lambda _: True
    if op in ("union", "inter", "minus"):
        tests = [_membership(arg, place, steps) for arg in tree.args]
        if op == "union":
            return lambda at: any(test(at) for test in tests)
        if op == "inter":
            return lambda at: all(test(at) for test in tests)
        return lambda at: tests[0](at) and not tests[1](at)
    if op == "rel":
        return lambda at: _related(tree, Point({**place, VARIABLE: at}, steps))
    point = Point(place, steps)
    if op == "set":
        members = [point.value(arg) for arg in tree.args]
        return lambda at: any((member - at).contains(0) for member in members)
    above = _side(tree.args[0], point, 1, closed=tree.value[0] == "[")
    below = _side(tree.args[1], point, -1, closed=tree.value[1] == "]")
    return lambda at: above(at) and below(at)


def _side(end: Tree, point: Point, sign: int, *, closed: bool) -> Test:
    """Make the test of what lies on one side of an end."""
    if end in (INFINITY, MINUS_INFINITY):
        everywhere = (end == INFINITY) == (sign < 0)
        return lambda _: everywhere
    value = point.value(end)

    def holds(at: acb) -> bool:
        gap = (at - value) * sign
        if not gap.is_finite() or not gap.imag.contains(0):
            raise UndecidedError("an end that is no real number")
        return closed if gap.contains(0) else bool(gap.real > 0)

    return holds


def _related(tree: Tree, point: Point) -> bool:
    sides = [point.value(arg) for arg in tree.args]
    return all(map(_ordered, sides, tree.value, sides[1:]))


def _samples(trees: list[Tree], place: Place) -> list[acb]:
    """Choose the points to ask about."""
    ends: list[acb] = []
    for tree in trees:
        ends += _ends(tree, place)
    if len(ends) > MAX_ENDS:
        raise UndecidedError("too many ends")
    tiny = Fraction(1, 2**60)
    points = list(ends)
    for end in ends:
        gap = ball(tiny) * (1 + abs(end))
        points += [end - gap, end + gap, end - 1, end + 1, end * 9 / 10]
    points += [(first + second) / 2 for first in ends for second in ends[:12]]
    source = draws(11)
    points += [ball(Fraction(number, 2)) for number in range(-12, 13)]
    points += [ball(Fraction(80 * next(source) - 40)) for _ in range(24)]
    points += [ball(Fraction(sign * 10**power + 1, 3)) for sign in (-1, 1) for power in (2, 3, 5, 9)]
    return points


def _ends(tree: Tree, place: Place) -> list[acb]:
    point = Point(place, [MAX_STEPS])
    if tree.op in ("seq", "set"):
        return [point.value(arg) for arg in tree.args if arg not in (INFINITY, MINUS_INFINITY)]
    if tree.op in ("union", "inter", "minus"):
        return [end for arg in tree.args for end in _ends(arg, place)]
    if tree.op == "rel":
        ends = []
        for left, right in zip(tree.args, tree.args[1:], strict=False):
            ends += _roots(left, right, place)
        return ends
    return []


def _roots(left: Tree, right: Tree, place: Place) -> list[acb]:
    """Find where two sides of an inequality meet: exactly where they are linear, else by halving."""
    gap = Tree("add", (left, Tree("neg", (right,))))
    steps = [MAX_STEPS]

    def at(value: acb) -> acb:
        return Point({**place, VARIABLE: value}, steps).value(gap)

    zero, one = at(ball(Fraction(0))), at(ball(Fraction(1)))
    slope = one - zero
    if slope.is_finite() and not slope.contains(0):
        root = -zero / slope
        if at(root).contains(0) and at(ball(Fraction(5)) - root).overlaps(slope * (5 - 2 * root)):
            return [root]
    return _halved(at)


def _halved(at: Callable[[acb], acb]) -> list[acb]:
    """Find roots by halving between the places of a grid at which the sign changes."""
    grid = [Fraction(number, 4) + Fraction(1, 97) for number in range(-80, 81)]
    values = []
    for number in grid:
        value = at(ball(number))
        values.append(value.real if value.is_finite() and value.imag.contains(0) else None)
    roots: list[acb] = []
    for (low, first), (high, second) in zip(
        zip(grid, values, strict=True), list(zip(grid, values, strict=True))[1:], strict=False
    ):
        if first is None or second is None or (first > 0) != (second < 0) or len(roots) > 6:
            continue
        lower, upper = low, high
        for _ in range(64):
            middle = (lower + upper) / 2
            if bool(at(ball(middle)).real > 0) == bool(first > 0):
                lower = middle
            else:
                upper = middle
        simple = lower.limit_denominator(10**6)
        exact_root = ball(simple)
        roots.append(exact_root if at(exact_root).contains(0) else ball((lower + upper) / 2))
    return roots


def _ordered(left: acb, operator: str, right: acb) -> bool:
    gap = left - right
    if not gap.is_finite():
        raise UndecidedError("not comparable")
    if not gap.imag.contains(0):
        return operator == "!="
    if gap.contains(0):
        return operator in ("<=", ">=", "=")
    return operator == "!=" or bool(gap.real > 0) == (operator in (">", ">="))
