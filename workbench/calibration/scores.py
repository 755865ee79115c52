"""What a calibration compares: a judge's scores, people's, and those of the simple judges that any judge must beat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from judges import offline
from workbench.calibration.agreement import agreement, gains
from workbench.calibration.intervals import Estimate, Floats, Resamples, resamples
from workbench.labels import Labelled

if TYPE_CHECKING:
    from judges.rubric import Rubric


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


def told(figures: Mapping[str, Estimate]) -> dict[str, dict[str, float | None]]:
    """Write figures as JSON has them: {value, low, high}."""
    return {name: asdict(figure) for name, figure in figures.items()}


def baselines(rubric: Rubric, labelled: Sequence[Labelled], scores: Scores) -> dict[str, Any]:
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
        name: {"figures": told(scores.against_labels(s)), **told(gains(scores.judge, s, scores.label, scores.drawn))}
        for name, s in simple.items()
    }


def _by_length(scores: Scores, rubric: Rubric) -> Floats:
    logs = np.log1p(scores.lengths)
    if np.ptp(logs) == 0:
        return np.full(len(logs), float(scores.label.mean()))
    fitted = np.polynomial.Polynomial.fit(logs, scores.label, 1)(logs)
    return np.asarray(np.clip(fitted, rubric.low, rubric.high))
