"""Read notations that the grammar does not have: other bases, ratios in words, all real numbers, French intervals."""

from __future__ import annotations

import re

from rewards.mathematics.exact import based
from rewards.mathematics.parse import parsed
from rewards.mathematics.tree import REALS, Tree, num
from rewards.patterns import Pattern

_RATIO_WORDS = Pattern(r"(\d[\d.,]*)\s*(?:\\text\{)?\s*to\s*\}?\s*(\d[\d.,]*)")
_BASED = Pattern(r"\(?([0-9A-Za-z]+)\)?_\{?\s*(?:\\text\{)?(\d{1,2}|two|three|eight|sixteen)\}?\}?")
_BASE_WORDS = Pattern(r"([0-9A-Fa-f]+)\s*(?:\(|in\s+)?base[\s-]*(\d{1,2}|two|three|eight|sixteen)\)?", re.IGNORECASE)
_STYLED = Pattern(r"\\(?:text|mathrm|mathtt|texttt)\s*\{([^{}]*)\}")
_BASES = {"two": 2, "three": 3, "eight": 8, "sixteen": 16}
_PREFIXED = Pattern(r"0([xbo])([0-9a-fA-F]+)")
_ALL_REALS = Pattern(
    r"(?:the set of )?(?:all )?(?:the )?real(?: number)?s?|\\text\{\s*all real numbers\s*\}|all reals", re.IGNORECASE
)
_FRENCH = Pattern(r"^\]\s*([^\[\]]*)\s*([\[\]])$|^([\[\]])\s*([^\[\]]*)\s*\[$")


def special(bare: str, commas: str) -> Tree | None:
    """Read what the grammar does not: another base, scales in words, all real numbers, French intervals."""
    if bare.isdigit():
        return num(int(bare)) if len(bare) < 2000 else None
    based_on = _BASED.fullmatch(_STYLED.sub(r"\1", bare).replace(" ", "")) if "_" in bare else None
    based_on = based_on or (_BASE_WORDS.fullmatch(bare) if "base" in bare.lower() else None)
    if based_on is not None and not (based_on[1].isalpha() and len(based_on[1]) == 1):
        base = _BASES.get(based_on[2].lower()) or int(based_on[2])
        value = based(based_on[1], base) if 2 <= base <= 36 else None
        return None if value is None else Tree("base", (num(value),), (based_on[1].upper().lstrip("0"), base))
    ratio = _RATIO_WORDS.fullmatch(bare) if "to" in bare else None
    if ratio is not None:
        parts = [parsed(part, commas) for part in ratio.groups()]
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
        tree = parsed(f"[{inside}]", "group")
        closer = ")" if bare.endswith("[") else "]"
        return None if tree is None or tree.op != "seq" else tree._replace(value=opener + closer)
    return None
