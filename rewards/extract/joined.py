"""Tell which boxes are read together: those beside one another are one list, or alternatives."""

from __future__ import annotations

import re

from rewards.extract.boxes import Box, boxes
from rewards.extract.hedges import alternative
from rewards.extract.phrases import AND, AND_UNSPACED, OR, OR_UNSPACED
from rewards.extract.withdrawn import taken_back
from rewards.patterns import Pattern

MAX_BETWEEN = 200  # characters from one box to the next that is an alternative
MAX_APART = 120  # the same where both are of one list
MAX_BESIDE = 12  # boxes that are read together with the last one
_LIST, _CHOICE = " , ", r" \text{ or } "
_JOINER = Pattern(
    r"(?:[\s,;:.$~*&|+/{}()\[\]-]|\\[\[\](), ;:!]|\\(?:quad|qquad|text|mathrm|textbf|mbox|cup|pm|left|right)\b"
    rf"|\b(?:{OR}|{AND})(?!\w)|{OR_UNSPACED}|{AND_UNSPACED}|、|\uff0c|か|soit|\d{1, 2}[.)]|\u2022|要么)*"
)
_SAID = Pattern(rf"[,;&|/\uff0c、かa-z]|{OR_UNSPACED}|{AND_UNSPACED}")
_OR = Pattern(rf"\b(?:{OR})(?!\w)|{OR_UNSPACED}|か|\bsoit\b|要么")
_AND_WORDS = Pattern(r"^[^.!?\n]{0,40}\b(?:and|or)\b[^.!?\n]{0,24}$")
# If ..., \\boxed{1}. Otherwise \\boxed{2}: an answer for each case is none.
_IF = Pattern(
    r"(?:^|[.!?;:\n])[\s*\u2022-]*(?:and\s+|but\s+)?(?:if|when|in\s+case|assuming|suppos(?:e|ing)|provided)\b[^.!?\n]{0,120}$",
    re.IGNORECASE,
)
_IF_NOT = Pattern(
    r"[\s$*.;,:)\\\]}\u2022-]{0,8}(?:[^.!?\n;,]{0,40}[.;,]\s+)?(?:(?:and|but|or)\s+)?"
    r"(?:if|when|otherwise|else|in\s+case|assuming|suppos(?:e|ing)|provided)\b[^.!?\n]{0,120}",
    re.IGNORECASE,
)
# \\boxed{1} if ..., \\boxed{2} if ...; \\boxed{1} (with ...) / \\boxed{2} (without ...).
_IF_SO = Pattern(
    r"[\s$*\\)\]]{0,4}(?:(?:if|when|for)\b[^.!?\n]{0,60}[,;]\s*(?:and|or|but)?[\s$*]*|\([^()\n]{1,60}\)\s*/\s[^.!?\n]{0,20})",
    re.IGNORECASE,
)
_NAMED_NEXT = Pattern(r"[A-Za-z](?:_\{?\w\}?)?\s*=\s*$")
# Words around several boxes that leave the choice between them to the reader.
_ONE_OF = Pattern(
    r"\b(?:one|either|any)\s+of\s+(?:these|those|them|which|the\s+(?:above|following|two|three|answers|boxes))\b[^.!?\n]{0,40}"
    r"\b(?:right|correct|match(?:es)?|works?|answer|be|fits?|true)\b"
    r"|\b(?:candidate|possible)\s+(?:answers|solutions\s+ranked)\b|\b(?:two|both|three|several)\s+(?:readings|interpretations|possibilities)\b|\bdepending\s+on\b",
    re.IGNORECASE,
)
# The first root is \\boxed{-1}. The second root is \\boxed{4}: together they are the roots.
_NEXT_ROOT = Pattern(
    r"^[\s$.,;)]{0,6}(?:and\s+)?(?:the\s+)?(?:second|third|other|next)\s+(?:root|solution|zero)\s+is\s*[\s$]{0,4}$"
    r"|^[\s$.,;*)]{0,8}(?:part|question)\s(?:\d|[b-h])[\s:.*)$]{1,8}$",
    re.IGNORECASE,
)
_NAMED = Pattern(r"\s*([a-z])\s*=(?!.*=)")
_LIST_SIGN = Pattern(r"\n[ \t]*(?:[-*\u2022]{1,3}|\d{1,2}[.)])(?=[\s$]*$)")
_NO_JOINT = Pattern(
    r"\b(?:then|wait|no|not|actually|instead|now|so|hence|thus|therefore|but|let|check|correct|because|since|get|is)\b|[=!]",
    re.IGNORECASE,
)


def last_boxed(text: str) -> str | None:
    r"""Read the last box; boxes that follow one another with only "and", "or" or commas between are one list.

    Example:
        >>> last_boxed(r"first \boxed{1}, no: \boxed{\frac{2}{3}}.")
        '\\frac{2}{3}'
        >>> last_boxed(r"\boxed{1} or \boxed{2}")
        '1 \\text{ or } 2'
    """
    found = boxes(text)
    return joined(text, found)[2] if found else None


def joined(text: str, found: list[Box]) -> Box:
    """Read the last of some boxes with those beside it: where they begin, where they end, what they say."""
    start, end, content = found[-1]
    if len(found) == 1:
        return found[-1]
    offered = _ONE_OF.search(text, max(0, found[0][0] - MAX_BETWEEN), end + MAX_BETWEEN) is not None
    parts = [content]
    for before in reversed(found[:-1][-MAX_BESIDE:]):
        sign = _sign_between(text, before, (start, end, parts[-1]), offered=offered)
        if not sign:
            break
        parts += [sign, before[2]]
        start = before[0]
    if len({part.strip() for part in parts[::2]}) == 1:
        return found[-1]
    return start, end, "".join(reversed(parts))


def _sign_between(text: str, first: Box, second: Box, *, offered: bool) -> str:
    """Tell what stands between two boxes that are read together: a comma, or "or"; "" where they are not."""
    between = text[first[1] : second[0]]
    if _is_alternative(text, first[0], between, offered=offered):
        return _CHOICE
    if len(between) > MAX_APART:
        return ""
    if _other_name(first[2], second[2]) and taken_back(between) is None:
        return _LIST
    if not _joint(_NAMED_NEXT.sub("", between)):
        return ""
    return _CHOICE if "/" in between or _OR.search(between) else _LIST


def _is_alternative(text: str, start: int, between: str, *, offered: bool) -> bool:
    """Tell whether the words between two boxes, of which the first begins at `start`, offer one beside the other."""
    if len(between) <= MAX_BETWEEN and (offered or alternative(between)) and taken_back(between) is None:
        return True
    if _IF_NOT.fullmatch(between) and _IF.search(text[max(0, start - MAX_BETWEEN) : start]):
        return True
    return _IF_SO.fullmatch(between) is not None


def _other_name(first: str, second: str) -> bool:
    """Tell whether two boxes hold the values of two letters: x = 2, then y = -1."""
    names = [_NAMED.match(content) for content in (first, second)]
    return names[0] is not None and names[1] is not None and names[0][1] != names[1][1]


def _joint(between: str) -> bool:
    if _NEXT_ROOT.search(between):
        return True
    if _JOINER.fullmatch(between):
        return not _LIST_SIGN.sub("", between).strip(" \t\n$") or _SAID.search(between) is not None
    return _AND_WORDS.match(between) is not None and not _NO_JOINT.search(between)
