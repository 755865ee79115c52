r"""Read a score that a judge's text ends in, within marks: `Rating: [[5]]`, as MT-bench asks, or `\boxed{5}`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from judges.after import low, steers
from judges.before import attributed, declined, quoted
from judges.judgement import AmbiguousError, RefusedError

if TYPE_CHECKING:
    from judges.prompt import Question

_MARKED = r"(?:\[\[|\\boxed\{)\s*(?P<score>[0-9.]{1,5}(?:\s*/\s*[0-9]{1,3})?)\s*(?:\]\]|\})"
_ENDS = re.compile(
    r"(?:\A|[.!?][ \t]+|\n)[\s#]*(?P<bold>\*\*|__)?(?:(?:so|therefore|thus|overall),?\s+)?(?:(?:the|my)\s+)?"
    rf"(?:(?:(?:final|overall)\s+)?(?:score|rating|grade|judge?ment|verdict)(?:\s+is)?\s*[:=]?\s*)?\$?{_MARKED}\$?(?(bold)(?P=bold))\.?\s*\Z",
    re.IGNORECASE,
)
_ANY = re.compile(_MARKED)
_SAYS_A_SCORE = re.compile(r"\b(?:score|rating|grade)s?\b[\s*_]{0,4}(?:is\b|[:=])\s*[*_]{0,3}[0-9]", re.IGNORECASE)
_SUPPOSED = re.compile(
    r"\b(?:if|had|were|suppos\w*|imagin\w*|assum\w*|without|otherwise|hypothetical\w*|lenient|initial\w*|would|could|"
    r"example|format|says?|writes?|wrote|claims?|reads?|(?:end|clos|conclud|finish|contain|includ|add|append|follow|print|"
    r"output|stat|read)(?:e?s|ing|ed)?)\b[^.!?]*[.!?]?\s*\Z|:[^\n]*\Z",
    re.IGNORECASE,
)


def bracketed(text: str, asked: Question) -> dict[str, object] | None:
    """Read the marked score that a text ends in; None where there is none, or another score beside it.

    Raises:
        ContentError: It is a quotation, or the judge declined.
    """
    found = _ENDS.search(text)
    if not found or len(_ANY.findall(text)) > 1:
        return None
    before, score = text[: found.start() + 1], re.sub(r"\s", "", found["score"])
    if _SAYS_A_SCORE.search(before) or _SUPPOSED.search(before):
        return None
    if steers(before) and not low(score.split("/")[0], asked.rubric):
        return None
    if declined(text):
        raise RefusedError("the judge declined in words")
    if quoted(found[0].lstrip(".!? "), asked) or attributed(before):
        raise AmbiguousError("the score is a quotation")
    return {"score": score}
