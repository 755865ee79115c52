"""One batch before its judges: what it asks once, which answers form a group, its canary."""

from __future__ import annotations

import itertools
import logging
import os
import threading
import time
from collections import defaultdict
from contextvars import ContextVar
from dataclasses import dataclass, field
from statistics import fmean
from typing import TYPE_CHECKING

from judges import cache, models, pairs
from judges.judgement import ConfigurationError, Judgement, ServiceFaultError
from judges.memo import Memo
from judges.panel import Asked, Panel
from judges.prompt import question

if TYPE_CHECKING:
    from judges.rubric import Rubric

_log = logging.getLogger(__name__)
_MOST_RIVALS = 7
_batches = itertools.count(1)


@dataclass(slots=True)
class Batch:
    """Hold what the samples of one batch share.

    Args:
        groups: Rubric name and prompt to the completions of that group.
    """

    groups: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    memo: Memo[Asked] = field(default_factory=Memo)


current: ContextVar[Batch | None] = ContextVar("current", default=None)


def judge(rubric: Rubric, sample: tuple[str, str, object], deadline: float) -> Judgement:
    """Get the judgement on one answer, as one of its batch where there is one.

    Args:
        rubric: What is judged by.
        sample: Prompt, completion, reference answer.
        deadline: By `time.monotonic`.

    Raises:
        ServiceFaultError: No judge answered in time.
    """
    batch = current.get()
    panel = Panel(models.transports(), deadline, batch.memo if batch else None, cache.configured())
    judgement = panel.judge(question(rubric, *sample))
    if not (batch and rubric.judge.ties and judgement.score is not None):
        return judgement
    return _tie_broken(panel, batch, rubric, sample, judgement)


def _tie_broken(
    panel: Panel, batch: Batch, rubric: Rubric, sample: tuple[str, str, object], own: Judgement
) -> Judgement:
    """Compare an answer with those of its group that earned the same score."""
    prompt, completion, reference = sample
    group = dict.fromkeys(batch.groups[rubric.name, prompt])
    preferences, usage = [], own.usage
    try:
        for rival in [other for other in group if other != completion][:_MOST_RIVALS]:
            theirs = panel.judge(question(rubric, prompt, rival, reference))
            usage += theirs.usage
            if theirs.score != own.score:
                continue
            forth = panel.judge(pairs.comparison(rubric, prompt, completion, rival))
            back = panel.judge(pairs.comparison(rubric, prompt, rival, completion))
            usage += forth.usage + back.usage
            if forth.score is not None and back.score is not None:
                preferences.append(pairs.preference(forth.score, back.score))
    except ServiceFaultError as error:
        _log.warning("tie not broken: %s", error)
    score = own.score if own.score is None else pairs.broken(own.score, preferences, rubric)
    return Judgement(score, own.rationale, own.criteria, spread=own.spread, answered=own.answered, usage=usage)


class Canary:
    """Judge a rubric's own anchors beside every n-th batch: what a judge's drift looks like from inside a job."""

    def __init__(self, rubric: Rubric, deadline: float) -> None:
        self._rubric, self._deadline = rubric, deadline
        self._shifts: list[float] = []
        places = range(len(rubric.anchors))
        self._threads = [threading.Thread(target=self._judge, args=(place,), daemon=True) for place in places]
        for thread in self._threads:
            thread.start()

    def _judge(self, place: int) -> None:
        anchor = self._rubric.anchors[place]
        try:
            panel = Panel(models.transports(), self._deadline)
            judgement = panel.judge(question(self._rubric, anchor.prompt, anchor.answer))
        except (ServiceFaultError, ConfigurationError) as error:
            _log.warning("canary: %s", error)
        else:
            if judgement.score is not None:
                self._shifts.append(judgement.score - anchor.score)

    def figures(self) -> dict[str, float]:
        """Wait for the judgements, and give the mean shift from the anchors' scores and the largest one."""
        for thread in self._threads:
            thread.join(max(0.0, self._deadline - time.monotonic()))
        shifts = list(self._shifts)
        if not shifts:
            return {"CanaryJudged": 0}
        largest = max(shifts, key=abs)
        return {"CanaryJudged": len(shifts), "CanaryShift": fmean(shifts), "CanaryLargestShift": largest}


def canary(rubric: Rubric, deadline: float) -> Canary | None:
    """Start the canary where `JUDGE_CANARY` = n says that this batch, the n-th of this process, has one.

    Raises:
        ConfigurationError: JUDGE_CANARY is no whole number.
    """
    every = os.environ.get("JUDGE_CANARY", "").strip() or "0"
    if not every.isdecimal():
        raise ConfigurationError(f"JUDGE_CANARY must be a whole number of batches, not {every[:40]!r}")
    if not int(every) or next(_batches) % int(every) or models.names() == [models.OFFLINE]:
        return None
    return Canary(rubric, deadline)
