"""Rules for rounded decimals: what counts as one, how far a value may lie from it, when two numbers are the same."""

from __future__ import annotations

from fractions import Fraction

from rewards.mathematics.finding import Finding, shown
from rewards.mathematics.tree import Tree


def same_number(  # noqa: PLR0913  # two numbers, each as written and as read
    reference: Tree, left: Fraction, answer: Tree, right: Fraction, *, rounding: bool, tolerance: float
) -> Finding:
    """Compare two rational numbers, by value and by the rules for rounded decimals."""
    if left == right:
        return Finding(True, "equal")
    gap = abs(left - right)
    if tolerance and gap <= Fraction(tolerance) * abs(left):
        return Finding(True, f"within the relative tolerance {tolerance:g}")
    if rounding and is_decimal(reference):
        loose = half_unit(
            reference, exact_answer=not _terminates(right) or (answer.op != "dec" and _digits(reference) > 3)
        )
        longer = not is_decimal(answer) or _places(answer) > _places(reference)
        if loose is not None and longer and gap <= loose:
            return Finding(True, "rounds to the reference")
    return Finding(False, f"differ by {shown(gap)}")


def is_decimal(tree: Tree) -> bool:
    """Tell whether a tree is a decimal, or one behind a minus sign."""
    return tree.op == "dec" or (tree.op == "neg" and tree.args[0].op == "dec")


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


def rounded_reference(tree: Tree) -> Fraction | None:
    """Tell how far a value may lie from a rounded reference, where the value need not be a decimal."""
    return half_unit(tree, exact_answer=True)


def rounded_coefficient(tree: Tree) -> Fraction | None:
    """Tell how far a coefficient of a formula may be off: only one with three places or more looks rounded."""
    return _unit(tree) / 2 if _places(tree) >= 3 else None


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
