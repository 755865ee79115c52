"""What the review page shows: which answer is next, what the judge says, how far all agree."""

from __future__ import annotations

import hashlib
import json
import threading
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from judges.judgement import ConfigurationError
from judges.prompt import version
from judges.rubric_file import load
from workbench.calibration.measure import measured
from workbench.judging import Answer, Judged, Panel, judge_all, judge_one, read_rubric
from workbench.labels import Labelled, apart_from_anchors
from workbench.review.store import Store

if TYPE_CHECKING:
    from judges.rubric import Rubric

APART = 2.0  # points between judge and label from which a disagreement is asked about
_FEWEST = 5


class Desk:
    """Hold one review: the answers, the labels, the rubric and its judges.

    Args:
        answers: What is labelled.
        store: Where labels are kept.
        rubric_file: The rubric: read anew when it was edited.
        judges: Asked when an answer has been labelled, never before.
    """

    def __init__(self, answers: Sequence[Answer], store: Store, rubric_file: Path, judges: Panel) -> None:
        self.answers = {answer.id: answer for answer in answers}
        self.store, self.rubric_file, self.judges = store, rubric_file, judges
        self._judged: dict[tuple[str, str], Judged] = {}
        self._lock = threading.Lock()
        self._orders: dict[str, list[str]] = {}
        self.rubric: Rubric = read_rubric(str(rubric_file))

    def order(self, rater: str) -> list[str]:
        """Order the answers for a rater: round and round the prompts, short and long in turn, each rater otherwise."""
        if rater not in self._orders:
            by_prompt: dict[str, list[Answer]] = defaultdict(list)
            for answer in self.answers.values():
                by_prompt[answer.prompt].append(answer)
            rounds: list[tuple[int, str, str]] = []
            for prompt, group in by_prompt.items():
                halves = sorted(group, key=lambda answer: len(answer.text))
                mixed = [half for pair in zip(halves, reversed(halves), strict=True) for half in pair][: len(halves)]
                shuffled = sorted(mixed, key=lambda answer: _draw(rater, answer.id))
                rounds += [(place, _draw(rater, prompt), answer.id) for place, answer in enumerate(shuffled)]
            self._orders[rater] = [identity for _, _, identity in sorted(rounds)]
        return self._orders[rater]

    def next(self, rater: str) -> tuple[Answer | None, int]:
        """Find the answer that a rater labels next, skipped ones last, and how many are labelled."""
        skipped: dict[str, int] = {}
        labelled: set[str] = set()
        for event in self.store.live(rater):
            if event.kind == "label":
                labelled.add(event.answer)
            elif event.kind == "skip":
                skipped[event.answer] = event.seq
        left = [one for one in self.order(rater) if one not in labelled]
        left.sort(key=lambda one: skipped.get(one, 0))
        done = len(labelled & self.answers.keys())
        return (self.answers[left[0]] if left else None), done

    def judged(self, answer: Answer) -> Judged:
        """Ask the judges about an answer, once for each state of the rubric."""
        key = (version(self.rubric), answer.id)
        if key not in self._judged:
            self._judged[key] = judge_one(self.rubric, self.judges, answer)
        return self._judged[key]

    def agreement(self) -> dict[str, Any] | None:
        """Measure the judge on what is labelled so far; None for too few."""
        kept, _ = apart_from_anchors(self.labelled(), self.rubric)
        missing = [one.answer for one in kept if (version(self.rubric), one.answer.id) not in self._judged]
        for judged in judge_all(self.rubric, self.judges, missing):
            self._judged[version(self.rubric), judged.answer.id] = judged
        sound = [one for one in kept if not self.judged(one.answer).fault]
        if len(sound) < _FEWEST:
            return None
        try:
            return measured(self.rubric, sound, [self.judged(one.answer) for one in sound], 8)
        except ValueError:
            return None

    def labelled(self) -> list[Labelled]:
        """Give the labels so far, with every rater's score."""
        return [
            Labelled(
                self.answers[identity],
                self.answers[identity].prompt,
                {rater: event.score or 0.0 for rater, event in by_rater.items()},
                {rater: event.words for rater, event in by_rater.items()},
            )
            for identity, by_rater in self.store.labels().items()
            if identity in self.answers
        ]

    def export(self) -> str:
        """Write the labels as JSON lines, as `calibrate` reads them."""
        triage = {(event.answer, event.rater): event.words for event in self.store.live() if event.kind == "triage"}
        lines = []
        for one in self.labelled():
            for rater, score in one.scores.items():
                row: dict[str, object] = {"id": one.answer.id, "prompt": one.answer.prompt, "response": one.answer.text}
                row |= {"rater": rater, "score": score, "note": one.notes[rater]}
                row["triage"] = triage.get((one.answer.id, rater), "")
                lines.append(json.dumps(row, ensure_ascii=False) + "\n")
        return "".join(lines)

    def edit(self, text: str) -> str:
        """Replace the rubric's file by a text that is a sound rubric.

        Returns:
            What is wrong with it, where it is not, and then nothing is written; "" otherwise.
        """
        try:
            rubric = load(self.rubric_file.stem, text, self.rubric_file.name)
        except ConfigurationError as error:
            return str(error)
        with self._lock:
            aside = self.rubric_file.with_suffix(".new")
            aside.write_text(text, encoding="utf-8")
            aside.replace(self.rubric_file)
            self.rubric = rubric
        return ""


def _draw(rater: str, name: str) -> str:
    return hashlib.sha256(f"{rater}\0{name}".encode()).hexdigest()
