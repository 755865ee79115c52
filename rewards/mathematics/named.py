"""Read what several named things are worth, and tuples that run with a parameter: x = 1, y = 2; (t, 2t).

Bound: `MAX_NAMES` names; a parameter is matched by one affine substitution.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from rewards.mathematics.exact import exact
from rewards.mathematics.labels import is_capital
from rewards.mathematics.matrices import rows
from rewards.mathematics.tree import Tree, num, replace, sym, symbols

MAX_NAMES = 12
_WHOLE = frozenset("kmn")  # letters that run over the whole numbers where nothing else is said


def named(tree: Tree) -> dict[Tree, Tree] | None:
    """Read a system of values by name; None where the tree is none.

    Example:
        >>> from rewards.mathematics.parse import parse
        >>> named(parse("(x, y) = (1, 2)")) == named(parse("y = 2, x = 1"))
        True
    """
    if tree.op == "rel" and tree.value == ("=",) and tree.args[0].op == "seq":
        names, values = tree.args[0].args, components(tree.args[1])
        pairs = list(zip(names, values, strict=True)) if values is not None and len(values) == len(names) else []
    elif tree.op == "list":
        pairs = [(item.args[0], item.args[1]) for item in tree.args if item.op == "rel" and item.value == ("=",)]
        if len(pairs) < len(tree.args):
            return None
    else:
        return None
    found = dict(pairs)
    plain = all(name.op in ("sym", "call", "word") or is_capital(name) for name in found)  # AB = 3
    return found if plain and 1 < len(found) == len(pairs) <= MAX_NAMES else None


def are_roots(names: Sequence[Tree]) -> bool:
    """Tell whether names only number the roots of one unknown: x_1, x_2."""
    stems = {str(name.value).partition("_")[0] for name in names if name.op == "sym" and "_" in str(name.value)}
    return all("_" in str(name.value) for name in names) and len(stems) == 1 and stems <= set("xzrty")


def components(tree: Tree) -> Sequence[Tree] | None:
    """Work out the components of a tuple: (1, 2), or (1, 0) + t(2, 3); None for anything else."""
    if tree.op == "seq":
        return tree.args
    found = rows(tree)
    if found is None:
        return None
    return [row[0] for row in found] if all(len(row) == 1 for row in found) else found[0] if len(found) == 1 else None


def reparametrised(reference: Sequence[Tree], answer: Sequence[Tree], *, same_letter: bool = True) -> list[Tree] | None:
    """Write the answer's values with the reference's parameter, where each side runs with one of its own.

    The first component in which both are affine tells the substitution. Between whole numbers it is a shift or a
    reflection; a real parameter may also be stretched. With `same_letter` false, only a parameter of another name is.

    Example:
        >>> from rewards.mathematics.parse import parse
        >>> reparametrised(parse("(t, 2t)").args, parse("(3s, 6s)").args) is not None
        True
    """
    names = [set().union(*(symbols(value) for value in values)) for values in (reference, answer)]
    if len(names[0]) != 1 or len(names[1]) != 1 or len(reference) != len(answer):
        return None
    ours, theirs = names[0].pop(), names[1].pop()
    if ours == theirs and not same_letter:
        return None
    for left, right in zip(reference, answer, strict=True):
        first, second = _affine(left, ours), _affine(right, theirs)
        if first is None or second is None or not first[1] or not second[1]:
            continue
        stretch, shift = first[1] / second[1], (first[0] - second[0]) / second[1]
        if ours[:1] in _WHOLE and (abs(stretch) != 1 or shift.denominator != 1):
            return None
        by = Tree("add", (Tree("mul", (num(stretch), sym(ours))), num(shift)))
        return [replace(value, theirs, by) for value in answer]
    return [replace(value, theirs, sym(ours)) for value in answer] if ours != theirs else None


def _affine(tree: Tree, name: str) -> tuple[Fraction, Fraction] | None:
    """Read a + b t as (a, b), by its values at four places."""
    values = [exact(replace(tree, name, num(at))) for at in (0, 1, 2, 7)]
    if any(value is None for value in values):
        return None
    start, one, two, seven = (value or Fraction(0) for value in values)
    slope = one - start
    return (start, slope) if two == start + 2 * slope and seven == start + 7 * slope else None
