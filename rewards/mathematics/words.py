"""Answers in words: yes and no, choices, names, numbers spelled out, and "no solution"."""

from __future__ import annotations

import re
from functools import lru_cache

from rewards.extract.phrases import NO, NO_UNSPACED, YES, YES_UNSPACED
from rewards.mathematics.vocabulary import SILENT, STYLES, TEXTS
from rewards.patterns import Pattern

_ARTICLES = Pattern(
    r"^\s*(?:there\s+(?:is|are)\s+|it\s+(?=can(?:not|['\u2019]t)|is\b))?(?:(?:the|an|a|on|in|at)\s+)?(?=[a-z]{2})",
    re.IGNORECASE,
)
_SAYING_NOTHING = SILENT | STYLES | TEXTS | {"cdot", "ldots", "dots", "space"}
_COMMAND = Pattern(r"\\([A-Za-z]+)\*?|\\[ ,;:!]")
_SENTENCE_OF = Pattern(
    r"(yes|no|true|false|correct|incorrect)(?:\s*[,.;:!\u2014\u2013-]|\s+(?:because|since|as)\b)(.*)", re.DOTALL
)
_SO = Pattern(r"\bso\W+(yes|no)\W*$|^\W*(yes|no)\W*$")
_TURNED = Pattern(r"\b(?:wait|actually|hmm|scratch|on second thought|rather|or|maybe)\b")
_CONCLUSION = Pattern(
    r"\b(?:(?:limit|it|integral|sum|series|value|derivative|sequence)\s+|has\s+|have\s+|are\s+|is\s+)"
    r"(does not exist|diverges|no (?:real )?solutions?|infinitely many solutions?|undefined|divergent)$"
)
_MINE = Pattern(r"\bI\s+(?:have|had|found|find|see|got)\b")  # I have no solution
_CONCLUDED = Pattern(r".*\b(?:so|answer is|therefore|thus|hence)\W+(yes|no|true|false)\b\W*$", re.DOTALL)
_NOT_WORDS = Pattern(r"[^\w\s'+-]|_")
_SPACES = Pattern(r"\s+")
_SYNONYMS = {
    **dict.fromkeys(("yes", "true", "correct", "t", "y", "right", *f"{YES}|{YES_UNSPACED}".split("|")), "yes"),
    **dict.fromkeys(("no", "false", "incorrect", "f", "n", "wrong", *f"{NO}|{NO_UNSPACED}".split("|")), "no"),
    **dict.fromkeys(("not true", "not correct", "not always true", "not always"), "no"),
}
_SHORT = {"t", "y", "f", "n"}
_NOTHING = Pattern(
    r"(?:there (?:is|are|exists?) )?(?:no|none|zero)(?: such)?(?: real| integer| valid| possible| positive)?"
    r"(?: solutions?| roots?| values?| answers?| numbers?| integers?)?(?: exists?)?(?: of \w)?"
    r"|(?:the )?empty set|null set|impossible|not possible|no solutions? exists?"
    r"|(?:所以|因此|故|该|此|原)*(?:方程|方程组|不等式)?无(?:实数?)?解"
    r"|(?:(?:la ecuación|el sistema) )?(?:no (?:tiene|hay)|sin) solución(?:es)?(?: real(?:es)?)?"
    r"|(?:(?:a equação|o sistema) )?(?:não (?:há|tem)|sem) solução"
    r"|(?:(?:die gleichung|das system) )?(?:hat )?keine (?:reellen? )?lösung(?:en)?"
    r"|(?:(?:l'équation|le système) )?(?:n'a )?(?:pas de|aucune) solution"
    r"|(?:non ha |nessuna )soluzion[ei]|解なし|解はない|没有(?:实数?)?解|\{\}"
    r"|(?:(?:this |the )?(?:equation|system|it) )?has no (?:real )?solutions?"
    r"|no real solutions?|none exist|never"
)
_ENDLESS = Pattern(r"(?:there are )?(?:infinitely many|an infinite number of|infinite)(?: (?:real )?solutions?)?")
_UNDEFINED = Pattern(
    r"(?:(?:this |the )?(?:limit|two-sided limit|value|integral|derivative|sum|series|expression|it) )?(?:is )?"
    r"(?:does not exist|dne|undefined|not defined|doesn't exist|diverges|divergent|diverge)"
)
_CHOICE = Pattern(
    r"(?:(?:the|la|el|le|die|der|das)\s+)?(?:(?:option|choice|answer|réponse|antwort|opción|respuesta|resposta|alternativa|risposta)\s*:?\s*)?"
    r"(?:\(\s*([A-Za-z])\s*\)|\[\s*([A-Z])\s*\]|([A-Z])(?=\s*$)|([A-Za-z])\s*[.):](?=\s|$))\s*(.*)",
    re.DOTALL | re.IGNORECASE,
)
_SPACED = Pattern(r"\\[ ,;:]|~")
_STYLED = Pattern(r"\\(?:text(?:bf|rm|it)?|mathrm|mathbf|mbox)\s*\{([^{}]*)\}")
_EMPTY_SET = Pattern(r"[\s$]*(?:\\\{(?:\s|\\[,;: !]|~)*\\\}|\{\s*\})[\s$]*")
_BRACKETS = "<>[](){}$ "
_SAID_OF = Pattern(  # (C) is incorrect
    r"(?:(?:is|was|are|looks|seems|must|can|could|would)\s+(?!(?:the\s+)?(?:correct|right|answer|true))|(?:cannot|isn'?t|not|wrong|incorrect)\b)",
    re.IGNORECASE,
)
_PART = Pattern(r"\([b-h]\)|\([B-H]\)")  # a further part: (a) 3; (b) 5 is no choice
_PLACEHOLDERS = Pattern(
    r"[\s.?_*\-…]*|(?:the |your |final |my )*(?:answer|result|value|solution|placeholder|number|expression)(?: here)?"
    r"|insert .*|todo\b.*|tbd|n/?a|xxx+|\.\.\.|unknown|i don'?t know|not sure|cannot be determined from .*",
    re.IGNORECASE,
)


def words(text: str) -> str:
    r"""Reduce a text to its words: no case, no punctuation, no LaTeX, no article.

    Example:
        >>> words("The \\text{Blue} car.")
        'blue car'
    """
    text = _COMMAND.sub(lambda found: " " if not found[1] or found[1] in _SAYING_NOTHING else f" {found[1]} ", text)
    text = _ARTICLES.sub("", text.replace("{", " "))
    bare: str = _SPACES.sub(" ", _NOT_WORDS.sub(" ", text))
    return bare.strip().lower()


@lru_cache(maxsize=2048)
def meaning(text: str) -> str:
    """Bring what means the same to one word: yes and true, no solution and none, undefined.

    Example:
        >>> meaning("No real solutions"), meaning("DNE"), meaning("True")
        ('(nothing)', '(undefined)', 'yes')
    """
    bare = words(text)
    if _UNDEFINED.fullmatch(bare):
        return "(undefined)"
    if _ENDLESS.fullmatch(bare):
        return "(infinitely many)"
    if bare not in {"no", "zero"} and _NOTHING.fullmatch(bare):
        return "(nothing)"
    return bare if bare in _SHORT else _SYNONYMS.get(bare, bare)


def decided(text: str) -> str:
    """Read what a sentence that begins with yes or no comes to; "" where it does not say, or takes it back unclearly.

    Example:
        >>> decided("No, it is not possible."), decided("Yes... wait, it fails. So no."), decided("Yes or no")
        ('no', 'no', '')
    """
    bare = text.replace("*", "").strip().lower()
    found = _SENTENCE_OF.match(bare)
    if found is None:
        return ""
    first = _SYNONYMS[found[1]]
    if (turned := _SO.search(found[2])) is not None:  # No, the statement is correct, so yes.
        return _SYNONYMS[turned[1]] if turned[1] else first if _SYNONYMS[turned[2]] == first else ""
    if _TURNED.search(found[2]) is None:
        return first
    last = _CONCLUDED.match(found[2])
    return _SYNONYMS[last[1]] if last is not None else ""


def concluded(text: str) -> str:
    """Read what a sentence that ends in "does not exist", "no solution" and the like comes to; "" for any other.

    Example:
        >>> concluded("Since these differ, the limit does not exist."), concluded("It has infinitely many solutions")
        ('(undefined)', '(infinitely many)')
    """
    found = None if _MINE.search(text) else _CONCLUSION.search(words(text))
    return "" if found is None else meaning(found[1])


def choice(text: str) -> tuple[str, str] | None:
    """Read a choice: its capital letter, and the words that stand with it.

    Example:
        >>> choice("(B) 42"), choice("B."), choice("Blue")
        (('B', '42'), ('B', ''), None)
    """
    text = text.replace("**", "")
    bare = (_SPACED.sub(" ", _STYLED.sub(r"\1", text)) if "\\" in text else text).strip(" $*")
    match = _CHOICE.fullmatch(bare)
    if match is None or _PART.search(match[5]) or _SAID_OF.match(match[5]):
        return None
    letter = match[1] or match[2] or match[3] or match[4]
    return letter.upper(), match[5].strip()


def placeholder(text: str) -> bool:
    """Tell whether a text only stands where an answer should: "answer", "...", "?".

    Example:
        >>> placeholder("your answer here"), placeholder("x")
        (True, False)
    """
    if text[:1].isdigit():
        return False
    bare = _STYLED.sub(r"\1", text) if "\\" in text else text
    return (
        _EMPTY_SET.fullmatch(bare) is None
        and _PLACEHOLDERS.fullmatch(bare.replace("\\", "").strip(_BRACKETS)) is not None
    )
