"""Answers to be judged or labelled, as they stand in a file."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import AliasChoices, BaseModel, Field

from workbench.rows import InputError, checked, rows

_LONGEST_ID = 200


@dataclass(frozen=True, slots=True)
class Answer:
    """Hold one answer to be judged.

    Args:
        id: Names it in every output.
        prompt: What the policy saw.
        text: What it wrote.
        reference: The row's reference answer: shown only where the rubric says so.
        earlier: A score that came along with it, on any scale: spreads the order of labelling, and is never shown.
    """

    id: str
    prompt: str
    text: str
    reference: object = None
    earlier: float | None = None


class _Row(BaseModel):
    response: str = Field(validation_alias=AliasChoices("response", "completion", "answer"))
    prompt: str = ""
    reference_answer: object = None


def read_answers(file: Path) -> list[Answer]:
    """Read answers to be judged or labelled; those without an id are named by what they say, wherever they stand.

    Raises:
        InputError: It cannot be read, or holds none; names file and line.
    """
    answers: list[Answer] = []
    for number, raw in rows(file):
        row = checked(_Row, raw, f"{file}:{number}", {"response": "expected the answer's text, under this name"})
        name = str(raw.get("id", ""))[:_LONGEST_ID]
        if not name or not name.isprintable():  # a form does not bring a line end back as it was
            name = identity(row.prompt, row.response)
        answers.append(Answer(name, row.prompt, row.response, row.reference_answer, _earlier(raw)))
    if not answers:
        raise InputError(f"{file}: no answers")
    return answers


def identity(prompt: str, text: str) -> str:
    """Name an answer that brings no id: by its prompt and text."""
    return hashlib.sha256(json.dumps([prompt, text]).encode()).hexdigest()[:12]


def _earlier(row: Mapping[str, object]) -> float | None:
    """Read the score that an answer brings along, where there is one; a blank or a word is none."""
    try:
        score = float(str(row.get("score", row.get("reward"))))
    except ValueError:
        return None
    return score if math.isfinite(score) else None
