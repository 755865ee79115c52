"""Tell what a policy answers from what it only reports, quotes or supposes.

Bounds: those of `doubts.py`.
"""

from __future__ import annotations

import re

from rewards.extract.cues import Cues
from rewards.extract.doubts import MAX_AROUND
from rewards.patterns import Pattern

# What somebody else says, and what is only supposed: a friend says the answer is 8; if the answer is 8, then ...
_SAID_BY = Pattern(
    r"""(?:
      \b(?:friend|classmate|colleague|teacher|students?|he|she|they|people|person|someone|somebody|anyone|everyone|solvers?
        |reader|guesser|calculator|textbook|book|forum|beginners?|many|most|some|others|example|whoever)\b
        [^.!?;:\n]{0,50}?\b(?:says?|claims?|thinks?|thought|said|believes?|guess(?:es|ed)?|tells?|told
        |answers?(?=[\s$(\\]{0,6}$)|argues?|writes?|wrote|reads|expects?|concludes?)
    | \b(?:solvers?|guesser|calculator|textbook|book|forum|beginners?|whoever|(?:someone|somebody|anyone)\s+who|others
        |(?:many|most|some|other)\s+(?:people|students|solvers)|(?:a|my|your|the)\s+(?:friend|classmate|colleague|teacher))\b
        [^.!?;:\n]{0,50}?\b(?:gets?|got|(?:ends?|ended)\s+up\s+with|arrives?\s+at|finds?|obtains?)
    | \b(?:one|you|some|we|i)\s+(?:might|may|could)\s+(?:be\s+tempted\s+to\s+)?
        (?:say|think|guess|expect|believe|claim|conclude)
    | \b(?:wrong|incorrect|false|mistake|a\s+lie)\s+to\s+
        (?:say|claim|think|conclude|write|answer|put|give|box|choose|report)
    | \b(?:if|suppose|supposing|assume|assuming|imagine|pretend|whether|should|in\s+case)
        (?:\s+we\s+(?:say|claim|write))?
        (?:\s+for\s+(?:a\s+)?contradiction|\s+to\s+the\s+contrary)?(?:\s+that)?(?:\s+(?:the|its|this)(?:\s+[a-z]+){1,2}(?=\s+(?:is|was|were|be|equals?)\b|\s*=))?
    | \b(?:(?:answer|solution)\s+key|grader|marker|examiner|checker|verifier|(?:reward|scoring)\s+(?:model|function))\b
        [^.!?;:\n]{0,30}?\b(?:says?|expects?|wants?|accepts?|requires?|states?)
    | \b(?:answer|solution)\s+key\b[^.!?;:\n]{0,30}?\b(?:gives?|lists?|shows?|has|contains)
    | \b(?:wrong|incorrect|false|erroneous|least\s+likely)\s+(?:(?:answer|result|value|choice|guess)\b(?:\s+of)?)?
    | \b(?:common|typical|frequent|popular)\s+(?:error|mistake|trap|slip|pitfall)\b
    | \b(?:error\s+común|häufiger\s+Fehler|erreur\s+(?:fréquente|courante)|erro\s+comum|falsche(?:\s+Antwort)?)\b
    | 错误(?:答案)? | よくある間違い
    | \b(?:si\s+fuera|si\s+fuese|si\s+c['\u2019]était|se\s+fosse)\b
    | \b(?:discarded|draft|rejected|crossed\s+out|scratch(?:pad|\s+work)?)\b[^.!?\n:]{0,20}:
    | (?:标准答案|参考答案|模範解答|正解例)[\s\u662f\u4e3a:\uff1a]{0,3}
    | \b(?:imagine|suppose|pretend)\s[^.!?;:\n]{0,30}\b(?:wants?|expects?|likes?)
    | \b(?:for\s+the\s+sake\s+of\s+argument|in\s+another\s+(?:universe|world)|in\s+a\s+different\s+problem)
        [^.!?;:\n]{0,30}?
    | (?:^|[.!?]\s+)(?:had|were|should\s+the|assuming\s+(?:my|the\s+opposite|otherwise))\s[^.!?;:\n]{0,70}?
    | \b(?:laut|angeblich|selon|según|segundo|secondo|angenommen|supposons|supongamos|suponha)\b[^.!?;:\n]{0,40}?
    | \bwäre\b[^.!?;:,\n]{0,40}?
    | \b(?:prompt|question|problem|task|exercise|statement|instructions?|you|(?:answer|solution)\s+key)\s+
        (?:asks?|asked|says?|said|reads?|states?|stated|wrote|tells?|told\s+me)
        \s*:?\s*(?:(?<=:\s)|(?<=:)|["'\u201c\u2018\u00ab])[^.!?\n"\u201d\u00bb]{0,80}?
    | (?:^|\n|[\[(<])[\s*\#]{0,4}(?:prompt|question|problem|task)
        [\s*\])>]{0,3}:\s*["\u201c\u00ab'][^"\u201d\u00bb\n]{0,160}?
    | \b(?:reference|ground[\s-]truth|gold(?:en)?|expected|target)
        (?:(?:\s+(?:answer|solution|result|output|label))?[\s*]*[\]):]+|\s+(?:answer|solution|result|output|label)\s+is)
    | \b(?:answer|solution)\s+key\s*[\]):]+
    | \bexample\s+in\s+the\s+(?:prompt|question|problem|task|instructions?)\b[^.!?\n]{0,20}?
    | \b(?:put|give|write|place|enter|box|provide|state|return)\s+your\s+(?:final\s+)?answer\s+
        (?:in|as|inside|within|into|like)\b[^.!?\n]{0,30}?
    | (?:有人说|据说|假设|假如|假定|如果|若)[^\u3002\uff01\uff1f\uff1b\uff0c,\n]{0,12}?
    | (?:と言|だと仮定|もし)[^\u3002\uff01\uff1f\uff1b\u3001\n]{0,12}?
    )
    [\s,]*(?:that\s+)?(?:(?:the|my|it|this|x|final|correct|answer|result|value)\s*){0,3}
    (?:is|was|were|=|be|equals?|would\s+be|(?:we\s+)?would\s+have\s+(?:got(?:ten)?|been)|ist|wäre|est|es|die\s+Antwort|答案是?|是|为|答えは?|は)?
    (?:\s*die\s+Antwort)?[\s$:*(\\="'\u201c>]{0,8}$""",
    re.IGNORECASE | re.VERBOSE,
)
# One of these stands in all that _SAID_BY finds; looking for them is ten times as quick.
_SAYING = Cues(
    """friend classmate colleague teacher student students he she they people person someone somebody anyone everyone
    solver solvers reader guesser calculator textbook book forum beginner beginners many most some others example
    whoever might may could wrong incorrect false mistake lie if suppose supposing assume assuming imagine pretend
    whether should case key grader marker examiner checker verifier reward scoring discarded draft rejected crossed
    scratch scratchpad argument universe world different had were laut angeblich selon según segundo secondo
    angenommen wäre supposons supongamos suponha prompt question problem task exercise statement instruction
    error mistake trap slip pitfall fehler erreur erro falsche likely fuera fuese était fosse erroneous
    instructions you reference truth gold golden expected target your""",
    "错误 よくある間違い 标准答案 参考答案 模範解答 正解例 有人说 据说 假设 假如 假定 如果 若 と言 だと仮定 もし",
)
MAX_QUOTATION = 600
# If the table were square it would be 13 - and then what it really is.
_WOULD_BE = Pattern(
    r"\b(?:if|had|were)\b[^.!?;\n]{0,120}\b(?:would|wouldn['\u2019]t|could)\b[^.!?;\n]{0,30}$"
    r"|\bif\b[^.!?;\n]{0,60}\bwere\b[^.!?;\n]{0,40},[\s$]*$"
    r"|\b(?:wäre|wären|hätte)\b[^.!?;\n]{0,60}\b(?:wäre|wären|hätte)\b[^.!?;\n]{0,30}$",
    re.IGNORECASE,
)
_BUT_IN_FACT = Pattern(
    r"\b(?:but|since|(?:is|are|was|were|does|did)\s+not|however|though|yet|in\s+fact|in\s+reality|actually|unfortunately|aber|jedoch)\b",
    re.IGNORECASE,
)
# What a remark says beside an answer: Note: without order there would be 20. Common mistake: ... gives 0.
_REMARKED = Pattern(
    r"(?:^|[.!?\n])[\s*(]*(?:note|remark|n\.?\s?b\.?|nota|hinweis|bemerkung|remarque|observa(?:ción|ção)|beware|caution|warning|pitfall"
    r"|common\s+(?:mistake|error|pitfall)|typical\s+(?:mistake|error)|for\s+comparison|compare|注意|注|备注)\b\s*(?::|that\b|\uff1a)?[^.!?\n]{0,120}$"
    r"|\b(?:would|wouldn['\u2019]t|could)\s+(?:have\s+)?(?:be(?:en)?|give[n]?|get|got(?:ten)?|equal)\b[^.!?\n]{0,30}$"
    r"|\b(?:wäre[n]?|hätte[n]?|würde[n]?|serait|seraient|sería[n]?|seria[m]?|sarebbe(?:ro)?)\b[^.!?\n]{0,30}$",
    re.IGNORECASE,
)
_CONCLUDING = Pattern(
    r"\b(?:so|thus|hence|therefore|answer|also|donc|alors|così|portanto|por\s+tanto)\b[^.!?\n]{0,60}$", re.IGNORECASE
)
# A quotation that is introduced as one: You asked: "...; and the lines of one that are set off by >.
_INTRODUCED = Pattern(
    r"\b(?:asks?|asked|says?|said|reads?|states?|stated|wrote|writes?|message|prompts?|questions?|problems?|tasks?|exercises?|instructions?|examples?|format|template"
    r"|statements?|key|told)\b[^.!?\n]{0,20}[\s:,*]{0,4}$",
    re.IGNORECASE,
)
_OPENED = '"\u201c\u00ab'
_CLOSED = {'"': '"', "\u201c": "\u201d", "\u00ab": "\u00bb"}
_EITHER = Pattern(r"\beither\b[^.!?\n]{1,60}\bor\s*[\s$(\\]{0,4}$", re.IGNORECASE)


def attributed(text: str, start: int) -> bool:
    """Tell whether what begins at a place is said by somebody else, or only supposed.

    Example:
        >>> attributed("My friend says the answer is 8.", 15), attributed("I say the answer is 8.", 6)
        (True, False)
    """
    before = text[max(0, start - MAX_AROUND) : start]
    if _SAYING.within(before) and _SAID_BY.search(before) is not None:
        return True
    either = _EITHER.search(before) if "ither" in before else None
    return either is not None and "box" not in either[0]


def contrary_to_fact(text: str, start: int, after: str) -> bool:
    """Tell whether what begins at a place only would be so, and the text goes on with what is.

    Example:
        >>> contrary_to_fact("If n were even it would be 3; but n is odd, so 5.", 27, "; but n is odd, so 5.")
        True
    """
    return (
        _BUT_IN_FACT.search(after) is not None
        and _WOULD_BE.search(text[max(0, start - MAX_AROUND) : start]) is not None
    )


def remarked(text: str, start: int) -> bool:
    """Tell whether what begins at a place stands in a remark or in the conditional, beside which there is an answer.

    Example:
        >>> remarked("It is 120. Note: without order it would be 20.", 43), remarked("So it would be 20.", 15)
        (True, False)
    """
    before = text[max(0, start - MAX_AROUND) : start]
    return _REMARKED.search(before) is not None and _CONCLUDING.search(before) is None


def quoted(text: str, start: int) -> bool:
    r"""Tell whether what begins at a place stands in a quotation that is introduced as one.

    Example:
        >>> quoted('You asked: "Find n. The answer is 37."', 34), quoted("The key says:\n> #### 9", 16)
        (True, True)
    """
    before = text[max(0, start - MAX_QUOTATION) : start]
    line = before[before.rfind("\n") + 1 :]
    if line.lstrip()[:1] == ">":
        above = before.rstrip().split("\n")
        while above and above[-1].lstrip()[:1] in (">", ""):
            above.pop()
        return bool(above) and _INTRODUCED.search(above[-1][-MAX_AROUND:]) is not None
    for opening in _OPENED:
        place = line.rfind(opening)
        if opening == '"' and line.count(opening) % 2 == 0:
            continue
        if place >= 0 and _CLOSED[opening] not in line[place + 1 :] and _INTRODUCED.search(line[:place]) is not None:
            return True
    return False
