"""Read one written answer: its mathematics, its unit, the choice it names, its words. Bounds: those of `tokens.py`."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from rewards.mathematics.clean import plain
from rewards.mathematics.commas import first_meaning, other_meanings
from rewards.mathematics.formulas import is_plain, plain_tree
from rewards.mathematics.identity import same_value
from rewards.mathematics.measured import glued, measured
from rewards.mathematics.notations import special, turned_brackets
from rewards.mathematics.parse import parsed
from rewards.mathematics.remarks import without_remarks
from rewards.mathematics.spelled import spelled
from rewards.mathematics.spellings import spelled_plainly
from rewards.mathematics.tokens import MAX_CHARACTERS
from rewards.mathematics.tree import Tree, num
from rewards.mathematics.trimming import MAX_CLAUSE, trimmed
from rewards.mathematics.units import Unit, unit
from rewards.mathematics.words import choice
from rewards.mathematics.wrapping import unwrapped
from rewards.patterns import Pattern

_BLANKS = Pattern(r"\s{2,}+")
_DELIMITERS = Pattern(r"(?<!\\)\\[\[\]()]|\$")
_LEADING = Pattern(
    r"^(?:(?:approximately|about|roughly|exactly|nearly|around|equals?|equal to|is|are|option|choice|answer|also|only"
    r"|therefore|thus|now|hence|dus|donc|either"
    r"|just|simply|the|value|values|numbers?|a total of|total of|of)(?:\s*:\s*|\s+)(?!\s*[=<>+*/^-])"
    r"|(?:\\approx|\\sim|~|=|:)\s*)+",
    re.IGNORECASE,
)
# Words that no formula holds: a text with one of them standing free is a sentence.
_PROSE = Pattern(
    r"(?<![\\A-Za-z{])(?:the|are|not|it's|has|was|were|that|this|which|therefore"
    r"|because|answer|since|there|will|can|have|from|its|only|when|then)(?![A-Za-z(}_^])"
    # two letters may be a product: u + at, ax + by
    r"|(?<![\\\w{(+*/=<>^-])(?<![+*/=<>-] )(?:is|of|so|it|we|be|to|an|by|at|on|no)(?![A-Za-z(}_^])(?! ?[-+*/=<>^])"
    r"|(?<![\\A-Za-z])[A-Za-z]{2,}\s+[A-Za-z]{2,}\s+[A-Za-z]{2,}",
    re.IGNORECASE,
)
_RUN_TOGETHER = Pattern(r"(?<=[\d)}\]])\s*(or|and)(?=[A-Za-z(\\\d-])(?![a-z]{2})")
_MONEY = Pattern(r"(?:US|A|C|HK)?\\?\$\s?(?=[\d.])|[€£¥₹]\s?(?=[\d.])|\b(?:USD|EUR|GBP|Rs\.?)\s?(?=\d)")
_MONEY_SIGNS = ("$", "€", "£", "¥", "₹", "USD", "EUR", "GBP", "Rs")
_PERCENT_BESIDE = Pattern(
    r"^([^()]*[\w}])(?:(?:\s|~|\\[,;: ]|\\q?quad)+\(\s*(?:\\text\s*\{\s*or\s*\}|or)?\s*|\s*=\s*)"
    r"(\d[\d.,]*)\s*\\?%\s*\)?$"
)  # 1/4 (25%), 3/4 = 75%
_UNION = Pattern(r"(?<=[)\]}])\s*[Uu]\s*(?=[(\[{\\])")
_REPEATING = Pattern(r"(\d*\.\d*?)(?:\((\d{1,30})\)|(\d+?)\3{2,}\d{0,2}(?:\\[lc]?dots|\.\.\.))(?!\d)")
_WHERE = Pattern(
    r"[,;]?\s*(?:\\(?:text|quad|qquad)\s*\{?|\(|\\,)*\s*\(?(?:where|for|with|and|当|其中)?\s*(?:any|all|some|every)?\s*"
    r"(?:(?:integers?|whole numbers?)\s*\}?\s*\$?\\?\(?([a-zA-Z])\$?\\?\)?|\}?\s*\$?\\?\(?\b([a-zA-Z])\$?\\?\)?\s*"
    r"(?:\\text\{\s*)?(?:is|are|be)?\s*(?:any|an|a|some|all)?\s*(?:\\in\s*\\?(?:mathbb|Bbb|bf|mathbf)?\s*\{?\s*Z(?![a-z])\s*\}?"
    r"|integers?|whole numbers?))\s*\}?\s*\)?\.?\s*$"
)
_RANGE = Pattern(r"[<>≤≥]|\\[lg](?:e|eq|t|eqslant)(?![a-z])")  # x > 0, x in Z: what it says of x is its answer
_LETTERS = Pattern(r"(?<![\\A-Za-z])[A-Za-z](?![A-Za-z])")
_WHOLE_WORDS = ("integer", "whole number", "Z")  # one of them stands in all that _WHERE finds
_EULER = Pattern(r"(?<=\d)e(?=[-+]\d)")  # 2e-5, which is also 2e - 5
_REMARKING = (
    "text",
    "since",
    "because",
    "approx",
    "≈",
    "(=",
    "( =",
    "ne",
    "≠",
    "i.e.",
    "that is",
    "equivalently",
    "which",
    "checkmark",
    "square",
    "qed",
    "✓",
    "✔",
    "✅",
    "∎",
)


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
    if is_plain(text) and not text.startswith("(("):
        return text
    return unwrapped(spelled_plainly(_BLANKS.sub(" ", plain(text))))


@lru_cache(maxsize=2048)
def _read(text: str, *, decimal_comma: bool) -> Answer:
    if (tree := plain_tree(text, decimal_comma=decimal_comma)) is not None:
        return Answer(text, tree, plain=True)
    bare = respelled(text)
    option = choice(bare)
    commas = first_meaning(bare, decimal_comma=decimal_comma)
    parameter = ""
    if bare.endswith(("%)", "% )")) or ("=" in bare and bare.endswith("%")):
        bare = _without_percent(bare, commas)
    bare = trimmed(without_remarks(bare) if any(sign in bare for sign in _REMARKING) else bare)
    said = len(bare) > 1 and any(word in bare for word in _WHOLE_WORDS)
    where = _WHERE.search(bare, max(1, len(bare) - MAX_CLAUSE)) if said else None
    if where is not None and not (_RANGE.search(bare) and set(_LETTERS.findall(bare)) <= {where[1], where[2], "Z"}):
        bare, parameter = bare[: where.start()].rstrip(" ,;:(\\"), where[1] or where[2]
    latex = "$" in text
    answer = _mathematics(bare, commas, latex=latex)
    trees = (_mathematics(bare, way, latex=latex).tree for way in other_meanings(bare, commas))
    others = tuple(tree for tree in trees if tree is not None and tree != answer.tree)
    if _EULER.search(bare) and (euler := _mathematics(_EULER.sub(" e ", bare), commas, latex=latex).tree) is not None:
        others = (*others, euler)
    if answer.tree is None and others:
        answer, others = answer._replace(tree=others[0]), others[1:]
    return answer._replace(option=option, parameter=parameter, others=others)


def _without_percent(bare: str, commas: str) -> str:
    r"""Take 1/4 out of 1/4 (25%), where both are one number; any other text stays as it is."""
    found = _PERCENT_BESIDE.match(bare)
    value, percent = (parsed(part, commas) for part in found.groups()) if found is not None else (None, None)
    if found is None or value is None or percent is None:
        return bare
    return str(found[1]) if same_value(value, Tree("div", (percent, num(100)))).same else bare


def _mathematics(bare: str, commas: str, *, latex: bool = False) -> Answer:
    """Read the mathematics, with the unit after it or the money sign before it."""
    if "[" in bare or "]" in bare:
        bare = turned_brackets(bare)
    if (noted := special(bare, commas)) is not None:
        return Answer(bare, noted)
    text = _LEADING.sub("", bare, count=1) if bare[:1].isalpha() or bare[:1] in "=:~≈\\" else bare
    money = _MONEY.search(text) if any(sign in text for sign in _MONEY_SIGNS) else None
    if money is not None:
        head = _MONEY.sub("", text).replace("$", "")
        tree = parsed(head, commas)
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
    if (found := measured(text, commas)) is not None:
        return Answer(bare, found.tree, unit=found.unit, measure=found.measure)
    number = spelled(text) if text[:1].isalpha() else None  # ten, which is no product t e n
    prose = _PROSE.search(text) is not None
    tree = num(number) if number is not None else None if prose else parsed(text, commas, braces_are_sets=braces)
    if tree is None and not prose:
        tree = _bracketless(text, commas)
    return Answer(bare, tree, glued=glued(text, tree, commas))


def _bracketless(text: str, commas: str) -> Tree | None:
    """Try what a missing or surplus brace may have meant."""
    for mended in (
        text + "}" * max(0, text.count("{") - text.count("}")),
        text.rstrip("\\} )"),
        text.replace("\\\\", "\\"),
    ):
        if mended != text and (tree := parsed(mended, commas)) is not None:
            return tree
    return None
