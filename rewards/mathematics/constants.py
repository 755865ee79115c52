"""Rename arbitrary constants: y = A e^x + B is y = C_1 e^x + C_2. Bound: `MAX_CONSTANTS` of them."""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING

from rewards.mathematics.tree import Tree, symbols
from rewards.patterns import Pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_CONSTANTS = 3
ARBITRARY = Pattern(r"[CcKk]_\{?\w\}?|[CKc]")
STANDS_FOR = Pattern(r"[A-DKMa-dk](?:_\{?\w\}?)?")


def renamings(reference: Tree, answer: Tree) -> Iterator[Tree]:
    """Yield the answer with its constants named as the reference names them, in every order.

    Only constants that one side alone has are renamed, as many on one side as on the other, and only in a formula
    that has a variable beside them.

    Example:
        >>> from rewards.mathematics.parse import parse
        >>> [sorted(symbols(each)) for each in renamings(parse("y = Ce^x"), parse("y = Ke^x"))]
        [['C', 'x', 'y']]
    """
    ours, theirs = symbols(reference), symbols(answer)
    shared = sorted(name for name in ours & theirs if "_" in name and ARBITRARY.fullmatch(name))
    if ours | {"y"} == theirs | {"y"} and 1 < len(shared) <= MAX_CONSTANTS and len(ours) > len(shared):
        yield from (_renamed(answer, dict(zip(shared, order, strict=True))) for order in permutations(shared))
    constants, names = sorted(ours - theirs), sorted(theirs - ours)
    if len(constants) < len(names):  # y is only named on one side
        names = [name for name in names if name != "y"]
    elif len(constants) > len(names):
        constants = [name for name in constants if name != "y"]
    if not 0 < len(constants) == len(names) <= MAX_CONSTANTS or not (ours & theirs):
        return
    if not all(map(ARBITRARY.fullmatch, constants)) or not all(map(STANDS_FOR.fullmatch, names)):
        return
    if reference.op in ("set", "list") and not all("_" in name for name in constants):
        return  # the c of {a, b, c} is no constant
    yield from (_renamed(answer, dict(zip(names, order, strict=True))) for order in permutations(constants))


def _renamed(tree: Tree, names: dict[str, str]) -> Tree:
    if tree.op == "sym":
        return Tree("sym", (), names.get(str(tree.value), tree.value))
    return tree._replace(args=tuple(_renamed(arg, names) for arg in tree.args)) if tree.args else tree


def same_arguments(reference: Tree, answer: Tree) -> Tree:
    """Name the arguments of a function that is defined as the reference names them: f(t) = t^2 is f(x) = x^2.

    Example:
        >>> from rewards.mathematics.parse import parse
        >>> same_arguments(parse("f(x) = x^2"), parse("f(t) = t^2")) == parse("f(x) = x^2")
        True
    """
    if reference.op != "rel" or reference.value != ("=",) or answer.op != "rel" or answer.value != ("=",):
        return answer
    sides = reference.args[0], answer.args[0]
    ours, theirs = (side.args if side.op == "call" else () for side in sides)
    if not ours or len(ours) != len(theirs) or sides[0].value != sides[1].value or ours == theirs:
        return answer
    names = {str(arg.value): str(by.value) for arg, by in zip(theirs, ours, strict=True)}
    bound = all(arg.op == "sym" for arg in (*ours, *theirs)) and len(names) == len(set(names.values())) == len(ours)
    free = symbols(answer) - set(names)
    return _renamed(answer, names) if bound and not free & set(names.values()) else answer


def without_constant(tree: Tree) -> tuple[Tree, str]:
    """Take + C off a sum; "" where it has none."""
    if tree.op != "add":
        return tree, ""
    for place, arg in enumerate(tree.args):
        term = arg.args[0] if arg.op == "neg" else arg
        if term.op == "sym" and str(term.value).partition("_")[0] in ("C", "c", "K"):
            rest = tree.args[:place] + tree.args[place + 1 :]
            if all(term.value not in symbols(other) for other in rest):
                return rest[0] if len(rest) == 1 else Tree("add", rest), str(term.value)
    return tree, ""
