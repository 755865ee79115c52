"""Read sets of real numbers: intervals, unions, inequalities in one variable, conditions.

Bounds: those of `parse.py`.
"""

from __future__ import annotations

from rewards.mathematics.region_sets import VARIABLE, inhabited
from rewards.mathematics.tree import INFINITY, MINUS_INFINITY, REALS, Tree, num, sym, symbols, walk

_ZERO = num(0)
_NUMBER_SETS = {
    "set R": REALS,
    "set R+": Tree("seq", (_ZERO, INFINITY), "()"),
    "set R-": Tree("seq", (MINUS_INFINITY, _ZERO), "()"),
    "set R*": Tree("minus", (REALS, Tree("set", (_ZERO,)))),
}
_REGIONS = frozenset({"seq", "union", "minus", "set", "inter"})
_ORDER = frozenset({"<", ">", "<=", ">=", "!="})


def region(tree: Tree, *, intervals: bool = False) -> tuple[Tree, str] | None:
    """Read a tree as a set of real numbers, a condition on `VARIABLE`, with the name of its variable if it has one.

    Args:
        tree: Any tree.
        intervals: Take (1, 2) for an interval rather than a point.
    """
    op = tree.op
    if op == "seq":
        return (tree, "") if _is_interval(tree, intervals=intervals) else None
    if op == "const" and tree.value in _NUMBER_SETS:
        return _NUMBER_SETS[tree.value], ""
    if op == "set" and not any(node.op in ("rel", "seq") for node in tree.args):
        return tree, ""
    if op in ("union", "inter", "minus"):
        parts = [region(arg, intervals=True) for arg in tree.args]
        if any(part is None for part in parts):
            return None
        return Tree(op, tuple(part[0] for part in parts if part)), next(
            (part[1] for part in parts if part and part[1]), ""
        )
    if op == "rel":
        return _relation(tree) if tree.value != ("=",) or tree.args[1].op in _REGIONS else None
    if op == "builder":
        return _builder(tree)
    if op == "list" and any(map(_is_condition, tree.args)) and all(map(_is_part, tree.args)):
        return _conditions(tree)
    return None


def _is_interval(tree: Tree, *, intervals: bool) -> bool:
    if len(tree.args) != 2 or any(arg.op in ("seq", "list", "set", "rel") for arg in tree.args):
        return False
    endless = any(arg in (INFINITY, MINUS_INFINITY) for arg in tree.args)
    return intervals or endless or tree.value in ("(]", "[)")


def _is_condition(tree: Tree) -> bool:
    if tree.op == "list":
        return all(_is_condition(arg) for arg in tree.args)
    return tree.op == "rel" and bool(set(tree.value) & (_ORDER | {"in", "notin"}))


def _is_part(tree: Tree) -> bool:
    return _is_condition(tree) or (tree.op == "rel" and tree.value == ("=",) and tree.args[0].op == "sym")


def _relation(tree: Tree) -> tuple[Tree, str] | None:
    operators: tuple[str, ...] = tree.value
    first = tree.args[0]
    if operators == ("=",) and first.op in ("sym", "call", "word") and tree.args[1].op in _REGIONS:
        inside = region(tree.args[1], intervals=True)
        return inside and (inside[0], "")
    if operators in (("in",), ("notin",)):
        inside = region(tree.args[1], intervals=True)
        if inside is None:
            return None
        held = inside[0] if operators == ("in",) else Tree("minus", (REALS, inside[0]))
        return held, _name(first)
    if operators == ("=",) and first.op == "sym" and not symbols(tree.args[1]):
        return Tree("set", (tree.args[1],)), _name(first)
    if not set(operators) <= _ORDER:
        return None
    tree = _finite(tree)
    if len(tree.args) == 1:
        return REALS, _name(tree.args[0])
    name = _variable(tree)
    if name is None:
        return None
    named = _rename(tree, name)
    return named, _name(name)


def _finite(tree: Tree) -> Tree:
    r"""Drop what says nothing from a chain: -\infty < x, x < \infty."""
    sides, operators = list(tree.args), list(tree.value)
    if sides[0] in (INFINITY, MINUS_INFINITY) and (sides[0] == MINUS_INFINITY) == (operators[0] in ("<", "<=")):
        sides, operators = sides[1:], operators[1:]
    if (
        operators
        and sides[-1] in (INFINITY, MINUS_INFINITY)
        and (sides[-1] == INFINITY) == (operators[-1] in ("<", "<="))
    ):
        sides, operators = sides[:-1], operators[:-1]
    return Tree("rel", tuple(sides), tuple(operators))


def _variable(tree: Tree) -> Tree | None:
    """Find what an inequality is about: the one symbol, a call, or the side that is a lone symbol."""
    calls = [node for node in walk(tree) if node.op == "call"]
    if calls and all(call == calls[0] for call in calls):
        return calls[0]
    names = set().union(*(symbols(side) for side in tree.args))
    if len(names) == 1:
        return sym(next(iter(names)))
    lone = [side for side in tree.args if side.op == "sym"]
    return lone[0] if len(lone) == 1 else None


def _name(tree: Tree) -> str:
    return str(tree.value) if tree.op == "sym" else ""


def _rename(tree: Tree, name: Tree) -> Tree:
    if tree == name:
        return sym(VARIABLE)
    return tree._replace(args=tuple(_rename(arg, name) for arg in tree.args))


def _builder(tree: Tree) -> tuple[Tree, str] | None:
    subject, condition = tree.args
    held = region(condition)
    domain: tuple[Tree, str] | None = REALS, ""
    if subject.op == "rel" and subject.value == ("in",):
        domain = region(subject.args[1], intervals=True)  # None where it is of whole numbers, say
        subject = subject.args[0]
    if held is None or domain is None or subject.op != "sym":
        return None
    return held[0] if domain[0] == REALS else Tree("inter", (held[0], domain[0])), ""


def _conditions(tree: Tree) -> tuple[Tree, str] | None:
    """Join conditions: by `or` the union, by `and` the intersection; by commas the union if nothing satisfies all."""
    parts = [_relation(arg) if arg.op == "rel" else region(arg) for arg in tree.args]
    if any(part is None for part in parts) or len({part[1] for part in parts if part}) > 1:
        return None
    joined = [part[0] for part in parts if part]
    name = next((part[1] for part in parts if part), "")
    both = joined[0]
    either = joined[0]
    for part in joined[1:]:
        both, either = Tree("inter", (both, part)), Tree("union", (either, part))
    if tree.value == "or" or (tree.value != "and" and not inhabited(both)):
        return either, name
    return both, name
