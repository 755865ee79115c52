"""What the review page shows: which answer is next, what the judge says, how far all agree."""

from __future__ import annotations

import hashlib
import json
import secrets
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from judges import offline
from judges.judgement import ConfigurationError
from judges.prompt import version
from judges.rubric_file import line_of, load
from workbench.answers import Answer
from workbench.calibration.measure import agreed
from workbench.judging import Judged, judge_all
from workbench.labels import Labelled, apart_from_anchors
from workbench.panels import Panel
from workbench.review.order import stratified
from workbench.review.store import Store
from workbench.rubrics import read_rubric

if TYPE_CHECKING:
    from judges.rubric import Rubric

APART = 2.0  # points between judge and label from which a disagreement is asked about
_SOON, _READ = 400, 2000  # answers, and characters of each, whose words are counted for the order


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
        """Order the answers for a rater; see `stratified`. Scores that came with the answers decide, else cue words.

        Words are counted in the first few hundred of many answers alone: nobody labels more, and it takes time.
        """
        if rater not in self._orders:
            answers = list(self.answers.values())
            given = {one.id: one.earlier for one in answers if one.earlier is not None}
            order = stratified(answers, given, rater)
            if not given:
                soon = [self.answers[one] for one in order[:_SOON]]
                words = {one.id: offline.judge(self.rubric, one.text[:_READ]).score or 0.0 for one in soon}
                order[:_SOON] = stratified(soon, words, rater)
            self._orders[rater] = order
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

    def judged(self, answers: Sequence[Answer]) -> list[Judged]:
        """Ask the judges about answers, once for each state of the rubric; after a fault of ours, again."""
        rubric = self.rubric
        state = version(rubric)
        missing = [answer for answer in answers if (state, answer.id) not in self._judged]
        new = {one.answer.id: one for one in judge_all(rubric, self.judges, missing)}
        self._judged |= {(state, name): one for name, one in new.items() if not one.fault}
        return [new.get(answer.id) or self._judged[state, answer.id] for answer in answers]

    def agreement(self) -> dict[str, Any] | None:
        """Measure the judge on what is labelled so far; None for too few. `faults` says why answers are left out."""
        kept, _ = apart_from_anchors(self.labelled(), self.rubric)
        judged = self.judged([one.answer for one in kept])
        sound = [(one, said) for one, said in zip(kept, judged, strict=True) if not said.fault]
        try:
            told = agreed([one for one, _ in sound], [said for _, said in sound])
        except ValueError:
            return None
        return told | {"faults": [said.fault for said in judged if said.fault]}

    def triaged(self) -> dict[tuple[str, str], str]:
        """Give what was decided of disagreements: (answer, rater) to the decision that holds."""
        return {(event.answer, event.rater): event.words for event in self.store.live() if event.kind == "triage"}

    def labelled(self) -> list[Labelled]:
        """Give the labels so far, with every rater's score."""
        return [
            Labelled(
                self.answers[identity],
                self.answers[identity].prompt or identity,
                {rater: event.score or 0.0 for rater, event in by_rater.items()},
                {rater: event.words for rater, event in by_rater.items()},
            )
            for identity, by_rater in self.store.labels().items()
            if identity in self.answers
        ]

    def export(self) -> str:
        """Write the labels as JSON lines, as `calibrate` reads them."""
        triage, given = self.triaged(), self.store.given()
        lines = []
        for one in self.labelled():
            for rater, score in one.scores.items():
                row: dict[str, object] = {"id": one.answer.id, "prompt": one.answer.prompt, "response": one.answer.text}
                row |= {"rater": rater, "score": score, "note": one.notes[rater]}
                row |= {"triage": triage.get((one.answer.id, rater), ""), "blind": given[one.answer.id, rater] == 1}
                lines.append(json.dumps(row, ensure_ascii=False) + "\n")
        return "".join(lines)

    def edit(self, text: str, shown: str) -> str:
        """Keep the rubric's file as edited, and judge by it from now on.

        Args:
            text: The whole file.
            shown: The digest of what was edited, as `digest` gave it.

        Returns:
            What is wrong with it, where it is not, and then nothing is written; "" otherwise.
        """
        try:
            rubric = load(self.rubric_file.stem, text, self.rubric_file.name)
        except ConfigurationError as error:
            return str(error)
        file = self.rubric_file.resolve()  # a link stays a link
        aside = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
        with self._lock:
            if shown != digest(file.read_text(encoding="utf-8")):
                return "the file has changed since this page was loaded; copy what you wrote, and load the page again"
            aside.write_text(text, encoding="utf-8")
            aside.chmod(file.stat().st_mode)
            aside.replace(file)
            self.rubric = rubric
        return ""

    def line(self, answer: Answer, label: float) -> int:
        """Find the rubric's line on which a disagreement rests.

        Where the rubric has criteria it is the one whose score lies furthest from the label; else the meaning nearest
        below the judge's score; else the instructions.
        """
        text, rubric = self.rubric_file.read_text(encoding="utf-8"), self.rubric
        said = self.judged([answer])[0]
        names = [criterion.name for criterion in rubric.criteria if criterion.name in said.criteria]
        if names:
            furthest = max(names, key=lambda name: abs(said.criteria[name] - label))
            place = [criterion.name for criterion in rubric.criteria].index(furthest)
            return line_of(text, ("criteria", place))
        below = [score for score, _ in rubric.meanings if said.score is not None and score <= said.score]
        return line_of(text, ("scale", "meanings", max(below)) if below else ("instructions",))


def digest(text: str) -> str:
    """Name a state of the rubric's file."""
    return hashlib.sha256(text.encode()).hexdigest()
