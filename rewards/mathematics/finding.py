"""What a comparison finds out: whether two answers are the same, and why, in words."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple


class Finding(NamedTuple):
    """Say whether two answers are the same, and why; undecided ones are not the same, and not shown to differ."""

    same: bool
    why: str
    decided: bool = True


def yes(why: str) -> Finding:
    """Say that two answers are the same."""
    return Finding(True, why)


def no(why: str) -> Finding:
    """Say that two answers differ."""
    return Finding(False, why)


def undecided(why: object) -> Finding:
    """Say that it was not found out within the bounds whether two answers are the same."""
    return Finding(False, f"undecided: {why}", decided=False)


def shown(number: Fraction) -> str:
    """Write a number so that a person can read it: exactly where that is short.

    Example:
        >>> shown(Fraction(1, 100)), shown(Fraction(1, 3) ** 40)
        ('1/100', '8.2e-20')
    """
    if max(abs(number.numerator), number.denominator) < 10**9:
        return str(number)
    try:
        return f"{float(number):.2g}"
    except OverflowError:
        return f"about 2^{number.numerator.bit_length() - number.denominator.bit_length()}"
