r"""Tell answers from what is denied, taken back or refused.

Bound: every search looks at `MAX_AROUND` characters before or `MAX_AFTER` after an answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from rewards.extract.phrases import BUT, BUT_UNSPACED, NOT
from rewards.patterns import Pattern

MAX_AROUND = 200
MAX_AFTER = 2_500
_VALUE_NEXT = r"[\s$*(\\\[]{0,6}(?:[-+\u2212]?\d|boxed|frac|dfrac|sqrt|[A-Za-z]\)?\s*(?:[.$]|$))"
_NOT_BEFORE = Pattern(
    r"(?:(?:\A|\n)\W{0,4}(?:wrong|incorrect)(?:\s+answer)?\s*:|\bnot|n't|n\u2019t|\bcannot|\bnever|\banything\s+(?:but|except)|\bother\s+than|\bexcept(?:\s+for)?|\brather\s+than"
    r"|\binstead\s+of|\bfails?\s+for|\bruled?s?\s+out|\bexcludes?|\bkeinesfalls|\bkeineswegs|\bniemals|\bjamais|\bnunca|绝不是|并非|不可能是"
    r"|\bdisregard(?:\s+my\s+final\s+answer\s+of)?|\bpreviously\s+i\s+got|\bi\s+first\s+got|不是|不为|不等于|n'est\s+pas|nicht|\bno\s+es|não\s+é|ではなく|\\neq?|≠"
    r"|\b(?:write|type|typing|print|enter|reads?|says?|wrote)\b[^.!?\n\"\u201c`|]{0,30}[\"\u201c`|][^\"\u201d`|\n]{0,40}"
    r"|\\boxed\s*\{\s*\}[\s$,.;:(]{0,4}(?:for\s+(?:example|instance),?|e\.g\.,?|such\s+as|like))"
    r"(?:\s+(?:be|equal|equals|to|exactly|simply|just|the\s+number|the\s+answer)){0,3}[\s$*:(\\\[]{0,8}$",
    re.IGNORECASE,
)
# One of these stands in all that _NOT_BEFORE finds; looking for them is ten times as quick.
_DENYING = frozenset(
    """not n't n\u2019t never anything other except rather instead fail rule exclude wrong
    incorrect disregard kein niemals jamais nunca n'est nicht não ではなく 绝不是 并非 不可能是
    不是 不为 不等于 \\ne ≠ " \u201c ` | \\boxed""".split()
) | {"i got", "first got", "no es"}
_NOT_FIRST = Pattern(
    r"^\W{0,6}(?:(?:certainly|definitely|clearly|actually|really|surely|pas|simply)\s+)?"
    rf"(?:{NOT}|never)\s+(?:(?:be|equal|to)\s+){{0,2}}" + _VALUE_NEXT,
    re.IGNORECASE,
)
_NOT_WITHIN = Pattern(
    r"(?:\bnot|n't|n\u2019t|\bcannot|\bnever|n'est\s+pas|ist\s+nicht|\bno\s+es|não\s+é|\bnon\s+è)\s+"
    r"(?:(?:be|equal|to)\s+){0,2}" + _VALUE_NEXT + r"|(?:不是|不为|不等于|不可能是)\s*-?\d|ではありません|ではない",
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
_WRONG = (
    r"(?:wrong|incorrect|not\s+(?:right|correct|the\s+(?:right\s+|correct\s+|final\s+)?answer)|mistaken|false|faux"
    r"|falsch|nicht\s+richtig|incorrecto|incorrecta|errado|errada|incorreto|incorreta)"
)
_TAKEN_BACK = Pattern(
    rf"""
      ^[\s$*.,\\)\]]{{0,8}}(?:(?:is|was|would\s+be|seems|est|ist|es|está|é)\s+{_WRONG}\b|(?:是错|不对|不正确|は間違|は誤)
        |(?:cannot|can't|can\u2019t)\s+be\s+(?:right|correct|true|the\s+answer))
    | \b(?:that|this|it|which|my\s+(?:answer|previous\s+answer|result)|the\s+above)(?:'s|\u2019s|\s+is|\s+was)\s+
        (?:wrong|incorrect|not\s+right|not\s+correct|mistaken)\b
    | \b(?:that|this|it)\s+(?:isn|wasn|doesn|can)['\u2019]t\s+(?:be\s+)?(?:right|correct|work|true)\b
    | ^[^\n]{{0,12}}\bexample\s+only\b | ^[`\s]{{0,4}}syntax\b | \bnow\s+solve\s+the\b
    | ^[\s$*.]{{0,6}}is\s+what\s+(?:most|many|some)\b | \bthe\s+true\s+(?:answer|count|value|total|number)\s+is\b
    | ^[\s$*)\\\]]{{0,6}},?\s*but\s+(?:it|this|that)\s*
        (?:is\s+(?:not|wrong|incorrect)|isn['\u2019]t|['\u2019]s\s+(?:not|wrong))\b
    | ^[\s$*)\\\]]{{0,6}}is\s+what\s+(?:an?|the)\s+(?:naive|careless|hasty|typical|bad)\b
    | \bretract\b | \bcould\s+not\s+reproduce\b | \bi\s+now\s+get\b | \bi\s+misread\b
    | \bi\s+(?:cannot|can['\u2019]t|could\s+not|couldn['\u2019]t|(?:am|was)\s+(?:unable|not\s+able)\s+to)\s+
        (?:solve|answer|complete|finish|do)\s+(?:this|the|it|that)\b
    | \bi\s+(?:do\s+not|don['\u2019]t)\s+know\s+(?:how|the\s+answer|what)\b
    | \bi\s+(?:do\s+not|don['\u2019]t|cannot|can['\u2019]t)\s+
        (?:know\s+(?:which|the\s+(?:real|true|correct))|tell\s+which|say\b|claim\s+(?:it|this|that)|decide)
    | ^[\s$*)"'\u201d\\\]]{{0,6}}[,\uff0c]?\s*
        (?:which\s+is\s+(?:an?\s+)?(?:common\s+)?(?:mistake|error|misconception)|is\s+what\s+\w+\s+\w+\s+wrote
        |aber\s+das\s+stimmt\s+nicht|mais\s+c['\u2019]est\s+faux|但这是?错误?的|但是?这?不(?:对|正确))
    | \ba\s+typo\b | \bread\s[^.!?\n]{{1,20}}\sinstead\b
    | \bno\s+longer\s+(?:think|believe)\b | \bi\s+(?:withdraw|retract)\b
    | \b(?:i\s+was|i\s+am|i'm)\s+(?:wrong|mistaken)\b | \bscratch\s+that\b | \bi\s+made\s+an?\s+(?:mistake|error)\b
    | \bon\s+second\s+thought\b | \bi\s+(?:want\s+to\s+)?take\s+(?:that|it)\s+back\b
    | \bignore\s+(?:that|the\s+above|my\s+previous)\b | \boops\b | \bi\s+meant?\b(?!\s+that\b) | \bcorrection\s*:
    | \b(?:wait|actually|no|sorry|hmm)\b[\s,.:!\u2014-]{{1,4}}
        (?:(?:actually|no|wait|sorry)\b[\s,.:!\u2014-]{{0,4}}){{0,2}}
        (?:it|that|this|(?:the|my)\s+(?:final\s+|correct\s+)?answer)
        (?:\s+(?:should\s+(?:be|have\s+been)|must\s+be)(?!\s+(?:noted|clear|obvious|mentioned|emphasi|stated|pointed|checked
        |verified|easy|true|correct|right|fine))|(?:'s|\u2019s|\s+is)\s+(?:actually\s+)?[\s$*(\\]{{0,6}}[-\d\\b])
    | \b(?:it|that|this|the\s+answer)\s+should\s+(?:be|have\s+been)\s+(?:actually\s+)?[\s$*(\\]{{0,6}}[-\d\\b]
    | \b(?:actually|wait|no|sorry|hmm)\b[^.!?\n]{{0,30}}\bthe\s+(?:final\s+)?(?:answer|result)\s+is\b
    | \bthe\s+(?:correct|right|real|actual)\s+answer\s+(?:is|should\s+be)\b
    | (?:^|[.!?\n])[\s$*)]{{0,6}}(?:no|sorry|wait|oops|actually|nein|non|perdón|não)[,:]
        \s*[$*]{{0,4}}(?=-?\d[\d.,/]*[\s.$*!]{{0,6}}$)
    | \b(?:esto|isto)\s+(?:es|está)\s+(?:incorrecto|errado)
    | 不对 | 错了 | 更正 | 算错 | 应该是\s*[-$\\\d] | 应为\s*[-$\\\d] | 我的意思是
    | \b(?:je\s+(?:voulais\s+dire|me\s+suis\s+tromp)|oups\b|devrait\s+être) | \bc'est\s+(?:faux|incorrect)\b
    | \b(?:ich\s+meinte|ich\s+habe\s+mich\s+(?:geirrt|verrechnet)|das\s+ist\s+falsch
        |sollte\s+.{{0,20}}\bsein\b|es\s+muss\s)
    | \b(?:quise\s+decir|me\s+equivoqu|debería\s+ser|eso\s+es\s+incorrecto|está\s+mal\b)
    | \b(?:quis\s+dizer|me\s+enganei|deveria\s+ser|isso\s+está\s+errado)
    | 間違え | 間違い | 訂正 | 正しくは
    """,
    re.VERBOSE | re.IGNORECASE,
)
# A box that is named only to be put aside; another one before it may be the answer.
_PUT_ASIDE = Pattern(
    r"^[\s$)*\\\]]{0,6}(?:(?:was|is|were|are|has\s+been|must\s+be|can\s+be|gets?)\s+(?:then\s+|clearly\s+|therefore\s+)?(?:ruled\s+out"
    r"|rejected|excluded|discarded|eliminated|extraneous|invalid|inadmissible|impossible|not\s+(?:valid|possible|allowed))"
    r"|(?:does\s+not|doesn['\u2019]t|fails\s+to)\s+(?:work|satisfy|hold|fit)\b)",
    re.IGNORECASE,
)
_LETTER = Pattern(r"[^\W\d_]")
_MIND = Pattern(
    r"[\s,;.\u2014-]\s*(?:wait|oops|sorry|actually|i\s+mean|correction|scratch\s+that|不对|或者说)\b[\s,.:!\u2014-]"
    rf"|[,;.\u2014-]\s*(?:no|rather)\b(?:\s*[,.:!\u2014-]|(?=\s{_VALUE_NEXT}))",
    re.IGNORECASE,
)
_REFUSAL = Pattern(
    r"\bI(?:'m|\u2019m|\s+am)\s+(?:sorry,?\s+(?:but\s+)?I\s+(?:can|am|do)|unable\s+to|not\s+able\s+to)"
    r"|\bI\s+(?:can't|can\u2019t|cannot|can\s+not|won't|will\s+not|must\s+decline\s+to|refuse\s+to|am\s+not\s+going\s+to|don't\s+know)"
    r"|\bI\s+(?:do\s+not\s+know|have\s+(?:no|0|zero)\s+(?:idea|answer)|don['\u2019]t\s+have|am\s+(?:not\s+sure|unsure|stuck)"
    r"|could\s+not|couldn['\u2019]t|need\s+more)\b|\bno\s+idea\b|\binsufficient\s+information\b|\A\W*(?:unable\s+to|skip\b|pass\b)"
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
    return holds_any(before, _DENYING) and _NOT_BEFORE.search(before) is not None


def holds_any(text: str, words: Iterable[str]) -> bool:
    """Tell whether one of some words stands in a text, whatever its case and the blanks between them."""
    lowered = f" {' '.join(text.lower().split())} "
    for word in words:  # noqa: SIM110  # twice as quick as any(), and most of what most answers cost
        if word in lowered:
            return True
    return False


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


def taken_back(after: str) -> int | None:
    """Find where the text after an answer takes it back; None where it stands.

    Example:
        >>> taken_back(" is incorrect."), taken_back(". I checked it twice.")
        (13, None)
    """
    if _LETTER.search(after) is None:  # most answers end their text: $.
        return None
    found = _TAKEN_BACK.search(after)
    return None if found is None else int(found.end())


def changed_mind(segment: str) -> str:
    """Take what a statement says after a change of mind within it: "10, no wait, 11"; "" without one."""
    found = list(_MIND.finditer(segment))
    return segment[found[-1].end() :].strip() if found else ""


def refuses(text: str) -> bool:
    """Tell whether a text declines to answer.

    Example:
        >>> refuses("I can't help with that. There are 5 reasons."), refuses("I can see that it is 5.")
        (True, False)
    """
    return _REFUSAL.search(text[-MAX_AFTER:]) is not None
