"""Read notations that the grammar does not have: other bases, ratios in words, all real numbers, French intervals."""

from __future__ import annotations

import re

from rewards.mathematics.exact import based
from rewards.mathematics.parse import parsed
from rewards.mathematics.tokens import MAX_DIGITS
from rewards.mathematics.tree import REALS, Tree, num
from rewards.mathematics.wrapping import STYLED
from rewards.patterns import Pattern

_RATIO_WORDS = Pattern(
    r"(\d[\d.,]*)\s*(?:(?:\\text\{)?\s*to\s*\}?|\\text\{\s*(?:a|à|zu|para)\s*\}|\s(?:zu|à)\s)\s*(\d[\d.,]*)"
)
_RATIOS = ("to", "text", "zu", "à")
_BASED = Pattern(r"\(?([0-9A-Za-z]+)\)?_\{?\s*(?:\\text\{)?(\d{1,2}|two|three|eight|sixteen)\}?\}?")
_BASE_WORDS = Pattern(r"([0-9A-Fa-f]+)\s*(?:\(|in\s+)?base[\s-]*(\d{1,2}|two|three|eight|sixteen)\)?", re.IGNORECASE)
_BASES = {"two": 2, "three": 3, "eight": 8, "sixteen": 16}
_PREFIXED = Pattern(r"0([xbo])([0-9a-fA-F]+)")
_ALL_REALS = Pattern(
    r"(?:the set of )?(?:all )?(?:the )?real(?: number)?s?|\\text\{\s*all real (?:numbers|values)\s*\}|all reals"
    r"|(?:\\text\{\s*)?all real\s*\}?\s*\$?[a-z]\$?\s*\}?",
    re.IGNORECASE,
)
_THIN = Pattern(r"(?<!\\)\\[,;: ]|~")
_END = r"\s*[^\[\]()\s,;][^\[\](),;]{0,80}"
_WITH_SEMICOLON = Pattern(r"(?:\\left\s*)?([\[\]])([^\[\]();]{1,80};[^\[\]();]{1,80}?)(?:\\right\s*)?([\[\]])")
_INTERVAL = Pattern(rf"(?:\\left\s*)?([\[\]])({_END}?[,;]{_END}?)(?:\\right\s*)?([\[\]])")


def special(bare: str, commas: str) -> Tree | None:
    """Read what the grammar does not: another base, a ratio in words, all real numbers, French intervals."""
    if bare.isdigit():
        return num(int(bare)) if len(bare) < MAX_DIGITS else None
    if (numeral := _in_base(bare)) is not None:
        return numeral
    ratio = _RATIO_WORDS.fullmatch(bare) if bare[:1].isdigit() and any(word in bare for word in _RATIOS) else None
    if ratio is not None:
        parts = [parsed(part, commas) for part in ratio.groups()]
        return Tree("ratio", tuple(part for part in parts if part)) if all(parts) else None
    if "real" in bare.lower() and _ALL_REALS.fullmatch(bare):
        return REALS
    return None


def _in_base(bare: str) -> Tree | None:
    """Read 1011_2, 204 (base 5), 0x1F."""
    prefixed = _PREFIXED.fullmatch(bare)
    if prefixed is not None:
        value = based(prefixed[2], {"x": 16, "b": 2, "o": 8}[prefixed[1]])
        return None if value is None else num(value)
    found = _BASED.fullmatch(STYLED.sub(r"\1", bare).replace(" ", "")) if "_" in bare else None
    found = found or (_BASE_WORDS.fullmatch(bare) if "base" in bare.lower() else None)
    if found is None or (found[1].isalpha() and len(found[1]) == 1):
        return None
    base = _BASES.get(found[2].lower()) or int(found[2])
    value = based(found[1], base) if 2 <= base <= 36 else None
    return None if value is None else Tree("base", (num(value),), (found[1].upper().lstrip("0"), base))


def turned_brackets(text: str) -> str:
    r"""Write ]1, 2[, whose brackets turn away from what they leave out, as (1, 2).

    Example:
        >>> turned_brackets(r"]-\infty; 1] \cup ]2; 3[")
        '(-\\infty; 1] \\cup (2; 3)'
    """
    spaced = _THIN.sub(" ", text)
    rewritten: str = (_WITH_SEMICOLON if ";" in spaced else _INTERVAL).sub(_turned, spaced)
    return rewritten if rewritten != spaced else text


def _turned(found: re.Match[str]) -> str:
    if found[1] == "[" and found[3] == "]":
        return found[0]
    return f"{'(' if found[1] == ']' else '['}{found[2]}{']' if found[3] == ']' else ')'}"
