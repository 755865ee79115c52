"""Compare lists and sets without order, tuples and matrices in order, ratios in proportion.

How two members are compared is given: a function of the reference's and the answer's.

Bound: `MAX_ITEMS` items in a list.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rewards.mathematics.exact import exact
from rewards.mathematics.finding import Finding, no, yes
from rewards.mathematics.labels import SERIES, value_of
from rewards.mathematics.matrices import rows, with_identity
from rewards.mathematics.tree import Tree

MAX_ITEMS = 60
Same = Callable[[Tree, Tree], Finding]


def same_series(left: Tree, right: Tree, same: Same, *, order: str) -> Finding:
    """Compare lists and sets without order, tuples in order."""
    for one, other in ((left, right), (right, left)):
        if one.op in ("seq", "set", "list") and len(one.args) == 1 and other.op not in SERIES:
            return same(*((one.args[0], other) if one is left else (other, one.args[0])))
    if "matrix" in (left.op, right.op) or "transpose" in (left.value, right.value):
        return same_matrix(left, right, same)
    if (
        left.op not in SERIES
        and right.op == "list"
        and right.value == "or"
        and len(alike := _distinct(_values(right), same)) == 1
    ):
        return same(left, alike[0])  # 1/2 or 0.5
    if left.op not in SERIES or right.op not in SERIES:
        return no(f"{len(_items(left))} values against {len(_items(right))}")
    left, right = _nested(left), _nested(right)
    if max(len(left.args), len(right.args)) > MAX_ITEMS:
        return Finding(left == right, "long lists, compared letter by letter")
    ordered = order == "ordered" or (order == "auto" and "seq" in (left.op, right.op))
    if _is_interval(left) and right.op == "list":
        return no("an interval against its two ends")
    if {left.op, right.op} == {"seq", "set"} or _brackets_differ(left, right):
        return no("a set against a point" if "set" in (left.op, right.op) else "different brackets")
    if ordered:
        return in_order(left.args, right.args, same)
    return without_order(_values(left), _values(right), same, repeats="set" not in (left.op, right.op))


def _items(tree: Tree) -> Sequence[Tree]:
    return tree.args if tree.op in SERIES else (tree,)


def _nested(tree: Tree) -> Tree:
    r"""Take off a bracket around one list: ((1, 2)) and [\\{1, 2\\}]."""
    while len(tree.args) == 1 and tree.args[0].op in SERIES and tree.op != "set":
        tree = tree.args[0]
    return tree


def _is_interval(tree: Tree) -> bool:
    """Tell [2, 6], from a smaller number to a larger one, from a list in brackets."""
    ends = [exact(arg) for arg in tree.args] if tree.op == "seq" and tree.value == "[]" and len(tree.args) == 2 else []
    return len(ends) == 2 and ends[0] is not None and ends[1] is not None and ends[0] < ends[1]


def _brackets_differ(left: Tree, right: Tree) -> bool:
    if left.op != "seq" or right.op != "seq" or len(left.args) != 2 or len(right.args) != 2:
        return (
            left.op == right.op == "seq"
            and len({left.value, right.value} & {"(]", "[)"}) > 0
            and left.value != right.value
        )
    return bool(left.value != right.value)


def _values(tree: Tree) -> list[Tree]:
    """List the values, each alternative of an `x = 1 or 2` by itself."""
    items: list[Tree] = []
    for arg in tree.args:
        value = value_of(arg)
        items += _values(value) if value.op == "list" and tree.op == "list" and value is not arg else [value]
    return items


def _same_item(first: Tree, second: Tree, same: Same) -> Finding:
    """Compare two members: {2} is not 2 there."""
    if (first.op == "set") != (second.op == "set"):
        return no("a set against a member")
    return same(first, second)


def in_order(left: Sequence[Tree], right: Sequence[Tree], same: Same) -> Finding:
    """Compare one by one."""
    if len(left) != len(right):
        return no(f"{len(left)} values against {len(right)}")
    for place, (first, second) in enumerate(zip(left, right, strict=True), 1):
        found = same(first, second)
        if not found.same:
            return found._replace(why=f"at place {place}: {found.why}")
    return yes(f"the same {len(left)} values in order")


def without_order(left: list[Tree], right: list[Tree], same: Same, *, repeats: bool) -> Finding:
    """Match every value with one of the other side."""
    if not repeats or len(left) != len(right):
        left, right = _distinct(left, same), _distinct(right, same)
    if len(left) != len(right):
        return no(f"{len(left)} values against {len(right)}")
    rest = list(right)
    for first in left:
        match = next((second for second in rest if first == second), None)
        if match is None:
            match = next((second for second in rest if _same_item(first, second, same).same), None)
        if match is None:
            return no("a value that the other side does not have")
        rest.remove(match)
    return yes(f"the same {len(left)} values")


def _distinct(items: list[Tree], same: Same) -> list[Tree]:
    kept: list[Tree] = []
    for item in items:
        if not any(item == other or _same_item(item, other, same).same for other in kept):
            kept.append(item)
    return kept


def same_ratio(left: Tree, right: Tree, same: Same) -> Finding:
    """Compare ratios in proportion: 1:2 is 2:4; a ratio of two is also their quotient."""
    if left.op == right.op == "ratio" and len(left.args) == len(right.args):
        for place in range(1, len(left.args)):
            crossed = [Tree("div", (tree.args[place], tree.args[0])) for tree in (left, right)]
            found = same(crossed[0], crossed[1])
            if not found.same:
                return found
        return yes("the same proportion")
    if (
        "ratio" in (left.op, right.op)
        and len((left if left.op == "ratio" else right).args) == 2
        and left.op != right.op
    ):
        quotients = [Tree("div", tree.args) if tree.op == "ratio" else tree for tree in (left, right)]
        return same(quotients[0], quotients[1])
    return no("different ratios")


def same_matrix(left: Tree, right: Tree, same: Same) -> Finding:
    """Compare matrices row by row; a column or row is also a vector."""
    first = rows(left)
    second = rows(right if first is None else with_identity(right, len(first)))
    if first is None or second is None:
        return no("a matrix against no matrix")
    vectors = [all(len(row) == 1 for row in rows) or len(rows) == 1 for rows in (first, second)]
    if all(vectors) and "seq" in (left.op, right.op):
        flat = [[cell for row in rows for cell in row] for rows in (first, second)]
        return in_order(flat[0], flat[1], same)
    if len(first) != len(second):
        return no(f"{len(first)} rows against {len(second)}")
    for number, (one, other) in enumerate(zip(first, second, strict=True), 1):
        found = in_order(one, other, same)
        if not found.same:
            return found._replace(why=f"row {number}, {found.why}")
    return yes("every entry is the same")
