"""`touchstone score`: many answers scored into a file."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any

import typer

from workbench.answers import Answer, read_answers
from workbench.judging import Judged, judge_all
from workbench.options import AsJson, Models, Record, Replay, RubricPlace
from workbench.panels import Panel, fingerprint, panel, warn_offline
from workbench.rows import InputError, drop_cut_line, rows
from workbench.rubrics import read_rubric
from workbench.terminal import INFRASTRUCTURE, progress, say

if TYPE_CHECKING:
    from judges.rubric import Rubric

_BEGINNING = b'{"id": '  # of every line that `score` writes


def row_of(judged: Judged, rubric: Rubric, judges: Panel) -> dict[str, Any]:
    """Write a judged answer as a row: what `score` prints and `profile` reads."""
    usage = judged.judgement.usage if judged.judgement else None
    return {
        "id": judged.answer.id,
        "prompt": judged.answer.prompt,
        "response": judged.answer.text,
        "score": judged.score,
        "reward": 0.0 if judged.score is None else rubric.reward(judged.score),
        "rationale": judged.rationale,
        "repeats": list(judged.repeats),
        "criteria": dict(judged.criteria),
        "judge_content_failure": judged.failed,
        "judge": judges.name,
        "fingerprint": fingerprint(rubric, judges),
        "seconds": round(judged.seconds, 4),
        "input_tokens": usage.input_tokens if usage else 0,
        "output_tokens": usage.output_tokens if usage else 0,
        "cached_tokens": usage.cached_tokens if usage else 0,
        "cost": usage.cost if usage else None,
    }


def score(
    rubric_place: RubricPlace,
    answers: Annotated[Path, typer.Argument(help="JSONL or CSV with prompt and response")],
    target: Annotated[Path | None, typer.Option("--out", "-o", help="append here, and pass over what it holds")] = None,
    models: Models = "",
    record: Record = None,
    replay: Replay = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Score many answers: JSONL in, JSONL out.

    A line each as soon as it is done. Started again with the same --out it goes on where it stopped.
    """
    del as_json  # its output is JSON lines in any case
    rubric, judges = read_rubric(rubric_place), panel(models, record, replay)
    warn_offline(judges)
    wanted = read_answers(answers)
    done = _done(target, fingerprint(rubric, judges)) if target else set()
    left = [answer for answer in wanted if _key(answer) not in done]
    if len(left) < len(wanted):
        say(f"{len(wanted) - len(left)} of {len(wanted)} answers are scored already")
    faults: list[str] = []
    with _lines_to(target) as file, progress("scoring", len(left)) as bar:

        def write(judged: Judged) -> None:
            bar.advance(bar.task_ids[0])
            if judged.fault:
                faults.append(judged.fault)
                return
            file.write(json.dumps(row_of(judged, rubric, judges), ensure_ascii=False, allow_nan=False) + "\n")
            file.flush()

        judge_all(rubric, judges, left, seen=write)
    if faults:
        say(f"{len(faults)} of {len(left)} answers got no score, the first because: {faults[0]}")
        raise typer.Exit(INFRASTRUCTURE)


def _key(answer: Answer) -> tuple[str, str, str]:
    return answer.id, answer.prompt, answer.text


def _done(target: Path, same: str) -> set[tuple[str, str, str]]:
    """List what a file holds already, scored by the same judges on the same prompt; a line cut short is dropped.

    Raises:
        InputError: It holds anything else, and is left as it is.
    """
    if not target.is_file():
        return set()
    found: set[tuple[str, str, str]] = set()
    for _, row in rows(target, whole_lines=True):
        if row.get("fingerprint") != same:
            raise InputError(f"{target}: holds other things, or scores of another rubric or judge; name another file")
        found.add((str(row.get("id")), str(row.get("prompt", "")), str(row.get("response"))))
    drop_cut_line(target, _BEGINNING)
    return found


@contextmanager
def _lines_to(target: Path | None) -> Iterator[IO[str]]:
    if target is None:
        yield sys.stdout
        return
    try:
        file = target.open("a", encoding="utf-8")
    except OSError as error:
        raise InputError(f"{target}: cannot be written: {error.strerror or error}") from error
    with file:
        yield file
