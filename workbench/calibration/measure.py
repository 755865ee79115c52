"""Calibrate: a judge's scores beside people's, every figure that a reviewer needs, in one JSON-ready object."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from judges import offline
from judges.prompt import version
from workbench.calibration.agreement import agreement, gains, spearman
from workbench.calibration.feel import feel, linear_map, repeat_deviation
from workbench.calibration.intervals import Estimate, Floats, Resamples, estimate, resamples
from workbench.calibration.sentence import sentence
from workbench.labels import Labelled, label_hash

if TYPE_CHECKING:
    from judges.rubric import Rubric
    from workbench.judging import Judged

FEWEST_LABELS = 5
WORST = 10
_FEWEST_SHARED = 5


@dataclass(frozen=True, slots=True)
class Scores:
    """Hold what is compared, an entry an answer: the judge's scores, people's, and what else a figure needs."""

    judge: Floats
    label: Floats
    lengths: Floats
    groups: Sequence[str]
    drawn: Resamples

    @classmethod
    def of(cls, labelled: Sequence[Labelled], judge: Sequence[float]) -> Scores:
        """Line up labels with scores."""
        groups = [one.group for one in labelled]
        return cls(
            np.array(judge, dtype=float),
            np.array([one.score for one in labelled]),
            np.array([len(one.answer.text) for one in labelled], dtype=float),
            groups,
            resamples(groups),
        )

    def against_labels(self, judge: Floats) -> dict[str, Estimate]:
        """Compute the figures of agreement for some judge."""
        return agreement(judge, self.label, self.groups, self.drawn)


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
    paired = [(one, said) for one, said in zip(labelled, judged, strict=True) if said.score is not None]
    if len(paired) < FEWEST_LABELS:
        raise ValueError(f"answers with both a label and a verdict: {len(paired)}; {FEWEST_LABELS} are the fewest")
    kept = [one for one, _ in paired]
    scores = Scores.of(kept, [said.score for _, said in paired if said.score is not None])
    figures = scores.against_labels(scores.judge)
    failures = 1 - sum(len(said.repeats) for said in judged) / sum(said.times for said in judged)
    felt = feel(scores.judge, scores.label, scores.lengths, scores.groups, failures, scores.drawn, size)
    raters = sorted({rater for one in kept for rater in one.scores})
    fitted = linear_map(scores.judge, scores.label)
    return {
        "sentence": sentence(
            len(kept),
            figures["bias"],
            figures["spearman"],
            alone=len(raters) == 1,
            flat="judge" if np.ptp(scores.judge) == 0 else "people",
        ),
        "rubric": rubric.name,
        "prompt": version(rubric),
        "labels_sha": label_hash(labelled),
        "n": len(kept),
        "prompts": len(set(scores.groups)),
        "intervals_by": "prompt" if scores.drawn.by_prompt else "answer",
        "raters": raters,
        "figures": _told(figures),
        "repeat_deviation": repeat_deviation([said.repeats for _, said in paired]),
        "repeats": max(said.times for _, said in paired),
        "human": _human(kept),
        "feel": asdict(felt),
        "ties_compared": rubric.judge.ties,
        "linear_map": asdict(fitted) if fitted else None,
        "baselines": _baselines(rubric, kept, scores),
        "label_shares": _shares(scores.label, rubric),
        "judge_shares": _shares(scores.judge, rubric),
        "criteria": _criteria(paired),
        "answers": [_row(one, said) for one, said in paired],
        "worst": [_row(*pair) for pair in sorted(paired, key=_apart)[:WORST]],
        "no_verdict": [said.answer.id for said in judged if said.score is None],
    }


def _told(figures: Mapping[str, Estimate]) -> dict[str, dict[str, float | None]]:
    return {name: asdict(figure) for name, figure in figures.items()}


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
    return {"raters": [first, second], "n": len(both), "figures": _told(figures)}


def _baselines(rubric: Rubric, labelled: Sequence[Labelled], scores: Scores) -> dict[str, Any]:
    """Measure what any judge must beat: cue words, length alone, one score for all.

    The line of the length-only judge and the constant are fitted to these very labels, which flatters them a little:
    a judge that does not beat them has no excuse.
    """
    words = [offline.judge(rubric, one.answer.text).score or float(rubric.low) for one in labelled]
    simple = {
        "offline": np.array(words, dtype=float),
        "length_only": _by_length(scores, rubric),
        "constant": np.full(len(labelled), float(np.median(scores.label))),
    }
    return {
        name: {"figures": _told(scores.against_labels(s)), **_told(gains(scores.judge, s, scores.label, scores.drawn))}
        for name, s in simple.items()
    }


def _by_length(scores: Scores, rubric: Rubric) -> Floats:
    logs = np.log1p(scores.lengths)
    if np.ptp(logs) == 0:
        return np.full(len(logs), float(scores.label.mean()))
    fitted = np.polynomial.Polynomial.fit(logs, scores.label, 1)(logs)
    return np.asarray(np.clip(fitted, rubric.low, rubric.high))


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
