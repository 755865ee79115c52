"""Decide whether two expressions are the same: exactly where both are rational, else by values in ball arithmetic.

An enclosure of the difference that excludes zero proves that they differ. Agreement at `POINTS` pseudo-random points
(fixed by the pair) is taken for equality; more points where there are more variables.

Bounds: `MAX_SYMBOLS` variables, `ATTEMPTS` points tried, `PRECISIONS` in bits.
"""

from __future__ import annotations

import zlib
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from rewards.mathematics.balls import MAX_STEPS, MAX_TERMS, Point, UndecidedError, ball, precision
from rewards.mathematics.exact import exact
from rewards.mathematics.tree import Tree, symbols, walk

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from flint import acb

POINTS = 6
ATTEMPTS = 40
CHECKED = 2  # of the points of agreement, these are computed as precisely as the numbers in the pair ask for
MAX_SYMBOLS = 26
PRECISIONS = (128, 1200)
MAX_NEEDED = 300_000  # bits for a comparison that holds only when computed to them
MAX_WHOLE_BITS = 4_000_000  # the same where only whole numbers are added and multiplied
_POSITIVE = ((0.3, 2.0), (2.0, 9.0), (0.05, 0.95), (9.0, 60.0))
_RANGES = (*_POSITIVE, (-2.0, -0.3), (-9.0, -2.0), (-0.95, -0.05), (-60.0, -9.0), (60.0, 2000.0))


class Finding(NamedTuple):
    """Say whether two answers are the same, and why."""

    same: bool
    why: str


def same_value(
    reference: Tree, answer: Tree, *, rounding: bool = True, tolerance: float = 0.0, whole: frozenset[str] = frozenset()
) -> Finding:
    """Decide whether two expressions have one value, for all values of their variables.

    Args:
        reference: What the row says.
        answer: What the completion says.
        rounding: Accept what rounds to a reference that is itself a rounded decimal.
        tolerance: The relative difference that a number may have.
        whole: Symbols that stand for whole numbers only.

    Example:
        >>> from rewards.mathematics.parse import parse
        >>> same_value(parse("(x+1)^2"), parse("x^2+2x+1")).same
        True
    """
    if reference == answer:
        return Finding(True, "the same expression")
    endless = _infinite(reference), _infinite(answer)
    if endless != (0, 0):
        return Finding(endless[0] == endless[1], "infinity" if endless[0] == endless[1] else "only one is infinite")
    left, right = exact(reference), exact(answer)
    if left is not None and right is not None:
        return same_number(reference, left, answer, right, rounding=rounding, tolerance=tolerance)
    try:
        names = symbols(reference) | symbols(answer)
        if len(names) > MAX_SYMBOLS:
            return Finding(False, f"more than {MAX_SYMBOLS} variables")
        if not names:
            return _same_constant(reference, answer, rounding=rounding, tolerance=tolerance)
        return _same_function(reference, answer, names, whole, rounding=rounding)
    except (UndecidedError, ZeroDivisionError, ValueError, OverflowError) as error:
        return Finding(False, f"undecided: {error}")


def same_number(  # noqa: PLR0913  # two numbers, each as written and as read
    reference: Tree, left: Fraction, answer: Tree, right: Fraction, *, rounding: bool, tolerance: float
) -> Finding:
    """Compare two rational numbers, by value and by the rules for rounded decimals."""
    if left == right:
        return Finding(True, "equal")
    gap = abs(left - right)
    if tolerance and gap <= Fraction(tolerance) * abs(left):
        return Finding(True, f"within the relative tolerance {tolerance:g}")
    if rounding:
        loose = half_unit(
            reference, exact_answer=not _terminates(right) or (answer.op != "dec" and _digits(reference) > 3)
        )
        longer = (answer.op != "dec" and not answer_is_negated_decimal(answer)) or _places(answer) > _places(reference)
        if loose is not None and longer and gap <= loose:
            return Finding(True, "rounds to the reference")
    return Finding(False, f"differ by {shown(gap)}")


def answer_is_negated_decimal(tree: Tree) -> bool:
    """Tell whether a tree is a decimal behind a minus sign."""
    return tree.op == "neg" and tree.args[0].op == "dec"


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


def half_unit(tree: Tree, *, exact_answer: bool) -> Fraction | None:
    """Tell how far a value may lie from a rounded decimal; None where the decimal does not look rounded.

    A decimal counts as rounded when it shows two places or more, and for an exact answer that has no end as a
    decimal (2/3, sqrt 3) when it shows one place and two digits.
    """
    if tree.op == "neg":
        return half_unit(tree.args[0], exact_answer=exact_answer)
    if tree.op != "dec":
        return None
    places, digits = tree.value.places, tree.value.digits
    scientific = digits >= 3 and places < 0
    if not scientific and (digits < 2 or places < (1 if exact_answer else 2)):
        return None
    if places == 1 and tree.value.number.denominator == 1:
        return None
    # A long decimal may have been cut off instead of rounded.
    return _unit(tree) if digits >= (6 if exact_answer else 8) else _unit(tree) / 2


def _unit(tree: Tree) -> Fraction:
    while tree.op == "neg":
        tree = tree.args[0]
    unit: Fraction = Fraction(10) ** -tree.value.places
    return unit


def _digits(tree: Tree) -> int:
    while tree.op == "neg":
        tree = tree.args[0]
    return tree.value.digits if tree.op == "dec" else 0


def _places(tree: Tree) -> int:
    while tree.op == "neg":
        tree = tree.args[0]
    return tree.value.places if tree.op == "dec" else 0


def _terminates(number: Fraction) -> bool:
    bottom = number.denominator
    if bottom.bit_length() > 2000:
        return False
    for prime in (2, 5):
        while bottom % prime == 0:
            bottom //= prime
    return bottom == 1


def _infinite(tree: Tree) -> int:
    if tree.op == "neg":
        return -_infinite(tree.args[0])
    return int(tree == Tree("const", (), "inf"))


def _rounded_reference(tree: Tree) -> Fraction | None:
    return half_unit(tree, exact_answer=True)


def rounded_coefficient(tree: Tree) -> Fraction | None:
    """Tell how far a coefficient of a formula may be off: only one with three places or more looks rounded."""
    return _unit(tree) / 2 if _places(tree) >= 3 else None


def _same_constant(reference: Tree, answer: Tree, *, rounding: bool, tolerance: float) -> Finding:
    """Compare two numbers that are not both rational."""
    steps = [MAX_STEPS]
    loose = rounding and any(_rounded_reference(node) for node in walk(reference))
    needed = needed_bits(reference, answer)
    for bits in (PRECISIONS[0], needed):
        with precision(bits):
            left = Point({}, steps, _rounded_reference if rounding else None).value(reference)
            right = Point({}, steps).value(answer)
            outcome = differ(left, right, bits, loose=loose)
            if outcome and tolerance and abs(left - right).upper() <= tolerance * abs(left).lower():
                return Finding(True, f"within the relative tolerance {tolerance:g}")
            if outcome:
                return Finding(False, f"differ by {_size(left - right)}")
            if outcome is not None and (bits == needed or loose):
                return Finding(True, "rounds to the reference" if loose else f"agree to {int(bits / 10)} digits")
    return Finding(False, "undecided at the highest precision")


def needed_bits(*trees: Tree) -> int:
    """Tell how precisely values must be computed so that no number written in the trees hides below the error.

    Raises:
        UndecidedError: More precisely than we compute.

    Example:
        >>> from rewards.mathematics.parse import parse
        >>> needed_bits(parse("x"), parse("x + 10^{-900}")) > 2990
        True
    """
    span = max(_bits(tree) for tree in trees)
    nodes = [node.op for tree in trees for node in walk(tree) if node.op not in _WHOLE_OPERATORS]
    repeated = not _REPEATED.isdisjoint(nodes)
    if span * (MAX_TERMS if repeated else max(1, len(nodes))) > (MAX_NEEDED if nodes else MAX_WHOLE_BITS):
        raise UndecidedError("numbers too large or too small to compare")
    return PRECISIONS[-1] + span


_REPEATED = frozenset({"sum", "prod", "integral"})
_WHOLE_OPERATORS = frozenset({"num", "dec", "add", "neg", "mul", "pow", "div"})


def _bits(tree: Tree) -> int:
    """Bound how many bits the value of a tree may span, as far as its numbers are written out."""
    number = tree.value if tree.op == "num" else tree.value.number if tree.op == "dec" else None
    if number is not None:
        return int(number.numerator.bit_length() + number.denominator.bit_length()) - 1
    inside = sum(_bits(arg) for arg in tree.args)
    last = exact(tree.args[-1]) if tree.op in ("pow", "fn", "factorial") and not symbols(tree.args[-1]) else None
    if last is None or (tree.op == "fn" and tree.value not in _STEEP):
        return inside
    size = min(int(abs(last)) + 1, MAX_WHOLE_BITS)
    if tree.op == "pow":
        return inside + size * max(2, _bits(tree.args[0]))
    return inside + size * (size.bit_length() if tree.op == "factorial" else 3 * (size if tree.value == "erf" else 1))


_STEEP = frozenset({"exp", "tanh", "coth", "sinh", "cosh", "sech", "csch", "erf", "gamma", "factorial"})


def _size(gap: acb) -> str:
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


def whole_symbols(*trees: Tree) -> set[str]:
    """Name the symbols that can only be whole numbers: in (-1)^n, n!, a binomial, the bound of a sum."""
    found: set[str] = set()
    for tree in trees:
        for node in walk(tree):
            if node.op == "pow" and _negative(node.args[0]) and not _is_odd_root(node.args[1]):
                found |= symbols(node.args[1])
            elif node.op == "factorial" or (node.op == "fn" and node.value in ("binomial", "mod", "gcd", "lcm")):
                found |= symbols(node)
            elif node.op in ("sum", "prod"):
                found = found.union(*(symbols(arg) for arg in node.args[1:]))
    return found


def _negative(tree: Tree) -> bool:
    return tree.op == "neg"


def _is_odd_root(tree: Tree) -> bool:
    return not symbols(tree)


def draws(seed: int) -> Iterator[float]:
    """Yield pseudo-random numbers in [0, 1), the same for the same seed.

    Source: the linear congruential generator of Knuth's MMIX.
    """
    state = seed
    while True:
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        yield (state >> 11) / 2**53


def places(names: set[str], whole: set[str], seed: str) -> list[dict[str, float]]:
    """Choose the points: positive ones first, then all over the line; the same pair gets the same points."""
    source = draws(zlib.crc32(seed.encode()))
    chosen = []
    for attempt in range(ATTEMPTS):
        ranges = _POSITIVE if attempt < 4 else _RANGES
        point = {}
        for offset, name in enumerate(sorted(names)):
            low, high = ranges[(attempt + (offset * int(3 * next(source)) if attempt > 1 else 0)) % len(ranges)]
            point[name] = float(1 + int(12 * next(source))) if name in whole else low + (high - low) * next(source)
        chosen.append(point)
    return chosen


def _same_function(
    reference: Tree, answer: Tree, names: set[str], whole: frozenset[str] = frozenset(), *, rounding: bool
) -> Finding:
    """Compare two functions of the same variables at many points of the reference's real domain."""
    integers = whole_symbols(reference, answer) | whole
    through_complex = any(node == Tree("const", (), "i") for tree in (reference, answer) for node in walk(tree))
    loose = rounding and any(rounded_coefficient(node) for node in walk(reference))
    needed = needed_bits(reference, answer)
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
            finer, _, _ = _at(reference, answer, place, steps, loose=loose, precisions=(needed,))
            outcome = outcome if finer is None else finer
        if outcome is True and real:
            return Finding(False, f"differ at {_shown_place(place)}")
        if outcome is True and apart is None:
            apart = _shown_place(place)
        agreed += outcome is False and real
        complex_agreed += outcome is False and not real
        if agreed >= wanted:
            return Finding(True, f"agree at {agreed} points")
    if agreed >= POINTS // 2:
        return Finding(True, f"agree at all {agreed} points where both are real")
    if apart is not None:
        return Finding(False, f"differ at {apart}")
    if complex_agreed + agreed >= POINTS // 2:
        return Finding(True, f"agree at {complex_agreed + agreed} points")
    return Finding(False, "undecided: defined at too few points")


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
        return Finding(False, f"undecided: {error}")
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
            try:
                left = first.value(reference)
                right = second.value(answer)
            except UndecidedError:
                if steps[0] < 0:
                    raise
                return None, False, False
            outcome = differ(left, right, bits, loose=loose)
            if outcome is None:
                continue
            real = first.real(left)
            strayed = real and second.strayed and not first.strayed
            return outcome, real and not strayed, strayed
    return None, False, False


def _shown_place(place: dict[str, float]) -> str:
    return ", ".join(f"{name} = {value:.4g}" for name, value in list(place.items())[:3])
