"""`touchstone drift`: the frozen set scored by another model or prompt, paired with the first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any

import numpy as np
import typer
from scipy import stats

from workbench.calibration.agreement import bias, gains
from workbench.calibration.command import judge_labels
from workbench.calibration.intervals import Estimate, estimate, resamples
from workbench.calibration.report import figure
from workbench.judging import Judged
from workbench.labels import Labelled, apart_from_anchors, read_labels
from workbench.options import AsJson, LabelFile, Models, Record, Replay, RubricPlace
from workbench.panels import OFFLINE, fingerprint, panel
from workbench.rows import InputError
from workbench.rubrics import read_rubric
from workbench.terminal import FAILED, emit, out, plain

_POWER = 0.8
_FEWEST = 5


def drift(
    rubric_place: RubricPlace,
    labels: LabelFile,
    models: Models = "",
    to_judge: Annotated[str, typer.Option("--to-judge", help="the other judge; without it the same")] = "",
    to_rubric: Annotated[str, typer.Option("--to-rubric", help="the other rubric; without it the same")] = "",
    limit: Annotated[
        float, typer.Option("--limit", min=0, max=9, help="exit 1 unless the shift is shown to lie within")
    ] = 0.0,
    record: Record = None,
    replay: Replay = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Measure how far two judges or prompts differ.

    Scores the labelled answers by both and names the shift, its interval, and what size of shift n could show.
    """
    if not to_judge and not to_rubric:
        raise InputError("name what changes: --to-judge, --to-rubric, or both")
    before, after = read_rubric(rubric_place), read_rubric(to_rubric or rubric_place)
    judges, others = (
        panel(models, record, replay),
        panel(to_judge or models, None if to_judge == OFFLINE else record, replay),
    )
    kept, _ = apart_from_anchors(apart_from_anchors(read_labels(labels), before)[0], after)
    told = shifted(kept, judge_labels(before, judges, kept), judge_labels(after, others, kept))
    told |= {"before": fingerprint(before, judges), "after": fingerprint(after, others)}
    shift = told["shift"]
    within = limit <= 0 or (shift["low"] is not None and -limit <= shift["low"] and shift["high"] <= limit)
    if as_json:
        emit(told | {"passed": within})
    else:
        for line in (
            told["sentence"],
            f"mean absolute error against people changes by {figure(told['mae_change'])} points",
        ):
            out().print(plain(line), soft_wrap=True)
        out().print(plain(f"Spearman against people changes by {figure(told['spearman_change'])}"))
    if not within:
        raise typer.Exit(FAILED)


def shifted(labelled: Sequence[Labelled], before: Sequence[Judged], after: Sequence[Judged]) -> dict[str, Any]:
    """Compare two judges' scores of the same answers, pair by pair.

    Returns:
        What JSON can carry: `shift` is after less before, in points, with its 95 % interval; `detectable` the
        smallest shift that so many answers would have shown four times in five; `mae_change` and `spearman_change`
        tell whether people agree more or less.

    Raises:
        InputError: Fewer than five answers got a verdict from both.
    """
    rows = [
        (one, x.score, y.score)
        for one, x, y in zip(labelled, before, after, strict=True)
        if x.score is not None and y.score is not None
    ]
    if len(rows) < _FEWEST:
        raise InputError(f"{len(rows)} answers got a verdict from both; {_FEWEST} are the fewest")
    first, second, label = (np.array(side, float) for side in zip(*((x, y, o.score) for o, x, y in rows), strict=True))
    drawn = resamples([one.group for one, _, _ in rows])
    shift, gained = estimate(bias, second, first, drawn), gains(second, first, label, drawn)
    seen = _detectable(shift, drawn.clusters)
    return {
        "sentence": _sentence(len(rows), shift, seen),
        "n": len(rows),
        "shift": asdict(shift),
        "detectable": seen,
        "mae_change": asdict(-gained["mae_gain"]),
        "spearman_change": asdict(gained["spearman_gain"]),
        "lost": len(labelled) - len(rows),
    }


def _detectable(shift: Estimate, units: int) -> float | None:
    """Compute the smallest shift that would have been seen with a chance of 80 %, from the interval's width."""
    if shift.width is None:
        return None
    quantile = float(stats.t.ppf(0.975, units - 1))
    return shift.width / 2 / quantile * (quantile + float(stats.t.ppf(_POWER, units - 1)))


def _sentence(n: int, shift: Estimate, seen: float | None) -> str:
    value = shift.value or 0.0
    side = "kinder" if value >= 0 else "stricter"
    told = f"On the same {n} answers the new judge is {abs(value):.2f} points {side}"
    if shift.low is None or shift.high is None or seen is None:
        return told + "."
    if shift.low == shift.high == 0:
        return f"On the same {n} answers the new judge gives the same scores."
    kept = "a shift" if shift.low * shift.high > 0 else "which may be none"
    return f"{told} ({shift.low:+.2f} to {shift.high:+.2f}: {kept}); so many answers show a shift from {seen:.2f} up."
