"""Find the final answer of a worked solution. Every search here is linear in the length of the text."""

from __future__ import annotations

import re
from typing import NamedTuple

from rewards.extract.boxes import boxes, joined, last_boxed, truncated
from rewards.extract.doubts import (
    MAX_AFTER,
    affirmed,
    changed_mind,
    denied,
    denied_before,
    lists_several,
    one_of_several,
    refuses,
    taken_back,
)
from rewards.extract.statements import MAX_ANSWER, STATED, segment_after
from rewards.extract.values import FORMULA, values
from rewards.patterns import Pattern

MAX_LINE = 400
_OUT_OF_TURN = Pattern(
    r"<\|(?:im_start|im_end|endoftext|eot_id|start_header_id|end_of_text|user|assistant)\|?>|</s>"
    r"|\n[ \t]{0,8}(?:Human|User):"
)
_TAGGED = Pattern(r"<(answer|final_answer|ans|result)>(.*?)(?:</\1>|\Z)", re.DOTALL | re.IGNORECASE)
_HASHES = Pattern(r"^[ \t>*]*####[ \t]*(.*)$", re.MULTILINE)
_JSON = Pattern(
    r'"(?:final_answer|final answer|answer|result|solution)"\s*:\s*("(?:[^"\\]|\\.){0,400}"|[^,}\n]{1,400})'
)
_MARKERS = ((_TAGGED, "the answer tag"), (_HASHES, "the #### line"), (_JSON, "the JSON answer"))


class Found(NamedTuple):
    """Hold the final answer as it stands in the text.

    Args:
        text: The answer, "" where there is none.
        where: Where it stands: "the last box", "the stated answer", "the end of the text" ...
        marked: Whether the text itself marks it as its answer.
    """

    text: str
    where: str
    marked: bool = True


NOT_FOUND = Found("", "nowhere", marked=False)


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
    turn = _OUT_OF_TURN.search(text)
    if turn is not None and turn.start() > 0:
        text = text[: turn.start()]
    marks = _marks(text, find)
    if marks:
        marks.sort(key=lambda mark: mark[0])
        return _chosen(text, marks)
    if find != "any":
        return NOT_FOUND
    if refuses(text) or lists_several(text) or boxes(text) or _doubted(text):  # a box that is left was denied
        return NOT_FOUND
    last = _last_value(text)
    return NOT_FOUND if denied(last.text, stated=False) else last


def _doubted(text: str) -> bool:
    """Tell whether the last statement of an answer is doubted, or offered beside another."""
    return any(one_of_several(text, statement.start()) for statement in list(STATED.finditer(text))[-1:])


def _marks(text: str, find: str) -> list[tuple[int, int, Found]]:
    """Find every marked answer: where it begins and ends, and what it says."""
    marks: list[tuple[int, int, Found]] = []
    found = [box for box in boxes(text) if not denied_before(text, box[0])]
    if found:
        start, end, content = joined(text, found)
        marks.append((start, end, Found(content, "the last box")))
    if find == "boxed":
        return marks
    for pattern, where in _MARKERS:
        for match in list(pattern.finditer(text))[-1:]:
            content = _marked(match)
            if content:
                marks.append((match.start(), match.end(), Found(content, where)))
    broken = truncated(text)
    for statement in list(STATED.finditer(text))[-1:]:
        whole = segment_after(text, statement.end())
        segment = affirmed(whole)
        if denied(segment, stated=True) or one_of_several(text, statement.start()):
            continue
        if not broken and segment.strip(" .*$\n"):
            marks.append((statement.start(), statement.end() + len(whole), Found(segment, "the stated answer")))
    return marks


def _marked(match: re.Match[str]) -> str:
    """Read what stands in a tag, after ####, or in a JSON field: the last box in it, or all of it."""
    content = next(group for group in reversed(match.groups()) if group is not None)
    return last_boxed(content) or _unquoted(content.strip(" *\n"))


def _unquoted(value: str) -> str:
    if value.startswith('"') and value.endswith('"') and len(value) > 1:
        return re.sub(r"\\([\"\\/])", r"\1", value[1:-1])
    return value.strip()


def _chosen(text: str, marks: list[tuple[int, int, Found]]) -> Found:
    """Choose among marks: the last one, but a box or tag is not undone by words around it."""
    strong = [mark for mark in marks if mark[2].where != "the stated answer"]
    chosen = strong[-1] if strong else marks[-1]
    after = text[chosen[1] :]
    if not strong:
        return _kept(chosen[2], after)
    stated = marks[-1] if marks[-1][2].where == "the stated answer" and marks[-1][0] > chosen[1] else None
    if stated is not None and (
        taken_back(after[:MAX_AFTER]) is not None or re.search(r"final\s+answer", after, re.IGNORECASE)
    ):
        return stated[2]
    return _kept(chosen[2], after)


def _kept(answer: Found, after: str) -> Found:
    """Keep an answer, or take what the text after it puts in its place."""
    later = changed_mind(answer.text) if answer.where == "the stated answer" else ""
    if not later:
        place = taken_back(after[:MAX_AFTER])
        if place is None:
            return answer
        later = after[max(0, place - 3) : place + MAX_AFTER]  # the pattern may end in the first signs of the value
    corrected = values(later)
    return Found(corrected[-1], "the correction") if corrected else NOT_FOUND


def _last_value(text: str) -> Found:
    """Read the value that an unmarked text ends with: all of it where it is short, else its last formula or line."""
    bare = text.strip()
    if not bare or truncated(bare):
        return NOT_FOUND
    if len(bare) <= MAX_LINE and "\n" not in bare:
        return Found(bare, "the whole text", marked=False)
    tail = bare[-MAX_ANSWER:]
    formulas = list(FORMULA.finditer(tail))[-1:]
    formula = formulas[0] if formulas else None
    if formula is not None and not re.search(r"\w", tail[formula.end() :]):
        return Found(
            next(group for group in formula.groups() if group is not None).strip(), "the last formula", marked=False
        )
    lines = [line for line in tail.split("\n") if re.search(r"[\w$]", line)]
    return Found(lines[-1].strip() if lines else "", "the last line", marked=False)
