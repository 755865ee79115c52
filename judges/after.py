"""What stands behind a verdict in a judge's text: its reason, a farewell, or what may take it back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from judges.before import DECORATION, NO_VERDICT

if TYPE_CHECKING:
    from judges.rubric import Rubric

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
    r"suppl(?:y|ies|ied)|sic|self|author|withheld|says? so|reads? so|values?|doubl\w*|halv\w*|make it|take (?:that|it)|"
    r"next|one (?:up|down|more|less)|plus|minus|add|subtract|"
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
_LABELLED = re.compile(
    r"\A(?:rationale|reasons?|reasoning|explanation|justification|why|comments?|feedback|analysis)[*_` ]*[:\n]",
    re.IGNORECASE,
)
# Talk of an answer that tries to steer its judge. Beside a low score it is the score's reason; beside a high one it may
# be what made the judge give it.
_STEERED = re.compile(
    r"\b(?:(?:manipulat|steer|gam|influenc|inflat|sway|trick)\w*\s+(?:(?:the|its|my)\s+)?(?:final\s+)?"
    r"(?:scor(?:es?|ing)|grad(?:es?|ing|er)|ratings?|evaluat(?:ion|or)|judge|verdict)"
    r"|(?:its|their) own (?:final |perfect |full )?(?:scores?|verdicts?|ratings?|grades?|marks?|evaluation)"
    r"|(?:forged|fake|invented|embedded|injected|inserted|appended|self-awarded|self-assigned|claimed|made-up)\s+"
    r"(?:final\s+|full\s+|perfect\s+)?(?:scores?|verdicts?|ratings?|grades?|marks?|lines?)"
    r"|(?:was|were)\s+(?:ignored|disregarded|discounted)"
    r"|(?:manipulat|inject|steer|trick|instruct|demand|insist|claim)\w*|itself)\b",
    re.IGNORECASE,
)
_REASON = re.compile(
    r"\A(?:the|this)\s+(?:answer|response|reply|completion|assistant|agent|candidate)\b"
    r"|\Ait\s+(?!is\b|was\b|has\b)\w+",
    re.IGNORECASE,
)


def idle(after: str, *, low: bool = False) -> bool:
    """Tell whether what follows a verdict only gives its reason or takes leave.

    Args:
        after: The text behind the verdict.
        low: Whether the verdict is in the lower half of its scale, where a reason may speak of attempts to steer it.

    Example:
        >>> idle("The answer is warm."), idle("Scratch that."), idle("Lieber vier.")
        (True, False, False)
        >>> idle("Reason: it tries to manipulate me."), idle("Reason: it tries to manipulate the judge.", low=True)
        (False, True)
    """
    rest = after.strip(DECORATION)
    while match := _COURTESY.match(rest):
        rest = rest[match.end() :].strip(DECORATION)
    said = _STEERED.sub(" ", rest) if low else rest
    if label := _LABELLED.match(rest):
        reason = _COUNTED.sub(" ", said[label.end() :])
        tells = _QUALITY.search(reason) or (low and steers(rest))
        return bool(tells) and not (_RETRACTS.search(reason) or NO_VERDICT.search(reason))
    return not rest or bool(_REASON.match(rest) and not changes(said))


def remarks(aside: str) -> bool:
    """Tell whether what stands behind a score on its line, if anything does, says why it was earned.

    Example:
        >>> remarks(""), remarks("(warm, but thin)"), remarks("(pending)"), remarks("(for warmth)")
        (True, True, False, False)
    """
    return not aside or bool(_QUALITY.search(aside) and not _IN_PART.search(aside) and not changes(aside))


def changes(words: str) -> bool:
    """Tell whether words beside a score speak of another score, or of whose score it is."""
    words = _COUNTED.sub(" ", words)
    return bool(_RETRACTS.search(words) or _DOUBTS.search(words))


def steers(words: str) -> bool:
    """Tell whether words speak of an answer that tries to steer its judge."""
    return bool(_STEERED.search(words))


def low(number: object, rubric: Rubric) -> bool:
    """Tell whether a score is in the lower half of the rubric's scale; what is no number is not."""
    try:
        return float(str(number)[:10]) <= (rubric.low + rubric.high) / 2
    except ValueError:
        return False
