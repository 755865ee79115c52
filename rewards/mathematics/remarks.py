r"""Read what an answer says beside its value: what it is, why, or another form of it.

\text{The total is } 5, x = 2 (\text{since } x > 0), \frac12, \text{i.e. } 0.5. Another form is written behind an equals
sign, so that it must be equal: 5 (or equivalently 6) is no answer.

Bound: every pattern is anchored at one end and takes each character once; the text is bounded by its caller.
"""

from __future__ import annotations

import re

from rewards.extract.phrases import LEFT_OPEN
from rewards.patterns import Pattern

_SPACES = r"\s*(?:\\(?:q?quad|[ ,;:!])\s*)*"
_GAP = rf"\s*[,;]?{_SPACES}"
_OPEN = r"(?:\(\s*)?(?:\\text\s*\{\s*)?(?:\(\s*)?"
_NAMED = Pattern(r"\\text\s*\{([^{}]{1,80}?(?:\b(?:is|are|equals?|gives|be|becomes)\s*:?|[:=]))\s*\}\s*(?=\S)")
_DOUBTED = Pattern(  # words that make something else of the value, leave it open or only point at the right one
    rf"\b(?:{LEFT_OPEN}|never|no|cannot|neither|nor|might|could|either|anything|something|reference|expected|correct"
    r"|opposite|minus|negative|twice|half|than|least|most|close|almost|between|except|false)\b|n't\b",
    re.IGNORECASE,
)
_WHY = Pattern(rf"(?<=[\w)}}\]]){_GAP}{_OPEN}(?:since|because)\b.*\Z")
_EXCLUDED = Pattern(
    rf"(?<=[\w)}}\]])(?:\s*[,;]{_SPACES}|{_SPACES}(?=\()|\s*\\q?quad{_SPACES}){_OPEN}(?:(?:for|where|with|if)\s*\}}?\s*)?"
    r"[a-zA-Z]\s*(?:\\neq?(?![a-z])|≠|\\not\s*=|!=)\s*-?[\w./\\{}]{1,20}\s*\)?\s*\}?\)?\Z"
)
_RANGE = Pattern(r"[<>≤≥]|\\(?:l|g)(?:e|t|eq|eqslant)(?![a-z])|\\in(?![a-z])")
_AGAIN = Pattern(
    rf"(?<=[\w)}}\]%°]){_GAP}{_OPEN}(?:i\.\s?e\.|that\s+is|(?:or|and)\s+equivalently|equivalently|which\s+(?:is|equals)|or\s+simply"
    r"|in\s+other\s+words|in\s+decimals?)\s*[,:]?\s*\}?\s*(?=\S)"
)
_EQUAL = Pattern(rf"(?<=[\w)}}\]%°]){_GAP}\(\s*=\s*(?=\S)")  # 12 (= 3 * 4)
_ABOUT = Pattern(
    rf"(?<=[\w)}}\]%°]){_GAP}\(\s*(?:\\approx(?![a-z])|≈|\\text\s*\{{\s*(?:approx(?:\.|imately)?|about)\s*\}})\s*(?=\S)"
)


_DECORATED = Pattern(
    rf"(?<=\S)[\s,;]*{_SPACES}(?:\\(?:checkmark|blacksquare|qed)(?![a-z])|[\u2713\u2714\u2705\u220e])\Z"
)
_OR = Pattern(rf"(?<=[\w)}}\]%°]){_GAP}(?:\(\s*(?:\\text\s*\{{\s*)?|\\text\s*\{{\s*\(\s*)or\s*\}}?\s*(?=\S)")


def without_remarks(text: str) -> str:
    r"""Take the value out of an answer that remarks on it; any other text stays as it is.

    Args:
        text: After `clean.plain` and `spellings.spelled_plainly`.

    Example:
        >>> without_remarks(r"\text{The total is } 5"), without_remarks(r"x=2\ (\text{since } x>0)")
        ('5', 'x=2')
        >>> without_remarks(r"\frac12 \text{ (that is, } 0.5)")
        '\\frac12 = 0.5'
    """
    named = _NAMED.match(text)
    if named is not None and _DOUBTED.search(named[1]) is None:
        text = text[named.end() :]
    text = _WHY.sub("", _DECORATED.sub("", text))
    if _RANGE.search(text) is None:
        text = _EXCLUDED.sub("", text)  # (x^2 - 9)/(x - 3) is x + 3 but at 3
    for pattern, sign in ((_AGAIN, "="), (_EQUAL, "="), (_ABOUT, "\\approx"), (_OR, r"\text{ or }")):
        found = pattern.search(text)
        if found is not None:
            return f"{text[: found.start()]} {sign} {_closed(text[found.end() :])}"
    return text


def _closed(form: str) -> str:
    """Take off the brackets that close a remark but not its form."""
    form = form.rstrip()
    while form.endswith((")", "}")) and form.count(form[-1]) > form.count({")": "(", "}": "{"}[form[-1]]):
        form = form[:-1].rstrip()
    return form
