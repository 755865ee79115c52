r"""Compare products of huge powers by their prime factors: 2^{1000000000} is 4^{500000000}, (-1)^{9^{9^9}} is -1.

Bounds: bases up to `MAX_BASE`, which are factored by trial; exponents of at most `MAX_EXPONENT_BITS`.
"""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

from rewards.mathematics.exact import exact
from rewards.mathematics.tree import Tree

MAX_BASE = 10**6
MAX_EXPONENT_BITS = 20_000

Factors = Counter[int]  # the exponent of every prime, and of -1, in a rational number that is not zero


def factored(tree: Tree) -> Factors | None:
    """Factor a product of powers of small numbers without multiplying it out; None for anything else.

    Example:
        >>> from rewards.mathematics.parse import parse
        >>> factored(parse("4^{10^9} / 2")) == Counter({2: 1999999999})
        True
    """
    if tree.op in ("num", "dec"):
        return _number(exact(tree) or Fraction(0))
    if tree.op not in ("neg", "mul", "div", "pow"):
        return None
    if tree.op == "pow" and exact(tree.args[1]) == 0 and _parity(tree.args[0]) is not None:
        return Counter()
    first = factored(tree.args[0])
    if first is None:
        return None
    if tree.op == "neg":
        return _joined(first, Counter({-1: 1}), 1)
    if tree.op == "pow":
        exponent = exact(tree.args[1])
        if exponent is None and not first - Counter({-1: 1}):
            exponent = _parity(tree.args[1])  # a power of 1 or -1
        if exponent is None or exponent.denominator != 1 or exponent.numerator.bit_length() > MAX_EXPONENT_BITS:
            return None
        return _joined(Counter(), first, exponent.numerator)
    second = factored(tree.args[1])
    return None if second is None else _joined(first, second, 1 if tree.op == "mul" else -1)


def _parity(tree: Tree) -> Fraction | None:
    """Tell whether a tower of whole numbers above 0, however high, is even (0) or odd (1); None for anything else."""
    if tree.op == "num" and tree.value.denominator == 1 and tree.value > 0:
        return Fraction(tree.value % 2)
    if tree.op not in ("pow", "mul", "add"):
        return None
    parts = [_parity(arg) for arg in tree.args]
    if any(part is None for part in parts):
        return None
    known = [part for part in parts if part is not None]
    if tree.op == "pow":
        return known[0]
    return sum(known, Fraction(0)) % 2 if tree.op == "add" else min(known)


def _number(number: Fraction) -> Factors | None:
    if not number or max(abs(number.numerator), number.denominator) > MAX_BASE:
        return None
    factors: Factors = Counter({-1: 1} if number < 0 else {})
    for part, sign in ((abs(number.numerator), 1), (number.denominator, -1)):
        rest, prime = part, 2
        while prime * prime <= rest:
            while rest % prime == 0:
                factors[prime] += sign
                rest //= prime
            prime += 1
        if rest > 1:
            factors[rest] += sign
    return factors


def _joined(first: Factors, second: Factors, times: int) -> Factors:
    joined = Counter(first)
    for prime, exponent in second.items():
        joined[prime] += exponent * times
    joined[-1] %= 2
    return Counter({prime: exponent for prime, exponent in joined.items() if exponent})
