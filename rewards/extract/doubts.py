r"""Tell answers from what is denied, taken back or refused.

Bound: every search looks at `MAX_AROUND` characters before or `MAX_AFTER` after an answer.
"""

from __future__ import annotations

import re

from rewards.extract.cues import Cues
from rewards.extract.phrases import BUT, BUT_UNSPACED, NOT
from rewards.patterns import Pattern

MAX_AROUND = 200
MAX_AFTER = 2_500
VALUE_NEXT = r"[\s$*(\\\[]{0,6}(?:[-+\u2212]?\d|boxed|frac|dfrac|sqrt|[A-Za-z]\)?\s*(?:[.$]|$))"
_NOT_BEFORE = Pattern(
    r"(?:(?:\A|\n)\W{0,4}(?:wrong|incorrect)(?:\s+answer)?\s*:|(?<!\bif\s)\bnot(?!\s*:)|\b(?:answer|result|value|it|this|that)\s+(?:is|was)\s+not(?=\s*:)|n't|n\u2019t|\bcannot|\bnever|\bany(?:thing|\s+\w+)\s+(?:but|except)|(?<!\bnone\s)(?<!\bno\s)(?<!nothing\s)\bother\s+than|\bexcept(?:\s+for)?|\brather\s+than"
    r"|\binstead\s+of|\bfails?\s+for|\bruled?s?\s+out|\bexcludes?|\bkeinesfalls|\bkeineswegs|\bniemals|\bjamais|\bnunca|绝不是|并非|不可能是"
    r"|\bdisregard(?:\s+my\s+final\s+answer\s+of)?|\bpreviously\s+i\s+got|\bi\s+first\s+got|不是|不为|不等于|n'est\s+pas|nicht|\bno\s+es|não\s+é|\\neq?|≠"
    r"|\b(?:write|type|typing|print|enter|reads?|says?|wrote)\b[^.!?\n\"\u201c`|]{0,30}(?<=[\s:])[\"\u201c`|](?=\S)[^\"\u201d`|\n]{0,40}"
    r"|\\boxed\s*\{\s*\}[\s$,.;:(]{0,4}(?:for\s+(?:example|instance),?|e\.g\.,?|such\s+as|like))"
    r"(?:\s+(?:possibly|actually|be|equal|equals|to|exactly|simply|just|the\s+number|the\s+answer)){0,3}[\s$*:(\\\[]{0,8}$",
    re.IGNORECASE,
)
# One of these stands in all that _NOT_BEFORE finds; looking for them is ten times as quick.
_DENYING = Cues(
    """not t cannot never any anything other except rather instead fail fails rule rules ruled exclude excludes wrong
    incorrect keinesfalls keineswegs niemals jamais nunca disregard got n es não""",
    """nicht \\ne " ` | \\boxed \u201c ≠ 绝不是 并非 不可能是 不是 不为 不等于""",
)
_NOT_FIRST = Pattern(
    r"^\W{0,6}(?:(?:certainly|definitely|clearly|actually|really|surely|pas|simply)\s+)?"
    rf"(?:{NOT}|never)\s+(?:(?:be|equal|to)\s+){{0,2}}" + VALUE_NEXT,
    re.IGNORECASE,
)
_NOT_WITHIN = Pattern(
    r"(?:\bnot|n't|n\u2019t|\bcannot|\bnever|n'est\s+pas|ist\s+nicht|\bno\s+es|não\s+é|\bnon\s+è)\s+"
    r"(?:(?:be|equal|to)\s+){0,2}" + VALUE_NEXT + r"|(?:不是|不为|不等于|不可能是)\s*-?\d|ではありません|ではない",
    re.IGNORECASE,
)
_NOT_LAST = Pattern(
    r"(?:ではありません|ではない|じゃない|でない|이?\s?아닙니다|아니다|아니에요|değil(?:dir)?)[。.\s]*$"
)
_NUMERAL = Pattern(r"\d[\d.,]*")
_NOT_BUT = Pattern(
    rf"\s*(?:{NOT})\s.{{1,80}}?[\s,](?:{BUT})\s+(?=\S)",
    re.IGNORECASE,
)
_BUT = Pattern(rf"\b(?:{BUT})\b|{BUT_UNSPACED}", re.IGNORECASE)
# A box that is named only to be put aside; another one before it may be the answer.
_PUT_ASIDE = Pattern(
    r"^[\s$)*\\\]]{0,6}(?:(?:was|is|were|are|has\s+been|must\s+be|can\s+be|gets?)\s+(?:then\s+|clearly\s+|therefore\s+)?(?:ruled\s+out"
    r"|rejected|excluded|discarded|eliminated|extraneous|invalid|inadmissible|impossible|not\s+(?:valid|possible|allowed))"
    r"|no\s+es\s+la\s+respuesta|n['\u2019]est\s+pas\s+la\s+réponse|ist\s+nicht\s+die\s+(?:Antwort|Lösung)|não\s+é\s+a\s+resposta"
    r"|不是(?:正确)?答案|kommt\s+nicht\s+in\s+Frage|ne\s+convient\s+pas|não\s+serve|no\s+sirve|は不適|は誤り|\\neq?\b|\\not\s*="
    r"|(?:does\s+not|doesn['\u2019]t|fails\s+to)\s+(?:work|satisfy|hold|fit)\b)",
    re.IGNORECASE,
)
_REFUSAL = Pattern(
    r"\bI(?:'m|\u2019m|\s+am)\s+(?:sorry,?\s+(?:but\s+)?I\s+(?:can|am|do)|unable\s+to|not\s+able\s+to)"
    r"|\bI\s+(?:can't|can\u2019t|cannot|can\s+not|won't|will\s+not|must\s+decline\s+to|refuse\s+to|am\s+not\s+going\s+to|don't\s+know)"
    r"|\bI\s+(?:do\s+not\s+know|have\s+(?:no|0|zero)\s+(?:idea|answer)|don['\u2019]t\s+have|am\s+(?:not\s+sure|unsure|stuck)"
    r"|could\s+not|couldn['\u2019]t|need\s+more)\b|\bno\s+idea\b|\bwithout\s+an\s+answer\b|\bhave\s+to\s+stop\s+here\b|\binsufficient\s+information\b|\A\W*(?:unable\s+to|skip\b|pass\b)"
    r"|\A\W*(?:error|exception|traceback)\b|\btut\s+mir\s+leid\b|\bd[ée]sol[ée]e?\b|\blo\s+siento\b|\bdesculpe\b"
    r"|\bsinto\s+muito\b|\bmi\s+dispiace\b|申し訳|抱歉|对不起"
    r"|\bnot\s+enough\s+information\b|\bprovide\s+more\b|\bcan(?:not|['\u2019]t)\s+be\s+(?:solved|determined)\b|\bas\s+an\s+AI\b|(?:我|很抱歉.{0,9})(?:无法|不能|不会|没法)(?:回答|帮助|提供|完成|解决|解答|做)|不知道|not?\s+s[ée]\b|je\s+ne\s+(?:peux|sais)\s+pas"
    r"|ich\s+kann\s+.{0,40}nicht\b|no\s+puedo\s+(?:ayudar|responder|hacer)|não\s+posso\s+(?:ajudar|responder|fazer)"
    r"|(?:お答え|お手伝い)(?:\S{0,4})できません",
    re.IGNORECASE,
)


def denied_before(text: str, start: int) -> bool:
    r"""Tell whether the words before a place deny what stands there.

    Example:
        >>> denied_before("The answer is not 10", 18), denied_before("It is 10", 6)
        (True, False)
    """
    before = text[max(0, start - MAX_AROUND) : start]
    return _DENYING.within(before) and _NOT_BEFORE.search(before) is not None


def put_aside(after: str) -> bool:
    """Tell whether the words after a box put it aside.

    Example:
        >>> put_aside(" is extraneous."), put_aside(" is the answer.")
        (True, False)
    """
    return _PUT_ASIDE.search(after) is not None


def denied(segment: str, *, stated: bool) -> bool:
    """Tell whether a sentence says what the answer is not, and not what it is.

    Example:
        >>> denied("not 15", stated=True), denied("not defined", stated=True), denied("not 15 but 16", stated=True)
        (True, False, False)
    """
    if _BUT.search(segment) is not None:
        return False
    if _NOT_LAST.search(segment) is not None:
        return True
    if stated:
        return _NOT_FIRST.search(segment) is not None
    found = list(_NOT_WITHIN.finditer(segment))
    return bool(found) and len(_NUMERAL.findall(segment, found[-1].start())) <= 1


def affirmed(segment: str) -> str:
    """Take what a statement says instead of what it denies: "not 15 but 16".

    Example:
        >>> affirmed("not 15 but 16"), affirmed("15")
        ('16', '15')
    """
    found = _NOT_BUT.match(segment)
    return segment if found is None else segment[found.end() :]


def refuses(text: str) -> bool:
    """Tell whether a text declines to answer.

    Example:
        >>> refuses("I can't help with that. There are 5 reasons."), refuses("I can see that it is 5.")
        (True, False)
    """
    return _REFUSAL.search(text[-MAX_AFTER:]) is not None
