"""Compare answers by what they say in words: choices, yes and no, no solution, names, times and dates.

Bound: a time or date has at most `MAX_MOMENT` characters.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from rewards.extract.phrases import OR, OR_UNSPACED
from rewards.mathematics.finding import Finding
from rewards.mathematics.moments import same_date, same_time
from rewards.mathematics.options import Options
from rewards.mathematics.reading import Answer, read
from rewards.mathematics.tree import Tree, symbols
from rewards.mathematics.words import concluded, decided, meaning, words
from rewards.patterns import Pattern

MAX_MOMENT = 80
_LETTER = Pattern(r"[A-Z]|\\(?:text|mathrm|textbf|mathbf)\s*\{\s*\(?[A-Z]\)?\s*\}|\([A-Za-z]\)|[A-Z][.)]")
_SEVERAL = Pattern(r"(?=[A-H])A?B?C?D?E?F?G?H?(?<=[A-H]{2})|[A-H](?:\s*,\s*[A-H])+")
_LETTERS = Pattern(r"(?:\\text\{)?\(?[A-H]\)?(?:(?:\s|,|;|and|\\text\{|[{}()])*[A-H])*[)}]?")
_OTHER_CHOICE = Pattern(r"(?:\b[Oo]r\b|\b[Aa]nd\b|\bbe\b|,|;|/)\s*\(?[A-H](?:\)|[.):]|\s*$)|(?<![\w(])[A-H][.)]\s")
_HEDGED = Pattern(rf"\b(?:{OR})\b|{OR_UNSPACED}")
_MOMENT = Pattern(r"\d.*?(?::|[a-zA-Z]{2}|-|/)|[a-zA-Z].*?\d", re.DOTALL)
_ISO = Pattern(r"\d{4}-\d{1,2}-\d{1,2}")  # which is no subtraction
_HALF = Pattern(r"\d\s*(?:\\(?:text|mathrm)\s*\{)?\s*[ap]\.?\s?m\b", re.IGNORECASE)
_AFTER_TIME = Pattern(
    r"\b(?:meridiem|abends|nachmittags|morgens|noche|tarde|mañana|night|evening|afternoon|soir|matin|noite|manhã)\b"
)
_CLOCK = Pattern(r"[ap]\.?\s?m|:00|:0\d", re.IGNORECASE)
_FORMAL = Pattern(r"[!^_=+*/<>|]")  # what words do not hold: two formulas are not compared as words
_NOT_SO = Pattern(
    r"\b(?:or|and|no|yes|not|but|true|false|maybe)\b|^(?:idea|clue|answer|comment|solution|way|one|body|lo|sé|s[eé])\b"
)
_NOTHING = {"(nothing)", "(undefined)", "(infinitely many)"}


def same_choice(
    reference: Answer, answer: Answer, options: Options, same: Callable[[Answer, Answer], Finding]
) -> Finding | None:
    """Compare choices where the reference is one: by letter, or by the words beside it."""
    several = _SEVERAL.fullmatch(reference.text)
    if several and _HEDGED.search(answer.text):
        return Finding(False, "one choice or another")
    if several and _LETTERS.fullmatch(answer.text):
        chosen = [sorted(set(re.findall("[A-H]", each.text))) for each in (reference, answer)]
        return Finding(chosen[0] == chosen[1], "the same choices" if chosen[0] == chosen[1] else "other choices")
    if reference.option is None or not (_LETTER.fullmatch(reference.text.strip()) or reference.option[1]):
        if options.kind != "choice":
            return None
        return Finding(words(reference.text) == words(answer.text), "compared as choices")
    letter, beside = reference.option
    if answer.option is not None and _OTHER_CHOICE.search(answer.option[1]):
        return Finding(False, "several choices")
    if answer.option is not None:
        if letter != answer.option[0]:
            return Finding(False, f"choice {answer.option[0]} instead of {letter}")
        lower = re.fullmatch("[a-z]", answer.text.strip()) is not None
        if not lower or letter in "ABCDEFGH":
            return Finding(True, f"choice {letter}")
        return None
    if beside and len(beside) > 1:
        found = same(read(beside)._replace(option=None), answer)  # one level: (A) (A) ...
        return found._replace(why=f"the words of choice {letter}: {found.why}")
    letters = set(re.findall(r"\b[A-Z]\b", answer.text))
    return Finding(False, "several choices") if len(letters) > 1 else None


def same_meaning(reference: Answer, answer: Answer) -> Finding | None:
    """Compare yes and no, no solution, undefined."""
    first, second = (_meant(each) for each in (reference, answer))
    if first in ("yes", "no") or first in _NOTHING or second in _NOTHING:
        same = first == second or ({first, second} <= {"yes", "y", "t"}) or ({first, second} <= {"no", "n", "f"})
        if first in _NOTHING and not same:
            same = concluded(answer.text) == first
        if first in ("yes", "no") and (conclusion := decided(answer.text)):
            return Finding(conclusion == first, f"a sentence that says {conclusion}")
        clause = second.removeprefix(first + " ")
        same = same or (first in ("yes", "no") and clause != second and not _NOT_SO.search(clause))
        return Finding(same, f"{first or reference.text[:30]!r} against {second[:30]!r}")
    return None


def _meant(answer: Answer) -> str:
    empty = Tree("set")
    if answer.tree is not None and (
        answer.tree == empty or (answer.tree.op == "rel" and answer.tree.args[-1] == empty)
    ):
        return "(nothing)"
    return meaning(answer.text)


_NOUNS = ("function", "number", "integer", "sequence", "series", "matrix", "triangle", "angle", "curve", "graph")


def same_words(reference: Answer, answer: Answer) -> Finding:
    """Compare answers that are not both mathematics word by word."""
    first, second = (_unsided(words(each.text)) for each in (reference, answer))
    if reference.tree is not None and (not symbols(reference.tree) or _FORMAL.search(reference.text)):
        same = squeezed(reference.text) == squeezed(answer.text)
        return Finding(same, "the same text" if same else "the answer is not readable as mathematics")
    first, second = first.replace(" and ", " "), second.replace(" and ", " ")
    same = bool(first) and (first == second or first.replace(" ", "") == second.replace(" ", ""))
    same = same or (bool(first) and " " not in first and second in {f"{first} {noun}" for noun in _NOUNS})
    if not same and (pairs := _labelled(reference.text)) and pairs == _labelled(answer.text):
        return Finding(True, "the same value for every name")
    if not same and " and " in words(reference.text):
        listed = [sorted(words(each.text).split(" and ")) for each in (reference, answer)]
        same = listed[0] == listed[1] and re.fullmatch(r"[a-z '-]+", first) is not None
    if not same and not first:
        same = bool(reference.text) and squeezed(reference.text) == squeezed(answer.text)
    return Finding(same, "the same words" if same else "different words")


def _labelled(text: str) -> list[str]:
    """Read Amy: 12, Bob: 15 as its pairs, in one order; nothing where a piece is no pair."""
    pieces = [words(piece) for piece in re.split("[,;]", text)]
    pairs = all(piece.count(":") == 1 for piece in re.split("[,;]", text))
    return sorted(pieces) if pairs and len(pieces) > 1 else []


def _unsided(text: str) -> str:
    """Put the two sides of a relation that has no direction in one order: CD is parallel to AB."""
    text = text.replace("maximum", "max").replace("minimum", "min")
    for relation in (" parallel ", " perp ", " cong ", " sim "):
        sides = text.split(relation)
        if len(sides) == 2:
            return relation.join(sorted(side.strip() for side in sides))
    return text


def same_moment(reference: Answer, answer: Answer) -> Finding | None:
    """Compare times of day and dates; None where they are none."""
    texts = reference.text, answer.text
    if max(map(len, texts)) > MAX_MOMENT or not all(map(_MOMENT.search, texts)):
        return Finding(False, "no date") if _ISO.fullmatch(reference.text.strip()) else None
    for compare, what in ((same_time, "time"), (same_date, "date")):
        same = compare(reference.text, answer.text)
        if same or (same is False and (what == "date" or _is_clock(reference.text) or _is_clock(answer.text))):
            return Finding(same, f"the same {what}" if same else f"different {what}s")
    if _ISO.fullmatch(reference.text.strip()) or (_HALF.search(reference.text) and _AFTER_TIME.search(answer.text)):
        return Finding(False, "not the date or time that is asked for")
    return None


def _is_clock(text: str) -> bool:
    return _CLOCK.search(text) is not None


def squeezed(text: str) -> str:
    """Take out what changes nothing of how a formula reads: spaces, sizes of brackets and fractions."""
    return re.sub(r"\s|\\[ ,;:!]|\\(?:left|right)(?![a-z])", "", text).replace("dfrac", "frac").replace("tfrac", "frac")
