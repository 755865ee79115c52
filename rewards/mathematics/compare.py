"""Compare two answers by kind: choices, words, numbers with units, lists, sets, points, regions, equations.

Bounds: `MAX_ITEMS` items in a list; the steps of `balls.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rewards.mathematics.builders import written_out
from rewards.mathematics.congruences import from_congruence, joined_congruences, parameter_of, residues
from rewards.mathematics.constants import without_constant
from rewards.mathematics.exact import exact
from rewards.mathematics.finding import Finding
from rewards.mathematics.identity import same_value
from rewards.mathematics.labels import SERIES, is_equation, labels_clash, spread, tautology, value_of
from rewards.mathematics.matrices import rows
from rewards.mathematics.named import are_roots, components, named, reparametrised
from rewards.mathematics.options import DEFAULT, Options
from rewards.mathematics.region_sets import same_region
from rewards.mathematics.regions import region
from rewards.mathematics.tree import INFINITY, Tree, is_rational, num, replace, symbols, walk

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_ITEMS = 60
_ORDER = frozenset({"<", ">", "<=", ">=", "!="})


def same_tree(reference: Tree, answer: Tree, options: Options = DEFAULT) -> Finding:
    r"""Decide whether two pieces of mathematics are the same.

    Args:
        reference: What the row says.
        answer: What the completion says.
        options: The row's policy.

    Example:
        >>> from rewards.mathematics.parse import parse
        >>> same_tree(parse("\\{1, 2\\}"), parse("x = 2, x = 1")).same
        True
    """
    if is_rational(reference) and is_rational(answer):
        return same_value(reference, answer, rounding=options.rounding, tolerance=options.tolerance)
    if tautology(answer) and reference != answer:
        return _no("an equation that says nothing")
    reference, answer = written_out(reference), written_out(answer)
    if (found := _same_named(reference, answer, options)) is not None:
        return found
    if is_equation(reference) and is_equation(answer):
        from rewards.mathematics.equations import same_equation  # it loads the arithmetic library

        found = same_equation(reference, answer)
        if found.same or value_of(reference) is reference or value_of(answer) is answer:
            return found
    left, right = value_of(reference), value_of(answer)
    if (left is not reference or right is not answer) and labels_clash(reference, answer):
        return _no("values of different things")
    if not options.labels and (left is reference) != (right is answer):
        return _no("one is an equation, the other a value")
    left, right = joined_congruences(left), joined_congruences(right)
    if left.op != "congruent" or right.op != "congruent":
        left, right = spread(left), spread(right)
    if left.op == "congruent" or right.op == "congruent":
        return _same_congruence(left, right, options)
    if (found := _same_regions(left, right)) is not None:
        return found
    left, right = _components(left, right)
    if left.op in SERIES or right.op in SERIES:
        return _same_series(left, right, options)
    if left.op == "rel" or right.op == "rel":
        return _same_relation(left, right)
    if "matrix" in (left.op, right.op) or "transpose" in (left.value, right.value):
        return _same_matrix(left, right, options)
    if left.op == "ratio" or right.op == "ratio":
        return _same_ratio(left, right, options)
    if left.op == "base" and right.op == "base":
        return Finding(exact(left) == exact(right), "numerals of a base")
    if left.op == "base" and right.op == "num" and str(right.value) == left.value[0]:
        return _yes("the same digits")
    if (found := _same_antiderivative(left, right)) is not None:
        return found
    if (found := _same_sum(left, right)) is not None:
        return found
    if left.op in ("builder", "word", "union", "inter", "minus") or right.op in (
        "builder",
        "word",
        "union",
        "inter",
        "minus",
    ):
        return Finding(left == right, "the same" if left == right else "not comparable")
    return same_value(
        _logs(left, options), _logs(right, options), rounding=options.rounding, tolerance=options.tolerance
    )


_UNIT_VECTORS = ("vec i", "vec j", "vec k")


def _components(left: Tree, right: Tree) -> tuple[Tree, Tree]:
    """Write 3i - j as (3, -1) where the letters are set as vectors."""
    sides = []
    for tree, other in ((left, right), (right, left)):
        names = symbols(tree) & set(_UNIT_VECTORS)
        if names and tree.op not in SERIES:
            count = len(other.args) if other.op in ("seq", "matrix") else 3
            units = _UNIT_VECTORS[: max(count, 1 + max(_UNIT_VECTORS.index(name) for name in names))]
            cells = []
            for unit in units:
                cell = tree
                for name in names:
                    cell = replace(cell, name, num(int(name == unit)))
                cells.append(cell)
            tree = Tree("seq", tuple(cells), "()")  # noqa: PLW2901
        sides.append(tree)
    return sides[0], sides[1]


def _same_antiderivative(left: Tree, right: Tree) -> Finding | None:
    """Compare up to a constant where the reference ends in + C, as the answer then must too."""
    rest, constant = without_constant(left)
    if not constant.startswith(("C", "K")):
        return None
    from rewards.mathematics.sampling import same_up_to_constant  # it loads the arithmetic library

    other, another = without_constant(right)
    inside = () if another else sorted(name for name in symbols(right) - symbols(rest) if name[0] in "CcK")
    if len(inside) == 1:  # (x^3 + C)/3: what the constant changes is constant
        other, turned = (replace(right, inside[0], num(value)) for value in (0, 1))
        another = inside[0] if same_up_to_constant(other, turned).same and not same_value(other, turned).same else ""
    if not another:
        return _no("the constant of integration is missing")
    return same_up_to_constant(rest, other)


def _same_sum(left: Tree, right: Tree) -> Finding | None:
    """Compare endless sums term by term, whatever their index is called and wherever it begins."""
    sums = all(tree.op in ("sum", "prod") and tree.args[2:] == (INFINITY,) for tree in (left, right))
    lows = [exact(tree.args[1]) for tree in (left, right)] if sums else []
    if not sums or left.op != right.op or lows[0] is None or lows[1] is None or not symbols(left) | symbols(right):
        return None
    name = "n_(index)"
    terms = [
        replace(tree.args[0], str(tree.value), Tree("add", (Tree("sym", (), name), num(low or 0))))
        for tree, low in zip((left, right), lows, strict=True)
    ]
    found = same_value(terms[0], terms[1], whole=frozenset({name}))
    return found._replace(why=f"{found.why}, term by term") if found.same else None


def _yes(why: str) -> Finding:
    return Finding(True, why)


def _no(why: str) -> Finding:
    return Finding(False, why)


def _logs(tree: Tree, options: Options) -> Tree:
    if options.log == "natural" or not any(node.op == "fn" and node.value == "log" for node in walk(tree)):
        return tree
    args = tuple(_logs(arg, options) for arg in tree.args)
    if tree.op == "fn" and tree.value == "log" and len(args) == 1:
        args = (*args, num(10))
    return tree._replace(args=args)


def _same_named(reference: Tree, answer: Tree, options: Options) -> Finding | None:
    """Compare x = 1, y = 2 by names where both have names; tuples that run with a parameter, whatever its letter."""
    first, second = named(reference), named(answer)
    if first is not None and second is not None:
        if set(first) != set(second):
            return None
        if are_roots(list(first)):
            return _without_order(list(first.values()), list(second.values()), options, repeats=True)
        left, right = list(first.values()), [second[name] for name in first]
    else:
        sides = [
            list(names.values()) if names else components(tree)
            for names, tree in ((first, reference), (second, answer))
        ]
        points = all(tree.op != "seq" or tree.value == "()" for tree in (reference, answer))
        if sides[0] is None or sides[1] is None or not points:
            return None
        left, right = sides[0], sides[1]
        if first is None and second is None and not any(map(symbols, (reference, answer))):
            return None
    found = _in_order(left, right, options)
    unnamed = (
        first is None and second is None
    )  # then (2 + 3t, 1 - t) is one point for each t, unless its letter changes
    if not found.same and (turned := reparametrised(left, right, same_letter=not unnamed)) is not None:
        other = _in_order(left, turned, options)
        return other._replace(why=f"{other.why}, the parameter renamed") if other.same else found
    return found if first is not None and second is not None else (found if found.same else None)


def _items(tree: Tree) -> Sequence[Tree]:
    return tree.args if tree.op in SERIES else (tree,)


def _same_series(left: Tree, right: Tree, options: Options) -> Finding:
    """Compare lists and sets without order, tuples in order."""
    for one, other in ((left, right), (right, left)):
        if one.op in ("seq", "set", "list") and len(one.args) == 1 and other.op not in SERIES:
            return same_tree(*((one.args[0], other) if one is left else (other, one.args[0])), options)
    if "matrix" in (left.op, right.op) or "transpose" in (left.value, right.value):
        return _same_matrix(left, right, options)
    if left.op not in SERIES or right.op not in SERIES:
        return _no(f"{len(_items(left))} values against {len(_items(right))}")
    left, right = _nested(left), _nested(right)
    if max(len(left.args), len(right.args)) > MAX_ITEMS:
        return Finding(left == right, "long lists, compared letter by letter")
    ordered = options.order == "ordered" or (options.order == "auto" and "seq" in (left.op, right.op))
    if {left.op, right.op} == {"seq", "set"} or _brackets_differ(left, right):
        return _no("a set against a point" if "set" in (left.op, right.op) else "different brackets")
    if ordered:
        return _in_order(left.args, right.args, options)
    return _without_order(_values(left), _values(right), options, repeats="set" not in (left.op, right.op))


def _nested(tree: Tree) -> Tree:
    r"""Take off a bracket around one list: ((1, 2)) and [\\{1, 2\\}]."""
    while len(tree.args) == 1 and tree.args[0].op in SERIES and tree.op != "set":
        tree = tree.args[0]
    return tree


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


def _same_item(first: Tree, second: Tree, options: Options) -> Finding:
    """Compare two members: {2} is not 2 there."""
    if (first.op == "set") != (second.op == "set"):
        return _no("a set against a member")
    return same_tree(first, second, options)


def _in_order(left: Sequence[Tree], right: Sequence[Tree], options: Options) -> Finding:
    if len(left) != len(right):
        return _no(f"{len(left)} values against {len(right)}")
    for place, (first, second) in enumerate(zip(left, right, strict=True), 1):
        found = same_tree(first, second, options)
        if not found.same:
            return _no(f"at place {place}: {found.why}")
    return _yes(f"the same {len(left)} values in order")


def _without_order(left: list[Tree], right: list[Tree], options: Options, *, repeats: bool) -> Finding:
    """Match every value with one of the other side."""
    if not repeats or len(left) != len(right):
        left, right = _distinct(left, options), _distinct(right, options)
    if len(left) != len(right):
        return _no(f"{len(left)} values against {len(right)}")
    rest = list(right)
    for first in left:
        match = next((second for second in rest if first == second), None)
        if match is None:
            match = next((second for second in rest if _same_item(first, second, options).same), None)
        if match is None:
            return _no("a value that the other side does not have")
        rest.remove(match)
    return _yes(f"the same {len(left)} values")


def _distinct(items: list[Tree], options: Options) -> list[Tree]:
    kept: list[Tree] = []
    for item in items:
        if not any(item == other or _same_item(item, other, options).same for other in kept):
            kept.append(item)
    return kept


def _same_regions(left: Tree, right: Tree) -> Finding | None:
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
        return _no(f"about {first[1]} and about {second[1]}")
    return same_region(first[0], second[0])


def _endless(*trees: Tree) -> bool:
    return any(node == INFINITY for tree in trees for node in tree.args)


def _same_relation(left: Tree, right: Tree) -> Finding:
    if left.op != "rel" or right.op != "rel":
        return _no("an equation against a value")
    from rewards.mathematics.equations import same_equation, same_inequality  # they load the arithmetic library

    kinds = [set(tree.value) for tree in (left, right)]
    if kinds[0] <= {"="} and kinds[1] <= {"="}:
        return same_equation(left, right)
    if kinds[0] <= _ORDER and kinds[1] <= _ORDER:
        return same_inequality(left, right)
    return Finding(left == right, "relations of different kinds")


def _same_congruence(left: Tree, right: Tree, options: Options) -> Finding:
    if left.op == right.op == "congruent":
        moduli = same_value(left.args[-1], right.args[-1])
        if not moduli.same:
            return _no("different moduli")
        modulus = exact(left.args[-1])
        classes = [residues(tree, modulus) for tree in (left, right)] if modulus else [None, None]
        if classes[0] is None or classes[1] is None:
            return Finding(left == right, "congruences")
        same = classes[0] == classes[1]
        return Finding(same, "the same residues" if same else "other residues")
    one, other = (left, right) if left.op == "congruent" else (right, left)
    if not symbols(other):
        return same_tree(one.args[-2], other, options) if one is left else same_tree(other, one.args[-2], options)
    from rewards.mathematics.families import same_family  # it loads the arithmetic library

    family = from_congruence(one)
    return same_family([family], [other], ("k", parameter_of([other])))


def _same_matrix(left: Tree, right: Tree, options: Options) -> Finding:
    first, second = rows(left), rows(right)
    if first is None or second is None:
        return _no("a matrix against no matrix")
    vectors = [all(len(row) == 1 for row in rows) or len(rows) == 1 for rows in (first, second)]
    if all(vectors) and "seq" in (left.op, right.op):
        flat = [[cell for row in rows for cell in row] for rows in (first, second)]
        return _in_order(flat[0], flat[1], options)
    if len(first) != len(second):
        return _no(f"{len(first)} rows against {len(second)}")
    for number, (one, other) in enumerate(zip(first, second, strict=True), 1):
        found = _in_order(one, other, options)
        if not found.same:
            return _no(f"row {number}, {found.why}")
    return _yes("every entry is the same")


def _same_ratio(left: Tree, right: Tree, options: Options) -> Finding:
    """Compare ratios in proportion: 1:2 is 2:4; a ratio of two is also their quotient."""
    if left.op == right.op == "ratio" and len(left.args) == len(right.args):
        for place in range(1, len(left.args)):
            crossed = [Tree("div", (tree.args[place], tree.args[0])) for tree in (left, right)]
            found = same_tree(crossed[0], crossed[1], options)
            if not found.same:
                return found
        return _yes("the same proportion")
    if (
        "ratio" in (left.op, right.op)
        and len((left if left.op == "ratio" else right).args) == 2
        and left.op != right.op
    ):
        quotients = [Tree("div", tree.args) if tree.op == "ratio" else tree for tree in (left, right)]
        return same_tree(quotients[0], quotients[1], options)
    return _no("different ratios")
