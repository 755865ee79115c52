"""Compare equations in any arrangement, and inequalities in several variables.

Two equations are the same when, cleared of denominators, one side-difference is a constant multiple of the other:
multiplicity counts, as (x-2)^2 = 0 is not x = 2. Bounds: those of `balls.py`.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from rewards.mathematics.balls import UndecidedError, ball, precision
from rewards.mathematics.evaluation import MAX_STEPS, Point
from rewards.mathematics.finding import Finding, undecided
from rewards.mathematics.identity import same_value
from rewards.mathematics.points import needed_bits, places
from rewards.mathematics.rounding import rounded_coefficient
from rewards.mathematics.tree import Tree, num, sym, symbols

if TYPE_CHECKING:
    from flint import acb

_WANTED = 6
_FLIPPED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "!=": "!="}


def difference(tree: Tree) -> Tree:
    """Take the left side minus the right side, cleared of denominators."""
    left, right = tree.args[0], tree.args[-1]
    top, _ = _fraction(Tree("add", (left, Tree("neg", (right,)))), 0)
    return top


def _fraction(tree: Tree, depth: int) -> tuple[Tree, Tree]:
    """Write a tree as numerator and denominator."""
    one = num(1)
    if depth > 30 or tree.op not in ("add", "neg", "mul", "div", "pow"):
        return tree, one
    if tree.op == "pow":
        exponent = tree.args[1]
        if exponent.op == "neg" and exponent.args[0].op == "num":
            return one, Tree("pow", (tree.args[0], exponent.args[0]))
        if exponent.op != "num":
            return tree, one
        top, bottom = _fraction(tree.args[0], depth + 1)
        return (tree, one) if bottom == one else (Tree("pow", (top, exponent)), Tree("pow", (bottom, exponent)))
    parts = [_fraction(arg, depth + 1) for arg in tree.args]
    if tree.op == "neg":
        return Tree("neg", (parts[0][0],)), parts[0][1]
    if tree.op == "mul":
        return _times(parts[0][0], parts[1][0]), _times(parts[0][1], parts[1][1])
    if tree.op == "div":
        return _times(parts[0][0], parts[1][1]), _times(parts[0][1], parts[1][0])
    top, bottom = parts[0]
    for next_top, next_bottom in parts[1:]:
        if next_bottom == bottom:
            top = Tree("add", (top, next_top))
        else:
            top = Tree("add", (_times(top, next_bottom), _times(next_top, bottom)))
            bottom = _times(bottom, next_bottom)
    return top, bottom


def _times(left: Tree, right: Tree) -> Tree:
    if left == num(1):
        return right
    return left if right == num(1) else Tree("mul", (left, right))


def same_equation(reference: Tree, answer: Tree) -> Finding:
    """Decide whether two equations say the same.

    Example:
        >>> from rewards.mathematics.parse import parse
        >>> same_equation(parse("y = 2x - 5"), parse("(y+5)/x = 2")).same
        True
    """
    first, second = difference(_named_calls(reference)), difference(_named_calls(answer))
    ratio = _ratio(first, second)
    if ratio is None:
        return undecided("defined at too few points")
    if ratio == 0:
        return Finding(False, "not multiples of each other")
    return Finding(True, "one is a multiple of the other")


def _named_calls(tree: Tree) -> Tree:
    """Make f(2) a symbol of its own: it is a number that nobody knows."""
    if tree.op == "call" and not symbols(tree):
        return sym(repr(tree))
    return tree._replace(args=tuple(_named_calls(arg) for arg in tree.args)) if tree.args else tree


def _ratio(first: Tree, second: Tree) -> int | None:
    """Tell the sign of the constant ratio of two expressions; 0 where it is not constant, None where unknown."""
    names = symbols(first) | symbols(second)
    steps = [MAX_STEPS]
    found: acb | None = None
    agreed = zeros = 0
    try:
        bits = 3 * needed_bits(first, second)  # a ratio near one hides what differs twice as deep
    except UndecidedError:
        return None
    with precision(bits):
        for place in places(names, set(), repr(sorted(names))):
            point = {name: ball(Fraction(value)) for name, value in place.items()}
            try:
                left = Point(point, steps, rounded_coefficient).value(first)
                right = Point(point, steps, rounded_coefficient).value(second)
            except UndecidedError:
                if steps[0] < 0:
                    return None
                continue
            if not left.is_finite() or not right.is_finite():
                continue
            if left.contains(0) or right.contains(0):
                if not (left.contains(0) and right.contains(0)):
                    return 0
                zeros += 1
                if zeros > _WANTED:
                    return 1
                continue
            ratio = left / right
            if found is not None and not found.overlaps(ratio):
                return 0
            found = ratio if found is None else found
            agreed += 1
            if agreed >= _WANTED + len(names) or not names:
                break
    if found is None or (agreed < 3 and names):
        return None
    return 1 if not found.imag.contains(0) or found.real > 0 else -1


def same_inequality(reference: Tree, answer: Tree) -> Finding:
    """Decide whether two inequalities in several variables say the same."""
    operators = reference.value[0], answer.value[0]
    ratio = _ratio(difference_kept(reference), difference_kept(answer))
    if ratio is None or len(reference.args) != 2 or len(answer.args) != 2:
        return _same_chain(reference, answer)
    expected = operators[0] if ratio > 0 else _FLIPPED.get(operators[0])
    same = ratio != 0 and expected == operators[1]
    return Finding(same, "one is a multiple of the other" if same else "they do not hold at the same points")


def difference_kept(tree: Tree) -> Tree:
    """Take the left side minus the right side as it stands: a denominator may change the sign."""
    return Tree("add", (tree.args[0], Tree("neg", (tree.args[-1],))))


def _same_chain(reference: Tree, answer: Tree) -> Finding:
    """Compare chains side by side, in either direction: f(2) < f(1) < f(4)."""
    backwards = tuple(_FLIPPED.get(operator, operator) for operator in reversed(answer.value))
    turned = Tree("rel", tuple(reversed(answer.args)), backwards)
    for candidate in (answer, turned):
        if candidate.value == reference.value and len(candidate.args) == len(reference.args):
            pairs = zip(reference.args, candidate.args, strict=True)
            if all(_ratio(left, right) == 1 and _equal(left, right) for left, right in pairs):
                return Finding(True, "the same chain")
    return Finding(False, "not the same chain")


def _equal(left: Tree, right: Tree) -> bool:

    return same_value(left, right).same
