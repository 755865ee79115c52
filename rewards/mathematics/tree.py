"""The expression tree that the parser builds and every comparison reads. Bounds: see `parse.py`."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator


class UnreadableError(ValueError):
    """The text is not mathematics that we read; it may still be words."""


BINDERS = frozenset({"sum", "prod", "integral", "limit", "derivative"})
NUMERALS = frozenset({"num", "dec"})


class Tree(NamedTuple):
    """Hold one node; equality is equality of structure.

    Args:
        op: num dec sym const | add mul div pow neg | fn call | seq set list | rel union inter minus | pm pct deg
            factorial | matrix cases ratio base | sum prod integral limit | builder word | quantified
        args: The operands, in order.
        value: num: Fraction. dec: Decimal. sym, const, fn, call, word: the name. seq: its two brackets.
            rel: its operators. pm: "+-" or "-+". base: the base. sum, prod, integral, limit: the variable.
    """

    op: str
    args: tuple[Tree, ...] = ()
    value: Any = None


class Decimal(NamedTuple):
    """Hold a decimal as it was written: its value, and how many decimal places and significant digits it shows."""

    number: Fraction
    places: int
    digits: int


def num(value: int | Fraction) -> Tree:
    """Make a number."""
    return Tree("num", (), Fraction(value))


def sym(name: str) -> Tree:
    """Make a symbol."""
    return Tree("sym", (), name)


def number_of(tree: Tree) -> Fraction | None:
    """Read the value off a numeral, signed or not; None for anything else."""
    number: Fraction | None = None
    if tree.op == "num":
        number = tree.value
    elif tree.op == "dec":
        number = tree.value.number
    elif tree.op == "neg":
        inner = number_of(tree.args[0])
        number = None if inner is None else -inner
    return number


def is_rational(tree: Tree) -> bool:
    """Tell whether a tree is a numeral, signed or not, or a fraction of such."""
    return tree.op in NUMERALS or (tree.op in ("neg", "div") and all(map(is_rational, tree.args)))


def walk(tree: Tree) -> Iterator[Tree]:
    """Yield every node, parents first, without recursion."""
    stack = [tree]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(node.args))


def symbols(tree: Tree) -> set[str]:
    """Name the free symbols: what sums, products, limits and integrals bind is not free.

    Example:
        >>> sorted(symbols(Tree("add", (sym("x"), num(1)))))
        ['x']
    """
    found: set[str] = set()
    stack = [tree]
    while stack:
        op, args, value = stack.pop()
        if op == "sym":
            found.add(str(value))
        elif op in BINDERS:
            found |= (symbols(args[0]) - {str(value)}).union(*map(symbols, args[1:]))
        else:
            stack += args
    return found


def replace(tree: Tree, name: str, by: Tree) -> Tree:
    """Put `by` in place of every symbol `name`."""
    if tree.op == "sym":
        return by if tree.value == name else tree
    if not tree.args:
        return tree
    return tree._replace(args=tuple(replace(arg, name, by) for arg in tree.args))


INFINITY = Tree("const", (), "inf")
MINUS_INFINITY = Tree("neg", (INFINITY,))
PI = Tree("const", (), "pi")
EULER = Tree("const", (), "e")
IMAGINARY = Tree("const", (), "i")
REALS = Tree("const", (), "set R")
