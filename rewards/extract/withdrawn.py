r"""Find where a text takes back an answer that it gave.

Bound: `MAX_AFTER` characters after an answer are looked at.
"""

from __future__ import annotations

import re

from rewards.extract.doubts import VALUE_NEXT
from rewards.patterns import Pattern

_WRONG = (
    r"(?:wrong|incorrect|not\s+(?:right|correct|the\s+(?:right\s+|correct\s+|final\s+)?answer)|mistaken|false|faux"
    r"|falsch|nicht\s+richtig|incorrecto|incorrecta|errado|errada|incorreto|incorreta)"
)
_TAKEN_BACK = Pattern(
    rf"""
      ^[\s$*.,\\)\]]{{0,8}}(?:(?:is|was|would\s+be|seems|est|ist|es|está|é)\s+{_WRONG}\b|(?:是错|不对|不正确|は間違|は誤)
        |(?:cannot|can't|can\u2019t)\s+be\s+(?:right|correct|true|the\s+answer))
    | \b(?:that|this|it|which|my\s+(?:answer|previous\s+answer|result)|the\s+above)(?:'s|\u2019s|\s+is|\s+was)\s+
        (?:wrong|incorrect|not\s+right|not\s+correct|mistaken|not\s+(?:my|the|our)\s+(?:final\s+)?answer)\b
    | \b(?:that|this|it)\s+(?:isn|wasn|doesn|can)['\u2019]t\s+(?:be\s+)?(?:right|correct|work|true)\b
    | ^[^\n]{{0,12}}\bexample\s+only\b | ^[`\s]{{0,4}}syntax\b | \bnow\s+solve\s+the\b
    | ^[\s$*.]{{0,6}}is\s+what\s+(?:most|many|some)\b | \bthe\s+true\s+(?:answer|count|value|total|number)\s+is\b
    | ^[\s$*)\\\]]{{0,6}},?\s*but\s+(?:it|this|that)\s*
        (?:is\s+(?:not|wrong|incorrect)|isn['\u2019]t|['\u2019]s\s+(?:not|wrong))\b
    | ^[\s$*)\\\]]{{0,6}}is\s+what\s+(?:an?|the)\s+(?:naive|careless|hasty|typical|bad)\b
    | \bretract\b | \bcould\s+not\s+reproduce\b | \bi\s+now\s+get\b | \bi\s+misread\b
    | \bi\s+(?:cannot|can['\u2019]t|could\s+not|couldn['\u2019]t|(?:am|was)\s+(?:unable|not\s+able)\s+to)\s+
        (?:solve|answer|complete|finish|do|confirm|work|figure|make|find|determine|obtain)(?:\s+(?:this|the|it|that)\b|\s*[.!])
    | \b(?:has|have|needs?|must|should)\s+(?:still\s+)?(?:to\s+)?be\s+
        (?:halved|doubled|divided|multiplied|corrected|reduced)\b
    | \bi\s+(?:have\s+not|haven['\u2019]t|did\s+not|didn['\u2019]t)\s+(?:yet\s+)?
        (?:solved?|answer(?:ed)?|work(?:ed)?)\s+(?:this|the|it|that)\b
    | \bi\s+(?:do\s+not|don['\u2019]t|cannot|can['\u2019]t)\s+see\s+how\b
    | \b(?:answer|result|solution)\s+will\s+(?:be\s+(?:provided|given|added)|follow)\b
    | \bi\s+(?:do\s+not|don['\u2019]t)\s+know(?:\s*[.!]|\s+(?:how|the\s+answer|what)\b)
    | \bi\s+(?:do\s+not|don['\u2019]t|cannot|can['\u2019]t)\s+
        (?:know\s+(?:which|the\s+(?:real|true|correct))|tell\s+which|say\b|claim\s+(?:it|this|that)|decide)
    | ^[\s$*)"'\u201d\\\]]{{0,6}}[,\uff0c]?\s*
        (?:which\s+is\s+(?:an?\s+)?(?:common\s+)?(?:mistake|error|misconception)|is\s+what\s+\w+\s+\w+\s+wrote
        |aber\s+das\s+stimmt\s+nicht|mais\s+c['\u2019]est\s+faux|但这是?错误?的|但是?这?不(?:对|正确))
    | ^[\s$*)\\\]]{{0,8}}(?:ではありません|ではない|じゃない|でない|이?\s?아닙니다|이?\s?아니다|değil)
    | ^[\s$*)\\\]]{{0,8}}(?:is|was|as|serves\s+as|stands\s+as|only|just)\s+
        (?:only\s+|just\s+|merely\s+|purely\s+)?(?:an?\s+)?(?:filler|placeholder|dummy|stand-?in)\b
    | 占位 | 随便(?:写|填|猜) | 瞎猜
    | \bi\s+(?:forgot|overlooked|miscounted|double[\s-]?counted|left\s+out|miscalculated)\b
    | \bi\s+missed\s+(?:the|a|an|one|two|some)\b
    | \bdid\s+i\s+(?:forget|miss|overlook)\b[^?]{{0,60}}\?\s*(?:yes|i\s+did|indeed)\b
    | \b(?:so|but|and|hence|therefore)\s+i\s+(?:must|need\s+to|have\s+to|should)\s+(?:still\s+|also\s+|now\s+)?
        (?:divide|subtract|halve|double|correct|recount|redo|recompute|fix|exclude)\b
    | \bmy\s+own\s+(?:computation|calculation|derivation|count|work|result)\s+(?:gives|gave|leads\s+to|yields|is)\b
    | \b(?:erratum|errata|korrektur|corrijo|corrección|correção|edit)\s*: | \bbut\s+(?:this|that|it)\s+is\s+impossible\b
    | \b(?:non|não|nein|no)\s*,\s+(?:c['\u2019]est|é|es|ist\s+es)\s+[$*]{{0,2}}(?=[-\d\\])
    | いや、\s*(?=[-\d$]) | 等等\s*[,\uff0c]
    | \bthe\s+(?:requested|required|desired|sought)\s+(?:\S+\s+){{1,3}}(?:is|equals|=)\s+(?=[$*]{{0,2}}[-\d\\])
    | \blet\s+me\s+(?:re-?check|re-?compute|re-?count)\b[^\n]{{0,80}}(?=\bthe\s+answer\s+is\b)
    | \bdoch\s+nicht\b | \bich\s+habe?\b[^.!?\n]{{0,30}}\b(?:vergessen|übersehen)\b
    | \brichtig\s+(?:wäre|ist)\s[^.!?\n]{{0,12}}\d
    | \b(?:me\s+)?(?:olvid[ée]|equivoqué)\b | \b(?:resultado|respuesta|valor)\s+correct[oa]\s+es\b
    | \b(?:errei|esqueci|me\s+esqueci)\b | \b(?:resultado|resposta|valor)\s+corret[oa]\s+é\b
    | \bj['\u2019]ai\s+(?:oublié|omis)\b | \b(?:la\s+bonne\s+réponse|le\s+bon\s+résultat)\s+est\b
    | \bho\s+(?:dimenticato|sbagliato)\b | \bla\s+risposta\s+corretta\s+è\b
    | 忘了 | 忘记了 | 漏了 | 漏掉 | 正确答案(?:应该?)?是 | 忘れて | 見落と
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
_LETTER = Pattern(r"[^\W\d_]")
_MIND = Pattern(
    r"[\s,;.\u2014-]\s*(?:wait|oops|sorry|actually|i\s+mean|correction|scratch\s+that|不对|或者说)\b[\s,.:!\u2014-]"
    rf"|[,;.\u2014-]\s*(?:no|rather)\b(?:\s*[,.:!\u2014-]|(?=\s{VALUE_NEXT}))",
    re.IGNORECASE,
)


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
