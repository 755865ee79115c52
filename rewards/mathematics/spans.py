r"""Compare families that arbitrary constants make: C_1 e^x + C_2 e^{-x} is A \cosh x + B \sinh x.

Each is a base and the columns that its constants scale. Two are the same when the columns of the one are invertible
combinations of those of the other, and so is what lies between the bases.

Bounds: `MAX_CONSTANTS` constants on each side, and those of `points.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import islice
from typing import TYPE_CHECKING

from flint import acb_mat

from rewards.mathematics.balls import UndecidedError, ball, precision
from rewards.mathematics.evaluation import MAX_STEPS, Point
from rewards.mathematics.finding import Finding, no, undecided
from rewards.mathematics.points import needed_bits, places
from rewards.mathematics.tree import Tree, symbols

if TYPE_CHECKING:
    from flint import acb

MAX_CONSTANTS = 4
_SPARE = 6  # points beyond those that the constants need, which a wrong family fails at
_SMALL = 1e-9  # what is no wider than this and holds zero is taken for it
_MIXED = (Fraction(3, 7), Fraction(-5, 3), Fraction(11, 13), Fraction(-2, 9))  # at these a family must be linear


def same_span(
    reference: Sequence[Tree], answer: Sequence[Tree], constants: tuple[Sequence[str], Sequence[str]]
) -> Finding:
    r"""Decide whether two lists of components run through the same values as their constants do.

    Args:
        reference: The components of a vector, or one formula.
        answer: The same of the answer, as many.
        constants: The names that are arbitrary in either; every other symbol is a variable of both.

    Example:
        >>> from rewards.mathematics.parse import parse
        >>> same_span([parse("ae^x + be^{-x}")], [parse("c\\cosh x + d\\sinh x")], ("ab", "cd")).same
        True
    """
    count = len(constants[0])
    if not 0 < count == len(constants[1]) <= MAX_CONSTANTS or len(reference) != len(answer):
        return no("another number of arbitrary constants")
    trees = (*reference, *answer)
    names = set[str]().union(*map(symbols, trees)).difference(*constants)
    try:
        with precision(2 * needed_bits(*trees)):
            points = list(islice(places(names, set(), repr(sorted(names))), count + _SPARE if names else 1))
            steps = [MAX_STEPS]
            ours, theirs = (
                [row for place in points for row in _rows(side, place, scaled, steps)]
                for side, scaled in zip((reference, answer), constants, strict=True)
            )
            rows = list(zip(ours, theirs, strict=True))
            real = [row for row in rows if all(value.imag.contains(0) for value in row[0])]
            return _compared(real if len(real) > count + 1 else rows, count)
    except (UndecidedError, ZeroDivisionError, ValueError, OverflowError) as error:
        return undecided(error)


def _rows(
    trees: Sequence[Tree], place: dict[str, float], constants: Sequence[str], steps: list[int]
) -> list[list[acb]]:
    """Work out the base of each component at a point, then what each constant scales."""
    rows = []
    fixed = {name: ball(Fraction(value)) for name, value in place.items()}
    for tree in trees:
        found = []
        for chosen in (None, *constants):
            scales = {name: ball(Fraction(int(name == chosen))) for name in constants}
            found.append(Point({**fixed, **scales}, steps).value(tree))
        base, *columns = found[0], *(value - found[0] for value in found[1:])
        mixed = {name: ball(scale) for name, scale in zip(constants, _MIXED, strict=False)}
        linear = sum((mixed[name] * column for name, column in zip(constants, columns, strict=True)), base)
        if not Point({**fixed, **mixed}, steps).value(tree).overlaps(linear):
            raise UndecidedError("not linear in its constants")
        rows.append([base, *columns])
    return rows


def _compared(pairs: list[tuple[list[acb], list[acb]]], count: int) -> Finding:
    """Write the answer's columns, and what lies between the bases, by the columns of the reference."""
    rows = [
        [
            value / (1 + max(abs(value).mid() for value in (*row, *other)))
            for value in (*row[1:], *other[1:], other[0] - row[0])
        ]
        for row, other in pairs
    ]  # each point weighs the same, however far out it lies
    columns, wanted = (acb_mat([row[part] for row in rows]) for part in (slice(count), slice(count, None)))
    turned = columns.conjugate().transpose()
    weights = (turned * columns).solve(turned * wanted)
    rest = columns * weights - wanted
    if not all(value.contains(0) and value.abs_upper() < _SMALL for value in rest.entries()):
        return no("not the same with any arbitrary constants")
    change = acb_mat([[weights[row, column] for column in range(count)] for row in range(count)])
    same = not change.det().contains(0)
    return Finding(same, "the same with other arbitrary constants" if same else "fewer constants are independent")
