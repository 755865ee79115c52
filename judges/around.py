"""What stands around a verdict in a judge's text: who is said to speak before it, and what may take it back after."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from judges.prompt import Question

# Words by which a judge goes on about a score, its own or somebody's, instead of giving its reasons.
_SECOND_THOUGHT = re.compile(
    r"\d|[^\x00-\u024f\u2010-\u2027]"
    r"|\b(?:two|three|four|five|six|seven|eight|nine|ten|half|full|score\w*|scoring|rat(?:e|ed|ing)|grade\w*|"
    r"marks?|points?|verdict|instead|actually|rather|revis\w+|reconsider\w*|reflection|thoughts?|correct(?:ion|"
    r"ed|ing)|lower\w*|rais\w+|chang\w+|wait|hold on|scratch|strike|retract\w*|withdraw\w*|mistake\w*|wrong|"
    r"oops|sorry|ignor\w+|disregard\w*|kidding|jok\w+|sarcas\w*|told|request\w*|demand\w*|instruct\w*|steer\w*|"
    r"trick\w*|inject\w*|manipulat\w*|quot\w+|output\w*|above|below|write|writes|written|would|could|should|"
    r"might|may|if|unless|or|between|too|generous\w*|harsh\w*|strict\w*|higher|worse|fair\w*|perhaps|maybe|"
    r"unsure|not sure|tentativ\w*|provisional\w*|draft|deserv\w*|less|not (?:really|quite|at all)|initial\w*|"
    r"hypothetical\w*|examples?|placeholders?|template|format|json|i|me|my|we|us)\b",
    re.IGNORECASE,
)
_COURTESY = re.compile(
    r"\A(?:(?:please )?let me know|(?:i )?hope (?:this|that) helps|feel free|thank you|thanks)\b"
    r"[^.!?\d\n]{0,80}[.!]*\s*",
    re.IGNORECASE,
)
_REASON = re.compile(
    r"\A(?:rationale|reason|reasoning|explanation|justification)[\s*_`]*:"
    r"|\A(?:the|this)\s+(?:answer|response|reply|completion|assistant|agent|candidate)\b"
    r"|\Ait\s+(?!is\b|was\b|has\b)\w+",
    re.IGNORECASE,
)
# The last words before a verdict that make it somebody else's, or no verdict at all.
_HANGING = re.compile(
    r"\b(?:would|should|could|might|must|may|to|be|get|earn|is|are|as|says?|said|writes?|with|submit|output|for|of|into|"
    r"not|than|like|reads?|ends?|contains?|claims?|demands?|states?)\W{0,4}\Z",
    re.IGNORECASE,
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
_DECORATION = " \t\r\n*_`#-"


def idle(after: str) -> bool:
    """Tell whether what follows a verdict only gives its reason or takes leave.

    Example:
        >>> idle("The answer is warm."), idle("Scratch that."), idle("Lieber vier.")
        (True, False, False)
    """
    rest = after.strip(_DECORATION)
    while match := _COURTESY.match(rest):
        rest = rest[match.end() :].strip(_DECORATION)
    return not rest or bool(_REASON.match(rest) and not changes(rest))


def changes(words: str) -> bool:
    """Tell whether words beside a score speak of another score, or of whose score it is."""
    return bool(_SECOND_THOUGHT.search(words))


def attributed(before: str) -> bool:
    """Tell whether the last line before a verdict says that it is somebody else's words.

    Example:
        >>> attributed("The answer ends with:"), attributed("Here is my verdict:"), attributed("It is warm.")
        (True, False, False)
    """
    lines = [line for line in before.splitlines() if line.strip(_DECORATION)]
    last = lines[-1].strip(_DECORATION)[-300:] if lines else ""
    if last.endswith((":", "\uff1a")):
        return bool(_SOMEBODY.search(last)) or not _INTRODUCES.search(last)
    return bool(_HANGING.search(last) or (not last.endswith((".", "!", "?", ")")) and _DENIES.search(last)))


def quoted(ending: str, asked: Question) -> bool:
    """Tell whether a verdict is a piece of the sample, whatever the space and emphasis in it."""
    sample = _bare(" ".join(map(str, json.loads(asked.user.split("\n", 1)[1]).values())))
    return bool(re.search(re.escape(_bare(ending)) + r"(?![0-9])", sample))


def _bare(text: str) -> str:
    return re.sub(r"[\s*_`#]", "", text).casefold()
