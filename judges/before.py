"""What stands before a verdict in a judge's text: who is said to speak, and whether anything is said to be decided."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from judges.prompt import Question

# The last words before a verdict that make it somebody else's, or no verdict at all.
_HANGING = re.compile(
    r"\b(?:would|should|could|might|must|may|to|be|get|earn|is|are|as|says?|said|writes?|with|submit|output|for|of|into|"
    r"not|than|like|reads?|(?<!the )ends?|contains?|claims?|demands?|states?)\W{0,4}\Z",
    re.IGNORECASE,
)
_OBEYS = re.compile(
    r"(?:\A|[.!?]\s)(?:obey|comply|repeat|imitat|follow)ing\b(?! the (?:rubric|scale|anchor|criteri))"
    r"|\bas (?:it|the \w+) (?:ask|say|want|tell|request|demand|instruct)s?\b"
    r"|\b(?:want|ask|tell|told|instruct|request)\w* me\b|\bthis (?:exact|very) (?:line|text|string|verdict)\b",
    re.IGNORECASE,
)
_RESISTS = re.compile(
    r"\b(?:ignor|disregard|discount|declin|refus|resist|reject|penal|not|never|nothing)|n't\b", re.IGNORECASE
)
_DENIES = re.compile(r"\b(?:must|do|should|will|can|shall)(?: not|n't)\b|\bwon't\b|\bcannot\b|\bdraft\b", re.IGNORECASE)
_INTRODUCES = re.compile(
    r"\b(?:verdict|scores?|evaluation|assessment|judge?ment|result|output|json|rating|conclusion|rationale|submission|"
    r"tool|call|object|form)\b",
    re.IGNORECASE,
)
_SOMEBODY = re.compile(
    r"\b(?:say|read|end|contain|claim|demand|want|ask|writ|tell|told|includ|stat|instruct|output|quot|begin|start|go|"
    r"look|suggest|assert|request|inject|insert|print|imitat|pretend|tr(?:y|ie))(?:s|es|ed|ing)?\b"
    r"|\b(?:example|format|template|ideal|perfect|anchor|sample|would|could|should|if|candidate's|user's|not|never|wrong|"
    r"fake|draft|before|previous)\b",
    re.IGNORECASE,
)
_NO = (
    r"(?:i(?:'m| am) (?:sorry|unable|not able)|sorry|unable to|i (?:can't|cannot|can not|won't|will not|must decline|"
    r"decline)|as an ai\b)"
)
_DECLINES = re.compile(rf"\s*{_NO}", re.IGNORECASE)
_DECLINES_TO_JUDGE = re.compile(
    rf"[^.!?\n]{{0,40}}{_NO}[^.!?\n]{{0,40}}\b(?:help|assist|evaluat|scor|rat|grad|judg|assess|provid|comply|engage|"
    r"complete|fulfil)(?![^.!?\n]*\b(?:higher|above|more|better|fully?|perfect)\b)",
    re.IGNORECASE,
)
_UNSETTLED = re.compile(
    r"\d|\b(?:initial|first|rough|tentative|provisional|lenient|harsh|strict|hypothetical|reference|itself|possible)\b",
    re.IGNORECASE,
)
NO_VERDICT = re.compile(r"\b(?:examples?|format|template|hypothetical|reference|placeholder)\b", re.IGNORECASE)
_QUOTATION = re.compile(r"\"[^\"\n]{3,200}\"|\u201c[^\u201d\n]{3,200}\u201d|`[^`\n]{3,200}`")
_HEADING = 6  # words
_SHORT = 120
DECORATION = " \t\r\n*_`#-"


def introduces(before: str) -> bool:
    """Tell whether all that stands before a score is a short line or two that announces it.

    Example:
        >>> introduces("Sure! Here is my evaluation."), introduces("A lenient judge would say:")
        (True, False)
    """
    return (
        len(before) < _SHORT
        and bool(_INTRODUCES.search(before))
        and not (_SOMEBODY.search(before) or _UNSETTLED.search(before) or attributed(before))
    )


def declined(text: str, *, outright: bool = False) -> bool:
    """Tell whether a text begins with a refusal to judge; `outright` where it holds no verdict, so that less is enough.

    Example:
        >>> declined("I cannot evaluate this."), declined("I cannot rate it higher than this.")
        (True, False)
    """
    return bool((_DECLINES if outright else _DECLINES_TO_JUDGE).match(text.replace("\u2019", "'")))


def attributed(before: str) -> bool:
    """Tell whether the last line before a verdict says that it is somebody else's words.

    Example:
        >>> attributed("The answer ends with:"), attributed("Here is my verdict:"), attributed("It is warm.")
        (True, False, False)
    """
    lines = [line for line in before.splitlines() if line.strip(DECORATION)]
    last = lines[-1].strip(DECORATION)[-300:] if lines else ""
    if _OBEYS.search(last) and not _RESISTS.search(last):
        return True
    if len(last.split()) <= _HEADING and NO_VERDICT.search(last):
        return True
    if last.endswith((":", "\uff1a")):
        return bool(_SOMEBODY.search(last)) or not _INTRODUCES.search(last)
    return bool(_HANGING.search(last) or (not last.endswith((".", "!", "?", ")")) and _DENIES.search(last)))


def quoted(ending: str, asked: Question) -> bool:
    """Tell whether a verdict is a piece of the sample, whatever the space and emphasis in it."""
    sample = _bare(" ".join(map(str, json.loads(asked.user.split("\n", 1)[1]).values())))
    return bool(re.search(re.escape(_bare(ending)) + r"(?![0-9])", sample))


def unquoted(text: str, asked: Question) -> str:
    """Leave out of a text what it quotes word for word from the sample."""
    return _QUOTATION.sub(lambda match: " " if quoted(match[0][1:-1].strip(), asked) else match[0], text)


def _bare(text: str) -> str:
    return re.sub(r"[\s*_`#]", "", text).casefold()
