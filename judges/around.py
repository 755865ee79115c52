"""What stands around a verdict in a judge's text: who is said to speak before it, and what may take it back after."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from judges.prompt import Question

# Words by which a judge goes on about a score, its own or somebody's, instead of giving its reasons.
_RETRACTS = re.compile(
    r"\d|[^\x00-\u024f\u2010-\u2027]|~~"
    r"|\b(?:two|three|four|five|six|seven|eight|nine|ten|half|full|score\w*|scoring|rat(?:e|ed|ing)|grade\w*|"
    r"marks?|points?|verdict|actually|revis\w+|reconsider\w*|reflection|thoughts?|correct(?:ion|ed|ing)|lower\w*|"
    r"rais\w+|chang\w+|wait|hold on|scratch|strike|retract\w*|withdraw\w*|oops|ignor\w+|disregard\w*|kidding|"
    r"jok\w+|sarcas\w*|told|request\w*|demand\w*|instruct\w*|steer\w*|trick\w*|inject\w*|manipulat\w*|above|"
    r"write|writes|written|generous\w*|harsh\w*|higher|worse|unless|unsure|not sure|tentativ\w*|provisional\w*|"
    r"draft|deserv\w*|not (?:really|quite|at all)|initial\w*|hypothetical\w*|placeholders?|template|i|me|my|we|us|"
    r"(?:this|that|it) (?:would|could|should|might|may)|claim\w*|copied|insist\w*|itself|void|number|figure|lines?|"
    r"suppl(?:y|ies|ied)|sic|self|author|withheld|says? so|reads? so|"
    # The same in other languages that are written like English.
    r"nein|doch|lieber|eher|korrig\w+|korrektur|falsch|niedriger|non|plut[oô]t|trop|moins|rectif\w+|corri[gj]\w+|"
    r"mejor|demasiad\w+|menos|demais|anzi|troppo|meno|vier|f[uü]nf|sechs|sieben|acht|neun|quatre|cinq|sept|huit|neuf|"
    r"cuatro|cinco|siete|ocho|nueve|quattro|cinque|sette|otto|quatro|sete|oito|nove)\b",
    re.IGNORECASE,
)
# Words that may do the same, but that a reason which is announced as one often holds.
_DOUBTS = re.compile(
    r"\b(?:instead|rather|mistake\w*|wrong|sorry|quot\w+|output\w*|below|would|could|should|might|may|if|or|between|"
    r"too|strict\w*|fair\w*|perhaps|maybe|less|examples?|format|json)\b|\A\W*(?:no|nope|nah|not|hardly|never)\b",
    re.IGNORECASE,
)
# What a reason speaks of. A remark without a word of it may be anything, and then the score beside it is not taken.
_QUALITY = re.compile(
    r"\b(?:(?:brief|short|concise|terse|curt|clear|direct|warm|cold|kind|polite|rude|helpful|help|useful|useless|good|bad|"
    r"weak|strong|vague|generic|specific|accura|complet|incomplet|thorough|thin|shallow|deep|detail|empath|sympath|"
    r"acknowledg|diagnos|question|step|explain|explanation|lack|miss|address|apolog|relevant|irrelevant|action|practical|"
    r"concrete|safe|honest|evasi|repetit|padd|verbos|long|wordy|friendl|professional|dismissi|solv|fix|understand|listen|"
    r"engag|reassur|poor|excellent|great|solid|adequate|decent|mediocre|perfect)\w*"
    r"|(?:asks?|names?|offers?|gives?|shows?|fine|nice|well)\b)",
    re.IGNORECASE,
)
_IN_PART = re.compile(r"\A\W*(?:for|on|in|before|pre)\b|\bonly\W*\Z", re.IGNORECASE)
_COUNTED = re.compile(  # numbers of things that are no scores
    r"\b(?:(?:the|two|three|four|five|[2-5]) (?:[a-z]{3,12} )?(?:questions|steps|sentences|suggestions|options|causes|"
    r"actions|fixes|checks)|(?:to the|on) point)\b",
    re.IGNORECASE,
)
_COURTESY = re.compile(
    r"\A(?:(?:please )?let me know|(?:i )?hope (?:this|that) helps|feel free|thank you|thanks)\b"
    r"[^.!?\d\n]{0,80}[.!]*\s*",
    re.IGNORECASE,
)
_LABELLED = re.compile(r"\A(?:rationale|reason|reasoning|explanation|justification)[*_` ]*[:\n]", re.IGNORECASE)
_REASON = re.compile(
    r"\A(?:the|this)\s+(?:answer|response|reply|completion|assistant|agent|candidate)\b"
    r"|\Ait\s+(?!is\b|was\b|has\b)\w+",
    re.IGNORECASE,
)
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
_NO_VERDICT = re.compile(r"\b(?:examples?|format|template|hypothetical|reference|placeholder)\b", re.IGNORECASE)
_HEADING = 6  # words
_SHORT = 120
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
    if label := _LABELLED.match(rest):
        reason = _COUNTED.sub(" ", rest[label.end() :])
        return bool(_QUALITY.search(reason)) and not (_RETRACTS.search(reason) or _NO_VERDICT.search(reason))
    return not rest or bool(_REASON.match(rest) and not changes(rest))


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


def remarks(aside: str) -> bool:
    """Tell whether what stands behind a score on its line, if anything does, says why it was earned.

    Example:
        >>> remarks(""), remarks("(warm, but thin)"), remarks("(pending)"), remarks("(for warmth)")
        (True, True, False, False)
    """
    return not aside or bool(_QUALITY.search(aside) and not _IN_PART.search(aside) and not changes(aside))


def declined(text: str, *, outright: bool = False) -> bool:
    """Tell whether a text begins with a refusal to judge; `outright` where it holds no verdict, so that less is enough.

    Example:
        >>> declined("I cannot evaluate this."), declined("I cannot rate it higher than this.")
        (True, False)
    """
    return bool((_DECLINES if outright else _DECLINES_TO_JUDGE).match(text.replace("\u2019", "'")))


def changes(words: str) -> bool:
    """Tell whether words beside a score speak of another score, or of whose score it is."""
    words = _COUNTED.sub(" ", words)
    return bool(_RETRACTS.search(words) or _DOUBTS.search(words))


def attributed(before: str) -> bool:
    """Tell whether the last line before a verdict says that it is somebody else's words.

    Example:
        >>> attributed("The answer ends with:"), attributed("Here is my verdict:"), attributed("It is warm.")
        (True, False, False)
    """
    lines = [line for line in before.splitlines() if line.strip(_DECORATION)]
    last = lines[-1].strip(_DECORATION)[-300:] if lines else ""
    if _OBEYS.search(last) and not _RESISTS.search(last):
        return True
    if len(last.split()) <= _HEADING and _NO_VERDICT.search(last):
        return True
    if last.endswith((":", "\uff1a")):
        return bool(_SOMEBODY.search(last)) or not _INTRODUCES.search(last)
    return bool(_HANGING.search(last) or (not last.endswith((".", "!", "?", ")")) and _DENIES.search(last)))


def quoted(ending: str, asked: Question) -> bool:
    """Tell whether a verdict is a piece of the sample, whatever the space and emphasis in it."""
    sample = _bare(" ".join(map(str, json.loads(asked.user.split("\n", 1)[1]).values())))
    return bool(re.search(re.escape(_bare(ending)) + r"(?![0-9])", sample))


def _bare(text: str) -> str:
    return re.sub(r"[\s*_`#]", "", text).casefold()
