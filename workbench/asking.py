"""`touchstone try` and `touchstone score`: one answer looked at closely, many answers scored into a file."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import pstdev
from typing import IO, TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from judges.judgement import ServiceFaultError
from workbench.judging import OFFLINE, Answer, Judged, Panel, fingerprint, judge_all, panel, read_rubric
from workbench.options import AsJson, Models, Record, Replay, RubricPlace
from workbench.rows import InputError, rows
from workbench.terminal import INFRASTRUCTURE, emit, out, plain, progress, say

if TYPE_CHECKING:
    from judges.rubric import Rubric

_LONGEST_ANSWER = 1_000_000


def try_answer(
    rubric_place: RubricPlace,
    answer: Annotated[str, typer.Argument(help="the answer to judge; - reads it from stdin")],
    prompt: Annotated[str, typer.Option("--prompt", "-p", help="what the answer answers")] = "",
    samples: Annotated[int, typer.Option("--samples", "-k", min=1, max=50, help="judge it so many times")] = 1,
    models: Models = "",
    record: Record = None,
    replay: Replay = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Judge one answer, and tell all about it.

    Score, k samples, rationale, tokens, latency and cost.
    """
    rubric, judges = read_rubric(rubric_place), panel(models, record, replay)
    text = sys.stdin.read(_LONGEST_ANSWER) if answer == "-" else answer
    _warn_offline(judges)
    judged = judge_all(rubric, judges, [Answer("answer", prompt, text)], repeats=samples)[0]
    if judged.fault:
        raise ServiceFaultError(judged.fault)
    shown = row_of(judged, rubric, judges)
    if as_json:
        emit(shown)
        return
    table = Table(show_header=False, box=None, pad_edge=False)
    for name, value in _lines(shown, judged, rubric):
        table.add_row(name, plain(value))
    out().print(table)


def _lines(shown: dict[str, Any], judged: Judged, rubric: Rubric) -> Iterator[tuple[str, str]]:
    if judged.score is None:
        yield "score", "none: the answer kept the judge from a verdict, which earns the floor"
    else:
        yield "score", f"{judged.score:g} on a scale from {rubric.low} to {rubric.high}: reward {shown['reward']:.3f}"
    if len(judged.repeats) > 1:
        told = " ".join(f"{score:g}" for score in judged.repeats)
        yield "repeats", f"{told} (deviation {pstdev(judged.repeats):.2f})"
    yield from ((name, f"{score:g}") for name, score in judged.criteria.items())
    yield "rationale", judged.rationale
    yield "judge", str(shown["judge"])
    cost = "unknown" if shown["cost"] is None else f"${shown['cost']:.5f}"
    used = f"{shown['input_tokens']} in, {shown['output_tokens']} out, {shown['cached_tokens']} from the cache"
    yield "first reply", f"{shown['seconds']:.2f} s, tokens {used}, cost {cost}"


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

    Started again with the same --out it goes on where it stopped.
    """
    del as_json  # its output is JSON lines in any case
    rubric, judges = read_rubric(rubric_place), panel(models, record, replay)
    _warn_offline(judges)
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


def read_answers(file: Path) -> list[Answer]:
    """Read answers to be judged or labelled; those without an id are named by their line.

    Raises:
        InputError: It cannot be read; names file and line.
    """
    answers: list[Answer] = []
    for number, row in rows(file):
        text = next((row[key] for key in ("response", "completion", "answer") if key in row), None)
        if not isinstance(text, str):
            raise InputError(f"{file}:{number}: no response")
        identity = str(row.get("id") or f"line-{number}")
        answers.append(Answer(identity, str(row.get("prompt") or ""), text, row.get("reference_answer"), _earlier(row)))
    return answers


def _earlier(row: Mapping[str, object]) -> float | None:
    """Read the score that an answer brings along, where there is one; a blank or a word is none."""
    try:
        score = float(str(row.get("score", row.get("reward"))))
    except ValueError:
        return None
    return score if math.isfinite(score) else None


def _key(answer: Answer) -> tuple[str, str, str]:
    return answer.id, answer.prompt, answer.text


def _done(target: Path, same: str) -> set[tuple[str, str, str]]:
    """List what a file holds already, scored by the same judges on the same prompt; a line cut short is dropped."""
    if not target.exists():
        return set()
    text = target.read_text(encoding="utf-8")
    if text and not text.endswith("\n"):
        target.write_text(text[: text.rfind("\n") + 1], encoding="utf-8")
    found: set[tuple[str, str, str]] = set()
    for _, row in rows(target):
        if row.get("fingerprint") != same:
            raise InputError(f"{target}: holds scores of another rubric or judge; name another file")
        found.add((str(row.get("id")), str(row.get("prompt")), str(row.get("response"))))
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


def _warn_offline(judges: Panel) -> None:
    if judges.models == (OFFLINE,):
        say("offline judge: it counts cue words and judges nothing; name a model with --judge")
