"""Name the parts of a sentence that may be its answer: "so the total, since both halves agree, is 42 metres".

Bound: a number in words has at most `MAX_SPELLED` of them.
"""

from __future__ import annotations

import re

from rewards.extract.doubts import refuses
from rewards.extract.found import Found
from rewards.extract.phrases import LEFT_OPEN, OR, OR_UNSPACED, PERHAPS, PERHAPS_UNSPACED
from rewards.extract.runs import last_run
from rewards.extract.values import values
from rewards.mathematics.measured import compound
from rewards.mathematics.spelled import spelled
from rewards.mathematics.units import unit
from rewards.patterns import Pattern

MAX_SPELLED = 10
_CLAUSE = Pattern(
    r",?\s+(?:because|since|which|where|as|so|given|due|after|for which|when|i\.e\.|attained|achieved|reached|occurring"
    r"|taken|obtained)\b|\s*[,;]\s+(?:so|then|but|at|by)\b",
    re.IGNORECASE,
)
# A value right after these words is not the value that is meant, so it is not taken out of its sentence.
_SPOILT = Pattern(
    r"(?:\b(?:not|never|cannot|at\s+(?:least|most)|(?:no\s+)?(?:more|less|fewer|greater|larger|smaller)\s+than|close\s+to"
    r"|almost|up\s+to|between|anything\s+but|other\s+than|except|exceeds?|below|above|under)\b|n't\b)"
    r"(?:[\s$*\\({}]+\w+){0,2}[\s$*\\({}]*$",
    re.IGNORECASE,
)
_CODE = Pattern(
    r"\\(?:eq|page)?ref\b|\\label\b|__\w+__|\b(?:lambda|import|eval|exec|globals|open|print|return|def|range)\b\s*[(:\w]|getattr\(|\(\)\.|\\#|(?<!\#)\#\s"
)
_NOTHING = Pattern(r"\b(?:no\s+(?:real\s+)?(?:solutions?|answers?)|does\s+not\s+exist|undefined)\b", re.IGNORECASE)
# Words that make something else of a number beside them, or point at the answer instead of giving it.
_OPERATES = Pattern(
    r"\b(?:roots?\s+of|power\s+of|times\s+\S|twice|double|half\s+of|minus|plus|negative|over\s+\S|divided|multiplied|factorial"
    r"|squared|cubed|halved|doubled|tripled|(?:square|cube|multiple|half|third)\s+of|and\s+a\s+(?:half|third|quarter)|th\s+\w"
    r"|(?:third|fourth|fifth|sixth|seventh|eighth|ninth|tenth)s?$|in\s+(?:binary|hex\w*|octal)|excluding|without"
    r"|nicht|weniger|mehr\s+als|höchstens|mindestens|menos|más\s+de|moins|plus\s+de|Million\w*|Milliard\w*|millones|milh\w+|percent\s+of|anything|whatever|reference|ground\s+truth|(?:correct|expected)\s+answer)\b",
    re.IGNORECASE,
)
_GIVES = Pattern(r"(?:is|are|be|equals?|exactly|only|to|gives|yields|just|=|:)$", re.IGNORECASE)
_POINTS = Pattern(  # at these, a number is no answer: rhymes with eight
    r"the|this|that|these|those|first|last|other|with|like|than|after|before|by|from|of|in|on|at|least|most",
    re.IGNORECASE,
)
# Words that leave a value open, beside it in a box, and verbs that say something of it: 8 is wrong.
_OPEN = Pattern(
    rf"\b(?:{LEFT_OPEN}|any|every|all|each|some|including|includes?|like|such\s+as|example|instance|whether|key|reference|nor"
    r"|see|page|equation|eq|above|below|never|neither|cannot|no|possibly|probably|might|may|could|between|except|than"
    r"|incorrect|false)\b|n't\b|\?",
    re.IGNORECASE,
)
_VERB = Pattern(
    r"\b(?:is|are|was|were|be|been|has|have|had|does|do|did|can|must|should|would|will|seems?|looks?|works?|fails?)\b",
    re.IGNORECASE,
)
_AMOUNTS = Pattern(
    r"(?:\d++(?:\.\d++)?\s*+[A-Za-z]++\.?\s*+(?:,\s*+(?:and\s++)?|and\s++)?){2,4}"
)  # 2 hours and 30 minutes
_CONCLUDING = Pattern(
    r"[,;:]\s+(?:and\s+)?(?:so|hence|thus|therefore|which\s+(?:makes|gives|means|leaves|yields|results\s+in|simplifies\s+to))\s+(?!that\b)",
    re.IGNORECASE,
)
_DENIES = Pattern(r"\b(?:not|never|no|neither|n't|cannot|unlike)\b|n't\b", re.IGNORECASE)
_HEDGE = Pattern(
    rf"-ish\b|\bsomething\b|(?<!\w)(?:either|{OR}|{PERHAPS})(?!\w)|{OR_UNSPACED}|{PERHAPS_UNSPACED}", re.IGNORECASE
)
_LEAD = Pattern(
    r"^(?:(?:so|hence|thus|therefore|then|consequently|finally|together|it\s+follows\s+that|we\s+(?:find|get|have|obtain|conclude"
    r"|see)(?:\s+that)?|this\s+(?:gives|yields|simplifies\s+to|means)|which\s+gives|here|in\s+(?:all|total)|(?:it|which)\s+factors\s+as"
    r"|因此|所以|故|よって|donc|also|logo|portanto|por\s+lo\s+tanto)\b[\s,:]*)+",
    re.IGNORECASE,
)
_IS = Pattern(
    r"(?:(?<=[a-z]\s\d):|(?<=[a-z]\s\d\d):"  # in row 6, column 9: 54
    r"|\bi\.e\.,?|\bnamely|\bthat is,|\bsimplifies\s+to|\bwhich\s+is|\bequals|\bgives|\byields|\btends\s+to"
    r"|⇒|⟹|\\Rightarrow|\\implies|\bholds\s+for|\bends\s+up\s+with|\bend\s+up\s+with|\bwas|\bends\s+at|\bfactors\s+as|\bit\s+is\s+therefore)\s*:?\s+"
    r"|\b(?:is|are|equals?|was|be|costs?|measures?|totals?|shows?|reads?|arrives?\s+at|ist|sind|beträgt|lautet|est|sont"
    r"|es|son|é|são|è|sono)\b:?\s+(?!not\b)|(?<=[\u4e00-\u9fff])(?:是|为|等于)\s*(?=\S)|(?<=\w)は\s*(?=\S)",
    re.IGNORECASE,
)
_WORD = Pattern(r"(?<![\\A-Za-z])[A-Za-z]{2,}")
EXACT_PLACES = frozenset({"the last box", "the answer tag", "the #### line", "the JSON answer"})


def stated(found: Found) -> list[str]:
    """Name the parts of a sentence that may be the answer, the likeliest first; the first that is read decides."""
    text = " ".join(found.text.split())  # runs of space would be searched again from each of their places
    parts: list[str] = []
    if _CODE.search(text) or refuses(text) or (found.where in EXACT_PLACES and not _is_sentence(text)):
        return parts
    if found.marked and _NOTHING.search(text):
        return parts
    if found.where in EXACT_PLACES and (_OPERATES.search(text) or not _says_only(text)):
        return parts
    if not found.marked:
        text = _CONCLUDING.split(text)[-1]
    amounts = [amount[0].strip() for amount in _AMOUNTS.finditer(text) if compound(amount[0].strip()) is not None]
    if amounts and not _HEDGE.search(text):
        return amounts[-1:]
    head, said = _main_clause(text), _main_clause(_IS.split(text)[-1])
    if found.marked:
        said = _IS.split(head)[-1]
    if _HEDGE.search(text):
        whole = _IS.split(_LEAD.sub("", text))[-1]  # not cut, so that a hedge in it stays one
        return parts if whole == text else [whole]
    if said != text:
        parts.append(said)
    if (led := _LEAD.sub("", head)) != head:
        parts.append(led)
    if head not in (text, said):
        parts.append(head)
    inside = (values(said) or values(head))[:1] if found.marked else _unmarked(head)
    return parts + [value for value in inside if not _SPOILT.search(text[: text.rfind(value)])]


def _says_only(text: str) -> bool:
    """Tell whether the words around the one value of a box leave it as it is: a name before it, a unit after it."""
    found = values(text)
    if len(found) != 1:
        return True
    before, _, after = text.partition(found[0].split()[0])
    return not (_OPEN.search(before) or _OPEN.search(after) or _VERB.search(after))


def _unmarked(sentence: str) -> list[str]:
    """Name what a sentence without a marked answer may state: its last formula, its last mathematics, its last word."""
    found = values(sentence)[-1:] if "$" in sentence or "\\(" in sentence else []
    run = last_run(sentence)
    measured = run + _unit_after(sentence[sentence.rfind(run) + len(run) :]) if run else ""
    found += [measured, run.rpartition("=")[2].strip() + measured[len(run) :]] if run else values(sentence)[-1:]
    return found + (_last_words(sentence) if not run and not _DENIES.search(sentence) else [])


def _last_words(sentence: str) -> list[str]:
    """Take the word that a sentence ends with, or all those that spell its number; "the first one" spells none."""
    words = sentence.rstrip(" .!").split()
    starts = range(max(0, len(words) - MAX_SPELLED), len(words))
    start = next((at for at in starts if spelled(" ".join(words[at:])) is not None), len(words) - 1)
    number = " ".join(words[start:])
    before = words[start - 1] if start > 0 else ""
    if number == "one":
        said = _GIVES.search(before) is not None
    else:
        said = spelled(number) is None or _POINTS.fullmatch(before) is None
    return [number] if said and number.replace("-", "").replace(" ", "").isalpha() else []


def _unit_after(text: str) -> str:
    """Take the unit that stands at the beginning of a text, of at most three words; "" where there is none."""
    words = text.split()[:3]
    for count in range(len(words), 0, -1):
        name = " ".join(words[:count]).rstrip(".,;:!")
        if unit(name) is not None:
            return f" {name}"
    return ""


def _main_clause(text: str) -> str:
    """Take what stands before "because", "attained at", ", so"."""
    clause = _CLAUSE.search(text)
    return text[: clause.start()] if clause is not None and clause.start() > 0 else text


def _is_sentence(text: str) -> bool:
    r"""Tell whether a box holds words around one value: \text{The answer is } 42."""
    found = set(values(text))
    return (len(found) == 1 and _WORD.search(text) is not None) or (not found and len(_WORD.findall(text)) > 2)
