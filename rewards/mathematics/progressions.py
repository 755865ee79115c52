r"""Work out what is written with dots: 1 + 2 + \cdots + n, 1 + x + x^2 + \cdots + x^n, \{2, 4, \ldots, 20\}."""

from __future__ import annotations

from itertools import pairwise

from rewards.mathematics.exact import exact
from rewards.mathematics.identity import same_value
from rewards.mathematics.tree import Tree, num, sym

DOTS = sym("...")
MAX_LISTED = 200  # members of a list that are written out


def summed(tree: Tree) -> Tree:
    r"""Write an arithmetic or geometric sum with dots in closed form; any other tree stays as it is.

    Two terms before the dots make an arithmetic sum; three tell which of the two it is.

    Example:
        >>> from rewards.mathematics.parse import parse
        >>> same_value(summed(parse("1 + 2 + \\cdots + n")), parse("n(n+1)/2")).same
        True
        >>> same_value(summed(parse("1 + x + x^2 + \\cdots + x^n")), parse("(x^{n+1} - 1)/(x - 1)")).same
        True
    """
    if tree.op == "rel" and any(side.op == "add" for side in tree.args):
        return tree._replace(args=tuple(map(summed, tree.args)))
    if tree.op in ("set", "list") and DOTS in tree.args:
        return _listed(tree)
    if tree.op != "add" or DOTS not in tree.args[2:4]:
        return tree
    place = tree.args.index(DOTS)
    if len(tree.args) != place + 2:
        return tree
    first, second, last = tree.args[0], tree.args[1], tree.args[-1]
    third = tree.args[2] if place > 2 else None
    step = _minus(second, first)
    if third is None or same_value(_minus(third, second), step).same:
        count = Tree("add", (Tree("div", (_minus(last, first), step)), num(1)))
        return Tree("div", (Tree("mul", (count, Tree("add", (first, last)))), num(2)))
    ratio = Tree("div", (second, first))
    if same_value(Tree("div", (third, second)), ratio).same:
        return Tree("div", (_minus(Tree("mul", (last, ratio)), first), _minus(ratio, num(1))))
    return tree


def _listed(tree: Tree) -> Tree:
    """Write out 2, 4, 6, ..., 20, where its numbers run in equal steps; any other list stays as it is."""
    place = tree.args.index(DOTS)
    numbers = [exact(arg) for arg in tree.args[:place]]
    last = exact(tree.args[-1])
    if place < 2 or place + 2 != len(tree.args) or last is None:
        return tree
    known = [number for number in numbers if number is not None]
    steps = {after - before for before, after in pairwise(known)}
    step = steps.pop()
    if len(known) < place or steps or not step or not 0 <= (last - known[0]) / step <= MAX_LISTED:
        return tree
    count = (last - known[0]) / step
    if count.denominator != 1:
        return tree
    return tree._replace(args=tuple(num(known[0] + step * index) for index in range(int(count) + 1)))


def _minus(left: Tree, right: Tree) -> Tree:
    return Tree("add", (left, Tree("neg", (right,))))
