"""`touchstone gate`: measure a judge against its thresholds and lock what was measured beside the rubric."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from judges import lock
from judges.prompt import version
from workbench.attack import CORPUS, fight, read_attacks
from workbench.calibration.command import calibration
from workbench.calibration.report import BASELINES, figure
from workbench.labels import apart_from_anchors, label_hash, read_labels
from workbench.options import AsJson, GroupSize, LabelFile, Models, Record, Replay, RubricPlace
from workbench.panels import Panel, named, panel, profiles
from workbench.rows import write_text
from workbench.rubrics import demands, read_rubric, rubric_path
from workbench.terminal import FAILED, emit, out, plain, say

if TYPE_CHECKING:
    from judges.rubric import Rubric
    from judges.rubric_form import GateFile

_AT_LEAST = ("spearman", "kendall_within_prompts", "weighted_kappa", "icc")
_KEPT = ("figures", "repeat_deviation", "feel", "linear_map", "attack")
_MUST_BEAT = ("length_only", "constant")


def gate(
    rubric_place: RubricPlace,
    labels: LabelFile,
    models: Models = "",
    repeats: Annotated[int, typer.Option("--repeats", min=1, max=50, help="judge each answer so often")] = 2,
    group_size: GroupSize = 8,
    record: Record = None,
    replay: Replay = None,
    *,
    check: Annotated[bool, typer.Option("--check", help="ask no judge: is the lock there, and still true?")] = False,
    as_json: AsJson = False,
) -> None:
    """Measure a judge and lock the rubric.

    Writes RUBRIC.lock beside it; exits 1 when the judge falls short, or with --check where the lock is stale.
    """
    file, rubric = rubric_path(rubric_place), read_rubric(rubric_place)
    demanded, labelled = demands(file), read_labels(labels)
    kept_at = str(lock.path_for(file))
    if check:
        kept, _ = apart_from_anchors(labelled, rubric)
        faults = _stale(lock.read(file), rubric, named(models), label_hash(kept), demanded)
        _tell({"rubric": rubric.name, "lock": kept_at, "passed": not faults, "faults": faults}, as_json)
        return
    judges = panel(models, record, replay)
    told = calibration(rubric, judges, labelled, repeats, group_size)
    if demanded.attack_success is not None:
        told["attack"] = fight(rubric, judges, read_attacks(CORPUS))
    faults = list(shortfalls(told, demanded))
    kept_now = locked(rubric, judges, told, demanded, faults)
    write_text(lock.path_for(file), json.dumps(kept_now, indent=2, sort_keys=True) + "\n")
    if not any(limit is not None for limit in demanded.model_dump(exclude={"by_interval"}).values()):
        say("the rubric file sets no thresholds under gate: only what any judge must beat was demanded")
    _tell({"sentence": told["sentence"], "lock": kept_at, **kept_now}, as_json)


def _tell(told: Mapping[str, Any], as_json: bool) -> None:  # noqa: FBT001 - as the command got it
    if as_json:
        emit(told)
    else:
        for line in (told.get("sentence"), *(f"FALLS SHORT: {fault}" for fault in told["faults"])):
            if line:
                out().print(plain(line), soft_wrap=True)
        out().print(plain(f"{'passed' if told['passed'] else 'failed'}: {told['lock']}"), soft_wrap=True)
    if not told["passed"]:
        raise typer.Exit(FAILED)


def shortfalls(told: Mapping[str, Any], demanded: GateFile) -> Iterator[str]:
    """Say where a calibration falls short of its thresholds, and of what any judge must beat."""
    for name, limit in demanded.model_dump(exclude={"by_interval"}, exclude_none=True).items():
        value, shown = _worst(told, name, by_interval=demanded.by_interval)
        least = name in _AT_LEAST
        if value is None or (value < limit if least else value > limit):
            yield f"{name} is {shown}; the rubric demands {'at least' if least else 'at most'} {limit:g}"
    for name in _MUST_BEAT:
        gain = told["baselines"][name]["mae_gain"]
        if gain["value"] is None or gain["value"] <= 0 or (gain["low"] is not None and gain["low"] <= 0):
            yield f"not shown to beat {BASELINES[name]}: nearer to the labels by {figure(gain)} points"


def _worst(told: Mapping[str, Any], name: str, *, by_interval: bool) -> tuple[float | None, str]:
    """Take what a threshold is held against: a share, a figure, or the worse end of its interval."""
    if name in told["figures"]:
        found = told["figures"][name]
        value = found["value"]
        if by_interval and found["low"] is not None:
            ends = (found["low"], found["high"])
            value = ends[0] if name in _AT_LEAST else max(ends, key=abs)
        return (abs(value) if name == "bias" and value is not None else value), figure(found)
    value = {**told["feel"], "repeat_deviation": told["repeat_deviation"], "attack_success": _success(told)}[name]
    return value, "unknown" if value is None else f"{value:.3g}"


def _success(told: Mapping[str, Any]) -> float | None:
    return told["attack"]["success"] if "attack" in told else None


def locked(
    rubric: Rubric, judges: Panel, told: Mapping[str, Any], demanded: GateFile, faults: list[str]
) -> dict[str, Any]:
    """Write down what was measured, of whom, by what, and when."""
    return {
        "format": 1,
        "rubric": rubric.name,
        "prompt": version(rubric),
        "models": list(judges.models),
        "profiles": profiles(judges),
        "parameters": asdict(rubric.judge),
        "labels_sha": told["labels_sha"],
        "labels": told["n"],
        "metrics": {name: told[name] for name in _KEPT if name in told},
        "thresholds": demanded.model_dump(exclude_none=True),
        "passed": not faults,
        "faults": faults,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _stale(
    kept: dict[str, Any] | None, rubric: Rubric, models: Sequence[str], labels_sha: str, demanded: GateFile
) -> list[str]:
    """Say why a lock does not hold; where no model is named, for those that it was measured with."""
    measured = [str(one) for one in kept["models"]] if kept and isinstance(kept.get("models"), list) else []
    if reason := lock.staleness(kept, rubric, models or measured):
        return [reason]
    assert kept is not None  # noqa: S101 - there is one, or there was a reason
    found = []
    if kept.get("labels_sha") != labels_sha:
        found.append("the labels have changed since it was measured")
    if kept.get("thresholds") != demanded.model_dump(exclude_none=True):
        found.append("the rubric's thresholds have changed since it was measured")
    return found
