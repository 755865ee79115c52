"""Read a matrix, or work one out of sums, products and transposes, as rows of cells."""

from __future__ import annotations

from collections.abc import Sequence

from rewards.mathematics.tree import Tree, num, replace, symbols

MAX_SIZE = 8  # rows of a matrix that is worked out


def rows(tree: Tree) -> list[Sequence[Tree]] | None:
    """Read a matrix, a vector or [[1, 2], [3, 4]] as rows."""
    if tree.op == "matrix":
        return [row.args for row in tree.args]
    if tree.op == "seq":
        if all(arg.op == "seq" for arg in tree.args):
            return [arg.args for arg in tree.args]
        return [tree.args]
    if tree.op in ("add", "mul", "neg", "div"):
        return _computed(tree)
    if tree.op == "fn" and tree.value == "transpose":
        inner = rows(tree.args[0])
        return inner and [list(column) for column in zip(*inner, strict=False)]
    return None


def with_identity(tree: Tree, size: int) -> Tree:
    """Write out the identity matrix in 2I or A - I_3, of as many rows as the other side has."""
    if size > MAX_SIZE or not symbols(tree) & {"I", f"I_{size}"}:
        return tree
    cells = tuple(Tree("seq", tuple(num(int(row == column)) for column in range(size)), "()") for row in range(size))
    for name in ("I", f"I_{size}"):
        tree = replace(tree, name, Tree("matrix", cells))
    return tree


def _computed(tree: Tree) -> list[Sequence[Tree]] | None:
    """Work out a sum or product of matrices."""
    parts = [rows(arg) for arg in tree.args]
    if tree.op == "add" and all(
        part is not None and [len(row) for row in part] == [len(row) for row in parts[0] or []] for part in parts
    ):
        return [
            [Tree("add", tuple(part[row][column] for part in parts if part)) for column in range(len(cells))]
            for row, cells in enumerate(parts[0] or [])
        ]
    if tree.op == "neg" and parts[0] is not None:
        return [[Tree("neg", (cell,)) for cell in row] for row in parts[0]]
    if tree.op == "div" and parts[0] is not None:
        return [[Tree("div", (cell, tree.args[1])) for cell in row] for row in parts[0]]
    if tree.op == "mul":
        return _product(tree, parts)
    return None


def _product(tree: Tree, parts: list[list[Sequence[Tree]] | None]) -> list[Sequence[Tree]] | None:
    first, second = parts
    if first is None and second is not None:
        return [[Tree("mul", (tree.args[0], cell)) for cell in row] for row in second]
    if second is None and first is not None:
        return [[Tree("mul", (tree.args[1], cell)) for cell in row] for row in first]
    if first is None or second is None or len(first[0]) != len(second) or len(second) > MAX_SIZE:
        return None
    return [
        [
            Tree("add", tuple(Tree("mul", (row[inner], second[inner][column])) for inner in range(len(second))))
            for column in range(len(second[0]))
        ]
        for row in first
    ]
