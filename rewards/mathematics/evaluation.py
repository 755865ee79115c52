"""Evaluate trees at a point in ball arithmetic. Bound: `MAX_STEPS` nodes visited in all the points of a comparison."""

from __future__ import annotations

import zlib
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from flint import acb, acb_mat, arb

from rewards.mathematics.balls import NoCaseError, UndecidedError, ball, whole_number
from rewards.mathematics.conditions import holds
from rewards.mathematics.exact import exact
from rewards.mathematics.functions import FUNCTIONS
from rewards.mathematics.limits import limit
from rewards.mathematics.repeated import integral, series
from rewards.mathematics.tree import EULER, Tree, num

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_STEPS = 30_000


class Point:
    """Evaluate trees at one point.

    Args:
        place: The value of every symbol.
        steps: How many nodes may still be visited; shared by all the points of a comparison.
        loose: How far a decimal may lie from its written value; None takes decimals as exact.
    """

    def __init__(
        self, place: dict[str, Any], steps: list[int], loose: Callable[[Tree], Fraction | None] | None = None
    ) -> None:
        self.place = place
        self.steps = steps
        self.loose = loose
        self.strayed = False  # whether a real argument gave a value that is not real

    def value(self, tree: Tree) -> acb:
        """Evaluate a tree.

        Raises:
            UndecidedError: It holds something without a value, or is over a bound.
        """
        self.steps[0] -= 1
        if self.steps[0] < 0:
            raise UndecidedError("too much to evaluate")
        handler = _HANDLERS.get(tree.op)
        if handler is None:
            raise UndecidedError(f"no value for {tree.op}")
        value: acb = handler(self, tree)
        return value

    def real(self, value: acb) -> bool:
        """Tell whether a value is real, as far as its ball shows."""
        return bool(value.imag.contains(0)) and bool(value.is_finite())

    def watched(self, arguments: list[acb], value: acb) -> acb:
        """Note where real arguments leave the real numbers."""
        if not value.imag.is_zero() and not value.imag.contains(0) and all(arg.imag.contains(0) for arg in arguments):
            self.strayed = True
        return value


def _decimal(point: Point, tree: Tree) -> acb:
    return ball(tree.value.number, point.loose(tree) if point.loose else None)


def _symbol(point: Point, tree: Tree) -> acb:
    if tree.value not in point.place:
        raise UndecidedError(f"no value for {tree.value}")
    value: acb = point.place[tree.value]
    return value


def _constant(_: Point, tree: Tree) -> acb:
    if tree.value == "pi":
        return acb(arb.pi())
    if tree.value == "e":
        return acb(arb.const_e())
    if tree.value == "i":
        return acb(0, 1)
    raise UndecidedError(f"no value for {tree.value}")


def _sum(point: Point, tree: Tree) -> acb:
    total = point.value(tree.args[0])
    for arg in tree.args[1:]:
        total += point.value(arg)
    return total


def _power(point: Point, tree: Tree) -> acb:
    base_tree, exponent_tree = tree.args
    if base_tree == EULER:
        return point.value(exponent_tree).exp()
    base = point.value(base_tree)
    power = exact(exponent_tree) if _closed(exponent_tree) else None
    if power is not None and power.denominator == 1 and abs(power) < 2**30:
        return base ** int(power)
    if power is not None and power.denominator % 2 and base.imag.is_zero() and base.real < 0:
        size = (-base).pow(ball(power))
        return -size if power.numerator % 2 else size
    exponent = point.value(exponent_tree)
    whole = whole_number(exponent)
    if whole is not None and base.imag.is_zero():
        return base**whole
    return point.watched([base, exponent], base.pow(exponent))


def _closed(tree: Tree) -> bool:
    """Tell whether a short exponent has no symbol in it."""
    return tree.op in ("num", "dec") or (tree.op in ("div", "neg", "add", "mul") and all(map(_closed, tree.args)))


def _factorial(point: Point, tree: Tree) -> acb:
    number = exact(tree)
    if number is not None:
        return ball(number)
    value = point.value(tree.args[0])
    if tree.value == 2:
        whole = whole_number(value)
        number = None if whole is None else exact(tree._replace(args=(num(whole),)))
        if number is None:
            raise UndecidedError("a double factorial of no small whole number")
        return ball(number)
    return (value + 1).gamma()


def _turn(point: Point, tree: Tree) -> acb:
    return point.value(tree.args[0]) * arb.pi() / 180


def _call(point: Point, tree: Tree) -> acb:
    """Stand in for an unknown function: some fixed smooth function that depends on its name."""
    seed = zlib.crc32(str(tree.value).encode())
    total = ball(Fraction(seed % 1009, 997))
    for place, arg in enumerate(tree.args):
        value = point.value(arg)
        slope, bend = Fraction(seed >> 3 & 1023, 311 + place), Fraction(seed >> 13 & 1023, 617 + place)
        total += ball(slope) * value + ball(bend + 1) * value * value
    return total


def _function(point: Point, tree: Tree) -> acb:
    name = str(tree.value)
    if name in ("gcd", "lcm", "mod", "det", "transpose"):
        return _special(point, tree)
    arguments = [point.value(arg) for arg in tree.args]
    function = FUNCTIONS.get(name)
    if function is None:
        raise UndecidedError(f"no value for {name}")
    try:
        return point.watched(arguments, function(*arguments))
    except TypeError as error:
        raise UndecidedError(f"{name} of {len(arguments)} arguments") from error


def _special(point: Point, tree: Tree) -> acb:
    if tree.value == "det" and tree.args[0].op == "matrix":
        rows = [[point.value(cell) for cell in row.args] for row in tree.args[0].args]
        if len(rows) > 8 or any(len(row) != len(rows) for row in rows):
            raise UndecidedError("no determinant")
        return acb_mat(rows).det()
    numbers = []
    for arg in tree.args:
        number = whole_number(point.value(arg))
        if number is None:
            raise UndecidedError(f"{tree.value} of no whole numbers")
        numbers.append(Tree("num", (), Fraction(number)))
    value = exact(Tree("fn", tuple(numbers), tree.value))
    if value is None:
        raise UndecidedError(f"no value for {tree.value}")
    return ball(value)


def _cases(point: Point, tree: Tree) -> acb:
    """Take the first piece whose condition holds here, or the piece without one."""
    for piece in tree.args:
        if len(piece.args) == 1 or all(holds(point, condition) for condition in piece.args[1:]):
            return point.value(piece.args[0])
    raise NoCaseError("no case holds here")


_HANDLERS: dict[str, Callable[[Point, Tree], Any]] = {
    "num": lambda _, tree: ball(tree.value),
    "dec": _decimal,
    "sym": _symbol,
    "const": _constant,
    "add": _sum,
    "neg": lambda point, tree: -point.value(tree.args[0]),
    "mul": lambda point, tree: point.value(tree.args[0]) * point.value(tree.args[1]),
    "div": lambda point, tree: point.value(tree.args[0]) / point.value(tree.args[1]),
    "pow": _power,
    "pct": lambda point, tree: point.value(tree.args[0]) / 100,
    "deg": _turn,
    "factorial": _factorial,
    "fn": _function,
    "call": _call,
    "sum": series,
    "prod": series,
    "integral": integral,
    "limit": limit,
    "cases": _cases,
    "base": lambda _, tree: ball(exact(tree) or Fraction(0)),
}
