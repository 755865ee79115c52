"""Compare general solutions: values that run with a whole parameter, and say so or show it by their form."""

from __future__ import annotations

from rewards.mathematics.congruences import from_congruence, parameter_of
from rewards.mathematics.finding import Finding
from rewards.mathematics.labels import spread, value_of
from rewards.mathematics.named import named
from rewards.mathematics.reading import Answer
from rewards.mathematics.tree import PI, Tree, replace, symbols, walk


def same_general_solution(reference: Answer, answer: Answer) -> Finding | None:
    """Compare general solutions where at least one side says that a symbol runs over the whole numbers."""
    sides = [_family(each) for each in (reference, answer)]
    if sides[0] is None and sides[1] is None:
        if not (_is_periodic(reference) and _is_periodic(answer)):
            return None
    elif sides[0] is None and not (reference.parameter or answer.parameter or _runs(reference)):
        return None
    members = [side or _loose_family(each) for side, each in zip(sides, (reference, answer), strict=True)]
    if members[0] is None or members[1] is None:
        return None if sides[0] is None else Finding(False, "one is a general solution")
    from rewards.mathematics.families import same_family  # it loads the arithmetic library

    return same_family(members[0][0], members[1][0], (members[0][1], members[1][1]))


def _is_periodic(answer: Answer) -> bool:
    r"""Tell a general solution that does not say so by its form: x = \\pi/6 + 2k\\pi."""
    tree = answer.tree
    items = tree.args if tree is not None and tree.op == "list" else (tree,)
    if not all(item is not None and item.op == "rel" and item.args[0].op == "sym" for item in items):
        return False
    loose = _loose_family(answer)
    return loose is not None and loose[1][:1] in "knml" and all(_has_turn(member) for member in loose[0])


def _runs(answer: Answer) -> bool:
    """Tell whether a value runs with a letter that usually stands for whole numbers: k pi, x = 2n."""
    loose = _loose_family(answer)
    return loose is not None and loose[1][:1] in "knml" and all(symbols(member) <= {loose[1]} for member in loose[0])


def _has_turn(tree: Tree) -> bool:
    return any(node == PI or node.op == "deg" for node in walk(tree))


def _family(answer: Answer) -> tuple[list[Tree], str] | None:
    r"""Read a general solution that says so: by its words, by `k \\in Z`, or by its modulus."""
    tree = _solution_set(answer.tree)
    if tree is None:
        return None
    parameter = answer.parameter
    items = list(tree.args) if tree.op == "list" else [tree]
    if tree.op == "builder" and tree.args[1].op == "list":
        subject, said = tree.args[0], tree.args[1].args
        if not any(each.op == "rel" and each.value == ("=",) and each.args[0] == subject for each in said):
            return None
        items = list(said)
    kept = []
    for item in items:
        if _over_whole_numbers(item):
            parameter = str(item.args[0].value)
        else:
            kept.append(item)
    if tree.op == "congruent" or not parameter:
        return None
    if any(named(each) for each in (tree, Tree("list", tuple(kept), ","))) or any(item.op == "seq" for item in kept):
        return None  # tuples are compared component by component
    members = [_member(item) for item in kept]
    flat = [member for group in members for member in group]
    return (flat, parameter) if flat and all(symbols(member) <= {parameter} for member in flat) else None


def _solution_set(tree: Tree | None) -> Tree | None:
    r"""Write x \in {k pi : k \in Z} as k pi, k \in Z; a union of such as a list; any other tree stays."""
    if tree is None:
        return None
    held = tree.args[1] if tree.op == "rel" and tree.value == ("in",) else tree
    parts, pending = [], [held]
    while pending:
        part = pending.pop(0)
        if part.op == "union":
            pending = [*part.args, *pending]
        else:
            parts.append(part)
    if not all(part.op == "builder" and _over_whole_numbers(part.args[1]) for part in parts):
        return tree
    first = parts[0].args[1]
    members = [replace(part.args[0], str(part.args[1].args[0].value), first.args[0]) for part in parts]
    return Tree("list", (*members, first), ",")


def _over_whole_numbers(condition: Tree) -> bool:
    if condition.op != "rel" or condition.value != ("in",) or condition.args[0].op != "sym":
        return False
    return condition.args[1].op == "const" and "set Z" in str(condition.args[1].value)


def _member(item: Tree) -> list[Tree]:
    value = value_of(item)
    if value.op == "congruent":
        return [from_congruence(value)]
    value = spread(value)
    return [value_of(arg) for arg in value.args] if value.op in ("list", "set") else [value]


def _loose_family(answer: Answer) -> tuple[list[Tree], str] | None:
    if answer.tree is None:
        return None
    items = answer.tree.args if answer.tree.op in ("list", "set") else (answer.tree,)
    members = [member for item in items for member in _member(item)]
    parameter = parameter_of(members)
    return (members, parameter) if parameter else None
