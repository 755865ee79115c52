"""Compare two answers as they were read: choices, words, moments, numbers with units, and mathematics."""

from __future__ import annotations

import re

from rewards.mathematics.compare import same_tree
from rewards.mathematics.congruences import from_congruence, parameter_of
from rewards.mathematics.constants import renamings
from rewards.mathematics.exact import exact
from rewards.mathematics.finding import Finding
from rewards.mathematics.identity import same_value
from rewards.mathematics.labels import spread, value_of
from rewards.mathematics.moments import same_date, same_time
from rewards.mathematics.named import named
from rewards.mathematics.options import DEFAULT, Options
from rewards.mathematics.reading import Answer, read
from rewards.mathematics.tokens import MAX_CHARACTERS
from rewards.mathematics.tree import IMAGINARY, PI, Tree, is_rational, num, replace, symbols, walk
from rewards.mathematics.units import Unit, unit
from rewards.mathematics.words import concluded, decided, meaning, placeholder, words
from rewards.patterns import Pattern

_LETTER = Pattern(r"[A-Z]|\\(?:text|mathrm|textbf|mathbf)\s*\{\s*\(?[A-Z]\)?\s*\}|\([A-Za-z]\)|[A-Z][.)]")
_SEVERAL = Pattern(r"(?=[A-H])A?B?C?D?E?F?G?H?(?<=[A-H]{2})|[A-H](?:\s*,\s*[A-H])+")
_LETTERS = Pattern(r"(?:\\text\{)?\(?[A-H]\)?(?:(?:\s|,|;|and|\\text\{|[{}()])*[A-H])*[)}]?")
_HEDGED = Pattern(r"\bor\b|或|\boder\b|\bou\b")
_NAME = Pattern("[A-Za-z]{3,}")
_MOMENT = Pattern(r"\d.*?(?::|[a-zA-Z]{2}|-|/)|[a-zA-Z].*?\d", re.DOTALL)
_CLOCK = Pattern(r"[ap]\.?\s?m|:00|:0\d", re.IGNORECASE)
_NOT_SO = Pattern(r"\b(?:or|and|no|yes|not|but|true|false|maybe)\b")
_ANGLE = (("G", 1),)
_RADIAN = (("r", 1),)
_PERCENT = (("%", 1),)
_NOTHING = {"(nothing)", "(undefined)", "(infinitely many)"}


def same_answer(reference: Answer, answer: Answer, options: Options = DEFAULT) -> Finding:
    """Decide whether an answer is the reference answer.

    Args:
        reference: What the row says, read.
        answer: What the completion says, read.
        options: The row's policy.

    Example:
        >>> same_answer(read("1/2"), read("0.5")).same, same_answer(read("10 cm"), read("100 mm")).same
        (True, True)
    """
    if max(len(reference.text), len(answer.text)) > MAX_CHARACTERS:
        same = "".join(reference.text.split()) == "".join(answer.text.split())
        return Finding(same, "the same long text" if same else "too long to be read, and not the same text")
    if not answer.plain and placeholder(answer.text) and not placeholder(reference.text):
        return Finding(False, "a placeholder, no answer")
    if reference.text == answer.text:
        return Finding(True, "the same text")
    if reference.plain and _is_plain(answer) and options.form == "any" and options.kind in ("auto", "number"):
        left, right = reference.tree or num(0), answer.tree or num(0)
        return same_value(left, right, rounding=options.rounding, tolerance=options.tolerance)
    if options.form == "written":
        return Finding(_squeezed(reference.text) == _squeezed(answer.text), "compared as written")
    if options.kind == "text":
        return Finding(words(reference.text) == words(answer.text), "compared as words")
    if (found := _same_choice(reference, answer, options)) is not None:
        return found
    if (found := _same_meaning(reference, answer)) is not None:
        return found
    if (found := _same_moment(reference, answer)) is not None:
        return found
    if reference.tree is None or answer.tree is None:
        return _same_words(reference, answer)
    if (found := _same_family(reference, answer)) is not None:
        return found
    answer = _imaginary(reference, answer)
    found = _same_measure(reference, answer, options)
    if found.same:
        return found
    for renamed in renamings(reference.tree, answer.tree or num(0)):
        if (other := same_tree(reference.tree, renamed, options)).same:
            return other._replace(why=f"{other.why}, the arbitrary constants renamed")
    if _NAME.fullmatch(reference.text) and reference.text.lower() == answer.text.lower():
        return Finding(True, "the same word")
    return _other_readings(reference, answer, options) or found


def _is_plain(answer: Answer) -> bool:
    """Tell whether an answer is a rational number and nothing else: no unit, no sign after it, no other reading."""
    if answer.plain:
        return True
    tree = answer.tree
    extras = (answer.unit, answer.measure, answer.option, answer.parameter, answer.others, answer.glued)
    return tree is not None and not any(extras) and is_rational(tree)


def _imaginary(reference: Answer, answer: Answer) -> Answer:
    """Take I for the imaginary unit, as programs write it, where the reference has i and no I."""
    ours, theirs = reference.tree or num(0), answer.tree or num(0)
    if "I" not in symbols(theirs) or "I" in symbols(ours) or IMAGINARY not in walk(ours) or IMAGINARY in walk(theirs):
        return answer
    return answer._replace(tree=replace(theirs, "I", IMAGINARY))


def _squeezed(text: str) -> str:
    return re.sub(r"\s|\\[ ,;:!]|\\(?:left|right)(?![a-z])", "", text).replace("dfrac", "frac").replace("tfrac", "frac")


def _same_choice(reference: Answer, answer: Answer, options: Options) -> Finding | None:
    """Compare choices where the reference is one: by letter, or by the words beside it."""
    several = _SEVERAL.fullmatch(reference.text)
    if several and _HEDGED.search(answer.text):
        return Finding(False, "one choice or another")
    if several and _LETTERS.fullmatch(answer.text):
        chosen = [sorted(set(re.findall("[A-H]", each.text))) for each in (reference, answer)]
        return Finding(chosen[0] == chosen[1], "the same choices" if chosen[0] == chosen[1] else "other choices")
    if reference.option is None or not (_LETTER.fullmatch(reference.text.strip()) or reference.option[1]):
        if options.kind != "choice":
            return None
        return Finding(words(reference.text) == words(answer.text), "compared as choices")
    letter, beside = reference.option
    if answer.option is not None:
        if letter != answer.option[0]:
            return Finding(False, f"choice {answer.option[0]} instead of {letter}")
        lower = re.fullmatch("[a-z]", answer.text.strip()) is not None
        if not lower or letter in "ABCDEFGH":
            return Finding(True, f"choice {letter}")
        return None
    if beside and len(beside) > 1:
        found = same_answer(read(beside)._replace(option=None), answer, options)  # one level: (A) (A) ...
        return Finding(found.same, f"the words of choice {letter}: {found.why}")
    letters = set(re.findall(r"\b[A-Z]\b", answer.text))
    return Finding(False, "several choices") if len(letters) > 1 else None


def _same_meaning(reference: Answer, answer: Answer) -> Finding | None:
    """Compare yes and no, no solution, undefined."""
    first, second = (_meant(each) for each in (reference, answer))
    if first in ("yes", "no") or first in _NOTHING or second in _NOTHING:
        same = first == second or ({first, second} <= {"yes", "y", "t"}) or ({first, second} <= {"no", "n", "f"})
        if first in _NOTHING and not same:
            same = concluded(answer.text) == first
        if first in ("yes", "no") and (conclusion := decided(answer.text)):
            return Finding(conclusion == first, f"a sentence that says {conclusion}")
        clause = second.removeprefix(first + " ")
        same = same or (first in ("yes", "no") and clause != second and not _NOT_SO.search(clause))
        return Finding(same, f"{first or reference.text[:30]!r} against {second[:30]!r}")
    return None


def _meant(answer: Answer) -> str:
    empty = Tree("set")
    if answer.tree is not None and (
        answer.tree == empty or (answer.tree.op == "rel" and answer.tree.args[-1] == empty)
    ):
        return "(nothing)"
    return meaning(answer.text)


def _same_words(reference: Answer, answer: Answer) -> Finding:
    first, second = (_unsided(words(each.text)) for each in (reference, answer))
    if reference.tree is not None and not symbols(reference.tree):
        same = _squeezed(reference.text) == _squeezed(answer.text)
        return Finding(same, "the same text" if same else "the answer is not readable as mathematics")
    first, second = first.replace(" and ", " "), second.replace(" and ", " ")
    same = bool(first) and (first == second or first.replace(" ", "") == second.replace(" ", ""))
    if not same and (pairs := _labelled(reference.text)) and pairs == _labelled(answer.text):
        return Finding(True, "the same value for every name")
    if not same and " and " in words(reference.text):
        listed = [sorted(words(each.text).split(" and ")) for each in (reference, answer)]
        same = listed[0] == listed[1] and re.fullmatch(r"[a-z '-]+", first) is not None
    if not same and not first:
        same = bool(reference.text) and _squeezed(reference.text) == _squeezed(answer.text)
    return Finding(same, "the same words" if same else "different words")


def _labelled(text: str) -> list[str]:
    """Read Amy: 12, Bob: 15 as its pairs, in one order; nothing where a piece is no pair."""
    pieces = [words(piece) for piece in re.split("[,;]", text)]
    pairs = all(piece.count(":") == 1 for piece in re.split("[,;]", text))
    return sorted(pieces) if pairs and len(pieces) > 1 else []


def _unsided(text: str) -> str:
    """Put the two sides of a relation that has no direction in one order: CD is parallel to AB."""
    text = text.replace("maximum", "max").replace("minimum", "min")
    for relation in (" parallel ", " perp ", " cong ", " sim "):
        sides = text.split(relation)
        if len(sides) == 2:
            return relation.join(sorted(side.strip() for side in sides))
    return text


def _same_moment(reference: Answer, answer: Answer) -> Finding | None:
    if not (_MOMENT.search(reference.text) and _MOMENT.search(answer.text)):
        return None
    for compare, what in ((same_time, "time"), (same_date, "date")):
        same = compare(reference.text, answer.text)
        if same or (same is False and (what == "date" or _is_clock(reference.text) or _is_clock(answer.text))):
            return Finding(same, f"the same {what}" if same else f"different {what}s")
    return None


def _is_clock(text: str) -> bool:
    return _CLOCK.search(text) is not None


def _same_family(reference: Answer, answer: Answer) -> Finding | None:
    """Compare general solutions where at least one side says that a symbol runs over the whole numbers."""
    sides = [_family(each) for each in (reference, answer)]
    if sides[0] is None and sides[1] is None:
        if not (_is_periodic(reference) and _is_periodic(answer)):
            return None
    elif any(side is None for side in sides) and not (reference.parameter or answer.parameter or sides[0]):
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


def _has_turn(tree: Tree) -> bool:
    return any(node == PI or node.op == "deg" for node in walk(tree))


def _family(answer: Answer) -> tuple[list[Tree], str] | None:
    r"""Read a general solution that says so: by its words, by `k \\in Z`, or by its modulus."""
    tree = answer.tree
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
        if (
            item.op == "rel"
            and item.value == ("in",)
            and item.args[1].op == "const"
            and "set Z" in str(item.args[1].value)
        ):
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


def _other_readings(reference: Answer, answer: Answer, options: Options) -> Finding | None:
    """Try the other meanings of commas, and a letter as a unit."""
    for left in (reference.tree, *reference.others):
        for right in (answer.tree, *answer.others):
            if left is None or right is None or (left is reference.tree and right is answer.tree):
                continue
            if {left.op, right.op} in ({"list", "seq"}, {"list", "set"}):
                continue  # 10,080 is no pair because another side writes one: (10, 80)
            found = _same_measure(reference._replace(tree=left), answer._replace(tree=right), options)
            if found.same:
                return found._replace(why=f"{found.why}, a comma read another way")
    if answer.glued is not None and (reference.measure is not None or not symbols(reference.tree or num(0))):
        tree, name = answer.glued
        found = _same_measure(reference, answer._replace(tree=tree, unit=name, measure=unit(name)), options)
        return found if found.same else None
    if reference.glued is not None and answer.measure is not None:
        tree, name = reference.glued
        found = _same_measure(reference._replace(tree=tree, unit=name, measure=unit(name)), answer, options)
        return found if found.same else None
    return None


def _same_measure(reference: Answer, answer: Answer, options: Options) -> Finding:
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
    if _is_percent(first) and _is_percent(second):
        return same_tree(left, right, options)
    size = exact(left)
    surplus = first is None and size is not None and abs(size) < 1
    if options.percent == "forgive" and not surplus:
        found = same_tree(left, right, options)
        if found.same:
            return found._replace(why=f"{found.why}, the percent sign aside")
    hundred = num(100)
    left = Tree("div", (value_of(left), hundred)) if _is_percent(first) else left
    right = Tree("div", (value_of(right), hundred)) if _is_percent(second) else right
    return same_tree(_simplified(left), _simplified(right), options)


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
