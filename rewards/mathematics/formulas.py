"""Read at once what has one reading only: numerals, fractions, formulas of numbers, x, y and pi.

What is read here is read the same by `reading.read`'s long way; a law in the tests holds both together.
"""

from __future__ import annotations

import re

from rewards.mathematics.numerals import decimal
from rewards.mathematics.parse import parsed
from rewards.mathematics.tree import Tree, num
from rewards.patterns import Pattern

_NUMERAL = Pattern(r"-?\d{1,18}(?:\.\d{1,18})?", re.ASCII)
# Whole numbers, x, y, pi, fractions, roots, powers: no comma, point, unit or word that could be read another way.
_FORMULA = Pattern(
    r"(?![xy]$|\([xy]\)|0x| |\d{4}-\d\d?-\d\d?$)"  # x alone may be a choice, 0x1 is a numeral, 2020-05-04 a date
    r"(?:[0-9]++|[xy](?![xy]{2})|\\(?:[dt]?frac|sqrt|pi)(?![A-Za-z])"
    r"|[{(](?![-+]?[)}])|[)}^]| ?[-+] ?(?=[0-9xy\\({-]))++",
    re.ASCII,
)
_FRACTION = Pattern(r"(-?)(?:\\[dt]?frac\{(\d{1,18})\}\{(\d{1,18})\}|(\d{1,18})/(\d{1,18}))", re.ASCII)


def is_plain(text: str) -> bool:
    r"""Tell whether a text is written as one that has one reading only; it may still not parse.

    Example:
        >>> is_plain("\\frac{3}{4}x - 1"), is_plain("1,5")
        (True, False)
    """
    return any(pattern.fullmatch(text) is not None for pattern in (_NUMERAL, _FRACTION, _FORMULA))


def plain_tree(text: str, *, decimal_comma: bool) -> Tree | None:
    """Read a numeral or a formula that has one reading only; None for any other text."""
    if _NUMERAL.fullmatch(text) and not decimal_comma:
        number = decimal(text.lstrip("-"))
        return Tree("neg", (number,)) if text.startswith("-") else number
    if (fraction := _FRACTION.fullmatch(text)) is not None:
        top, bottom = fraction[2] or fraction[4], fraction[3] or fraction[5]
        quotient = Tree("div", (num(int(top)), num(int(bottom))))
        return Tree("neg", (quotient,)) if fraction[1] else quotient
    return parsed(text, "group", braces_are_sets="\\" not in text) if _FORMULA.fullmatch(text) else None
