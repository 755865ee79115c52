"""Read one written answer: its mathematics, its unit, the choice it names, its words.

Bounds: those of `tokens.py`; at most `MAX_SPLITS` places are tried as the end of the number before a unit.
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from rewards.mathematics.clean import plain
from rewards.mathematics.exact import based
from rewards.mathematics.parse import decimal, parse
from rewards.mathematics.spellings import spelled_plainly
from rewards.mathematics.tokens import MAX_CHARACTERS
from rewards.mathematics.tree import REALS, Tree, UnreadableError, num, symbols
from rewards.mathematics.trimming import MAX_CLAUSE, trimmed
from rewards.mathematics.units import Unit, known, unit
from rewards.mathematics.words import choice, spelled
from rewards.patterns import Pattern

MAX_SPLITS = 8
_NUMERAL = Pattern(r"-?\d{1,18}(?:\.\d{1,18})?", re.ASCII)
# Whole numbers, x, y, pi, fractions, roots, powers: no comma, point, unit or word that could be read another way.
_FORMULA = Pattern(
    r"(?![xy]$|\([xy]\)|0x| )"  # x alone may be a choice, 0x1 is a numeral
    r"(?:[0-9]++|[xy](?![xy]{2})|\\(?:[dt]?frac|sqrt|pi)(?![A-Za-z])"
    r"|[{(](?![-+]?[)}])|[)}^]| ?[-+] ?(?=[0-9xy\\({-]))++",
    re.ASCII,
)
_FRACTION = Pattern(r"(-?)(?:\\[dt]?frac\{(\d{1,18})\}\{(\d{1,18})\}|(\d{1,18})/(\d{1,18}))", re.ASCII)
_ENVELOPE = Pattern(
    r"^(?:\\\[|\\\(|\$|\*\*|__|`|\s|~|\\[ ,;:!])++|(?:\\\]|\\\)|\$|\*\*|__|`|\s|~|(?<!\\)\\)++$"  # never retried
)
_BLANKS = Pattern(r"\s{2,}+")
_DELIMITERS = Pattern(r"(?<!\\)\\[\[\]()]|\$")
_LEADING = Pattern(
    r"^(?:(?:approximately|about|roughly|exactly|nearly|around|equals?|equal to|is|are|option|choice|answer|also|only"
    r"|therefore|thus|now|hence|dus|donc"
    r"|just|simply|the|value|values|numbers?|a total of|total of|of)(?:\s*:\s*|\s+)(?!\s*[=<>+*/^-])"
    r"|(?:\\approx|\\sim|~|=|:)\s*)+",
    re.IGNORECASE,
)
# Words that no formula holds: a text with one of them standing free is a sentence.
_PROSE = Pattern(
    r"(?<![\\A-Za-z{])(?:is|the|are|of|not|so|it|it's|we|be|to|an|by|at|on|no|has|was|were|that|this|which|therefore"
    r"|because|answer|since|there|will|can|have|from|its|only|when|then|we)(?![A-Za-z(}_^])"
    r"|(?<![\\A-Za-z])[A-Za-z]{2,}\s+[A-Za-z]{2,}\s+[A-Za-z]{2,}",
    re.IGNORECASE,
)
_RUN_TOGETHER = Pattern(r"(?<=[\d)}\]])\s*(or|and)(?=[A-Za-z(\\\d-])(?![a-z]{2})")
_MONEY = Pattern(r"(?:US|A|C|HK)?\\?\$\s?(?=[\d.])|[€£¥₹]\s?(?=[\d.])|\b(?:USD|EUR|GBP|Rs\.?)\s?(?=\d)")
_MONEY_SIGNS = ("$", "€", "£", "¥", "₹", "USD", "EUR", "GBP", "Rs")
_WRAPPER = Pattern(r"^\\(?:boxed|fbox|framebox|text|textbf|mathbf|mathrm|mbox|bm|boldsymbol)\s*\{(.*)\}$", re.DOTALL)
_BREAK = Pattern(
    r"\\(?:text(?:bf|rm|it|normal)?|mathrm|mbox|hbox|rm|operatorname)\s*\{|(?<=[\d)}\]!])\s*(?=[A-Za-zΩ°%$€£¢₹℃℉])"
    r"|(?<=\s)(?=[A-Za-zΩ°℃℉])|\^\s*\{?\s*\\circ|\\degree|\\%"
)
_TRAILING_SPACE = Pattern(r"(?:\s|[,(~]|\\[ ,;:!]|\\$)+$")
# 1,234 is a thousand, never one and a bit; 0,234 is.
_ONE_COMMA = Pattern(
    r"[^,\d]*(?:0(?:,|\{,\})\d+|\d+(?:,|\{,\})(?:\d{1,2}|\d{4,}))[^,\d]*|[^,\d]*\d{1,3}(?:\.\d{3})+(?:,|\{,\})\d+[^,\d]*"
)
_TEXT = Pattern(r"\\(?:text|mathrm|mathtt|texttt)\s*\{([^{}]*)\}")
_RATIO_WORDS = Pattern(r"(\d[\d.,]*)\s*(?:\\text\{)?\s*to\s*\}?\s*(\d[\d.,]*)")
_RAISED_LETTER = Pattern(r"[A-Za-z]\s*\^?\s*\d$")
_LONE_MONEY = Pattern(r"^\s*\\?\$\s?[\d.,]+\s*$")
_NUMBER_COMMA = Pattern(r"\d(?:,|\{,\})\d")
_PART = Pattern(r"\s*(\d+(?:\.\d+)?)\s*([A-Za-z]+\.?|'|\")\s*(?:,|and)?\s*")
_UNION = Pattern(r"(?<=[)\]}])\s*[Uu]\s*(?=[(\[{\\])")
_HEDGES = Pattern(
    r"\b(?:or|not|and|minus|plus|than|more|less|at|least|most|wrong|incorrect|maybe|if|mod|except|times|to|base|but|"
    r"factorial|squared|cubed|over|divided|by|either|versus|vs|is|equals|half|halves|thirds?|quarters?|plusminus|"
    r"million|billion|thousand|hundred|trillion)\b",
    re.IGNORECASE,
)
_SCALES = {"hundred": 2, "thousand": 3, "million": 6, "billion": 9, "trillion": 12}
_SCALE = Pattern(r"^(.*?\d)\s*\\?(?:text\{)?\s*(hundred|thousand|million|billion|trillion)s?\b\}?\s*(.*)$", re.DOTALL)
_BASED = Pattern(r"\(?([0-9A-Za-z]+)\)?_\{?\s*(?:\\text\{)?(\d{1,2}|two|three|eight|sixteen)\}?\}?")
_BASE_WORDS = Pattern(r"([0-9A-Fa-f]+)\s*(?:\(|in\s+)?base[\s-]*(\d{1,2}|two|three|eight|sixteen)\)?", re.IGNORECASE)
_BASES = {"two": 2, "three": 3, "eight": 8, "sixteen": 16}
_PREFIXED = Pattern(r"0([xbo])([0-9a-fA-F]+)")
_REPEATING = Pattern(r"(\d*\.\d*?)(?:\((\d{1,30})\)|(\d+?)\3{2,}\d{0,2}(?:\\[lc]?dots|\.\.\.))(?!\d)")
_ALL_REALS = Pattern(
    r"(?:the set of )?(?:all )?(?:the )?real(?: number)?s?|\\text\{\s*all real numbers\s*\}|all reals", re.IGNORECASE
)
_FRENCH = Pattern(r"^\]\s*([^\[\]]*)\s*([\[\]])$|^([\[\]])\s*([^\[\]]*)\s*\[$")
_WHERE = Pattern(
    r"[,;]?\s*(?:\\(?:text|quad|qquad)\s*\{?|\(|\\,)*\s*\(?(?:where|for|with|and|当|其中)?\s*(?:any|all|some|every)?\s*"
    r"(?:(?:integers?|whole numbers?)\s*\}?\s*\$?\\?\(?([a-zA-Z])\$?\\?\)?|\}?\s*\$?\\?\(?\b([a-zA-Z])\$?\\?\)?\s*"
    r"(?:\\text\{\s*)?(?:is|are|be)?\s*(?:any|an|a|some|all)?\s*(?:\\in\s*\\?(?:mathbb|Bbb|bf|mathbf)?\s*\{?\s*Z(?![a-z])\s*\}?"
    r"|integers?|whole numbers?))\s*\}?\s*\)?\.?\s*$"
)
_WHOLE_WORDS = ("integer", "whole number", "Z")  # one of them stands in all that _WHERE finds
_GLUED = Pattern(r"(.*[\d)}])\s*([a-zA-Z]{1,3}(?:/[a-zA-Z]{1,3})?)")
_LETTERS = Pattern(r"[A-Za-z](?:\s*[*/]\s*[A-Za-z](?:\s*\^?\s*-?\d)?)*")  # 5m, 2h/g: a product of symbols, or a unit
_USUAL = frozenset("m/s m/s^2 m/s2 g/L J/K N/m V/m C/m J/s C/s".split())
_EULER = Pattern(r"(?<=\d)e(?=[-+]\d)")  # 2e-5, which is also 2e - 5
_DEGREE = Pattern(r"\^\s*\{?\s*\\circ\s*\}?|\\degree")
_UNIT_MARKS = Pattern(r"\\(?:text(?:bf|rm|it|normal)?|mathrm|mbox|hbox|rm|operatorname)\s*(?=\{)|\\[ ,;:!%]|[{}()~$]")
_NO_UNIT = Pattern(r"[\d=<>]")
_POWER = Pattern(r"\^\s*-?\d")
_SQUARE = Pattern(r"(?:sq\.?|square|cubic|cu\.?)\s")
_LONG_NAME = Pattern(r"[A-Za-z]{3,}")
_FUNCTION_NAME = Pattern(r"(?:sin|cos|tan|log|ln|sqrt|exp|pi|mod|cot|sec|csc|and|inf|cup|union|abs|min|max|arc)")
_OPENING = Pattern(r"[(\[{]")
_PLUS_MINUS = Pattern(r"\bplus or minus\b|\bplus/minus\b")


class Answer(NamedTuple):
    """Hold what was read.

    Args:
        text: The answer as plain text, for comparison letter by letter and as words.
        tree: Its mathematics; None where it is words.
        others: Further readings of the mathematics, where a comma may be a decimal point or divide a list.
        unit: The words or symbols after the number, "" where there are none.
        measure: The unit, where it is one that we know.
        option: The choice it names, and the words that stand with the letter.
        parameter: The symbol said to run over the whole numbers.
        glued: The number and unit of "10m", which is also ten times m.
        plain: Whether it is a numeral or formula that has one reading only.
    """

    text: str
    tree: Tree | None = None
    others: tuple[Tree, ...] = ()
    unit: str = ""
    measure: Unit | None = None
    option: tuple[str, str] | None = None
    parameter: str = ""
    glued: tuple[Tree, str] | None = None
    plain: bool = False


def read(text: str, *, decimal_comma: bool = False) -> Answer:
    r"""Read an answer.

    Args:
        text: What stands in the box or after "the answer is".
        decimal_comma: Take 1,5 for 3/2.

    Example:
        >>> read("10\\text{ cm}").unit
        'cm'
    """
    if len(text) > MAX_CHARACTERS:
        return Answer(text)  # it is compared letter by letter, whole
    return _read(text, decimal_comma=decimal_comma)


@lru_cache(maxsize=2048)
def respelled(text: str) -> str:
    r"""Bring a text to the spellings that are read, without what is only wrapped around it.

    Example:
        >>> respelled(r"$\boxed{x²}$.")
        'x^{2}'
    """
    if _NUMERAL.fullmatch(text) or _FRACTION.fullmatch(text) or _FORMULA.fullmatch(text):
        return text
    return unwrapped(spelled_plainly(_BLANKS.sub(" ", plain(text))))


@lru_cache(maxsize=2048)
def _read(text: str, *, decimal_comma: bool) -> Answer:
    if (tree := _plain(text, decimal_comma=decimal_comma)) is not None:
        return Answer(text, tree, plain=True)
    bare = respelled(text)
    option = choice(bare)
    commas = "decimal" if decimal_comma else "group"
    parameter = ""
    bare = trimmed(bare)
    said = len(bare) > 1 and any(word in bare for word in _WHOLE_WORDS)
    where = _WHERE.search(bare, max(1, len(bare) - MAX_CLAUSE)) if said else None
    if where is not None:
        bare, parameter = bare[: where.start()].rstrip(" ,;:(\\"), where[1] or where[2]
    latex = "$" in text
    answer = _mathematics(bare, commas, latex=latex)
    others = _other_commas(bare, answer, commas, latex=latex)
    if _EULER.search(bare) and (euler := _mathematics(_EULER.sub(" e ", bare), commas, latex=latex).tree) is not None:
        others = (*others, euler)
    if answer.tree is None and others:
        answer, others = answer._replace(tree=others[0]), others[1:]
    return answer._replace(option=option, parameter=parameter, others=others)


def _plain(text: str, *, decimal_comma: bool) -> Tree | None:
    """Read a numeral or a formula that has one reading only; None for any other text."""
    if _NUMERAL.fullmatch(text) and not decimal_comma:
        number = decimal(text.lstrip("-"))
        return Tree("neg", (number,)) if text.startswith("-") else number
    if (fraction := _FRACTION.fullmatch(text)) is not None:
        top, bottom = fraction[2] or fraction[4], fraction[3] or fraction[5]
        quotient = Tree("div", (num(int(top)), num(int(bottom))))
        return Tree("neg", (quotient,)) if fraction[1] else quotient
    return _parsed(text, "group", braces_are_sets="\\" not in text) if _FORMULA.fullmatch(text) else None


def unwrapped(text: str) -> str:
    """Take off dollar signs, emphasis, a box around all of it, and a full stop."""
    for _ in range(4):
        before = text
        if "$" not in text or not _LONE_MONEY.match(text):
            text = _ENVELOPE.sub("", text)
        if text.endswith((".", ",", ";", "。", ":")) and not text.endswith(".."):
            text = text[:-1]
        match = _WRAPPER.match(text)
        if match is not None and _balanced(match[1]):
            text = match[1]
        if text == before:
            break
    return text


def _balanced(text: str) -> bool:
    depth = 0
    for char in text:
        depth += (char == "{") - (char == "}")
        if depth < 0:
            return False
    return depth == 0


def _mathematics(bare: str, commas: str, *, latex: bool = False) -> Answer:
    """Read the mathematics, with the unit after it or the money sign before it."""
    special = _special(bare, commas)
    if special is not None:
        return Answer(bare, special)
    text = _LEADING.sub("", bare, count=1) if bare[:1].isalpha() or bare[:1] in "=:~≈\\" else bare
    money = _MONEY.search(text) if any(sign in text for sign in _MONEY_SIGNS) else None
    if money is not None:
        head = _MONEY.sub("", text).replace("$", "")
        tree = _parsed(head, commas)
        if tree is not None:
            return Answer(bare, tree, unit=money[0].strip(" \\"), measure=unit(money[0].strip(" \\US")))
        text = head
    if "\\" in text or "$" in text:
        text = _DELIMITERS.sub(" ", text)
    if "or" in text or "and" in text:
        text = _RUN_TOGETHER.sub(r" \1 ", text)
    if "U" in text or "u" in text:
        text = _UNION.sub(r" \\cup ", text)
    if "dots" in text or "..." in text or "(" in text:
        text = _REPEATING.sub(lambda found: f"{found[1]}\\overline{{{found[2] or found[3]}}}", text)
    braces = "\\" not in bare and not latex
    measured = _measured(text, commas)
    if measured is not None:
        return measured._replace(text=bare)
    tree = None if _PROSE.search(text) else _parsed(text, commas, braces_are_sets=braces)
    if tree is None and (number := spelled(text)) is not None:
        tree = num(number)
    if tree is None and not _PROSE.search(text):
        tree = _bracketless(text, commas)
    return Answer(bare, tree, glued=_glued(text, tree, commas))


def _special(bare: str, commas: str) -> Tree | None:
    """Read what the grammar does not: another base, scales in words, all real numbers, French intervals."""
    if bare.isdigit():
        return num(int(bare)) if len(bare) < 2000 else None
    based_on = _BASED.fullmatch(_TEXT.sub(r"\1", bare).replace(" ", "")) if "_" in bare else None
    based_on = based_on or (_BASE_WORDS.fullmatch(bare) if "base" in bare.lower() else None)
    if based_on is not None and not (based_on[1].isalpha() and len(based_on[1]) == 1):
        base = _BASES.get(based_on[2].lower()) or int(based_on[2])
        value = based(based_on[1], base) if 2 <= base <= 36 else None
        return None if value is None else Tree("base", (num(value),), (based_on[1].upper().lstrip("0"), base))
    ratio = _RATIO_WORDS.fullmatch(bare) if "to" in bare else None
    if ratio is not None:
        parts = [_parsed(part, commas) for part in ratio.groups()]
        return Tree("ratio", tuple(part for part in parts if part)) if all(parts) else None
    prefixed = _PREFIXED.fullmatch(bare)
    if prefixed is not None:
        value = based(prefixed[2], {"x": 16, "b": 2, "o": 8}[prefixed[1]])
        return None if value is None else num(value)
    if "real" in bare.lower() and _ALL_REALS.fullmatch(bare):
        return REALS
    french = _FRENCH.match(bare.replace("\\left", "").replace("\\right", "")) if bare[:1] in "][\\" else None
    if french is not None and ("," in bare or ";" in bare):
        inside = french[1] or french[4]
        bare = french[0].strip()
        opener = "(" if bare.startswith("]") else "["
        tree = _parsed(f"[{inside}]", "group")
        closer = ")" if bare.endswith("[") else "]"
        return None if tree is None or tree.op != "seq" else tree._replace(value=opener + closer)
    return None


def _parsed(text: str, commas: str, *, braces_are_sets: bool = False) -> Tree | None:
    try:
        return parse(text, commas, braces_are_sets=braces_are_sets)
    except (UnreadableError, RecursionError):
        return None


def _measured(text: str, commas: str) -> Answer | None:
    """Read a number with what is measured or counted after it."""
    if not text or (text[-1].isdigit() and "\\text" not in text and not _RAISED_LETTER.search(text)):
        return None
    scale = _SCALE.match(text) if any(word in text for word in _SCALES) else None
    if scale is not None:
        number = _parsed(scale[1], commas)
        if number is not None:
            power = Tree("pow", (num(10), num(_SCALES[scale[2]])))
            return Answer(
                text, Tree("mul", (number, power)), unit=scale[3], measure=unit(scale[3]) if scale[3] else None
            )
    compound = _compound(text)
    if compound is not None:
        return compound
    for count, split in enumerate(_BREAK.finditer(text)):
        if count >= MAX_SPLITS:
            return None
        head, tail = text[: split.start()], text[split.start() :]
        name = _unit_words(tail)
        if not head.strip() or not name or not _worth_a_unit(head, tail, name):
            continue
        tree = _parsed(_TRAILING_SPACE.sub("", head), commas)
        if tree is not None and not _free(tree):
            return Answer(text, tree, unit=name, measure=unit(name))
    return None


def _compound(text: str) -> Answer | None:
    """Read 3 hours 30 minutes, 5 ft 6 in, 5'6": parts of one dimension, in the first unit."""
    position, total, first = 0, Fraction(0), None
    text = _TEXT.sub(r" \1 ", text)
    for count in range(4):
        part = _PART.match(text, position)
        measure = unit({"'": "ft", '"': "in"}.get(part[2], part[2])) if part is not None else None
        if part is None or measure is None or (first is not None and measure.dimension != first.dimension):
            return None
        first = first or measure
        total += Fraction(part[1]) * measure.size / first.size
        position = part.end()
        if position == len(text):
            return Answer(text, num(total), unit=part[2], measure=first) if count else None
    return None


def _unit_words(tail: str) -> str:
    """Read the words of a unit out of LaTeX."""
    tail = _UNIT_MARKS.sub(lambda found: "%" if found[0] == "\\%" else " ", _DEGREE.sub("°", tail))
    return " ".join(tail.replace("\\cdot", "*").replace("\\", " ").split()).strip(" .")


def _worth_a_unit(head: str, tail: str, name: str) -> bool:
    r"""Tell a unit from a product of symbols: it is known, or in \\text, or a word; a lone letter stands apart."""
    if (
        name[:1] == "-"
        or _HEDGES.search(name)
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


def _glued(text: str, tree: Tree | None, commas: str) -> tuple[Tree, str] | None:
    match = _GLUED.fullmatch(text)
    if tree is None or match is None or unit(match[2]) is None or match[2] in ("e", "i"):
        return None
    head = _parsed(match[1], commas)
    return None if head is None or symbols(head) else (head, match[2])


def _bracketless(text: str, commas: str) -> Tree | None:
    """Try what a missing or surplus brace may have meant."""
    for mended in (
        text + "}" * max(0, text.count("{") - text.count("}")),
        text.rstrip("\\} )"),
        text.replace("\\\\", "\\"),
    ):
        if mended != text and (tree := _parsed(mended, commas)) is not None:
            return tree
    return None


def _other_commas(bare: str, answer: Answer, commas: str, *, latex: bool) -> tuple[Tree, ...]:
    """Read the commas the other ways they can be meant."""
    if "," not in bare or not _NUMBER_COMMA.search(bare):
        return ()
    others = []
    ways = (
        ("list",)
        if _OPENING.search(_TEXT.sub("", bare.replace("{,}", ",")))
        else ("list", "decimal")
        if commas == "group"
        else ("group",)
    )
    for way in ways:
        if way == "decimal" and not _ONE_COMMA.fullmatch(bare.replace(" ", "")):
            continue
        other = _mathematics(bare, way, latex=latex).tree
        if other is not None and other != answer.tree:
            others.append(other)
    return tuple(others)
