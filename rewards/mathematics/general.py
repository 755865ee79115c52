"""Compare general solutions with real constants: of differential equations, of linear systems, of planes."""

from __future__ import annotations

from collections.abc import Sequence

from rewards.mathematics.constants import ARBITRARY, STANDS_FOR
from rewards.mathematics.finding import Finding
from rewards.mathematics.labels import labels_clash, value_of
from rewards.mathematics.named import components, named
from rewards.mathematics.tree import Tree, symbols
from rewards.patterns import Pattern

_PARAMETER = Pattern(r"[rstuvabz]|lambda|mu|nu|alpha|beta|gamma|x_\d")
_BOTH_CAPITALS = {"A", "B"}


def same_general(reference: Tree, answer: Tree) -> Finding | None:
    r"""Decide whether two general solutions are the same; None where they are not known to be general.

    Constants are arbitrary where they are written so (C, c_1; A and B where the answer writes C_1 and C_2), and so are
    the parameters of a vector that does not fill its space: (1, s, t).

    Example:
        >>> from rewards.mathematics.parse import parse
        >>> same_general(parse("y = C_1e^x + C_2e^{-x}"), parse("y = a\\cosh x + b\\sinh x")).same
        True
    """
    if not (symbols(reference) and symbols(answer)) or labels_clash(reference, answer):
        return None
    left, right = _values(reference, answer)
    constants = _constants(left, right, equation=reference.op == "rel") or _parameters(reference, answer, left, right)
    if constants is None:
        return None
    from rewards.mathematics.spans import same_span  # it loads the arithmetic library

    return same_span(left, right, constants)


def _values(reference: Tree, answer: Tree) -> tuple[Sequence[Tree], Sequence[Tree]]:
    """Take the components of two vectors, by name where both have names; one value each where they are none."""
    first, second = named(reference), named(answer)
    if first is not None and second is not None and set(first) == set(second):
        return list(first.values()), [second[name] for name in first]
    values = value_of(reference), value_of(answer)
    left, right = (
        list(names.values()) if names else components(value) or [value]
        for names, value in zip((first, second), values, strict=True)
    )
    return left, right


def _constants(left: Sequence[Tree], right: Sequence[Tree], *, equation: bool) -> tuple[list[str], list[str]] | None:
    """Name the arbitrary constants of a formula, or of a vector that runs with a variable too.

    A letter without a number, C, is one only in an equation: in 2ab + 3C it is a quantity like the others.
    """
    ours, theirs = (set[str]().union(*map(symbols, side)) for side in (left, right))
    arbitrary = {name for name in ours if ARBITRARY.fullmatch(name) and ("_" in name or (equation and name in "CK"))}
    others = theirs - (ours - arbitrary)
    if not arbitrary and ours >= _BOTH_CAPITALS and not theirs & _BOTH_CAPITALS:
        arbitrary, others = _BOTH_CAPITALS, theirs - (ours - _BOTH_CAPITALS)
        if not all(map(ARBITRARY.fullmatch, others)):
            return None
    if not arbitrary or len(arbitrary) != len(others) or not all(map(STANDS_FOR.fullmatch, others)):
        return None
    return sorted(arbitrary), sorted(others)


def _parameters(
    reference: Tree, answer: Tree, left: Sequence[Tree], right: Sequence[Tree]
) -> tuple[list[str], list[str]] | None:
    """Name the parameters of a line, plane or space of vectors."""
    ours, theirs = (sorted(set[str]().union(*map(symbols, side))) for side in (left, right))
    by_form = not reference.op == answer.op == "seq"  # (2 + t, t) alone is one point for each t
    if not 0 < len(ours) == len(theirs) < len(left) or len(right) != len(left) or (ours == theirs and not by_form):
        return None
    return (ours, theirs) if all(map(_PARAMETER.fullmatch, (*ours, *theirs))) else None
