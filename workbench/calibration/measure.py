"""Calibrate: a judge's scores beside people's, every figure that a reviewer needs, in one JSON-ready object."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from judges.prompt import version
from workbench.calibration.agreement import agreement, spearman
from workbench.calibration.feel import feel, linear_map, repeat_deviation
from workbench.calibration.intervals import Floats, estimate
from workbench.calibration.scores import Scores, baselines, told
from workbench.calibration.sentence import sentence
from workbench.labels import Labelled, label_hash

if TYPE_CHECKING:
    from judges.rubric import Rubric
    from workbench.judging import Judged

FEWEST_LABELS = 5
WORST = 10
_FEWEST_SHARED = 5


def measured(rubric: Rubric, labelled: Sequence[Labelled], judged: Sequence[Judged], size: int) -> dict[str, Any]:
    """Compute the whole calibration.

    Args:
        rubric: What was judged by.
        labelled: The labels, anchors apart.
        judged: What the judge said of the same answers, in the same order.
        size: Completions a prompt in the job.

    Returns:
        What JSON can carry. A figure is {value, low, high}, each None where the labels cannot tell it.

    Raises:
        ValueError: Fewer than `FEWEST_LABELS` answers have both a label and a verdict.
    """
    paired = _paired(labelled, judged)
    kept = [one for one, _ in paired]
    scores = Scores.of(kept, [said.score for _, said in paired if said.score is not None])
    failures = 1 - sum(len(said.repeats) for said in judged) / sum(said.times for said in judged)
    felt = feel(scores.judge, scores.label, scores.lengths, scores.groups, failures, scores.drawn, size)
    fitted = linear_map(scores.judge, scores.label)
    return _agreed(paired, scores) | {
        "rubric": rubric.name,
        "prompt": version(rubric),
        "labels_sha": label_hash(labelled),
        "repeat_deviation": repeat_deviation([said.repeats for _, said in paired]),
        "repeats": max(said.times for _, said in paired),
        "feel": asdict(felt),
        "ties_compared": rubric.judge.ties,
        "linear_map": asdict(fitted) if fitted else None,
        "baselines": baselines(rubric, kept, scores),
        "label_shares": _shares(scores.label, rubric),
        "judge_shares": _shares(scores.judge, rubric),
        "criteria": _criteria(paired),
        "worst": [_row(*pair) for pair in sorted(paired, key=_apart)[:WORST]],
        "no_verdict": [said.answer.id for said in judged if said.score is None],
    }


def agreed(labelled: Sequence[Labelled], judged: Sequence[Judged]) -> dict[str, Any]:
    """Compute the part of a calibration that a page can wait for: the sentence, agreement, and the answers.

    Raises:
        ValueError: As `measured`.
    """
    paired = _paired(labelled, judged)
    scores = Scores.of([one for one, _ in paired], [said.score for _, said in paired if said.score is not None])
    return _agreed(paired, scores)


def _paired(labelled: Sequence[Labelled], judged: Sequence[Judged]) -> list[tuple[Labelled, Judged]]:
    paired = [(one, said) for one, said in zip(labelled, judged, strict=True) if said.score is not None]
    if len(paired) < FEWEST_LABELS:
        raise ValueError(f"answers with both a label and a verdict: {len(paired)}; {FEWEST_LABELS} are the fewest")
    return paired


def _agreed(paired: Sequence[tuple[Labelled, Judged]], scores: Scores) -> dict[str, Any]:
    figures = scores.against_labels(scores.judge)
    raters = sorted({rater for one, _ in paired for rater in one.scores})
    said = sentence(
        len(paired),
        figures["bias"],
        figures["spearman"],
        alone=len(raters) == 1,
        flat="judge" if np.ptp(scores.judge) == 0 else "people",
    )
    return {
        "sentence": said,
        "n": len(paired),
        "prompts": len(set(scores.groups)),
        "intervals_by": "prompt" if scores.drawn.by_prompt else "answer",
        "raters": raters,
        "figures": told(figures),
        "human": _human([one for one, _ in paired]),
        "answers": [_row(one, judgement) for one, judgement in paired],
    }


def _apart(pair: tuple[Labelled, Judged]) -> float:
    return -abs(pair[0].score - (pair[1].score or 0.0))


def _human(labelled: Sequence[Labelled]) -> dict[str, Any] | None:
    """Compare the two raters who share the most answers: the ceiling for any judge."""
    shared = Counter(pair for one in labelled for pair in combinations(sorted(one.scores), 2))
    if not shared or shared.most_common(1)[0][1] < _FEWEST_SHARED:
        return None
    first, second = shared.most_common(1)[0][0]
    both = [one for one in labelled if first in one.scores and second in one.scores]
    scores = Scores.of(both, [one.scores[first] for one in both])
    other = np.array([one.scores[second] for one in both])
    figures = agreement(scores.judge, other, scores.groups, scores.drawn)
    return {"raters": [first, second], "n": len(both), "figures": told(figures)}


def _shares(values: Floats, rubric: Rubric) -> dict[str, float]:
    """Share the scores by whole point, halves going up."""
    whole = np.floor(values + 0.5)
    return {str(point): float((whole == point).mean()) for point in range(rubric.low, rubric.high + 1)}


def _criteria(paired: Sequence[tuple[Labelled, Judged]]) -> list[dict[str, Any]]:
    """Tell of each criterion how it is scored and how well it alone orders the answers as people do."""
    told: list[dict[str, Any]] = []
    for name in dict.fromkeys(name for _, said in paired for name in said.criteria):
        rows = [(one, said.criteria[name]) for one, said in paired if name in said.criteria]
        scores = Scores.of([one for one, _ in rows], [score for _, score in rows])
        alike = estimate(spearman, scores.judge, scores.label, scores.drawn, "ranks")
        told.append({"name": name, "n": len(rows), "mean": float(scores.judge.mean())})
        told[-1] |= {"deviation": float(scores.judge.std()), "spearman": asdict(alike)}
    return told


def _row(one: Labelled, said: Judged) -> dict[str, Any]:
    return {
        "id": one.answer.id,
        "prompt": one.answer.prompt,
        "response": one.answer.text,
        "label": one.score,
        "judge": said.score,
        "scores": dict(one.scores),
        "notes": {rater: note for rater, note in one.notes.items() if note},
        "rationale": said.rationale,
    }
