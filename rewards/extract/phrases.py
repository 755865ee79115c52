r"""Name the words that decide how an answer is meant, in the languages that policies write.

Each is the inside of an alternation. Words of alphabets stand between `\b`; the others are written without spaces, so
nothing need stand around them. A language that is added here is known to every rule at once.
"""

from __future__ import annotations

OR = r"or|oder|bzw\.?|beziehungsweise|resp\.?|ou(?:\s+bien)?|o(?:\s+bien)?|u|oppure|или|либо"
OR_UNSPACED = r"或者?|还是|または|あるいは|もしくは|또는|혹은"
AND = r"and|und|et|y|e|и"
AND_UNSPACED = r"和|与|及|と|および|및|그리고"
PERHAPS = r"maybe|perhaps|possibly|vielleicht|peut-être|quizás|tal\s+vez|talvez|forse|может|возможно"
PERHAPS_UNSPACED = r"可能是|也许|かもしれ|아마"
# Beside a value, each of these leaves it open or takes it back: 8 if lucky, whatever equals 8.
LEFT_OPEN = r"or|not|whatever|if|unless|maybe|perhaps|wrong"
NOT = r"not|nicht|keinesfalls|keineswegs|niemals|pas|jamais|no|nunca|não|non|не"
BUT = r"but(?:\s+rather)?|rather|instead|sondern|mais|sino|mas|ma|bensì|\u0430"
BUT_UNSPACED = r"而是|而应是"
# Yes and no, right and wrong, as answers; English words that have other meanings besides stand where they are read.
YES = r"ja|oui|sí|si|sim|sì|да|wahr|richtig|vrai|verdadero|cierto|verdadeiro|vero|верно"
YES_UNSPACED = r"是|是的|对|正确|真|はい|正しい|예|네|참"
NO = r"nein|non|não|нет|falsch|faux|falso|неверно"
NO_UNSPACED = r"否|不是|不对|错|错误|假|いいえ|正しくない|아니요|거짓"
