"""Evaluate a tree at a point in ball arithmetic: every value comes with a proven bound on its error.

Bounds: `MAX_STEPS` nodes visited for one comparison, `MAX_TERMS` of a sum. An argument too large to evaluate gives a
ball without bound, never a long computation. The precision of the arithmetic library is one setting of the process,
so `precision` holds a lock while it is changed.
"""

from __future__ import annotations

import threading
import zlib
from contextlib import contextmanager
from fractions import Fraction
from operator import methodcaller
from typing import TYPE_CHECKING, Any

from rewards.mathematics.exact import exact
from rewards.mathematics.tree import Tree, walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flint import acb, arb

MAX_STEPS = 30_000
MAX_TERMS = 200
MAX_WHOLE = 2**30
_lock = threading.RLock()


class UndecidedError(Exception):
    """The value cannot be worked out within the bounds."""


@contextmanager
def precision(bits: int) -> Iterator[None]:
    """Compute with `bits` bits inside; one thread at a time."""
    from flint import ctx  # loaded when a pair needs it: it costs as much as the rest together

    with _lock:
        before = ctx.prec
        ctx.prec = bits
        try:
            yield
        finally:
            ctx.prec = before


def ball(number: Fraction, radius: Fraction | None = None) -> acb:
    """Make a ball around a rational number."""
    from flint import acb, arb, fmpq

    middle = arb(fmpq(number.numerator, number.denominator))
    if radius:
        middle += arb(0, arb(fmpq(radius.numerator, radius.denominator)))
    return acb(middle)


def whole_number(value: acb) -> int | None:
    """Read a small whole number off a ball; None for any other value. A large one is never written out."""
    if not value.imag.is_zero() or not value.is_finite() or not abs(value.real) < MAX_WHOLE:
        return None
    whole = value.real.unique_fmpz()
    return int(whole) if whole is not None and value.real.is_integer() else None


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
    from flint import acb, arb

    if tree.value == "pi":
        return acb(arb.pi())
    if tree.value == "e":
        return acb(arb.const_e())
    if tree.value == "i":
        return acb(0, 1)
    raise UndecidedError(f"no value for {tree.value}")


def _imaginary() -> acb:
    from flint import acb

    return acb(0, 1)


def _sum(point: Point, tree: Tree) -> acb:
    total = point.value(tree.args[0])
    for arg in tree.args[1:]:
        total += point.value(arg)
    return total


def _power(point: Point, tree: Tree) -> acb:
    base_tree, exponent_tree = tree.args
    if base_tree == Tree("const", (), "e"):
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
        raise UndecidedError("a double factorial of no small number")
    return (value + 1).gamma()


def _turn(point: Point, tree: Tree) -> acb:
    from flint import arb

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
    function = _FUNCTIONS.get(name)
    if function is None:
        raise UndecidedError(f"no value for {name}")
    try:
        return point.watched(arguments, function(*arguments))
    except TypeError as error:
        raise UndecidedError(f"{name} of {len(arguments)} arguments") from error


def _special(point: Point, tree: Tree) -> acb:
    if tree.value == "det" and tree.args[0].op == "matrix":
        from flint import acb_mat

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


def _series(point: Point, tree: Tree) -> acb:
    if len(tree.args) != 3:
        raise UndecidedError("a sum without bounds")
    low = whole_number(point.value(tree.args[1]))
    if tree.args[2] == Tree("const", (), "inf") and tree.op == "sum" and low is not None:
        return _endless(point, tree, low)
    high = whole_number(point.value(tree.args[2]))
    if low is None or high is None or high - low > MAX_TERMS:
        raise UndecidedError("a sum out of bounds")
    total = ball(Fraction(0 if tree.op == "sum" else 1))
    outer = point.place
    for index in range(low, high + 1):
        point.place = {**outer, str(tree.value): ball(Fraction(index))}
        term = point.value(tree.args[0])
        total = total + term if tree.op == "sum" else total * term
    point.place = outer
    return total


def _endless(point: Point, tree: Tree, low: int) -> acb:
    """Add an endless sum whose terms shrink at least geometrically, until they no longer matter."""
    from flint import acb, arb

    total, before, outer = ball(Fraction(0)), None, point.place
    for index in range(low, low + 40 * MAX_TERMS):
        point.place = {**outer, str(tree.value): ball(Fraction(index))}
        term = point.value(tree.args[0])
        total += term
        size = term.abs_upper()
        if before is not None and index > low + 8 and size < 2.0**-450:
            point.place = outer
            return total + acb(arb(0, size * 32))  # terms that shrink to 0.95 add up to 19 times the last
        if index > low + 60 and before is not None and not size < before * 0.95:
            break
        before = size
    point.place = outer
    raise UndecidedError("a sum that converges slowly")


def _integral(point: Point, tree: Tree) -> acb:
    from flint import acb, arb

    if len(tree.args) != 3:
        raise UndecidedError("an indefinite integral")
    low, high = point.value(tree.args[1]), point.value(tree.args[2])
    outer = point.place

    def integrand(at: acb, _: bool) -> acb:
        # An error must not cross the arithmetic library's C code: it becomes a ball without a value.
        point.place = {**outer, str(tree.value): at}
        try:
            return point.value(tree.args[0])
        except (UndecidedError, ZeroDivisionError, ValueError, OverflowError):
            return acb(arb.nan())

    unfit = ("abs", "floor", "ceil", "sgn", "max", "min")
    if any(node.op == "integral" or node.value in unfit for node in walk(tree.args[0])):
        raise UndecidedError("an integrand that is not analytic")
    value = acb.integral(integrand, low, high, eval_limit=1000)
    point.place = outer
    return value


def _cases(point: Point, tree: Tree) -> acb:
    """Take the first piece whose condition holds here, or the piece without one."""
    for piece in tree.args:
        if len(piece.args) == 1 or all(holds(point, condition) for condition in piece.args[1:]):
            return point.value(piece.args[0])
    raise UndecidedError("no case holds here")


def holds(point: Point, condition: Tree) -> bool:
    """Tell whether a condition holds at the point.

    Raises:
        UndecidedError: It cannot be told.
    """
    if condition.op == "list":
        parts = [holds(point, part) for part in condition.args]
        return any(parts) if condition.value == "or" else all(parts)
    if condition.op != "rel" or "in" in condition.value:
        raise UndecidedError("a condition that is no comparison")
    sides = [point.value(side) for side in condition.args]
    return all(
        _compared(left, operator, right)
        for left, operator, right in zip(sides, condition.value, sides[1:], strict=False)
    )


def _compared(left: acb, operator: str, right: acb) -> bool:
    gap = left - right
    if not gap.is_finite() or not gap.imag.contains(0):
        raise UndecidedError("not comparable")
    if operator in ("=", "!="):
        return bool(gap.contains(0)) == (operator == "=")
    if gap.real.contains(0) and not gap.real.is_zero():
        raise UndecidedError("too close to compare")
    if gap.real.is_zero():
        return operator in ("<=", ">=")
    return bool(gap.real > 0) == (operator in (">", ">="))


def _modulus(value: acb) -> Any:  # noqa: ANN401
    from flint import acb

    if value.imag.is_zero():
        return acb(abs(value.real))
    return acb(abs(value))


def _real(function: str) -> Callable[[acb], acb]:
    def applied(value: acb) -> acb:
        if not value.imag.contains(0):
            raise UndecidedError(f"{function} of no real number")
        from flint import acb

        return acb(getattr(value.real, function)())

    return applied


def _extreme(name: str) -> Callable[..., acb]:
    def applied(*values: acb) -> acb:
        from flint import acb

        best: arb = values[0].real
        for value in values[1:]:
            best = getattr(best, name)(value.real)
        return acb(best)

    return applied


def _root(value: acb, index: acb) -> acb:
    whole = whole_number(index)
    if whole is not None and whole % 2 and value.imag.is_zero() and value.real < 0:
        return -((-value).pow(1 / index))
    return value.sqrt() if whole == 2 else value.pow(1 / index)


def _log(value: acb, base: acb | None = None) -> acb:
    return value.log() if base is None else value.log() / base.log()


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{
        name: methodcaller(name)
        for name in "sin cos tan cot sec csc sinh cosh tanh coth sech csch exp sqrt gamma zeta erf".split()
    },
    "arcsin": lambda value: value.asin(),
    "arccos": lambda value: value.acos(),
    "arctan": lambda value: value.atan(),
    "arcsinh": lambda value: value.asinh(),
    "arccosh": lambda value: value.acosh(),
    "arctanh": lambda value: value.atanh(),
    "arccot": lambda value: (1 / value).atan(),
    "arcsec": lambda value: (1 / value).acos(),
    "arccsc": lambda value: (1 / value).asin(),
    "ln": _log,
    "log": _log,
    "lg": lambda value: value.log() / ball(Fraction(10)).log(),
    "abs": _modulus,
    "floor": _real("floor"),
    "ceil": _real("ceil"),
    "sgn": _real("sgn"),
    "max": _extreme("max"),
    "min": _extreme("min"),
    "root": _root,
    "cbrt": lambda value: _root(value, ball(Fraction(3))),
    "cis": lambda value: (value * _imaginary()).exp(),
    "binomial": lambda top, bottom: (top + 1).gamma() * (bottom + 1).rgamma() * (top - bottom + 1).rgamma(),
    "factorial": lambda value: (value + 1).gamma(),
    "Re": lambda value: value.real + 0 * value,
    "Im": lambda value: value.imag + 0 * value,
    "conj": lambda value: value.conjugate(),
    "arg": lambda value: value.arg() + 0 * value,
}
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
    "sum": _series,
    "prod": _series,
    "integral": _integral,
    "cases": _cases,
    "base": lambda _, tree: ball(exact(tree) or Fraction(0)),
}
