"""`touchstone calibrate`: measure a judge against people."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from judges.judgement import ServiceFaultError
from workbench.calibration.feel import ISOTONIC
from workbench.calibration.measure import measured
from workbench.calibration.report import html, summary
from workbench.judging import Judged, judge_all
from workbench.labels import Labelled, apart_from_anchors, read_labels
from workbench.options import AsJson, GroupSize, LabelFile, Models, Rater, Record, Replay, RubricPlace
from workbench.panels import OFFLINE, Panel, fingerprint, panel
from workbench.rows import InputError, write_text
from workbench.rubrics import read_rubric
from workbench.terminal import emit, out, progress, say

if TYPE_CHECKING:
    from judges.rubric import Rubric


def calibrate(
    rubric_place: RubricPlace,
    labels: LabelFile,
    report: Annotated[Path | None, typer.Option("--report", metavar="FILE", help="write an HTML report")] = None,
    models: Models = "",
    rater: Rater = "",
    repeats: Annotated[int, typer.Option("--repeats", min=1, max=50, help="judge each answer so often")] = 2,
    group_size: GroupSize = 8,
    fit: Annotated[str, typer.Option("--map", help="how scores are read as people's, in reports: linear")] = "linear",
    record: Record = None,
    replay: Replay = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Measure a judge against people's labels.

    One plain sentence, then every figure with its interval.
    """
    if fit != "linear":
        raise InputError(f"--map {fit}: " + (ISOTONIC if fit == "isotonic" else "the only map is linear"))
    rubric, judges = read_rubric(rubric_place), panel(models, record, replay)
    told = calibration(rubric, judges, read_labels(labels, rater), repeats, group_size)
    if report:
        write_text(report, html(told, rubric.low, rubric.high))
        say(f"report: {report}")
    if as_json:
        emit(told)
    else:
        summary(told, out())


def calibration(
    rubric: Rubric, judges: Panel, labelled: list[Labelled], repeats: int = 1, group_size: int = 8
) -> dict[str, Any]:
    """Judge the labelled answers, anchors apart, and measure.

    Raises:
        InputError: Too few labels.
        ServiceFaultError: An answer got no verdict because of us: figures over the rest would not be the judge's.
    """
    if off := [one for one in labelled if not all(rubric.low <= score <= rubric.high for score in one.scores.values())]:
        scale = f"the rubric's scale, {rubric.low} to {rubric.high}"
        raise InputError(f"{len(off)} labels lie off {scale}, the first at {off[0].answer.id!r}")
    kept, shown = apart_from_anchors(labelled, rubric)
    if shown:
        say(f"{len(shown)} answers are anchors of the rubric and are left out")
    if judges.models == (OFFLINE,):
        say("offline judge: these figures are the floor that a judge model must beat")
    judged = judge_labels(rubric, judges, kept, repeats)
    try:
        told = measured(rubric, kept, judged, group_size)
    except ValueError as error:
        raise InputError(str(error)) from error
    told |= {"judge": judges.name, "fingerprint": fingerprint(rubric, judges)}
    told["anchors_left_out"] = [one.answer.id for one in shown]
    return dict(json.loads(json.dumps(told, allow_nan=False)))


def judge_labels(rubric: Rubric, judges: Panel, labelled: list[Labelled], repeats: int = 1) -> list[Judged]:
    """Judge the answers of a label set.

    Raises:
        ServiceFaultError: An answer got no verdict because of us.
    """
    answers = [one.answer for one in labelled]
    with progress("judging", len(answers) * repeats) as bar:
        judged = judge_all(rubric, judges, answers, repeats=repeats, seen=lambda _: bar.advance(bar.task_ids[0]))
    if faults := [one for one in judged if one.fault]:
        raise ServiceFaultError(f"{len(faults)} of {len(judged)} answers got no verdict, the first: {faults[0].fault}")
    return judged
