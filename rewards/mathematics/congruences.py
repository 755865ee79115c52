"""Read congruences: which residues they name, which general solution they are, which symbol is its parameter."""

from __future__ import annotations

from fractions import Fraction

from rewards.mathematics.exact import exact
from rewards.mathematics.labels import spread
from rewards.mathematics.tree import Tree, symbols

_LETTERS = ("k", "n", "m", "l", "N", "t", "z", "j", "p")


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


def from_congruence(tree: Tree) -> Tree:
    """Write x = a (mod n) as a + n k."""
    *_, residue, modulus = tree.args
    return Tree("add", (residue, Tree("mul", (modulus, Tree("sym", (), "k")))))


def parameter_of(trees: list[Tree]) -> str:
    """Guess which symbol runs over the whole numbers: the only symbol, if it is a letter used for that."""
    names: set[str] = set()
    for tree in trees:
        names |= symbols(tree)
    return next(iter(names)) if len(names) == 1 and next(iter(names)).partition("_")[0] in _LETTERS else ""
