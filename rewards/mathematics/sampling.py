"""Decide whether two expressions are the same by their values in ball arithmetic.

An enclosure of the difference that excludes zero proves that they differ. Agreement at `POINTS` pseudo-random points
(fixed by the pair) is taken for equality; more points where there are more variables.

Bounds: `MAX_SYMBOLS` variables, `ATTEMPTS` points tried, `PRECISIONS` in bits.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from rewards.mathematics.balls import NoCaseError, UndecidedError, ball, precision
from rewards.mathematics.evaluation import MAX_STEPS, Point
from rewards.mathematics.finding import Finding, undecided
from rewards.mathematics.marks import differ_at_marks
from rewards.mathematics.points import PRECISIONS, needed_bits, places, whole_symbols
from rewards.mathematics.rounding import rounded_coefficient, rounded_reference
from rewards.mathematics.tree import IMAGINARY, Tree, symbols, walk

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from flint import acb

POINTS = 6
CHECKED = 2  # of the points of agreement, these are computed as precisely as the numbers in the pair ask for
MAX_SYMBOLS = 26


def sampled(
    reference: Tree, answer: Tree, *, rounding: bool, tolerance: float, whole: frozenset[str] = frozenset()
) -> Finding:
    """Decide by values what exact arithmetic does not; see `identity.same_value`."""
    try:
        names = symbols(reference) | symbols(answer)
        if len(names) > MAX_SYMBOLS:
            return Finding(False, f"more than {MAX_SYMBOLS} variables")
        if not names:
            return _same_constant(reference, answer, rounding=rounding, tolerance=tolerance)
        found = _same_function(reference, answer, names, whole, rounding=rounding)
    except (UndecidedError, ZeroDivisionError, ValueError, OverflowError) as error:
        return undecided(error)
    return found


def _same_constant(reference: Tree, answer: Tree, *, rounding: bool, tolerance: float) -> Finding:
    """Compare two numbers that are not both rational."""
    steps = [MAX_STEPS]
    loose = rounding and any(rounded_reference(node) for node in walk(reference))
    for bits in _precisions(reference, answer):
        with precision(bits):
            left = Point({}, steps, rounded_reference if rounding else None).value(reference)
            right = Point({}, steps).value(answer)
            outcome = differ(left, right, bits, loose=loose)
            if outcome and tolerance and abs(left - right).upper() <= tolerance * abs(left).lower():
                return Finding(True, f"within the relative tolerance {tolerance:g}")
            if outcome:
                return Finding(False, f"differ by {_size(left - right)}")
            if outcome is not None and (bits > PRECISIONS[0] or loose):
                return Finding(True, "rounds to the reference" if loose else f"agree to {int(bits / 10)} digits")
    return undecided("the same to the highest precision")


def _precisions(*trees: Tree) -> Iterator[int]:
    """Yield the bits to compute with: few, which tell most differences, then as many as the numbers written ask for."""
    yield PRECISIONS[0]
    yield needed_bits(*trees)


def _size(gap: acb) -> str:
    try:
        return f"{float(abs(gap).mid()):.3g}"
    except OverflowError:  # only such sizes are worth the slower conversion
        return str(abs(gap).mid().str(3, radius=False))


def differ(left: acb, right: acb, bits: int, *, loose: bool = False) -> bool | None:
    """Tell whether two values differ: True is proven, False is agreement to the precision, None is neither."""
    gap = left - right
    if not gap.is_finite():
        return None
    if gap.abs_lower() > 0:
        return True
    if loose:
        return False
    size = max(1.0, _float(left), _float(right))
    return False if gap.abs_upper() * type(gap.real)(2) ** (bits // 3) <= size else None


def _float(value: acb) -> float:
    try:
        return float(value.abs_lower())
    except OverflowError:
        return 1e300


def _same_function(
    reference: Tree, answer: Tree, names: set[str], whole: frozenset[str] = frozenset(), *, rounding: bool
) -> Finding:
    """Compare two functions of the same variables at many points of the reference's real domain."""
    integers = whole_symbols(reference, answer) | whole
    through_complex = any(node == IMAGINARY for tree in (reference, answer) for node in walk(tree))
    loose = rounding and any(rounded_coefficient(node) for node in walk(reference))
    wanted = POINTS + 2 * len(names)
    steps = [MAX_STEPS]
    agreed = complex_agreed = checked = lost = 0
    apart: str | None = None
    for place in places(names, integers, repr((sorted(names), len(names)))):
        outcome, real, strayed = _at(reference, answer, place, steps, loose=loose)
        lost += strayed
        if (
            lost > 1 and len(names) == 1 and not through_complex
        ):  # more than an isolated point; several variables often stand for sizes
            return Finding(False, f"not defined at {_shown_place(place)}, where the reference is")
        if outcome is False and checked < CHECKED:
            checked += 1
            needed = needed_bits(reference, answer)
            finer, _, _ = _at(reference, answer, place, steps, loose=loose, precisions=(needed,))
            outcome = outcome if finer is None else finer
        if outcome is True and real:
            return Finding(False, f"differ at {_shown_place(place)}")
        if outcome is True and apart is None:
            apart = _shown_place(place)
        agreed += outcome is False and real
        complex_agreed += outcome is False and not real
        if agreed >= wanted:
            break
    if agreed >= POINTS // 2:
        usual = next(places(names, integers, ""))
        singled_out = None if loose else differ_at_marks(reference, answer, usual, whole=integers)
        return singled_out or Finding(True, f"agree at {agreed} points")
    if apart is not None:
        return Finding(False, f"differ at {apart}")
    if complex_agreed + agreed >= POINTS // 2:
        return Finding(True, f"agree at {complex_agreed + agreed} points")
    return undecided("defined at too few points")


def same_up_to_constant(reference: Tree, answer: Tree) -> Finding:
    """Decide whether two functions differ by a constant only.

    Example:
        >>> from rewards.mathematics.parse import parse
        >>> same_up_to_constant(parse("ln(x)"), parse("ln(2x)")).same
        True
    """
    names = symbols(reference) | symbols(answer)
    gap: acb | None = None
    agreed, steps = 0, [MAX_STEPS]
    try:
        with precision(needed_bits(reference, answer)):
            for place in places(names, set(), repr(sorted(names))):
                point = {name: ball(Fraction(value)) for name, value in place.items()}
                left, right = Point(point, steps).value(reference), Point(point, steps).value(answer)
                between = left - right
                if not between.is_finite() or not between.imag.contains(0):
                    continue
                if gap is not None and not gap.overlaps(between):
                    return Finding(False, f"not a constant apart at {_shown_place(place)}")
                gap = between if gap is None else gap
                agreed += 1
    except (UndecidedError, ZeroDivisionError, ValueError, OverflowError) as error:
        return undecided(error)
    return Finding(agreed >= POINTS, f"a constant apart at {agreed} points")


def _at(  # noqa: PLR0913  # two trees, where, and how closely
    reference: Tree,
    answer: Tree,
    place: dict[str, float],
    steps: list[int],
    *,
    loose: bool,
    precisions: Sequence[int] = PRECISIONS,
) -> tuple[bool | None, bool, bool]:
    """Compare at one point: do they differ, is it in the reference's real domain, does only the answer leave that."""
    for bits in precisions:
        with precision(bits):
            point = {name: ball(Fraction(value)) for name, value in place.items()}
            first = Point(point, steps, rounded_coefficient if loose else None)
            second = Point(point, steps)
            left = None
            try:
                left = first.value(reference)
                right = second.value(answer)
            except NoCaseError:
                return None, False, left is not None and first.real(left) and not first.strayed
            except UndecidedError:
                if steps[0] < 0:
                    raise
                return None, False, False
            outcome = differ(left, right, bits, loose=loose)
            if outcome is None:
                continue
            real = first.real(left) and not first.strayed
            strayed = real and second.strayed
            return outcome, real and not strayed, strayed
    return None, False, False


def _shown_place(place: dict[str, float]) -> str:
    return ", ".join(f"{name} = {value:.4g}" for name, value in list(place.items())[:3])
