"""Work out a tree exactly, as a rational number, where that is possible and small.

Bounds: `MAX_BITS` of numerator and denominator, `MAX_FACTORIAL`, `MAX_TERMS` of a sum or product.
"""

from __future__ import annotations

import math
import operator
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

from rewards.mathematics.tree import Tree, replace, walk

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

MAX_BITS = 40_000
MAX_FACTORIAL = 3_000
MAX_TERMS = 2_500
MAX_OUTER_TERMS = 30
COMPARED = {
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
    "!=": operator.ne,
    "=": operator.eq,
}


def exact(tree: Tree) -> Fraction | None:
    r"""Work out the value; None where it is not a rational number that we can write down.

    Example:
        >>> from rewards.mathematics.parse import parse
        >>> exact(parse("2^10 - \\binom{5}{2}/3"))
        Fraction(3062, 3)
    """
    op = tree.op
    result: Fraction | None
    if op == "num":
        result = tree.value
        return result
    if op == "dec":
        result = tree.value.number
        return result
    if op in ("sum", "prod"):
        return _series(tree)
    if op not in _EXACT:
        return None
    values = []
    for arg in tree.args:
        value = exact(arg)
        if value is None:
            return None
        values.append(value)
    result = _EXACT[op](tree, values)
    if result is not None and max(result.numerator.bit_length(), result.denominator.bit_length()) > MAX_BITS:
        return None
    return result


def _power(base: Fraction, exponent: Fraction) -> Fraction | None:
    if exponent.denominator != 1:
        return _root(base, exponent) if abs(exponent.numerator) <= 64 else None
    power = exponent.numerator
    size = max(base.numerator.bit_length(), base.denominator.bit_length())
    if abs(power) * size > MAX_BITS or (base == 0 and power <= 0):
        return Fraction(1) if base in (1, -1) and power % 2 == 0 else None
    return base**power


def _root(base: Fraction, exponent: Fraction) -> Fraction | None:
    """Take a root that comes out even: 27^(2/3) is 9, (-8)^(1/3) is -2, the real root."""
    index = exponent.denominator
    if index > 12 or (base < 0 and index % 2 == 0):
        return None
    sign = -1 if base < 0 else 1
    parts = []
    for part in (abs(base.numerator), base.denominator):
        if part.bit_length() > 1000:
            return None
        root = math.isqrt(part) if index == 2 else round(part ** (1 / index)) if part < 2**50 else 0
        if root**index != part:
            return None
        parts.append(root)
    return _power(Fraction(sign * parts[0], parts[1]), Fraction(exponent.numerator))


def _factorial(step: int, values: list[Fraction]) -> Fraction | None:
    number = values[0]
    if number.denominator != 1 or not 0 <= number <= MAX_FACTORIAL:
        return None
    return Fraction(math.prod(range(int(number), 0, -step)))


def _called(name: str, values: list[Fraction]) -> Fraction | None:
    first = values[0]
    whole = all(value.denominator == 1 for value in values)
    if name == "sqrt" and len(values) == 1:
        return _root(first, Fraction(1, 2)) if first >= 0 else None
    if name == "cbrt":
        return _root(first, Fraction(1, 3))
    if name == "root" and values[1].denominator == 1 and values[1] > 0:
        return _root(first, 1 / values[1])
    if name == "abs":
        return abs(first)
    if name == "floor":
        return Fraction(math.floor(first))
    if name == "ceil":
        return Fraction(math.ceil(first))
    if name == "sgn":
        return Fraction((first > 0) - (first < 0))
    if name == "max":
        return max(values)
    if name == "min":
        return min(values)
    if name == "mod" and values[1] != 0:
        return first % values[1]
    if name in ("gcd", "lcm") and whole:
        return Fraction((math.gcd if name == "gcd" else math.lcm)(*(int(value) for value in values)))
    if name == "factorial":
        return _factorial(1, values)
    if name == "binomial" and whole and len(values) == 2 and 0 <= first <= MAX_FACTORIAL:
        return Fraction(math.comb(int(first), int(values[1]))) if values[1] >= 0 else Fraction(0)
    return None


def _series(tree: Tree) -> Fraction | None:
    """Add or multiply the terms one by one."""
    if len(tree.args) != 3:
        return None
    low, high = exact(tree.args[1]), exact(tree.args[2])
    if low is None or high is None or low.denominator * high.denominator != 1 or not 0 <= high - low <= MAX_TERMS:
        return None
    inner = sum(node.op in ("sum", "prod") for node in walk(tree.args[0]))
    if inner > 1 or (inner and high - low > MAX_OUTER_TERMS):
        return None
    total = Fraction(0 if tree.op == "sum" else 1)
    for index in range(int(low), int(high) + 1):
        term = exact(replace(tree.args[0], str(tree.value), Tree("num", (), Fraction(index))))
        if term is None:
            return None
        total = total + term if tree.op == "sum" else total * term
        if total.numerator.bit_length() + total.denominator.bit_length() > MAX_BITS:
            return None
    return total


def probes(ends: Collection[Fraction]) -> list[Fraction]:
    """List every end, a point between any two that follow one another, and one beyond the outermost; none without ends.

    Example:
        >>> [str(at) for at in probes({Fraction(1), Fraction(2)})]
        ['1', '2', '3/2', '0', '3']
    """
    ordered = sorted(ends)
    if not ordered:
        return []
    return [*ordered, *((low + high) / 2 for low, high in pairwise(ordered)), ordered[0] - 1, ordered[-1] + 1]


def based(digits: str, base: int) -> Fraction | None:
    """Read a numeral of another base; None where a digit is too large for it.

    Example:
        >>> based("204", 5)
        Fraction(54, 1)
    """
    try:
        return Fraction(int(digits, base)) if len(digits) < 200 else None
    except ValueError:
        return None


_EXACT: dict[str, Callable[[Tree, list[Fraction]], Fraction | None]] = {
    "add": lambda _, values: sum(values, Fraction(0)),
    "neg": lambda _, values: -values[0],
    "mul": lambda _, values: values[0] * values[1],
    "div": lambda _, values: values[0] / values[1] if values[1] else None,
    "pow": lambda _, values: _power(*values),
    "pct": lambda _, values: values[0] / 100,
    "factorial": lambda tree, values: _factorial(tree.value, values),
    "fn": lambda tree, values: _called(tree.value, values),
    "base": lambda _, values: values[0],
}
