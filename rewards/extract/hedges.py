r"""Tell answers that are offered beside another one, or as one of several: that is none.

Bounds: those of `doubts.py`.
"""

from __future__ import annotations

import re

from rewards.extract.doubts import MAX_AFTER, MAX_AROUND
from rewards.patterns import Pattern

_BESIDE = Pattern(
    r"^[\s$.,;)\\\]]{0,6}unless\b|"
    r"\bif\s+(?:not|that(?:'s|\u2019s|\s+is)\s+(?:wrong|incorrect|not\s+it))\b|"
    r"\balternatively\b|\bor,?\s+equally\b|\bin\s+case\b|\brespectively\b|\bresp\.|\(\s*\d{1,3}\s*\\?%\s*\)|\bbackup\b|\b(?:vs|versus)\b|\bor\s+(?:maybe|perhaps|possibly|else|it\s+(?:could|might))\b|\b(?:could|might|may)\s+(?:also\s+)?be\b"
    r"|\banother\s+(?:possible\s+|valid\s+)?(?:answer|solution|possibility|value|option)\b|也可能|或者|あるいは"
    r"|\balternativement\b|\boder\s+(?:auch|vielleicht)\b|\bo\s+(?:tal\s+vez|quizás)\b|\bou\s+(?:talvez|peut-être)\b",
    re.IGNORECASE,
)
_NEXT_OR = Pattern(  # \\boxed{41} (alternatively 43)
    r"^[\s$.,;)\uff0c\u3001\u3002]{0,6}[(\uff08]?\s*(?:alternatively|o\s+bien|ou\s+bien|也?可能是|もしくは|または|或者)\s*,?[\s$(]{0,4}"
    r"(?:[-\d]|\\(?!boxed|fbox))",
    re.IGNORECASE,
)
_TAKE_ANY = Pattern(
    r"\bequally\s+(?:valid|good|correct|acceptable)\b|\b(?:choose|pick|take)\s+(?:the\s+one|whichever)\s+(?:that\s+)?you\b"
    r"|\bboth\s+(?:are\s+|seem\s+)?(?:defensible|valid|possible|acceptable|plausible)\b|\b(?:give|offer|leave|state)\s+both\b|\bwhichever\s+(?:you|is\s+(?:right|correct)|one)\b|\bi\s+(?:would|will|['\u2019]d)\s+accept\b"
    r"|\bif\s+(?:that|this)\s+is\s+(?:marked\s+)?(?:wrong|incorrect)\b"
    r"|\bdepending\s+on\s+(?:the|your|which|whose)\s+(?:convention|interpretation|reading|taste)",
    re.IGNORECASE,
)
_OR_ELSE = Pattern(
    r"^[\s$.)\\\]*]{0,6},?\s*or\s+(?:it|they|else|does|doesn|undefined|none|no\b|not\b|maybe|perhaps|whatever|something"
    r"|(?:the|this)\s+(?:limit|sum|series|answer|value|integral)\s+(?:is|does|diverges))",
    re.IGNORECASE,
)
_ASKED = Pattern(
    r"^[\s$)*\\\]}]{0,6}(?:\\text\s*\{\s*)?"
    r"(?:[?\uff1f]|,?\s?[a-z][^.!?\n]{0,60}\?|\s*[吗呢か]\s*[?\uff1f])"
)
_LABEL = Pattern(
    r"(?:\b(?:first|second|third|next|other|backup|fallback|alternative|last|final|second[\s-]best)\s+(?:guess|option|choice|candidate|possibility)(?:\s+is)?"
    r"|\b(?:option|possibility|(?:possible\s+)?answer|candidate|alternative|choice|guess|case|scenario|reading|interpretation|version)"
    r"\s*(?:(?:\#?\d|[A-H]|one|two|three)\b(?:\s*\([^()\n]{1,60}\))?|[\"\u201c(][^\"\u201d()\n]{1,40}[\"\u201d)])"
    r"|\b(?:lower|upper|middle|low|high|mean)(?:\s+(?:estimate|bound|guess|value))?"
    r"|(?<![A-Za-z] )\([A-H]\)|^\s*[A-H][.)])\s*[:.)=\u2014-]?\s*[\s$*]{0,6}$",
    re.IGNORECASE | re.MULTILINE,
)
_ANOTHER = Pattern(
    r"(?:\balternatively,?|\banother|\bother|\bor|\bone|\bone\s+possible|或者|或|\breference|\bsample|\bmodel|\bground[\s-]truth|\bdoubt|\bdoubt\s+that|\bnot\s+the\s+case\s+that|\bfalse\s+that|\bnot\s+true\s+that|\bdeny\s+that|\bwrong\s+that|\bunlikely\s+that|n't\s+think|\bnot\s+think)\s*(?:possible\s+|valid\s+)?(?:the\s+)?$",
    re.IGNORECASE,
)
_SEVERAL = Pattern(
    r"\b(?:could|might|may)\s+also\s+be\b|\banother\s+(?:possible\s+|valid\s+)?answer\b"
    r"|\b(possibility|option|candidate)\s*(?:1|one|a)\b.*\b\1\s*(?:2|two|b)\b",
    re.IGNORECASE,
)


def alternative(between: str) -> bool:
    """Tell whether the words between two boxes offer the second beside the first, or label it as a choice."""
    return _BESIDE.search(between) is not None or _LABEL.search(between) is not None


def asked(after: str) -> bool:
    """Tell whether the signs after an answer make a question of it."""
    return _ASKED.search(after) is not None


def or_else(after: str) -> bool:
    r"""Tell whether the words after an answer offer that it is none: "or it does not exist"."""
    return (
        _OR_ELSE.search(after) is not None or _NEXT_OR.search(after) is not None or _TAKE_ANY.search(after) is not None
    )


def one_of_several(text: str, start: int) -> bool:
    """Tell whether a statement is offered as one answer among others.

    Example:
        >>> one_of_several("One answer is 4. Another answer is 5.", 25)
        True
    """
    return _ANOTHER.search(text[max(0, start - MAX_AROUND) : start]) is not None


def lists_several(text: str) -> bool:
    """Tell whether an unmarked text offers several answers.

    Example:
        >>> lists_several("It could be 4. It could also be 5.")
        True
    """
    return _SEVERAL.search(text[-MAX_AFTER:]) is not None
