"""Compare sets of real numbers: intervals, unions, inequalities in one variable, conditions.

Both sets are asked about the same points: every end of an interval, both sides of it, and points all over the line.
Bounds: `MAX_ENDS` ends; the steps of `balls.py`.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from rewards.mathematics.balls import MAX_STEPS, Point, UndecidedError, ball, precision
from rewards.mathematics.identity import Finding, draws
from rewards.mathematics.tree import Tree, sym, symbols, walk

if TYPE_CHECKING:
    from flint import acb

MAX_ENDS = 60
BITS = 192
VARIABLE = "(the variable)"
_INFINITY = Tree("const", (), "inf")
_REGIONS = frozenset({"seq", "union", "minus", "set", "inter"})
_ORDER = frozenset({"<", ">", "<=", ">=", "!="})


def region(tree: Tree, *, intervals: bool = False) -> tuple[Tree, str] | None:
    """Read a tree as a set of real numbers, a condition on `VARIABLE`, with the name of its variable if it has one.

    Args:
        tree: Any tree.
        intervals: Take (1, 2) for an interval rather than a point.
    """
    op = tree.op
    if op == "seq":
        return (tree, "") if _is_interval(tree, intervals=intervals) else None
    if op == "const" and str(tree.value).startswith("set R"):
        return tree, ""
    if op == "set" and not any(node.op in ("rel", "seq") for node in tree.args):
        return tree, ""
    if op in ("union", "inter", "minus"):
        parts = [region(arg, intervals=True) for arg in tree.args]
        if any(part is None for part in parts):
            return None
        return Tree(op, tuple(part[0] for part in parts if part)), next(
            (part[1] for part in parts if part and part[1]), ""
        )
    if op == "rel":
        return _relation(tree) if tree.value != ("=",) or tree.args[1].op in _REGIONS else None
    if op == "builder":
        return _builder(tree)
    if op == "list" and any(map(_is_condition, tree.args)) and all(map(_is_part, tree.args)):
        return _conditions(tree)
    return None


def _is_interval(tree: Tree, *, intervals: bool) -> bool:
    if len(tree.args) != 2 or any(arg.op in ("seq", "list", "set", "rel") for arg in tree.args):
        return False
    endless = any(arg in (_INFINITY, Tree("neg", (_INFINITY,))) for arg in tree.args)
    return intervals or endless or tree.value in ("(]", "[)")


def _is_condition(tree: Tree) -> bool:
    if tree.op == "list":
        return all(_is_condition(arg) for arg in tree.args)
    return tree.op == "rel" and bool(set(tree.value) & (_ORDER | {"in", "notin"}))


def _is_part(tree: Tree) -> bool:
    return _is_condition(tree) or (tree.op == "rel" and tree.value == ("=",) and tree.args[0].op == "sym")


def _relation(tree: Tree) -> tuple[Tree, str] | None:
    operators: tuple[str, ...] = tree.value
    first = tree.args[0]
    if operators == ("=",) and first.op in ("sym", "call", "word") and tree.args[1].op in _REGIONS:
        inside = region(tree.args[1], intervals=True)
        return inside and (inside[0], "")
    if operators in (("in",), ("notin",)):
        inside = region(tree.args[1], intervals=True)
        if inside is None:
            return None
        everything = Tree("const", (), "set R")
        held = inside[0] if operators == ("in",) else Tree("minus", (everything, inside[0]))
        return held, _name(first)
    if operators == ("=",) and first.op == "sym" and not symbols(tree.args[1]):
        return Tree("set", (tree.args[1],)), _name(first)
    if not set(operators) <= _ORDER:
        return None
    tree = _finite(tree)
    if len(tree.args) == 1:
        return Tree("const", (), "set R"), _name(tree.args[0])
    name = _variable(tree)
    if name is None:
        return None
    named = _rename(tree, name)
    return named, _name(name)


def _finite(tree: Tree) -> Tree:
    r"""Drop what says nothing from a chain: -\infty < x, x < \infty."""
    sides, operators = list(tree.args), list(tree.value)
    minus = Tree("neg", (_INFINITY,))
    if sides[0] in (_INFINITY, minus) and (sides[0] == minus) == (operators[0] in ("<", "<=")):
        sides, operators = sides[1:], operators[1:]
    if operators and sides[-1] in (_INFINITY, minus) and (sides[-1] == _INFINITY) == (operators[-1] in ("<", "<=")):
        sides, operators = sides[:-1], operators[:-1]
    return Tree("rel", tuple(sides), tuple(operators))


def _variable(tree: Tree) -> Tree | None:
    """Find what an inequality is about: the one symbol, a call, or the side that is a lone symbol."""
    calls = [node for node in walk(tree) if node.op == "call"]
    if calls and all(call == calls[0] for call in calls):
        return calls[0]
    names = set().union(*(symbols(side) for side in tree.args))
    if len(names) == 1:
        return sym(next(iter(names)))
    lone = [side for side in tree.args if side.op == "sym"]
    return lone[0] if len(lone) == 1 else None


def _name(tree: Tree) -> str:
    return str(tree.value) if tree.op == "sym" else ""


def _rename(tree: Tree, name: Tree) -> Tree:
    if tree == name:
        return sym(VARIABLE)
    return tree._replace(args=tuple(_rename(arg, name) for arg in tree.args))


def _builder(tree: Tree) -> tuple[Tree, str] | None:
    subject, condition = tree.args
    held = region(condition)
    if subject.op == "rel" and subject.value == ("in",):
        subject = subject.args[0]
    if held is None or subject.op != "sym":
        return None
    return held[0], ""


def _conditions(tree: Tree) -> tuple[Tree, str] | None:
    """Join conditions: by `or` the union; else the intersection, or the union where nothing satisfies all."""
    parts = [_relation(arg) if arg.op == "rel" else region(arg) for arg in tree.args]
    if any(part is None for part in parts) or len({part[1] for part in parts if part}) > 1:
        return None
    joined = [part[0] for part in parts if part]
    name = next((part[1] for part in parts if part), "")
    both = joined[0]
    either = joined[0]
    for part in joined[1:]:
        both, either = Tree("inter", (both, part)), Tree("union", (either, part))
    if tree.value == "or" or not _inhabited(both):
        return either, name
    return both, name


def _inhabited(tree: Tree) -> bool:
    try:
        with precision(BITS):
            return any(_member(tree, at, [MAX_STEPS], {}) for at in _samples([tree], {}))
    except UndecidedError:
        return True


def same_region(reference: Tree, answer: Tree) -> Finding:
    r"""Decide whether two sets of real numbers are the same.

    Example:
        >>> from rewards.mathematics.parse import parse
        >>> sets = [region(parse(text))[0] for text in ("x < 3", "(-\\infty, 3)", "x <= 3")]
        >>> same_region(sets[0], sets[1]).same, same_region(sets[0], sets[2]).same
        (True, False)
    """
    others = sorted((symbols(reference) | symbols(answer)) - {VARIABLE})
    source = draws(7)
    steps = [MAX_STEPS]
    known = 0
    for _ in range(2 if others else 1):
        values = {name: Fraction(1 + int(900 * next(source)), 128) for name in others}
        try:
            with precision(BITS):
                place = {name: ball(value) for name, value in values.items()}
                for at in _samples([reference, answer], place):
                    try:
                        inside = _member(reference, at, steps, place), _member(answer, at, steps, place)
                    except UndecidedError:
                        continue
                    known += 1
                    if inside[0] != inside[1]:
                        which = "reference" if inside[0] else "answer"
                        return Finding(False, f"{at.real.mid().str(6, radius=False)} is only in the {which}")
        except (UndecidedError, ZeroDivisionError, ValueError, OverflowError) as error:
            return Finding(False, f"undecided: {error}")
    return Finding(known > 10, f"the same at {known} points and ends" if known else "undecided")


def _samples(trees: list[Tree], place: dict[str, acb]) -> list[acb]:
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


def _ends(tree: Tree, place: dict[str, acb]) -> list[acb]:
    point = Point(place, [MAX_STEPS])
    if tree.op in ("seq", "set"):
        return [point.value(arg) for arg in tree.args if arg not in (_INFINITY, Tree("neg", (_INFINITY,)))]
    if tree.op in ("union", "inter", "minus"):
        return [end for arg in tree.args for end in _ends(arg, place)]
    if tree.op == "rel":
        ends = []
        for left, right in zip(tree.args, tree.args[1:], strict=False):
            ends += _roots(left, right, place)
        return ends
    return []


def _roots(left: Tree, right: Tree, place: dict[str, acb]) -> list[acb]:
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


def _halved(at) -> list[acb]:  # type: ignore[no-untyped-def]  # noqa: ANN001
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


def _member(tree: Tree, at: acb, steps: list[int], place: dict[str, acb]) -> bool:
    op = tree.op
    if op == "const":
        return True
    if op == "set":
        return any((Point(place, steps).value(arg) - at).contains(0) for arg in tree.args)
    if op == "seq":
        low, high = tree.args
        return _beyond(low, at, tree.value[0] == "[", steps, place, 1) and _beyond(
            high,
            at,
            tree.value[1] == "]",
            steps,
            place,
            -1,
        )
    if op == "union":
        return any(_member(arg, at, steps, place) for arg in tree.args)
    if op == "inter":
        return all(_member(arg, at, steps, place) for arg in tree.args)
    if op == "minus":
        return _member(tree.args[0], at, steps, place) and not _member(tree.args[1], at, steps, place)
    point = Point({**place, VARIABLE: at}, steps)
    sides = [point.value(arg) for arg in tree.args]
    return all(map(_ordered, sides, tree.value, sides[1:]))


def _beyond(  # noqa: PLR0913, PLR0917
    end: Tree,
    at: acb,
    closed: bool,
    steps: list[int],
    place: dict[str, acb],
    sign: int,
) -> bool:
    if end == _INFINITY:
        return sign < 0
    if end == Tree("neg", (_INFINITY,)):
        return sign > 0
    gap = (at - Point(place, steps).value(end)) * sign
    if not gap.is_finite() or not gap.imag.contains(0):
        raise UndecidedError("an end that is no real number")
    return closed if gap.contains(0) else bool(gap.real > 0)


def _ordered(left: acb, operator: str, right: acb) -> bool:
    gap = left - right
    if not gap.is_finite():
        raise UndecidedError("not comparable")
    if not gap.imag.contains(0):
        return operator == "!="
    if gap.contains(0):
        return operator in ("<=", ">=", "=")
    return operator == "!=" or bool(gap.real > 0) == (operator in (">", ">="))
