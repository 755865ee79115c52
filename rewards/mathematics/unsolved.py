"""Tell a condition that is still to be solved from its solution: 2x + 1 = 11 repeats a question that x = 5 answers."""

from __future__ import annotations

from rewards.mathematics.labels import is_equation, is_label
from rewards.mathematics.tree import Tree, num, symbols, walk

_ORDER = frozenset({"<", ">", "<=", ">=", "!="})
_SOLVABLE = frozenset({"=", "<", ">", "<=", ">=", "!="})


def restates(reference: Tree, answer: Tree) -> bool:
    r"""Tell whether an answer leaves to be solved what the reference has solved: an equation, or what builds a set.

    An inequality may be a multiple of the solved one, 2x < 6, or keep an absolute value: x^2 <= 9 is |x| <= 3.

    Args:
        reference: What the row says.
        answer: What the completion says.

    Example:
        >>> from rewards.mathematics.parse import parse
        >>> restates(parse("x = 5"), parse("2x + 1 = 11")), restates(parse("x = 5"), parse("5 = x"))
        (True, False)
        >>> restates(parse("(-1, 3)"), parse("\\{x: x^2 - 2x < 3\\}")), restates(parse("(-1, 3)"), parse("|x - 1| < 2"))
        (True, False)
    """
    if answer.op == "builder":
        return _to_be_solved(answer) and not _to_be_solved(reference)
    if answer.op == "rel" and _ORDER.issuperset(answer.value):
        return _unsolved(answer, multiples=True) and _is_solved(reference)
    if not (is_equation(answer) and is_equation(reference)) or _is_plane(answer):
        return False
    return _unsolved(answer) and not _unsolved(reference)


def _to_be_solved(tree: Tree) -> bool:
    """Tell whether a condition on one letter stands in a tree, and the letter does not stand alone in it."""
    return any(node.op == "rel" and _SOLVABLE.issuperset(node.value) and _unsolved(node) for node in walk(tree))


def _is_solved(reference: Tree) -> bool:
    """Tell whether a reference says by its ends where a letter lies: x < 3, -1 < x < 3, (-1, 3)."""
    parts = [node for node in walk(reference) if node.op == "rel" and _ORDER.issuperset(node.value)]
    if not parts:
        return any(node.op == "seq" for node in walk(reference))
    return all(any(side.op == "sym" for side in part.args) and not _unsolved(part) for part in parts)


def _unsolved(condition: Tree, *, multiples: bool = False) -> bool:
    if len(symbols(condition)) != 1:
        return False  # a curve, or no condition at all
    sides = [side for side in condition.args if symbols(side)]
    if multiples and len(sides) == 1 and _is_multiple(sides[0]):
        return False
    return len(sides) > 1 if is_label(sides[0]) and sides[0].op != "call" else not _is_alone(sides[0], condition)


def _is_alone(side: Tree, condition: Tree) -> bool:
    """Tell whether a side is a function's name, a distance |x - c|, or x - c beside 0."""
    if side.op == "call":
        return is_label(side)
    if side.op == "fn" and side.value == "abs":
        return _is_moved(side.args[0])
    return (side.op == "neg" and side.args[0].op == "sym") or (_is_moved(side) and num(0) in condition.args)


def _is_plane(equation: Tree) -> bool:
    """Tell whether an equation is the general form of a plane or a level line: 2z - 8 = 0, 5y = 0."""
    return equation.args[1] == num(0) and symbols(equation) in ({"y"}, {"z"})


def _is_multiple(side: Tree) -> bool:
    """Tell whether a side is a letter times a number: 2x, -x/3."""
    if side.op == "neg":
        return _is_multiple(side.args[0])
    letters = [arg for arg in side.args if symbols(arg)]
    return side.op == "sym" or (
        side.op in ("mul", "div")
        and len(letters) == 1
        and _is_multiple(side.args[0] if side.op == "div" else letters[0])
    )


def _is_moved(side: Tree) -> bool:
    """Tell whether a side is a letter, or one with a number added."""
    return side.op == "sym" or (side.op == "add" and sum(arg.op == "sym" for arg in side.args) == 1 == _lettered(side))


def _lettered(side: Tree) -> int:
    return sum(bool(symbols(arg)) for arg in side.args)
