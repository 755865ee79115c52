r"""Write out sets that a condition builds: {2k - 1 : k in Z, 1 <= k <= 5} is {1, 3, 5, 7, 9}.

Bound: whole numbers from -`REACH` to `REACH` are tried, and at most `MAX_MEMBERS` may satisfy the condition.
"""

from __future__ import annotations

from fractions import Fraction

from rewards.mathematics.exact import COMPARED, exact
from rewards.mathematics.tree import REALS, Tree, num, replace, walk

REACH = 120
MAX_MEMBERS = 60
_LEAST = {"set Z": -REACH, "set N": 0}


def written_out(tree: Tree) -> Tree:
    r"""Write out a set of whole numbers that its condition bounds on both sides; any other tree stays as it is.

    Example:
        >>> from rewards.mathematics.parse import parse
        >>> len(written_out(parse("\\{x \\in \\mathbb{Z} \\mid -2 < x < 3\\}")).args)
        4
    """
    if tree.op == "list" and (subject := _bounded(tree)) is not None:
        tree = Tree("builder", (subject, tree))  # 1 <= x <= 3, x in Z
    if tree.op != "builder":
        return tree
    subject, condition = tree.args
    if (vector := _spanned(subject, condition)) is not None:
        return vector
    if subject.op == "seq" and all(name.op == "sym" for name in subject.args) and condition.op == "rel":
        return condition  # {(x, y) : y = 2x} is the line
    conditions = list(condition.args) if condition.op == "list" else [condition]
    if subject.op == "rel" and subject.value == ("in",):
        conditions.append(subject)
        subject = subject.args[0]
    if (listed := _listed([item for item in conditions if item.op != "rel" or item.args[-1] != REALS])) is not None:
        return Tree("set", tuple(replace(subject, listed[0], value) for value in listed[1]))
    domains = [item for item in conditions if item.op == "rel" and item.value == ("in",)]
    rest = [item for item in conditions if item not in domains]
    if len(domains) != 1 or domains[0].args[0].op != "sym" or any(item.op != "rel" for item in rest):
        return tree
    name, least = str(domains[0].args[0].value), _LEAST.get(str(domains[0].args[1].value))
    if least is None:
        return tree
    members = [at for at in range(least, REACH + 1) if all(_holds(item, name, at) for item in rest)]
    open_ended = bool({-REACH, REACH} & set(members))
    if open_ended or len(members) > MAX_MEMBERS:
        return tree
    return Tree("set", tuple(replace(subject, name, num(at)) for at in members))


def _spanned(subject: Tree, condition: Tree) -> Tree | None:
    """Take s(1, -1) out of {s(1, -1) : s in R}: a vector with a letter stands for all that it runs through."""
    conditions = condition.args if condition.op == "list" else (condition,)
    free = {item.args[0] for item in conditions if item.op == "rel" and item.value == ("in",) and item.args[1] == REALS}
    vector = any(node.op in ("seq", "matrix") for node in walk(subject))
    return subject if vector and len(free) == len(conditions) and all(name.op == "sym" for name in free) else None


def _bounded(tree: Tree) -> Tree | None:
    """Find the name of which a list of conditions says that it is a whole number; None in any other list."""
    wholes = [item for item in tree.args if item.op == "rel" and str(item.args[-1].value) in _LEAST]
    return wholes[0].args[0] if wholes and all(item.op == "rel" for item in tree.args) else None


def _listed(conditions: list[Tree]) -> tuple[str, list[Tree]] | None:
    """Read k = 1, 2, 3: a name and the numbers it takes; None for any other condition."""
    if len(conditions) > 1 and all(item.op == "rel" and item.value == ("=",) for item in conditions):
        names = {item.args[0] for item in conditions}  # x = 3 or x = -3
        conditions = [conditions[0], *(item.args[1] for item in conditions[1:])] if len(names) == 1 else conditions
    if not conditions:
        return None
    first, *others = conditions
    if first.op != "rel" or first.value != ("=",) or first.args[0].op != "sym" or len(others) > MAX_MEMBERS:
        return None
    values = [first.args[1], *others]
    return (str(first.args[0].value), values) if all(exact(value) is not None for value in values) else None


def _holds(condition: Tree, name: str, at: int) -> bool:
    sides: list[Fraction] = []
    for side in condition.args:
        value = exact(replace(side, name, num(at)))
        if value is None:
            return False
        sides.append(value)
    pairs = zip(sides, condition.value, sides[1:], strict=False)
    return all(sign in COMPARED and COMPARED[sign](left, right) for left, sign, right in pairs)
