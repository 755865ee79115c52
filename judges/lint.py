"""Name a rubric's weak spots: what will make a judge coarse, unsteady or blind."""

from __future__ import annotations

import re
from itertools import combinations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from judges.rubric import Rubric

_ALIKE = 0.5  # share of words that two criteria have in common
_WORD = re.compile(r"[^\W\d_]{3,}")
_FILLER = frozenset({"and", "answer", "answers", "any", "are", "for", "not", "that", "the", "this", "user"})
# What one can point at in an answer: something it does, contains or leaves out.
_OBSERVABLE = re.compile(
    r"\b(ask|answer|name|say|state|list|give|offer|explain|show|quot|cit|mention|includ|contain|use|avoid|end|start|"
    r"begin|step|question|apolog|acknowledg|diagnos|empath|check|compar|number|word|sentence|line|code|link|source|"
    r"refer|unit|example|reason|format|tell|run|follow|greet|thank|warn|refus|correct|solv)\w*",
    re.IGNORECASE,
)


def lint(rubric: Rubric) -> list[str]:
    """Name the weak spots of a rubric.

    Returns:
        A sentence each; empty for a rubric without any.

    Example:
        >>> from judges.rubric import Rubric
        >>> lint(Rubric("good", "Be good."))[0]
        'no anchors: a judge without scored examples drifts between models and versions'
    """
    return [*_anchors(rubric), *_instructions(rubric), *_criteria(rubric), *_settings(rubric)]


def _anchors(rubric: Rubric) -> list[str]:
    if not rubric.anchors:
        return ["no anchors: a judge without scored examples drifts between models and versions"]
    found = []
    scores = sorted({anchor.score for anchor in rubric.anchors})
    third = (rubric.high - rubric.low) / 3
    if not any(rubric.low + third <= score <= rubric.high - third for score in scores):
        low, high = round(rubric.low + third), round(rubric.high - third)
        found.append(f"no anchor between {low} and {high}: middling answers will all look alike")
    if not any(score < rubric.low + third for score in scores):
        found.append("no anchor for a bad answer: the judge will be kind")
    if not any(score > rubric.high - third for score in scores):
        found.append("no anchor for a good answer: the judge does not know what to reward")
    by_length = sorted(rubric.anchors, key=lambda anchor: len(anchor.answer))
    if len(scores) > 2 and [anchor.score for anchor in by_length] == sorted(anchor.score for anchor in rubric.anchors):  # noqa: PLR2004 - two are always in some order
        found.append("longer anchors score higher throughout: the judge may learn length")
    return found


def _instructions(rubric: Rubric) -> list[str]:
    texts = [("instructions", rubric.instructions)]
    texts += [(f"criterion {criterion.name}", criterion.description) for criterion in rubric.criteria]
    return [f"{where}: names nothing observable in an answer" for where, text in texts if not _OBSERVABLE.search(text)]


def _criteria(rubric: Rubric) -> list[str]:
    words = {
        criterion.name: set(_WORD.findall(criterion.description.lower())) - _FILLER for criterion in rubric.criteria
    }
    found = [
        f"criteria {one} and {other} overlap: the same thing would count twice"
        for one, other in combinations(words, 2)
        if len(words[one] & words[other]) > _ALIKE * max(1, min(len(words[one]), len(words[other])))
    ]
    if rubric.criteria and not any(criterion.weight == "essential" for criterion in rubric.criteria):
        found.append("no criterion is essential: nothing matters most")
    return found


def _settings(rubric: Rubric) -> list[str]:
    judge = rubric.judge
    found = []
    if judge.samples > 1 and judge.temperature == 0:
        found.append("samples above 1 at temperature 0: the same reply is paid for several times")
    if judge.resample_over is not None and judge.samples == 1:
        found.append("resample_over without several samples applies only where JUDGE_MODEL lists several models")
    if rubric.criteria and judge.max_tokens < 120 * len(rubric.criteria):
        found.append(f"max_tokens {judge.max_tokens} may cut off the reply: {len(rubric.criteria)} criteria need more")
    return found
