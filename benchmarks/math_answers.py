"""Make answers as the MATH test set has them: the same kinds in about the same shares, other numbers.

Each kind writes its answers from values in lowest terms, so that two texts of one kind that differ are two values.
"""

from __future__ import annotations

from fractions import Fraction
from random import Random


def integer(rng: Random) -> str:
    """Write a whole number, mostly small."""
    return str(rng.choice((rng.randint(-20, 99), rng.randint(100, 5000))))


def fraction(rng: Random) -> str:
    """Write a fraction in lowest terms that is no whole number."""
    value = Fraction(rng.randint(1, 200), rng.randint(2, 60))
    value = value if value.denominator > 1 else value + Fraction(1, 2)
    return rng.choice(("", "-")) + rf"\{rng.choice(('frac', 'dfrac'))}{{{value.numerator}}}{{{value.denominator}}}"


def radical(rng: Random) -> str:
    """Write a multiple of the root of a prime."""
    root = rf"\sqrt{{{rng.choice((2, 3, 5, 7, 11, 13, 17, 19))}}}"
    times = rng.randint(2, 40)
    return rng.choice((f"{times}{root}", rf"\frac{{{root}}}{{{times}}}", f"{times} + {root}", f"{times} - {root}"))


def interval(rng: Random) -> str:
    """Write a pair or an interval."""
    low, high = sorted(rng.sample(range(-50, 50), 2))
    tail = rf"(-\infty,{low}) \cup ({high},\infty)"
    return rng.choice(
        (f"({low},{high}]", f"({high},{low})", rf"[{low},\infty)", tail, rf"\left({low},\frac{{{high}}}{{101}}\right)")
    )


def decimal(rng: Random) -> str:
    """Write a decimal."""
    return f"{rng.randint(-99, 999)}.{rng.randint(1, 99):02d}".rstrip("0")


def polynomial(rng: Random) -> str:
    """Write a polynomial, as a sum or by its factors."""
    first, second, third = rng.sample(range(2, 30), 3)
    return rng.choice(
        (f"{first}x^2 - {second}x + {third}", f"{first}(x+{second})(x-{third})", rf"\frac{{x+{first}}}{{{second}}}")
    )


def words(rng: Random) -> str:
    """Write a number with what it counts, or a name."""
    names = ("Evan", "Maria", "Omar", "Ingrid", "Pavel", "Aiko", "even", "odd", "ellipse", "hyperbola")
    counted = rf"{rng.randint(2, 400)}\text{{ {rng.choice(('pounds', 'students', 'dollars', 'cm', 'meals'))}}}"
    return rng.choice((rf"\text{{{rng.choice(names)}}}", counted))


def matrix(rng: Random) -> str:
    """Write a column or a matrix of two rows."""
    first, second, third, last = (rng.randint(-60, 60) for _ in range(4))
    rows = rng.choice(([[first], [second], [third]], [[first, second], [third, last]]))
    return r"\begin{pmatrix} " + r" \\ ".join(" & ".join(map(str, row)) for row in rows) + r" \end{pmatrix}"


def multiple_of_pi(rng: Random) -> str:
    """Write a multiple of pi."""
    return rng.choice((rf"{rng.randint(2, 300)}\pi", rf"\frac{{\pi}}{{{rng.randint(2, 90)}}}"))


def amount(rng: Random) -> str:
    """Write a number with a sign for its unit."""
    number = rng.randint(2, 900)
    return rng.choice((rf"\${number}", rf"{number}\%", rf"{number}^\circ", rf"\$12,{number + 100}"))


def listed(rng: Random) -> str:
    """Write a list of numbers in rising order."""
    return ", ".join(map(str, sorted(rng.sample(range(-30, 90), rng.randint(2, 4)))))


def complex_number(rng: Random) -> str:
    """Write a complex number."""
    return f"{rng.randint(-30, 30)} {rng.choice('+-')} {rng.randint(2, 60)}i"


def equation(rng: Random) -> str:
    """Write a value with its name, or a line."""
    return rng.choice(
        (f"x = {rng.randint(-90, 90)}", f"{rng.randint(2, 9)}x - {rng.choice((11, 13, 17))}y = {rng.randint(1, 90)}")
    )


# Shares in hundred, counted over the 2,046 distinct answers of MATH's test set that MARIO's annotation lists.
SHARES = {
    integer: 29,
    fraction: 22,
    radical: 9,
    interval: 8,
    decimal: 5,
    polynomial: 6,
    words: 4,
    matrix: 4,
    multiple_of_pi: 4,
    amount: 4,
    listed: 2,
    complex_number: 2,
    equation: 1,
}


def answers(number: int) -> tuple[list[str], list[tuple[str, str]]]:
    """Make `number` answers, and as many pairs of different ones, each pair of one kind."""
    rng = Random(20)  # noqa: S311  # the same answers in every run
    kinds = rng.choices(list(SHARES), weights=list(SHARES.values()), k=number)
    firsts = [kind(rng) for kind in kinds]
    pairs = []
    for kind, first in zip(kinds, firsts, strict=True):
        second = kind(rng)
        while second == first:
            second = kind(rng)
        pairs.append((first, second))
    return firsts, pairs
