"""Take the concluding sentence of a worked solution from the checks, remarks and courtesies that follow it."""

from __future__ import annotations

import re

from rewards.patterns import Pattern

_PROVED = Pattern(
    r"\s{0,8}(?:\$?\\(?:blacksquare|square|Box|qed(?:symbol)?)\$?|Q\.?\s?E\.?\s?D\.?|[∎■□◻])\s*\Z", re.IGNORECASE
)
_AS_ASKED = Pattern(
    r",\s{0,4}as\s(?:was\s)?(?:required|claimed|desired|needed|wanted|stated|asserted|asked)\s{0,4}\.?\Z", re.IGNORECASE
)
_NOT_OTHER = Pattern(
    r"(?<=[\d$}\w)]),\s+(?:and\s+)?(?:not|nicht|et\s+non|y\s+no)\s+(?:\$[^$\n]{1,60}\$|[^,.\n]{1,40})\.?\Z"
)  # x = 8, not 9
_PUT_ASIDE = Pattern(  # m = -6, and m = 6 is impossible since ...
    r",?\s{0,4}(?:and|while|but|whereas|as|since|because)?\s{1,4}(?:\$[^$\n]{1,60}\$|[a-z]\s{0,4}=\s{0,4}[^\s,.$]{1,30}|[-\u2212\d/]{1,12})\s{1,4}(?:is|are)\s{1,4}"
    r"(?:impossible|extraneous|rejected|invalid|excluded|not\s+(?:valid|possible|allowed|a\s+solution))\b[^.\n]{0,80}\.?\Z"
)
SENTENCES = Pattern(r"(?<=[a-z\d)\]}$*][.!?])\s+(?=[A-Z(\"'*$\\])|(?<=[。\uff01\uff1f])|\n+")
_ASKED = Pattern(
    r"[?\uff1f]\s*$|\b(?:put|write|give|state|provide)\s+(?:your|the)\s+(?:final\s+)?answer\b|\bexplain\s+your\b"
    r"|\bsolve\s+the\s+following\b|\blet\s+me\s+know\b|\bthank\s+you\b|\bgreat\s+question\b|\bfeel\s+free\b|\bhope\s+(?:this|that|it)\b",
    re.IGNORECASE,
)
# What follows a conclusion without being one: checks, remarks, other cases.
_REMARK = Pattern(
    r"^\W*(?:(?:as\s+an?|to)\s+(?:sanity|quick|double)?[\s-]*check|(?:sanity|dimensional|quick)?\s*check(?:ing)?\b|verif\w+|note\b"
    r"|remark|numerically|(?:this|that)\s+(?:completes|is\s+the\s+only|matches|agrees)|both\s+methods|so\s+that\s+fails|in\s+\d+\s+years|"
    r"for\s+(?:instance|example|comparison)|more\s+generally|in\s+general\b|a\s+common\s+(?:slip|mistake|error)"
    r"|that\s+is\s+(?:a|why|more|less|about)|indeed|the\s+problem\s+does|notice|recall|observe|interestingly|incidentally|by\s+the\s+way"
    r"|we\s+can\s+(?:check|verify)|substituting\s+back|plugging\s+(?:back|this)|vérif|probe|kontrolle|comprob|verifica|检验|验证|注意)"
    r"|[✓✔☑]|\b(?:extraneous|rejected|would\s+be|would\s+get|would\s+have|not\s+asked)\b",
    re.IGNORECASE,
)
_SUPPOSED = Pattern(
    r"^\W*(?:if|suppose|assume|assuming|were|had|unless)\b(?!.*\b(?:then|the answer is|so)\b)", re.IGNORECASE
)
_ASIDE = Pattern(r"\s+\((?=[A-Z])[^()]*(?:\([^()]*\)[^()]*)*\)\s*$")


def _undecorated(text: str) -> str:
    """Take the emoji off the end of a text."""
    while len(text) > 1 and ("\u2600" <= text[-1] <= "\u27bf" or text[-1] == "\ufe0f" or text[-1] >= "\U0001f300"):
        text = text[:-1].rstrip()
    return text


def conclusion(text: str) -> str:
    """Take off what follows a conclusion: sentences that ask, chat, check or remark, an aside in brackets, Q.E.D.

    Returns:
        What is left; "" where the text has nothing else, or only supposes.

    Example:
        >>> conclusion("So x = 5. Check: 2x = 10."), conclusion("If x = 5, it fits.")
        ('So x = 5.', '')
    """
    text = _undecorated(_AS_ASKED.sub(".", _PROVED.sub("", text.strip())))
    text = _ASIDE.sub("", text) if text.endswith(")") else text
    ends = [0, *(match.end() for match in SENTENCES.finditer(text)), len(text)]
    for start, end in zip(ends[-2::-1], ends[:0:-1], strict=True):
        sentence = text[start:end].strip()
        if not sentence or _ASKED.search(sentence) or (start > 0 and _REMARK.search(sentence)):
            continue
        return "" if start == 0 and _SUPPOSED.search(sentence) else text[:end].strip()
    return ""


def without_rejected(text: str) -> str:
    """Take off the end of a sentence that names a value only to reject it.

    Example:
        >>> without_rejected("So x = 8, not 9."), without_rejected("m = -6, and m = 6 is impossible.")
        ('So x = 8.', 'm = -6.')
    """
    return str(_PUT_ASIDE.sub(".", _NOT_OTHER.sub(".", text)))
