"""Compare relations: sets of numbers and the inequalities that say them, equations, congruences."""

from __future__ import annotations

from rewards.mathematics.congruences import from_congruence, parameter_of, residues
from rewards.mathematics.exact import exact
from rewards.mathematics.finding import Finding, no
from rewards.mathematics.region_sets import same_region
from rewards.mathematics.regions import region
from rewards.mathematics.series import Same
from rewards.mathematics.tree import INFINITY, Tree, symbols

_ORDER = frozenset({"<", ">", "<=", ">=", "!="})


def same_regions(left: Tree, right: Tree) -> Finding | None:
    """Compare as sets of real numbers, where at least one side is one and the other can be."""
    if left == right:
        return None
    first, second = region(left), region(right)
    if first is None and second is None:
        return None
    first, second = first or region(left, intervals=True), second or region(right, intervals=True)
    if first is None or second is None:
        return None
    if left.op == right.op and left.op in ("set", "seq") and left.value == right.value and not _endless(left, right):
        return None
    if first[1] and second[1] and first[1] != second[1]:
        return no(f"about {first[1]} and about {second[1]}")
    return same_region(first[0], second[0])


def _endless(*trees: Tree) -> bool:
    return any(node == INFINITY for tree in trees for node in tree.args)


def same_relation(left: Tree, right: Tree) -> Finding:
    """Compare equations, and inequalities that are no sets of numbers."""
    if left.op != "rel" or right.op != "rel":
        return no("an equation against a value")
    from rewards.mathematics.equations import same_equation, same_inequality  # they load the arithmetic library

    kinds = [set(tree.value) for tree in (left, right)]
    if kinds[0] <= {"="} and kinds[1] <= {"="}:
        return same_equation(left, right)
    if kinds[0] <= _ORDER and kinds[1] <= _ORDER:
        return same_inequality(left, right)
    return Finding(left == right, "relations of different kinds")


def same_congruence(left: Tree, right: Tree, same: Same) -> Finding:
    """Compare congruences, or one with a residue or a general solution."""
    if left.op == right.op == "congruent":
        moduli = same(left.args[-1], right.args[-1])
        if not moduli.same:
            return no("different moduli")
        modulus = exact(left.args[-1])
        classes = [residues(tree, modulus) for tree in (left, right)] if modulus else [None, None]
        if classes[0] is None or classes[1] is None:
            return Finding(left == right, "congruences")
        agree = classes[0] == classes[1]
        return Finding(agree, "the same residues" if agree else "other residues")
    one, other = (left, right) if left.op == "congruent" else (right, left)
    if not symbols(other):
        return same(one.args[-2], other) if one is left else same(other, one.args[-2])
    from rewards.mathematics.families import same_family  # it loads the arithmetic library

    family = from_congruence(one)
    return same_family([family], [other], ("k", parameter_of([other])))
