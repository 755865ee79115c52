"""Tell what a comma between digits may mean: it groups thousands, divides a list, or is a decimal point."""

from __future__ import annotations

from rewards.mathematics.wrapping import STYLED
from rewards.patterns import Pattern

_NUMBER_COMMA = Pattern(r"\d(?:,|\{,\})\d")
# 1,234 is a thousand, never one and a bit; 0,234 is.
_DECIMAL = Pattern(
    r"[^,\d]*(?:0(?:,|\{,\})\d+|\d+(?:,|\{,\})(?:\d{1,2}|\d{4,}))[^,\d]*|[^,\d]*\d{1,3}(?:\.\d{3})+(?:,|\{,\})\d+[^,\d]*"
)
_THIN = Pattern(r"\\[,; :]|~| ")  # what groups digits where a comma is a decimal point
_SET_OF_TWO = Pattern(r"\\?\{\s*\d{1,3},\d{3}\s*\\?\}")  # {1,200}: sets have members more often than a thousand
_OPENING = Pattern(r"[(\[{]|\\langle")


def first_meaning(bare: str, *, decimal_comma: bool) -> str:
    r"""Tell how the commas of a text are read first.

    Returns:
        "group", "list" or "decimal", as `tokens.tokens` has them.

    Example:
        >>> first_meaning("1,200", decimal_comma=False), first_meaning(r"\{1,200\}", decimal_comma=False)
        ('group', 'list')
    """
    if decimal_comma:
        return "decimal"
    return "list" if _SET_OF_TWO.fullmatch(bare) else "group"


def other_meanings(bare: str, first: str) -> list[str]:
    """List how else the commas of a text may be meant.

    Example:
        >>> other_meanings("1,5", "group"), other_meanings("(0,5; 2)", "group"), other_meanings("(1,200)", "group")
        (['list', 'decimal'], ['list', 'decimal'], ['list'])
    """
    if "," not in bare or not _NUMBER_COMMA.search(bare):
        return []
    if ";" in bare:
        ways = ["list", "decimal"]
    elif _OPENING.search(STYLED.sub("", bare.replace("{,}", ","))):
        ways = ["list"]
    else:
        ways = ["list", "decimal"] if first == "group" else ["group"]
    return [way for way in ways if way != "decimal" or _has_decimals(bare)]


def _has_decimals(bare: str) -> bool:
    """Tell whether no item of a list, whose signs are semicolons, has a comma that is no decimal point."""
    items = _THIN.sub("", bare).split(";")
    return all("," not in item or _DECIMAL.fullmatch(item) is not None for item in items)
