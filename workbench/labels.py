"""Labels: what people score sample answers with, read from a file and brought together by answer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Annotated

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field

from workbench.answers import Answer, identity
from workbench.rows import InputError, checked, rows

if TYPE_CHECKING:
    from judges.rubric import Rubric

_WORDS = 60
_WRONG = {"score": "expected a number from 1 to 10", "response": "expected the answer's text, under this name"}
Short = Annotated[str, BeforeValidator(lambda value: str(value) if type(value) in (int, float) else value)]
Score = Annotated[float, BeforeValidator(lambda value: None if isinstance(value, bool) else value)]  # true is no 1


class LabelRow(BaseModel):
    """One person's score of one answer, as it stands in a file."""

    model_config = ConfigDict(extra="ignore")

    response: str = Field(validation_alias=AliasChoices("response", "completion", "answer"), min_length=1)
    score: Score = Field(ge=1, le=10, allow_inf_nan=False)
    prompt: str = ""
    id: Short = ""
    prompt_id: Short = ""
    rater: Short = ""
    note: str = ""
    reference_answer: object = None


@dataclass(frozen=True, slots=True)
class Labelled:
    """Hold one answer with every rater's score.

    Args:
        answer: What was scored.
        group: Names the prompt; answers of one prompt share it, and one whose prompt is not told shares it with none.
        scores: Rater to score, on the rubric's scale.
        notes: Rater to note.

    Example:
        >>> Labelled(Answer("a1", "Hi", "Yo"), "Hi", {"ann": 4.0, "bob": 5.0}, {}).score
        4.5
    """

    answer: Answer
    group: str
    scores: Mapping[str, float]
    notes: Mapping[str, str]

    @property
    def score(self) -> float:
        """The mean of the raters' scores."""
        return fmean(self.scores.values())


def read_labels(file: Path, rater: str = "") -> list[Labelled]:
    """Read labels, one entry an answer, in the order in which answers first stand in the file.

    Args:
        file: JSONL or CSV with `response` and `score`, and if there are any `prompt`, `rater`, `id`, `prompt_id`,
            `note`. Rows with one `id`, or without ids with the same prompt and response, are one answer.
        rater: Take this rater's scores alone; "" takes all.

    Raises:
        InputError: It cannot be read, a rater scored an answer twice, or nothing is left; names file and line.
    """
    answers: dict[str, tuple[Answer, str]] = {}
    scores: dict[str, dict[str, float]] = {}
    notes: dict[str, dict[str, str]] = {}
    for number, raw in rows(file):
        row = checked(LabelRow, raw, f"{file}:{number}", _WRONG)
        if rater and row.rater != rater:
            continue
        key = row.id or identity(row.prompt, row.response)
        answer = Answer(key, row.prompt, row.response, row.reference_answer)
        known, _ = answers.setdefault(key, (answer, row.prompt_id or row.prompt or key))
        if (known.prompt, known.text) != (answer.prompt, answer.text):
            raise InputError(f"{file}:{number}: id {key[:_WORDS]!r} names two different answers")
        if row.rater in scores.setdefault(key, {}):
            raise InputError(f"{file}:{number}: rater {row.rater[:_WORDS]!r} scored {key[:_WORDS]!r} twice")
        scores[key][row.rater] = row.score
        notes.setdefault(key, {})[row.rater] = row.note
    if not answers:
        raise InputError(f"{file}: no labels" + (f" by rater {rater!r}" if rater else ""))
    return [Labelled(answer, group, scores[key], notes[key]) for key, (answer, group) in answers.items()]


def apart_from_anchors(labelled: Sequence[Labelled], rubric: Rubric) -> tuple[list[Labelled], list[Labelled]]:
    """Split labels into those to measure with and those that the rubric shows the judge as anchors.

    A judge that was shown an answer with its score agrees with it: such answers say nothing about it.
    """
    shown = {_plain(anchor.answer) for anchor in rubric.anchors}
    measured = [one for one in labelled if _plain(one.answer.text) not in shown]
    return measured, [one for one in labelled if _plain(one.answer.text) in shown]


def _plain(text: str) -> str:
    return " ".join(text.lower().split())


def label_hash(labelled: Sequence[Labelled]) -> str:
    """Hash a label set: its answers and scores, whatever their order, ids or notes.

    Returns:
        64 hexadecimal digits.
    """
    parts = sorted(json.dumps([o.answer.prompt, o.answer.text, sorted(o.scores.items())]) for o in labelled)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
