"""Tell what an equation only names from what it says: x = 5, f(x) = 2x, and both signs of a plus-minus."""

from __future__ import annotations

from itertools import product

from rewards.mathematics.identity import same_value
from rewards.mathematics.tree import Tree, num, symbols, walk

_COORDINATES = frozenset("xyz")
_OF_ANGLES = frozenset({"sin", "cos", "tan", "cot", "sec", "csc", "log", "ln"})
_FUNCTIONS = frozenset("fgh")
SERIES = frozenset({"list", "set", "seq"})
MAX_SIGNS = 4  # plus-minus signs that are chosen one by one


def tautology(tree: Tree) -> bool:
    """Tell whether an equation says nothing: x = x."""
    return tree.op == "rel" and set(tree.value) == {"="} and all(side == tree.args[0] for side in tree.args)


def is_equation(tree: Tree) -> bool:
    """Tell whether a tree is one equation between two values."""
    return tree.op == "rel" and tree.value == ("=",) and all(side.op not in SERIES for side in tree.args)


def measured_value(tree: Tree) -> Tree:
    """Take the value out of cos A = 3/5 and x^2 + y^2 = 5, where one is asked for; any other tree stays as it is."""
    if is_equation(tree) and _is_measure(tree.args[0]) and not symbols(tree.args[1]):
        return tree.args[1]
    return tree


def _is_measure(tree: Tree) -> bool:
    """Tell whether a side is a function of what is not known, or a quantity of several letters: cos A, x^2 + y^2."""
    if tree.op == "fn" and tree.value in _OF_ANGLES:
        return len(tree.args) == 1 and bool(symbols(tree))
    return tree.op == "add" and len(symbols(tree)) > 1 and not any(node.op in ("num", "dec") for node in tree.args)


def is_label(tree: Tree) -> bool:
    """Tell whether a side only names what the other side is the value of: x, f(x), AB, V_1:V_2, dy/dx."""
    if tree.op in ("sym", "call", "word"):
        return True
    if tree.op == "pow" and tree.args[0].op == "sym":
        if tree.args[0].value in ("f", "g", "h"):
            return tree.args[1] == Tree("neg", (num(1),))
        return tree.args[0].value in ("sigma", "chi", "R") and tree.args[1] == num(2)
    if tree.op in ("seq", "union", "inter", "minus") or (tree.op == "fn" and tree.value == "abs"):
        return all(is_label(arg) for arg in tree.args)
    if tree.op == "mul":
        return all(is_capital(arg) for arg in tree.args) or _called_inverse(tree)
    if tree.op in ("div", "ratio"):
        return all(is_capital(arg) or _differential(arg) for arg in tree.args)
    return False


def _is_named_quantity(tree: Tree) -> bool:
    """Tell whether a side is a sum, product or quotient of plain symbols: m + n, which the answer is asked for."""
    return tree.op in ("add", "mul", "div") and all(arg.op == "sym" or _is_named_quantity(arg) for arg in tree.args)


def _called_inverse(tree: Tree) -> bool:
    return tree.args[0].op == "pow" and is_label(tree.args[0]) and tree.args[1].op == "sym"


def is_capital(tree: Tree) -> bool:
    """Tell whether a tree is a name in capitals: A, AB."""
    if tree.op == "mul":
        return all(is_capital(arg) for arg in tree.args)
    return tree.op == "sym" and str(tree.value)[:1].isupper()


def _differential(tree: Tree) -> bool:
    if tree.op == "mul":
        return _differential(tree.args[0])
    return (tree.op == "pow" and _differential(tree.args[0])) or tree == Tree("sym", (), "d")


def value_of(tree: Tree) -> Tree:
    """Take the value out of `x = 5`, `f(x) = 2x`, `2 + 2 = 4` and `sqrt 2 = 1.41...`; anything else stays."""
    if tree.op == "mul" and tree.args[1].op == "seq" and is_capital(tree.args[0]):
        return tree.args[1]
    if tree.op != "rel":
        return tree
    operators: tuple[str, ...] = tree.value
    sides = list(tree.args)
    if operators == ("in",) and sides[1].op == "set" and is_label(sides[0]):
        return sides[1]
    if not set(operators) <= {"=", "~"}:
        return tree
    if operators == ("~",) and _far_apart(sides[-2], sides[-1]):
        return tree
    while len(sides) > 1 and operators[-1] == "~" and not (len(sides) == 2 and is_label(sides[0])):
        sides.pop()
        operators = operators[:-1]
    if len(sides) == 1:
        return sides[0]
    defines = sides[0].op == "call" and sides[-1].op != "call"  # f(x) = |x|
    if is_label(sides[0]) and (len(sides) > 2 or defines or not is_label(sides[1]) or symbols(sides[1]) == set()):
        return sides[-1]
    if is_label(sides[-1]) and len(sides) == 2 and (not is_label(sides[0]) or sides[-1].op == "call"):
        return sides[0]
    if _is_named_quantity(sides[0]) and not any(symbols(side) for side in sides[1:]):
        return sides[-1]
    if len(sides) > 2 and sides[0].op in ("num", "dec"):
        return sides[-1]
    if not any(symbols(side) for side in sides):
        found = same_value(sides[0], sides[-1])
        return sides[-1] if len(sides) > 2 or found.same or not found.decided else tree
    return tree if len(sides) == 2 or not is_label(sides[0]) else sides[-1]


def contradictory(tree: Tree) -> bool:
    """Tell whether a chain of equals signs has numbers that are far apart: x = 5 = 7."""
    if tree.op != "rel" or set(tree.value) != {"="}:
        return False
    numbers = [side for side in tree.args if not symbols(side) and all(node.op != "call" for node in walk(side))]
    found = (same_value(side, numbers[-1], tolerance=0.02) for side in numbers[:-1])
    return any(each.decided and not each.same for each in found)


def _far_apart(left: Tree, right: Tree) -> bool:
    """Tell whether two numbers that are said to be about the same are not: 4 is not about 5."""
    return not (symbols(left) or symbols(right)) and not same_value(left, right, tolerance=0.02).same


def label_of(tree: Tree) -> Tree | None:
    """Take the name of a named value: x of x = 5."""
    if tree.op == "rel" and value_of(tree) is not tree:
        return next((side for side in (tree.args[0], tree.args[-1]) if is_label(side)), None)
    return None


def labels_clash(reference: Tree, answer: Tree) -> bool:
    """Tell whether both are values of named things with different names: x = 5 and y = 5."""
    first, second = label_of(reference), label_of(answer)
    if first is not None and second is None and first.op == "sym":  # z = 0 is not x + y = 0
        return answer.op == "rel" and {str(first.value)} < {str(first.value), *symbols(answer)} <= _COORDINATES
    if first is None or second is None or first == second:
        return False
    if first.op == second.op == "call" and first.value != second.value and {first.value, second.value} <= _FUNCTIONS:
        return True
    if first.op == second.op and str(first.value) != str(second.value) and "'" in f"{first.value}{second.value}":
        return str(first.value).rstrip("'") == str(second.value).rstrip("'")  # a function and its derivative
    return (
        first.op == "sym"
        and second.op == "sym"
        and first.value != second.value
        and (not symbols(value_of(reference)) and not symbols(value_of(answer)))
    )


def spread(tree: Tree) -> Tree:
    """Write out every plus-minus sign: 1 ± sqrt 2 becomes a list of two; several each have their own, without a ∓."""
    if tree.op in ("list", "set"):
        items: list[Tree] = []
        for arg in tree.args:
            inner = spread(value_of(arg)) if _has_sign(arg) else arg
            items += inner.args if inner.op == "list" and _has_sign(arg) else (inner,)
        return tree._replace(args=tuple(items))
    if tree.op == "rel" and tree.value == ("=",) and is_label(tree.args[0]) and _has_sign(tree.args[1]):
        sides = spread(tree.args[1])
        return Tree("list", tuple(tree._replace(args=(tree.args[0], side)) for side in sides.args), ",")
    if tree.op == "rel" or not _has_sign(tree):
        return tree
    signs = [node.value for node in walk(tree) if node.op == "pm"]
    if 1 < len(signs) <= MAX_SIGNS and set(signs) == {"+-"} and not any(node.op in SERIES for node in walk(tree)):
        return Tree(
            "list", tuple(_signed(tree, list(chosen)) for chosen in product((True, False), repeat=len(signs))), ","
        )
    return Tree("list", (_chosen(tree, upper=True), _chosen(tree, upper=False)), ",")


def _signed(tree: Tree, plus: list[bool]) -> Tree:
    """Choose each plus-minus sign by itself, in the order they stand: 1 ± 2 ± 3 has four values."""
    mine = plus.pop(0) if tree.op == "pm" else None
    args = tuple(_signed(arg, plus) for arg in tree.args)
    if mine is not None:
        return args[0] if mine else Tree("neg", args)
    return tree._replace(args=args)


def _has_sign(tree: Tree) -> bool:
    return any(node.op == "pm" for node in walk(tree))


def _chosen(tree: Tree, *, upper: bool) -> Tree:
    args = tuple(_chosen(arg, upper=upper) for arg in tree.args)
    if tree.op == "pm":
        return args[0] if (tree.value == "+-") == upper else Tree("neg", args)
    return tree._replace(args=args)
