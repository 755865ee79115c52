"""Read numerals: decimals that remember how they were written, numerals of another base. Bound: their exponents."""

from __future__ import annotations

from fractions import Fraction

from rewards.mathematics.exact import based
from rewards.mathematics.tree import Decimal, Tree, UnreadableError, num, number_of

MAX_EXPONENT = 5000
MAX_EXPONENT_DIGITS = 6


def decimal(text: str, repeat: str = "") -> Tree:
    """Read a numeral: an integer, or a decimal that remembers how it was written.

    Raises:
        UnreadableError: Its exponent is out of bounds.
    """
    if text.isdigit() and not repeat:
        return Tree("num", (), Fraction(int(text)))
    mantissa, _, exponent = text.lower().partition("e")
    if len(exponent.lstrip("+-")) > MAX_EXPONENT_DIGITS:
        raise UnreadableError("an exponent out of bounds")
    whole, _, part = mantissa.partition(".")
    number = Fraction(int(whole + part or "0"), 10 ** len(part))
    shift = int(exponent or 0)
    if repeat:
        return num(number + Fraction(int(repeat), (10 ** len(repeat) - 1) * 10 ** len(part)))
    if abs(shift) > MAX_EXPONENT:
        raise UnreadableError("an exponent out of bounds")
    digits = len((whole + part).lstrip("0"))
    return Tree("dec", (), Decimal(number * Fraction(10) ** shift, len(part) - shift, digits))


def scientific(left: Tree, right: Tree) -> Tree | None:
    """Fold 2.5 * 10^-3 into one decimal, so that its digits stay known."""
    if left.op != "dec" or right.op != "pow" or right.args[0] != num(10):
        return None
    shift = number_of(right.args[1])
    if shift is None or shift.denominator != 1 or abs(shift) > MAX_EXPONENT:
        return None
    value = left.value
    return Tree(
        "dec", (), Decimal(value.number * Fraction(10) ** shift.numerator, value.places - shift.numerator, value.digits)
    )


def in_base(digits: Tree, base: str) -> Tree:
    """Read a numeral of another base.

    Raises:
        UnreadableError: The base is none, or a digit too large for it.
    """
    if digits.op != "num" or not base.isdigit() or not 2 <= int(base[:3]) <= 36:
        raise UnreadableError("a base that is none")
    written = str(digits.value)
    value = based(written, int(base))
    if value is None:
        raise UnreadableError("a digit too large for its base")
    return Tree("base", (num(value),), (written, int(base)))
