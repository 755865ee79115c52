"""Name the weak spots of a rubric: what makes judges guess, before any label is written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from judges.rubric import Rubric

_FEW_ANCHORS, _MANY_ANCHORS = 3, 8
_ALIKE = 0.5
_LONG = 3000
_VAGUE = re.compile(
    r"\b(good|great|nice|high[- ]quality|appropriate(ly)?|helpful(ly)?|best|excellent|proper(ly)?|well|suitable)\b",
    re.IGNORECASE,
)
_DOING = re.compile(
    r"\b(asks?|names?|states?|says?|shows?|cites?|explain\w*|lists?|diagnos\w+|checks?|tests?|mention\w*|avoid\w*|"
    r"contain\w*|include\w*|apologi[sz]\w+|acknowledg\w+|quot\w+|refus\w+|steps?|questions?|empathy|sources?|numbers?)\b",
    re.IGNORECASE,
)
_STOP = frozenset(("the", "and", "are", "that", "this", "answer", "response", "user", "with", "for", "not"))


@dataclass(frozen=True, slots=True)
class WeakSpot:
    """Name one weak spot: a rule's name, and what to do."""

    rule: str
    advice: str


def weak_spots(rubric: Rubric) -> list[WeakSpot]:
    """Find what makes judges guess.

    Example:
        >>> from judges.rubric import Rubric
        >>> [spot.rule for spot in weak_spots(Rubric("vague", "Give a good, high-quality answer."))]
        ['anchors-few', 'meanings-few', 'nothing-observable']
    """
    return [WeakSpot(name, advice) for name, rule in _RULES.items() for advice in rule(rubric)]


def _few(rubric: Rubric) -> Iterator[str]:
    if len(rubric.anchors) < _FEW_ANCHORS:
        yield f"{len(rubric.anchors)} anchors: give at least {_FEW_ANCHORS} scored sample answers"
    if len(rubric.anchors) > _MANY_ANCHORS:
        yield f"{len(rubric.anchors)} anchors: past {_MANY_ANCHORS} a judge copies the nearest one instead of judging"


def _ends(rubric: Rubric) -> Iterator[str]:
    scores = [anchor.score for anchor in rubric.anchors]
    third = (rubric.high - rubric.low) / 3
    if scores and min(scores) > rubric.low + third:
        yield f"no anchor below {rubric.low + third:g}: the judge never sees what is bad"
    if scores and max(scores) < rubric.high - third:
        yield f"no anchor above {rubric.high - third:g}: the judge never sees what is good"


def _middle(rubric: Rubric) -> Iterator[str]:
    span = rubric.high - rubric.low
    low, high = rubric.low + span / 3, rubric.high - span * 2 / 9  # 4 and 8 on a scale from 1 to 10
    if rubric.anchors and not any(low < anchor.score < high for anchor in rubric.anchors):
        yield f"no anchor between {low:g} and {high:g}, where most answers of a policy in training lie"


def _same_score(rubric: Rubric) -> Iterator[str]:
    seen: dict[str, float] = {}
    for anchor in rubric.anchors:
        before = seen.setdefault(" ".join((anchor.prompt + " " + anchor.answer).lower().split()), anchor.score)
        if before != anchor.score:
            yield f"one answer stands as an anchor with {before:g} and with {anchor.score:g}"


def _lengths(rubric: Rubric) -> Iterator[str]:
    ordered = sorted(rubric.anchors, key=lambda anchor: anchor.score)
    lengths = [len(anchor.answer) for anchor in ordered]
    if len(lengths) >= _FEW_ANCHORS and lengths == sorted(lengths) and lengths[-1] > 2 * lengths[0]:
        yield "the better an anchor the longer it is: a judge will learn to pay for length"


def _meanings(rubric: Rubric) -> Iterator[str]:
    if len(rubric.meanings) < _FEW_ANCHORS and not rubric.criteria:
        yield "say under scale.meanings what at least three of the scores mean"


def _vague(rubric: Rubric) -> Iterator[str]:
    texts = [("instructions", rubric.instructions)] + [(c.name, c.description) for c in rubric.criteria]
    for name, text in texts:
        if not _DOING.search(text):
            yield f"{name}: names nothing observable; say what a good answer does, not that it is good"
        elif _VAGUE.search(text) and name != "instructions":
            yield f"{name}: leans on {_VAGUE.findall(text)[0][0] or 'a vague word'!r}; two judges read that in two ways"


def _overlap(rubric: Rubric) -> Iterator[str]:
    for one, other in combinations(rubric.criteria, 2):
        words, others = _content(one.name + " " + one.description), _content(other.name + " " + other.description)
        if words and others and len(words & others) / min(len(words), len(others)) >= _ALIKE:
            yield f"{one.name} and {other.name} overlap: what both ask for counts twice"


def _content(text: str) -> set[str]:
    return {word for word in re.findall(r"[a-z]{3,}", text.lower().replace("_", " ")) if word not in _STOP}


def _essential(rubric: Rubric) -> Iterator[str]:
    if rubric.criteria and all(criterion.weight == "optional" for criterion in rubric.criteria):
        yield "every criterion is optional: none decides"


def _long(rubric: Rubric) -> Iterator[str]:
    if len(rubric.instructions) > _LONG:
        yield f"instructions of {len(rubric.instructions)} characters: split them into criteria"


_RULES: dict[str, Callable[[Rubric], Iterator[str]]] = {
    "anchors-few": _few,
    "anchors-ends": _ends,
    "anchors-gap": _middle,
    "anchors-contradict": _same_score,
    "anchors-length": _lengths,
    "meanings-few": _meanings,
    "nothing-observable": _vague,
    "criteria-overlap": _overlap,
    "criteria-weightless": _essential,
    "instructions-long": _long,
}
