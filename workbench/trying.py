"""`touchstone try`: one answer looked at closely."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from statistics import fmean, stdev
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from judges.judgement import ServiceFaultError
from workbench.answers import Answer
from workbench.judging import Judged, judge_all
from workbench.options import AsJson, Models, Record, Replay, RubricPlace
from workbench.panels import panel, warn_offline
from workbench.rows import writable
from workbench.rubrics import read_rubric
from workbench.scoring import row_of
from workbench.terminal import emit, out, plain

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
    prompt, text = writable(prompt), writable(sys.stdin.read(_LONGEST_ANSWER) if answer == "-" else answer)
    warn_offline(judges)
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
        yield "all scores", f"{told} (mean {fmean(judged.repeats):.2f}, deviation {stdev(judged.repeats):.2f})"
    yield from ((name, f"{score:g}") for name, score in judged.criteria.items())
    yield "rationale", judged.rationale
    yield "judge", str(shown["judge"])
    cost = "unknown" if shown["cost"] is None else f"${shown['cost']:.5f}"
    used = f"{shown['input_tokens']} in, {shown['output_tokens']} out, {shown['cached_tokens']} from the cache"
    yield "first reply", f"{shown['seconds']:.2f} s, tokens {used}, cost {cost}"
