"""Compare two pieces of mathematics by kind: numbers, lists, sets, points, regions, equations, formulas.

Bounds: those of what it calls; `series.MAX_ITEMS` items in a list.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from rewards.mathematics.builders import written_out
from rewards.mathematics.congruences import joined_congruences
from rewards.mathematics.constants import same_arguments, without_constant
from rewards.mathematics.exact import exact
from rewards.mathematics.finding import Finding, no, yes
from rewards.mathematics.identity import same_value
from rewards.mathematics.labels import (
    SERIES,
    is_equation,
    is_label,
    labels_clash,
    measured_value,
    spread,
    tautology,
    value_of,
)
from rewards.mathematics.named import are_roots, components, named, reparametrised
from rewards.mathematics.options import DEFAULT, Options
from rewards.mathematics.progressions import summed
from rewards.mathematics.relations import same_congruence, same_regions, same_relation
from rewards.mathematics.series import Same, in_order, same_matrix, same_ratio, same_series, without_order
from rewards.mathematics.tree import INFINITY, Tree, is_rational, num, replace, symbols, walk
from rewards.mathematics.unsolved import restates

_UNIT_VECTORS = ("vec i", "vec j", "vec k")


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
    same = partial(same_tree, options=options)
    if tautology(answer) and reference != answer:
        return no("an equation that says nothing")
    if any(
        one.op == "sym" and other == Tree("const", (), f"set {one.value}")
        for one, other in ((answer, reference), (reference, answer))
    ):
        return yes("the set of numbers in another font")  # \\mathbf{R}
    if reference.op != "rel" and not symbols(reference):
        answer = measured_value(answer)
    if restates(reference, answer):
        return no("a condition that is still to be solved")
    reference, answer = summed(reference), summed(answer)
    reference, answer = written_out(reference), same_arguments(reference, written_out(answer))
    if (found := _same_named(reference, answer, same)) is not None:
        return found
    if is_equation(reference) and is_equation(answer) and not _defines_the_same(reference, answer):
        from rewards.mathematics.equations import same_equation  # it loads the arithmetic library

        found = same_equation(reference, answer)
        if found.same or value_of(reference) is reference or value_of(answer) is answer:
            return found
    left, right = value_of(reference), value_of(answer)
    if (left is not reference or right is not answer) and labels_clash(reference, answer):
        return no("values of different things")
    if not options.labels and (left is reference) != (right is answer):
        return no("one is an equation, the other a value")
    if {left.value, right.value} == {"and", "or"} and left.op == right.op == "list" and not _are_values(left):
        return no("one says and, the other or")
    left, right = joined_congruences(left), joined_congruences(right)
    if left.op != "congruent" or right.op != "congruent":
        left, right = spread(left), spread(right)
    if left.op == "congruent" or right.op == "congruent":
        if right.op == "congruent" and left.op != "congruent" and left is not reference:
            return no("a class of numbers against one")  # x = 2; a bare 2 may be the residue that was asked for
        return same_congruence(left, right, same)
    if left.op != "rel" and symbols(left) and is_equation(right) and same_value(*right.args).same:
        right = right.args[1]  # x^2 - 1 = (x - 1)(x + 1), the value in two forms
    if (found := same_regions(left, right)) is not None:
        return found
    left, right = _components(left, right)
    if left.op in SERIES or right.op in SERIES:
        return same_series(left, right, same, order=options.order)
    if left.op == "rel" or right.op == "rel":
        return same_relation(left, right)
    if "matrix" in (left.op, right.op) or "transpose" in (left.value, right.value):
        return same_matrix(left, right, same)
    if left.op == "ratio" or right.op == "ratio":
        return same_ratio(left, right, same)
    if left.op == "base" and right.op == "base":
        return Finding(exact(left) == exact(right), "numerals of a base")
    if left.op == "base" and right.op == "num" and str(right.value) == left.value[0]:
        return yes("the same digits")
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


def _are_values(tree: Tree) -> bool:
    """Tell whether a list is one of numbers, named or not: "x = 1 and x = 2" is meant as "or"."""
    return all(is_equation(item) or not symbols(item) for item in tree.args)


def _defines_the_same(reference: Tree, answer: Tree) -> bool:
    """Tell whether two equations say what one function is, f(x) = ..., so that their values decide."""
    name = reference.args[0]
    return (
        name == answer.args[0]
        and is_label(name)
        and not any(name in walk(tree.args[1]) for tree in (reference, answer))
    )


def _components(left: Tree, right: Tree) -> tuple[Tree, Tree]:
    """Write 3i - j as (3, -1) where the letters are set as vectors, and 2(1, 3) as (2, 6)."""
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
        elif other.op == "seq" and tree.op in ("add", "mul", "div", "neg") and (worked_out := components(tree)):
            tree = Tree("seq", tuple(worked_out), other.value)  # noqa: PLW2901
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
        return no("the constant of integration is missing")
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


def _logs(tree: Tree, options: Options) -> Tree:
    if options.log == "natural" or not any(node.op == "fn" and node.value == "log" for node in walk(tree)):
        return tree
    args = tuple(_logs(arg, options) for arg in tree.args)
    if tree.op == "fn" and tree.value == "log" and len(args) == 1:
        args = (*args, num(10))
    return tree._replace(args=args)


def _other_names(answer: Tree, names: set[Tree]) -> bool:
    """Tell whether an answer names all its values, but not as the reference does: a = 2, a = 9 for a = 2, b = 9."""
    pairs = answer.args if answer.op == "list" else ()
    lone = [item.args[0] for item in pairs if item.op == "rel" and item.value == ("=",) and item.args[0].op == "sym"]
    return len(lone) == len(pairs) > 1 and set(lone) != names


def _by_name(names: dict[Tree, Tree]) -> list[Tree]:
    """List values in the order of their coordinates: y = 2, x = 1 is (1, 2); under other names as they stand."""
    return [names[name] for name in (sorted(names, key=lambda name: str(name.value)) if _is_point(names) else names)]


def _is_point(names: dict[Tree, Tree] | None) -> bool:
    """Tell whether values are named as coordinates are."""
    return names is not None and all(name.op == "sym" and name.value in ("x", "y", "z") for name in names)


def _same_named(reference: Tree, answer: Tree, same: Same) -> Finding | None:
    """Compare x = 1, y = 2 by names where both have names; tuples that run with a parameter, whatever its letter."""
    first, second = named(reference), named(answer)
    if first is not None and second is not None:
        if set(first) != set(second):
            lone = all(name.op == "sym" for name in (*first, *second))
            return no("values by other names") if lone and not are_roots([*first, *second]) else None
        if are_roots(list(first)):
            return without_order(list(first.values()), list(second.values()), same, repeats=True)
        left: Sequence[Tree] = list(first.values())
        right: Sequence[Tree] = [second[name] for name in first]
    else:
        if first is not None and _other_names(answer, set(first)):
            return no("values by other names")
        sides = [
            _by_name(names)
            if names
            else list(tree.args)
            if tree.op == "list" and (first or second)
            else components(tree)
            for names, tree in ((first, reference), (second, answer))
        ]
        points = all(tree.op != "seq" or tree.value == "()" for tree in (reference, answer))
        if sides[0] is None or sides[1] is None or not points:
            return None
        left, right = sides[0], sides[1]
        if first is None and second is None and not any(map(symbols, (reference, answer))):
            return None
    found = in_order(left, right, same)
    unnamed = (
        first is None and second is None
    )  # then (2 + 3t, 1 - t) is one point for each t, unless its letter changes
    if not found.same and (turned := reparametrised(left, right, same_letter=not unnamed)) is not None:
        other = in_order(left, turned, same)
        return other._replace(why=f"{other.why}, the parameter renamed") if other.same else found
    decided = (first is not None and second is not None) or _is_point(first) or _is_point(second)
    decided = decided or (first is not None and not are_roots(list(first)) and answer.op == "list")
    return found if decided or found.same else None
