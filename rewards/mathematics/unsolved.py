"""Tell a condition that is still to be solved from its solution: 2x + 1 = 11 repeats a question that x = 5 answers."""

from __future__ import annotations

from rewards.mathematics.labels import is_equation, is_label
from rewards.mathematics.tree import Tree, num, symbols, walk

_SOLVABLE = frozenset({"=", "<", ">", "<=", ">=", "!="})


def restates(reference: Tree, answer: Tree) -> bool:
    r"""Tell whether an answer leaves to be solved what the reference has solved: an equation, or what builds a set.

    An inequality on its own is one of its own forms: x^2 <= 9 is |x| <= 3.

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
    return is_equation(answer) and is_equation(reference) and _unsolved(answer) and not _unsolved(reference)


def _to_be_solved(tree: Tree) -> bool:
    """Tell whether a condition on one letter stands in a tree, and the letter does not stand alone in it."""
    return any(node.op == "rel" and _SOLVABLE.issuperset(node.value) and _unsolved(node) for node in walk(tree))


def _unsolved(condition: Tree) -> bool:
    if len(symbols(condition)) != 1:
        return False  # a curve, or no condition at all
    sides = [side for side in condition.args if symbols(side)]
    return len(sides) > 1 if is_label(sides[0]) and sides[0].op != "call" else not _is_alone(sides[0], condition)


def _is_alone(side: Tree, condition: Tree) -> bool:
    """Tell whether a side is a function's name, a distance |x - c|, or x - c beside 0."""
    if side.op == "call":
        return is_label(side)
    if side.op == "fn" and side.value == "abs":
        return _is_moved(side.args[0])
    return (side.op == "neg" and side.args[0].op == "sym") or (_is_moved(side) and num(0) in condition.args)


def _is_moved(side: Tree) -> bool:
    """Tell whether a side is a letter, or one with a number added."""
    return side.op == "sym" or (side.op == "add" and sum(arg.op == "sym" for arg in side.args) == 1 == _lettered(side))


def _lettered(side: Tree) -> int:
    return sum(bool(symbols(arg)) for arg in side.args)
