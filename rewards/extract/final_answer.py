"""Find the final answer of a worked solution. Every search here is linear in the length of the text."""

from __future__ import annotations

import re
from itertools import islice

from rewards.extract.boxes import Box, boxes, part_of_more, truncated
from rewards.extract.doubts import (
    MAX_AFTER,
    MAX_AROUND,
    affirmed,
    denied,
    denied_before,
    put_aside,
    refuses,
)
from rewards.extract.found import NOT_FOUND, Found
from rewards.extract.hedges import asked, lists_several, one_of_several, or_else
from rewards.extract.joined import MAX_BESIDE, joined
from rewards.extract.last_value import last_value
from rewards.extract.marked import Mark, marked, several, unquoted
from rewards.extract.reported import attributed, contrary_to_fact, quoted, remarked
from rewards.extract.statements import STATED, segment_after
from rewards.extract.values import values
from rewards.extract.visible import visible
from rewards.extract.withdrawn import changed_mind, taken_back
from rewards.patterns import Pattern

MAX_DENIED = 200  # boxes that are looked at for one that is not denied, the last first
_FINAL_ANSWER = Pattern(r"final\s+answer", re.IGNORECASE)
_QUOTES = {'"': '"', "\u201c": "\u201d", "\u2018": "\u2019", "\u00ab": "\u00bb", "`": "`"}
_WORDS_BEFORE = Pattern(r"(?:(?:so|the|my|our|final|therefore|thus|hence)[\s,]+)+$", re.IGNORECASE)
MAX_QUOTED = 40
_EXPLAINED = Pattern(r"[A-Z][a-z]+,?(?:\s+[\w,'\u2019()-]+){6,}")
_MINUS = Pattern(r"(?:[=$({\[]|\\[(\[]) ?[-\u2212] ?\Z")  # -\\boxed{41}
_OR_NEXT = Pattern(  # The answer is 41. Or 43.
    r"[\s.$*\u3002]{1,6}(?:(?:or|oder|ou|o)\b|或者|あるいは|または)\s*[\s$(]{0,4}(?:[-\d\\]|\(?[A-H]\)?[\s.]*$)",
    re.IGNORECASE,
)
_POLITE = Pattern(r"(?<=[\s$*\d)}])\s{0,4}(?:です|だ|である|でした|になります|となります|입니다|이다)\s{0,4}$")
_LAST_BOLD = Pattern(r"\n[ \t]{0,8}\*\*[^*\n]{1,60}\*\*[\s.]{0,8}\Z")


def final_answer(text: str, find: str = "any") -> Found:
    r"""Find the answer that a worked solution ends with.

    The last of: a box, an answer tag, a `####` line, a JSON field, "the final answer is" and its like in other
    languages. Where nothing marks an answer, the value that the text ends with.

    Args:
        text: A completion without its reasoning blocks.
        find: "boxed" reads boxes only, "marked" whatever marks an answer, "any" also a bare last value.

    Example:
        >>> final_answer("6*7=<<6*7=42>>42\n#### 42").text
        '42'
        >>> final_answer(r"So \boxed{41}. I made a mistake. The answer is 42.").text
        '42'
    """
    text = visible(text)
    found = boxes(text)
    found = [box for box in found if box[2].strip()] or found  # "in \\boxed{} as requested" is no answer
    strong = _strong(text, found, find)
    chosen = max(strong, default=None)
    if several(text) and not (chosen is not None and chosen.found.where == "the last box"):
        return NOT_FOUND
    statement = None if find == "boxed" else _statement(text, chosen.end if chosen else 0, found)
    if chosen is not None:
        return _kept(chosen, statement, text[chosen.end :])
    if statement is not None:
        return _kept(statement, None, text[statement.end :])
    if (
        find != "any"
        or (refuses(text) and _LAST_BOLD.search(text) is None)
        or lists_several(text)
        or found
        or _doubted(text)
    ):  # a box that is left was denied
        return NOT_FOUND
    return last_value(text)


def _strong(text: str, found: list[Box], find: str) -> list[Mark]:
    """Find what is marked by its form: the last box, tag, #### line, JSON field. Words around it do not undo it."""
    marks: list[Mark] = []
    undenied = (box for box in found[: -1 - MAX_DENIED : -1] if not _undone(text, box))
    kept = list(islice(undenied, MAX_BESIDE + 1))[::-1]  # no box before these is read
    kept = _without_remarks(text, kept)
    if kept:
        start, end, content = joined(text, kept)
        if text[max(0, start - 2) : start].strip()[-1:] in ("-", "\u2212") and _MINUS.search(
            text[max(0, start - MAX_QUOTED) : start]
        ):
            content = f"-({content})"
        marks.append(Mark(start, end, Found(content, "the last box")))
    if find == "boxed":
        return marks
    marks += [mark for mark in marked(text) if not (attributed(text, mark.start) or quoted(text, mark.start))]
    return marks


def _without_remarks(text: str, kept: list[Box]) -> list[Box]:
    """Leave out the boxes at the end that stand in remarks, where one before them does not."""
    if len(kept) < 2:  # noqa: PLR2004
        return kept
    meant = next((number for number in range(len(kept), 0, -1) if not remarked(text, kept[number - 1][0])), len(kept))
    return kept[:meant]


def _undone(text: str, box: Box) -> bool:
    """Tell whether the words around a box deny it, or offer that there is no answer."""
    before, after = box[0], text[box[1] : box[1] + MAX_AROUND]
    if denied_before(text, before) or attributed(text, before) or quoted(text, before) or part_of_more(text, box):
        return True
    if not after.strip("$. \n*)"):  # nothing more is said
        return False
    return contrary_to_fact(text, before, after) or or_else(after) or asked(after) or put_aside(after)


def _statement(text: str, start: int, found: list[Box]) -> Mark | None:
    """Find the last answer stated in words after a place; none where it is denied, or one of several."""
    statements = list(STATED.finditer(text, start))
    if not statements or truncated(text, found):
        return None
    begins, ends = statements[-1].span()
    whole = segment_after(text, ends)
    if any(ends <= box[0] < ends + len(whole) and _undone(text, box) for box in found[-MAX_BESIDE:]):
        return None
    segment = _POLITE.sub("", affirmed(whole))
    if _is_doubtful(text, begins, ends, whole) or denied(segment, stated=True) or not segment.strip(" .*$\n"):
        return None
    if _EXPLAINED.match(segment) and text[ends + len(whole) :].strip(" .\n") and not found:
        return Mark(begins, len(text), last_value(text[ends:]))  # Answer: There are 8 outcomes. ... So it is 3/8.
    return Mark(begins, ends + len(whole), Found(unquoted(segment), "the stated answer"))


def _is_doubtful(text: str, begins: int, ends: int, whole: str) -> bool:
    """Tell whether a statement is quoted, asked, denied, said by others or one of several."""
    if _quoted(text, begins, whole) or quoted(text, begins) or _asks(whole):
        return True
    if one_of_several(text, begins) or attributed(text, begins) or denied_before(text, begins):
        return True
    return _OR_NEXT.match(text[ends + len(whole) :]) is not None


def _asks(whole: str) -> bool:
    """Tell whether a statement is a question."""
    return "吗" in whole or whole.rstrip(" *$").endswith(("?", "\uff1f"))


def _quoted(text: str, begins: int, whole: str) -> bool:
    """Tell whether a statement is only quoted: write "The answer is 9" if you are sure."""
    before = _WORDS_BEFORE.sub("", text[max(0, begins - MAX_QUOTED) : begins])
    closing = _QUOTES.get(before[-1:], "")
    return bool(closing) and closing in whole and whole.rpartition(closing)[2].strip(" .,;:") != ""


def _doubted(text: str) -> bool:
    """Tell whether the last statement of an answer is doubted, or offered beside another."""
    starts = [statement.start() for statement in list(STATED.finditer(text))[-1:]]
    return any(one_of_several(text, start) or attributed(text, start) for start in starts)


def _kept(mark: Mark, statement: Mark | None, after: str) -> Found:
    """Keep an answer, or take what the text after it puts in its place."""
    later = changed_mind(mark.found.text) if mark.found.where == "the stated answer" else ""
    if not later:
        place = taken_back(after[:MAX_AFTER])
        if statement is not None and (place is not None or _FINAL_ANSWER.search(after)):
            return statement.found
        if place is None:
            return mark.found
        if after[place:].lstrip(" $*:(").startswith(mark.found.text):
            return mark.found  # the requested value is 43, as the box says
        later = after[max(0, place - 3) : place + MAX_AFTER]  # the pattern may end in the first signs of the value
    corrected = values(later)
    value = mark.found.text.rpartition("=")[2].strip(" $")
    if (
        not corrected
        or corrected[-1].rpartition("=")[2].strip(" $") == value
        or corrected[-1].split()[0] == value
        or corrected[-1] == mark.found.text
    ):  # 42 cannot be right
        return NOT_FOUND
    return Found(corrected[-1], "the correction")
