"""Read a number with what is measured or counted after it: 5 ft 6 in, 3 million dollars, 12 apples.

Bound: at most `MAX_SPLITS` places are tried as the end of the number.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import NamedTuple

from rewards.extract.phrases import LEFT_OPEN
from rewards.mathematics.parse import parsed
from rewards.mathematics.tree import Tree, num, symbols
from rewards.mathematics.units import Unit, known, unit
from rewards.mathematics.wrapping import STYLED
from rewards.patterns import Pattern

MAX_SPLITS = 8
_BREAK = Pattern(
    r"\\(?:text(?:bf|rm|it|normal)?|mathrm|mbox|hbox|rm|operatorname)\s*\{|(?<=[\d)}\]!])\s*(?=[A-Za-zΩ°%‰$€£¢₹℃℉])"
    r"|(?<=\s)(?=[A-Za-zΩ°℃℉])|\^\s*\{?\s*\\circ|\\degree|\\%"
)
_STYLES = ("\\text", "\\mathrm", "\\rm", "\\mbox", "\\hbox", "\\operatorname")
_TRAILING_SPACE = Pattern(r"(?:\s|[,(~]|\\[ ,;:!]|\\$)+$")
_RAISED_LETTER = Pattern(r"[A-Za-z]\s*\^?\s*\d$")
_PART = Pattern(r"\s*(\d+(?:\.\d+)?)\s*([A-Za-z]+\.?|'|\")\s*(?:,|and)?\s*")
_HEDGES = Pattern(
    r"\b(?:or|no|none|not|nicht|weniger|mehr|and|halved|doubled|halfs?|multiple|excluding|without|binary|hex|octal"
    r"|Millionen|millones|milhões|millions?|Milliarden|(?:third|fourth|fifth|sixth|seventh|eighth|ninth|tenth)s?|minus|plus|than|more|less|at|least|most|wrong|incorrect|maybe|if|mod|except|times|to|base|but|"
    r"factorial|squared|cubed|over|divided|by|either|versus|vs|is|equals|half|halves|thirds?|quarters?|plusminus|"
    r"million|billion|thousand|hundred|trillion)\b",
    re.IGNORECASE,
)
# What follows is no unit, however far into it one looks: 19 or whatever the key says.
_OPEN = Pattern(rf"\b(?:{LEFT_OPEN}|incorrect|either|is|isn't)\b", re.IGNORECASE)
_SCALES = {"hundred": 2, "thousand": 3, "million": 6, "billion": 9, "trillion": 12}
_SCALES |= {"tenth": -1, "hundredth": -2, "thousandth": -3, "millionth": -6, "billionth": -9}
_SCALE = Pattern(
    r"^(.*?\d)\s*\\?(?:text\{)?\s*((?:hundred|thousand|million|billion)(?:th)?|trillion|tenth)s?\b\}?\s*(.*)$",
    re.DOTALL,
)
_MORE_SCALE = Pattern(r"(hundred|thousand|million|billion|trillion)s?\b\}?\s*")
_DOZENS = Pattern(
    r"^(.*?\d)\s*(?:\\[,;: ]|~)*(?:\\text\s*\{)?\s*dozens?\s+(?:of\s+)?([A-Za-z].*)$", re.DOTALL
)  # of what is counted
_GLUED = Pattern(r"(.*[\d)}])\s*([a-zA-Z]{1,3}(?:/[a-zA-Z]{1,3})?)")
_LETTERS = Pattern(r"[A-Za-z](?:\s*[*/]\s*[A-Za-z](?:\s*\^?\s*-?\d)?)*")  # 5m, 2h/g: a product of symbols, or a unit
_USUAL = frozenset("m/s m/s^2 m/s2 g/L J/K N/m V/m C/m J/s C/s".split())
_DEGREE = Pattern(r"\^\s*\{?\s*\\circ\s*\}?|\\degree")
_UNIT_MARKS = Pattern(r"\\(?:text(?:bf|rm|it|normal)?|mathrm|mbox|hbox|rm|operatorname)\s*(?=\{)|\\[ ,;:!%]|[{}()~$]")
_NO_UNIT = Pattern(r"[\d=<>]")
_POWER = Pattern(r"\^\s*-?\d")
_SQUARE = Pattern(r"(?:sq\.?|square|cubic|cu\.?)\s")
_LONG_NAME = Pattern(r"[A-Za-z]{3,}")
_FUNCTION_NAME = Pattern(r"(?:sin|cos|tan|log|ln|sqrt|exp|pi|mod|cot|sec|csc|and|inf|cup|union|abs|min|max|arc)")


class Measured(NamedTuple):
    """Hold a number, the words or symbols after it, and the unit where it is one that we know."""

    tree: Tree
    unit: str
    measure: Unit | None


def measured(text: str, commas: str) -> Measured | None:
    """Read a number with what is measured or counted after it."""
    if not text or (
        text[-1].isdigit() and not _RAISED_LETTER.search(text) and not any(map(text.__contains__, _STYLES))
    ):
        return None
    scale = _SCALE.match(text) if any(word in text for word in _SCALES) else None
    if scale is not None:
        number = parsed(scale[1], commas)
        if number is not None:
            zeros, rest = _SCALES[scale[2]], scale[3]
            while (more := _MORE_SCALE.match(rest)) is not None:  # a hundred thousand
                zeros, rest = zeros + _SCALES[more[1]], rest[more.end() :]
            power = Tree("pow", (num(10), num(zeros)))
            return Measured(Tree("mul", (number, power)), rest, unit(rest) if rest else None)
    dozens = _DOZENS.match(text) if "dozen" in text else None
    if dozens is not None and (number := parsed(dozens[1], commas)) is not None:
        return Measured(Tree("mul", (number, num(12))), _unit_words(dozens[2]), None)
    if (total := compound(text)) is not None:
        return total
    for count, split in enumerate(_BREAK.finditer(text)):
        if count >= MAX_SPLITS:
            return None
        head, tail = text[: split.start()], text[split.start() :]
        name = _unit_words(tail)
        if name.replace(" ", "").isalpha() and _OPEN.search(name):
            return None
        if not head.strip() or not name or not _worth_a_unit(head, tail, name):
            continue
        tree = parsed(_TRAILING_SPACE.sub("", head), commas)
        if tree is not None and not _free(tree):
            return Measured(tree, name, unit(name))
    return None


def compound(text: str) -> Measured | None:
    """Read 3 hours 30 minutes, 5 ft 6 in, 5'6": parts of one dimension, in the first unit."""
    position, total, first = 0, Fraction(0), None
    text = STYLED.sub(r" \1 ", text)
    for count in range(4):
        part = _PART.match(text, position)
        measure = unit({"'": "ft", '"': "in"}.get(part[2], part[2])) if part is not None else None
        if part is None or measure is None or (first is not None and measure.dimension != first.dimension):
            return None
        first = first or measure
        total += Fraction(part[1]) * measure.size / first.size
        position = part.end()
        if position == len(text):
            return Measured(num(total), part[2], first) if count else None
    return None


def _unit_words(tail: str) -> str:
    """Read the words of a unit out of LaTeX."""
    tail = _UNIT_MARKS.sub(lambda found: "%" if found[0] == "\\%" else " ", _DEGREE.sub("°", tail))
    return " ".join(tail.replace("\\cdot", "*").replace("\\", " ").split()).strip(" .")


def _worth_a_unit(head: str, tail: str, name: str) -> bool:
    r"""Tell a unit from a product of symbols: it is known, or in \\text, or a word; a lone letter stands apart."""
    if (
        name[:1] == "-"
        or (_HEDGES.search(name) and unit(name) is None)
        or (name[:1] == "°" and name[1:2] not in ("C", "F"))
        or name.lower().startswith("degree")
    ):
        return False
    if unit(name) is not None:
        lone = _LETTERS.fullmatch(name) is not None and name not in _USUAL
        return not lone or tail.startswith("\\") or (head.endswith((" ", "\\,", "\\;", "~", "\\ ")))
    if _NO_UNIT.search(_POWER.sub("", name)):
        return False
    if _SQUARE.match(name):
        return True
    if tail.startswith("\\"):
        return not tail.startswith("\\operatorname") and len(name) < 80
    return (
        all(len(word) > 2 or known(word) for word in name.split()[:1])
        and _LONG_NAME.match(name) is not None
        and (not _FUNCTION_NAME.match(name))
    )


def _free(tree: Tree) -> set[str]:
    """Name the symbols of a value, without the label before an equals sign."""
    if tree.op == "rel" and set(tree.value) <= {"=", "~"}:
        return _free(tree.args[-1])
    if tree.op in ("list", "set", "seq"):
        return set().union(*(_free(arg) for arg in tree.args))
    return symbols(tree)


def glued(text: str, tree: Tree | None, commas: str) -> tuple[Tree, str] | None:
    """Read the number and unit of 10m, which is also ten times m; None for anything else."""
    match = _GLUED.fullmatch(text)
    if tree is None or match is None or unit(match[2]) is None or match[2] in ("e", "i"):
        return None
    head = parsed(match[1], commas)
    return None if head is None or symbols(head) else (head, match[2])
