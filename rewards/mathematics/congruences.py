"""Read which residues a congruence names."""

from __future__ import annotations

from fractions import Fraction

from rewards.mathematics.exact import exact
from rewards.mathematics.labels import spread
from rewards.mathematics.tree import Tree, symbols


def residues(tree: Tree, modulus: Fraction) -> set[Fraction] | None:
    """List the residues that a congruence names: one, or both of a plus-minus sign, or several."""
    residue = spread(tree.args[-2])
    values = [exact(each) for each in (residue.args if residue.op == "list" else (residue,))]
    return {value % modulus for value in values if value is not None} if None not in values else None


def joined_congruences(tree: Tree) -> Tree:
    """Write x = 1, 4 (mod 5), of which only the last number stands beside the modulus, as one congruence."""
    last = tree.args[-1] if tree.op == "list" else tree
    if tree.op != "list" or last.op != "congruent" or len(last.args) > 2 or tree.args[0].op != "rel":
        return tree
    first, *others = tree.args[:-1]
    if first.value != ("==",) or any(symbols(other) for other in others):
        return tree
    residues = Tree("list", (first.args[-1], *others, last.args[0]), ",")
    return Tree("congruent", (first.args[0], residues, last.args[-1]))
