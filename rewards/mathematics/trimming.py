r"""Take off what belongs to no value: what it is called, P(X = 2) = ..., and what it holds for, ... for all real x.

Bound: what a value holds for is looked for in its last `MAX_CLAUSE` characters.
"""

from __future__ import annotations

import re

from rewards.patterns import Pattern

MAX_CLAUSE = 160
_GAP = r"\s*[,;]?\s*(?:\\(?:q?quad|[ ,;:])\s*)*\(?\s*(?:\\(?:text|mathrm|mbox)\s*\{)?\s*\(?\s*"
_ALL = r"(?:(?:for|where|with)\s+)?(?:(?:all|any|every|each|some)\s+)?(?:real\s+|arbitrary\s+)?"
_SET = r"\\in\s*\\?(?:mathbb|mathbf|Bbb|bf)?\s*\{?\s*\\?"
_CLOSED = r"\$?\s*\)?\s*\}?\s*\)?\s*$"
_QUANTIFIED = Pattern(
    rf"(?<=[\w)}}\]]){_GAP}{_ALL}\}}?\s*\$?\s*(?![kmn]\s*\\in)[a-zA-Z]\s*"
    rf"(?:{_SET}R\s*\}}?|(?:is|are)\s+(?:an?\s+)?(?:arbitrary|any)[a-z ]{{0,24}}){_CLOSED}"
    r"|\s*,?\s*(?:\\(?:text|mathrm|mbox)\s*\{)?\s*\(?(?:for|where|with)\s+(?:some|any|all|every|each)?\s*"
    rf"(?:real|arbitrary|integer)?\s*(?:constants?|numbers?)\s*\}}?\s*\$?[a-zA-Z]{_CLOSED}"
    rf"|(?<=[\w)}}\]]){_GAP}(?:\\forall\s*|for\s+(?:all|any|every)\s+(?:real\s+)?)\}}?\s*\$?\s*[a-zA-Z]\s*(?:{_SET}R\s*\}}?)?{_CLOSED}"
    rf"|(?<=[\w)}}\]]){_GAP}n\s*{_SET}N\s*\}}?\s*(?:[\^_]\s*\{{?[*+]\}}?)?{_CLOSED}"
)
_QUANTIFIERS = (
    "\\in",
    "\\forall",
    "for all",
    "every",
    "arbitrary",
    "any",
    "constant",
    "number",
)  # one of them stands in all that _QUANTIFIED finds
_PROBABILITY = Pattern(
    r"^\s*(?:\\Pr|\\?(?:mathbb|mathrm)\s*\{[PE]\}|P|E|Pr)\s*(?:\\left\s*)?[(\[]"
    r"(?=[^=()\[\]]*(?:[=<>|]|\\(?:text|cap|cup|mid|le|ge)))[^()\[\]]{1,60}(?:\\right\s*)?[)\]]\s*(?:=|≈|\\approx(?![a-z]))"
)
_NAMED_QUANTITY = Pattern(  # \\text{rank}(A) = 2, \\nabla f = (2x, 2y)
    r"^\s*(?:\\(?:text|operatorname|mathrm)\s*\{\s*[A-Za-z ]{2,20}\s*\}\s*(?:\\left)?\(\s*[A-Za-z]{1,3}\s*"
    r"(?:\\right)?\)|\\nabla\s*[a-zA-Z]\s*(?:\([^()=]{0,20}\))?)\s*=\s*(?=\S)"
)
_OF_MATRICES = Pattern(
    r"^\s*(?:\\(?:max|min)(?=\s*=[^=]*$)|\\det\s*(?:\(?\s*[A-Z]?\s*\)?)|[A-Z]\s*\^\s*\{?\s*(?:-1|T|\\top|\d)\s*\}?|\|[A-Z]\|)\s*=\s*(?=\S)"
)
_DIFFERENTIAL = Pattern(r"^\s*d[a-z]\s*=(?=.*d\s*[a-z]\s*$)")
_IMPLIED = Pattern(r"[^=]*=.*\\(?:to|Rightarrow|implies|Longrightarrow)(?![a-zA-Z])(?=[^=]*=)", re.DOTALL)
_OPERATED = Pattern(r"^\s*\\(?:int|lim|sum|prod|iint|oint)(?![a-z])")


def trimmed(text: str) -> str:
    r"""Take the value out of a text that names it or says what it holds for; any other text stays as it is.

    Args:
        text: After `clean.plain` and `spellings.spelled_plainly`.

    Example:
        >>> trimmed("P(X=2) = 3/8"), trimmed(r"f(x) = cx \text{ for some constant } c")
        ('3/8', 'f(x) = cx')
    """
    said = any(word in text for word in _QUANTIFIERS)
    quantified = _QUANTIFIED.search(text, max(1, len(text) - MAX_CLAUSE)) if said else None
    if quantified is not None:
        text = text[: quantified.start()]
    if "=" not in text and "≈" not in text and "\\approx" not in text:
        return text
    implied = _IMPLIED.match(text)
    if implied is not None:
        text = text[implied.end() :]
    for label in (_PROBABILITY, _OF_MATRICES, _NAMED_QUANTITY, _DIFFERENTIAL):
        text = label.sub("", text, count=1)
    if _OPERATED.match(text) and len(sides := _sides(text)) > 1:
        text = sides[-1]
    return text.strip()


def _sides(text: str) -> list[str]:
    """Divide an equation at the equals signs that stand in no bracket."""
    parts, depth, start = [], 0, 0
    for at, char in enumerate(text):
        depth += (char in "{([") - (char in "})]")
        if char == "=" and depth == 0 and text[at - 1 : at] not in "<>!:" and text[at + 1 : at + 2] != "=":
            parts.append(text[start:at])
            start = at + 1
    return [*parts, text[start:]]
