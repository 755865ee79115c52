r"""Tell answers that are offered beside another one, or as one of several: that is none.

Bounds: those of `doubts.py`.
"""

from __future__ import annotations

import re
import string

from rewards.extract.doubts import MAX_AFTER, MAX_AROUND, holds_any
from rewards.patterns import Pattern

_BESIDE = Pattern(
    r"^[\s$.,;)\\\]]{0,6}unless\b|"
    r"\bif\s+(?:not|that(?:'s|\u2019s|\s+is)\s+(?:wrong|incorrect|not\s+it))\b|"
    r"\balternatively\b|\b(?:vs|versus)\b|\bor\s+(?:maybe|perhaps|possibly|else|it\s+(?:could|might))\b|\b(?:could|might|may)\s+(?:also\s+)?be\b"
    r"|\banother\s+(?:possible\s+|valid\s+)?(?:answer|solution|possibility|value|option)\b|也可能|或者|あるいは"
    r"|\balternativement\b|\boder\s+(?:auch|vielleicht)\b|\bo\s+(?:tal\s+vez|quizás)\b|\bou\s+(?:talvez|peut-être)\b",
    re.IGNORECASE,
)
_OR_ELSE = Pattern(
    r"^[\s$.)\\\]*]{0,6},?\s*or\s+(?:it|they|else|does|doesn|undefined|none|no\b|not\b|maybe|perhaps|whatever|something"
    r"|(?:the|this)\s+(?:limit|sum|series|answer|value|integral)\s+(?:is|does|diverges))",
    re.IGNORECASE,
)
# What somebody else says, and what is only supposed: a friend says the answer is 8; if the answer is 8, then ...
_SAID_BY = Pattern(
    r"""(?:
      \b(?:friend|classmate|colleague|teacher|students?|he|she|they|people|person|someone|somebody|anyone|everyone|solvers?
        |reader|guesser|calculator|textbook|book|forum|beginners?|many|most|some|others|example|whoever)\b
        [^.!?;:\n]{0,50}?\b(?:says?|claims?|thinks?|thought|said|believes?|guess(?:es|ed)?|tells?|told|gets?|got
        |answers?(?=[\s$(\\]{0,6}$)|argues?|writes?|wrote|reads|expects?|concludes?|(?:ends?|ended)\s+up\s+with|arrives?\s+at|finds?|obtains?)
    | \b(?:one|you|some|we|i)\s+(?:might|may|could)\s+(?:be\s+tempted\s+to\s+)?
        (?:say|think|guess|expect|believe|claim|conclude)
    | \b(?:wrong|incorrect|false|mistake|a\s+lie)\s+to\s+(?:say|claim|think|conclude|write)
    | \b(?:if|suppose|supposing|assume|assuming|imagine|pretend|whether|should)(?:\s+we\s+(?:say|claim|write))?
    | \b(?:imagine|suppose|pretend)\s[^.!?;:\n]{0,30}\b(?:wants?|expects?|likes?)
    | \b(?:for\s+the\s+sake\s+of\s+argument|in\s+another\s+(?:universe|world)|in\s+a\s+different\s+problem)
        [^.!?;:\n]{0,30}?
    | (?:^|[.!?]\s+)(?:had|were|should\s+the|assuming\s+(?:my|the\s+opposite|otherwise))\s[^.!?;:\n]{0,70}?
    | \b(?:laut|angeblich|selon|según|segundo|secondo|angenommen|wäre|supposons|supongamos|suponha)\b[^.!?;:\n]{0,40}?
    | (?:有人说|据说|假设|假如|假定|如果|若)[^\u3002\uff01\uff1f\uff1b\uff0c,\n]{0,12}?
    | (?:と言|だと仮定|もし)[^\u3002\uff01\uff1f\uff1b\u3001\n]{0,12}?
    )
    [\s,]*(?:that\s+)?(?:(?:the|my|it|this|x|final|correct|answer|result|value)\s*){0,3}
    (?:is|was|were|=|be|equals?|would\s+be|(?:we\s+)?would\s+have\s+(?:got(?:ten)?|been)|ist|wäre|est|es|die\s+Antwort|答案是?|是|为|答えは?)?
    (?:\s*die\s+Antwort)?[\s$:*(\\="'\u201c]{0,8}$""",
    re.IGNORECASE | re.VERBOSE,
)
# One of these stands in all that _SAID_BY finds; looking for them is ten times as quick.
_SAYING = frozenset(
    """friend classmate colleague teacher student they people person someone somebody anyone everyone solver reader
    guesser calculator textbook book forum beginner many most some others example whoever suppos assum imagine
    pretend whether should argument another different laut angeblich selon según segundo secondo angenommen wäre
    supongamos suponha 有人说 据说 假设 假如 假定 如果 若 と言 だと仮定 もし""".split()
) | {
    *(" he ", " she ", " might ", " may ", " could ", " to say", " to claim", " to think", " to conclude", " to write"),
    *(" if ", " had ", " were "),
}
_BLANKS = str.maketrans(dict.fromkeys(string.punctuation + "\u201c\u2018\u2014", " "))  # (if ... is " if "
_EITHER = Pattern(r"\beither\b[^.!?\n]{1,60}\bor\s*[\s$(\\]{0,4}$", re.IGNORECASE)
_ASKED = Pattern(
    r"^[\s$)*\\\]}]{0,6}(?:\\text\s*\{\s*)?"
    r"(?:[?\uff1f]|,?\s?[a-z][^.!?\n]{0,60}\?|\s*[吗呢か]\s*[?\uff1f])"
)
_LABEL = Pattern(
    r"(?:\b(?:first|second|third|next|other|backup|fallback|alternative|last|final)\s+(?:guess|option|choice|candidate|possibility)(?:\s+is)?"
    r"|\b(?:option|possibility|(?:possible\s+)?answer|candidate|alternative|choice|guess|case|scenario|reading|interpretation|version)"
    r"\s*(?:(?:\#?\d|[A-H]|one|two|three)\b|[\"\u201c(][^\"\u201d()\n]{1,40}[\"\u201d)])"
    r"|(?<![A-Za-z] )\([A-H]\)|^\s*[A-H][.)])\s*[:.)=\u2014-]?\s*[\s$*]{0,6}$",
    re.IGNORECASE | re.MULTILINE,
)
_ANOTHER = Pattern(
    r"(?:\balternatively,?|\banother|\bother|\bor|\bone|\bone\s+possible|或者|或|\breference|\bsample|\bmodel|\bground[\s-]truth|\bdoubt|\bdoubt\s+that|\bnot\s+the\s+case\s+that|\bfalse\s+that|\bnot\s+true\s+that|\bdeny\s+that|\bwrong\s+that|\bunlikely\s+that|n't\s+think|\bnot\s+think)\s*(?:possible\s+|valid\s+)?(?:the\s+)?$",
    re.IGNORECASE,
)
_SEVERAL = Pattern(
    r"\b(?:could|might|may)\s+also\s+be\b|\banother\s+(?:possible\s+|valid\s+)?answer\b"
    r"|\b(possibility|option|candidate)\s*(?:1|one|a)\b.*\b\1\s*(?:2|two|b)\b",
    re.IGNORECASE,
)


def alternative(between: str) -> bool:
    """Tell whether the words between two boxes offer the second beside the first, or label it as a choice."""
    return _BESIDE.search(between) is not None or _LABEL.search(between) is not None


def attributed(text: str, start: int) -> bool:
    """Tell whether what begins at a place is said by somebody else, or only supposed.

    Example:
        >>> attributed("My friend says the answer is 8.", 15), attributed("I say the answer is 8.", 6)
        (True, False)
    """
    before = text[max(0, start - MAX_AROUND) : start]
    if holds_any(before.translate(_BLANKS), _SAYING) and _SAID_BY.search(before) is not None:
        return True
    either = _EITHER.search(before) if "ither" in before else None
    return either is not None and "box" not in either[0]


def asked(after: str) -> bool:
    """Tell whether the signs after an answer make a question of it."""
    return _ASKED.search(after) is not None


def or_else(after: str) -> bool:
    r"""Tell whether the words after an answer offer that it is none: "or it does not exist"."""
    return _OR_ELSE.search(after) is not None


def one_of_several(text: str, start: int) -> bool:
    """Tell whether a statement is offered as one answer among others.

    Example:
        >>> one_of_several("One answer is 4. Another answer is 5.", 25)
        True
    """
    return _ANOTHER.search(text[max(0, start - MAX_AROUND) : start]) is not None


def lists_several(text: str) -> bool:
    """Tell whether an unmarked text offers several answers.

    Example:
        >>> lists_several("It could be 4. It could also be 5.")
        True
    """
    return _SEVERAL.search(text[-MAX_AFTER:]) is not None
