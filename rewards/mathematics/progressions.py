r"""Add up what is written with dots: 1 + 2 + \cdots + n, 1 + x + x^2 + \cdots + x^n."""

from __future__ import annotations

from rewards.mathematics.identity import same_value
from rewards.mathematics.tree import Tree, num, sym

DOTS = sym("...")


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


def _minus(left: Tree, right: Tree) -> Tree:
    return Tree("add", (left, Tree("neg", (right,))))
