"""Compare values with their units: converted where both are known, forgiven where one is missing; percents, degrees."""

from __future__ import annotations

from rewards.mathematics.compare import same_tree
from rewards.mathematics.exact import exact
from rewards.mathematics.finding import Finding
from rewards.mathematics.labels import value_of
from rewards.mathematics.options import Options
from rewards.mathematics.reading import Answer
from rewards.mathematics.tree import PI, Tree, num, walk
from rewards.mathematics.units import Unit, unit

_ANGLE = (("G", 1),)
_RADIAN = (("r", 1),)
_PERCENT = (("%", 1),)


def same_measure(reference: Answer, answer: Answer, options: Options) -> Finding:
    """Compare values with their units: converted where both are known, forgiven where one is missing."""
    left, right = reference.tree, answer.tree
    if left is None or right is None:
        return Finding(False, "nothing to compare")
    left, first = _taken_off(left, reference.measure)
    right, second = _taken_off(right, answer.measure)
    if options.units == "ignore":
        first = second = None
    if options.units == "require" and (first is None) != (second is None):
        return Finding(False, "a unit is missing")
    if _is_percent(first) or _is_percent(second):
        return _same_percent(left, first, right, second, options)
    if first is not None and second is not None and first != second:
        return _converted(left, first, right, second, options)
    if (first is None) != (second is None):
        return _same_missing_unit(left, first, right, second, options)
    return same_tree(left, right, options)


def _taken_off(tree: Tree, measure: Unit | None) -> tuple[Tree, Unit | None]:
    """Take a degree or percent sign off the value; it is a unit too."""
    if measure is not None:
        return tree, measure
    value = value_of(tree)
    signs = {arg.op for arg in value.args} if value.op in ("list", "set", "seq") else set()
    if signs in ({"deg"}, {"pct"}):
        return value._replace(args=tuple(arg.args[0] for arg in value.args)), unit("°" if signs == {"deg"} else "%")
    if value.op == "neg" and value.args[0].op in ("deg", "pct"):
        return Tree("neg", value.args[0].args), unit("°" if value.args[0].op == "deg" else "%")
    if value.op in ("deg", "pct"):
        return value.args[0], unit("°" if value.op == "deg" else "%")
    return tree, None


def _is_percent(measure: Unit | None) -> bool:
    return measure is not None and measure.dimension == _PERCENT


def _same_percent(left: Tree, first: Unit | None, right: Tree, second: Unit | None, options: Options) -> Finding:
    """Compare percentages: 28% is 0.28, and 28 with the sign forgotten."""
    if first is not None and second is not None and first == second:
        return same_tree(left, right, options)
    size = exact(left)
    surplus = first is None and size is not None and abs(size) < 1
    if options.percent == "forgive" and not surplus and (first is None or second is None):
        found = same_tree(left, right, options)
        if found.same:
            return found._replace(why=f"{found.why}, the percent sign aside")
    left = _as_share(left, first)
    right = _as_share(right, second)
    return same_tree(_simplified(left), _simplified(right), options)


def _as_share(tree: Tree, measure: Unit | None) -> Tree:
    """Divide a percentage by a hundred, a value per mille by a thousand."""
    if measure is None or not _is_percent(measure):
        return tree
    return Tree("div", (value_of(tree), num(1 / measure.size)))


def _simplified(tree: Tree) -> Tree:
    """Keep a decimal a decimal when it is divided by a hundred, so that its rounding stays known."""
    if tree.op == "div" and tree.args[0].op == "dec" and tree.args[1] == num(100):
        value = tree.args[0].value
        return Tree("dec", (), value._replace(number=value.number / 100, places=value.places + 2))
    return tree


def _converted(left: Tree, first: Unit, right: Tree, second: Unit, options: Options) -> Finding:
    if {first.dimension, second.dimension} == {_ANGLE, _RADIAN}:
        turned = [
            Tree("deg", (value_of(t),)) if m.dimension == _ANGLE else t for t, m in ((left, first), (right, second))
        ]
        return same_tree(turned[0], turned[1], options)
    if first.dimension != second.dimension:
        return Finding(False, "units of different things")
    scaled = [
        Tree("add", (Tree("mul", (num(measure.size), value_of(tree))), num(measure.offset)))
        for tree, measure in ((left, first), (right, second))
    ]
    found = same_tree(scaled[0], scaled[1], options)
    if not found.same and options.rounding:
        back = Tree("div", (Tree("add", (scaled[1], num(-first.offset))), num(first.size)))
        value = exact(back)
        found = same_tree(left, num(value) if value is not None else back, options)
    return found._replace(why=f"{found.why}, in the other unit")


def _same_missing_unit(left: Tree, first: Unit | None, right: Tree, second: Unit | None, options: Options) -> Finding:
    """Forgive a unit that only one side has; an angle without one may be in radians, and with a pi in it is."""
    known = first or second
    radians = (
        known is not None and known.dimension == _ANGLE and any(node == PI for node in walk(left if second else right))
    )
    found = Finding(False, "degrees against radians") if radians else same_tree(left, right, options)
    if found.same:
        return found
    if known is not None and known.dimension == _ANGLE:
        turned = [
            Tree("deg", (value_of(tree),)) if measure else tree for tree, measure in ((left, first), (right, second))
        ]
        return same_tree(turned[0], turned[1], options)
    return found
