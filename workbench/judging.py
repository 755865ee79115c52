"""The one place where the workbench asks judges: many answers at a time, each as a deployed function would."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from judges import offline
from judges.judgement import Judgement, ServiceFaultError
from judges.panel import Panel as Judges
from judges.prompt import question
from rewards.rubric import NEAR_EMPTY, near_empty
from workbench.panels import OFFLINE

if TYPE_CHECKING:
    from judges.rubric import Rubric
    from workbench.answers import Answer
    from workbench.panels import Panel

_SECONDS = 300.0  # for one answer, all its replies and retries


@dataclass(frozen=True, slots=True)
class Judged:
    """Hold what came of judging one answer.

    Args:
        answer: What was judged.
        score: The first verdict, on the rubric's scale: what the function would have paid by. A mean of repeats ties
            less and errs less than that. None without a verdict.
        repeats: The score of each time that got a verdict.
        rationale: The judge's words with that score; without a verdict, what was wrong.
        failed: The answer kept the judge from a verdict, each time.
        fault: Why a verdict is missing because of us, any time; "" otherwise.
        judgement: The judgement of that score; None after a fault and where no judge was asked.
        seconds: How long it took.
        criteria: Each criterion's score in that judgement.
        times: How often the answer was judged.
    """

    answer: Answer
    score: float | None
    repeats: tuple[float, ...] = ()
    rationale: str = ""
    failed: bool = False
    fault: str = ""
    judgement: Judgement | None = None
    seconds: float = 0.0
    criteria: Mapping[str, float] = field(default_factory=dict)
    times: int = 1


def judge_all(
    rubric: Rubric,
    judges: Panel,
    answers: Sequence[Answer],
    *,
    repeats: int = 1,
    seen: Callable[[Judged], None] = lambda _judged: None,
) -> list[Judged]:
    """Judge many answers, several at a time; one that fails keeps no other from its score.

    Args:
        rubric: What is judged by.
        judges: Who judges.
        answers: In any number.
        repeats: How often each is judged, at least once.
        seen: Called in this thread with each answer of each round as soon as it is done: none waits for a slow one.

    Returns:
        One for each answer, in order.

    Raises:
        KeyboardInterrupt: At once: answers that are with the judge are not waited for.
    """
    rounds: list[list[Judged]] = []
    pool = ThreadPoolExecutor(judges.workers)
    try:
        for _ in range(max(1, repeats)):
            done: SimpleQueue[Future[Judged]] = SimpleQueue()
            asked = [pool.submit(judge_one, rubric, judges, answer) for answer in answers]
            for future in asked:
                future.add_done_callback(done.put)
            for _future in asked:
                seen(_next(done).result())
            rounds.append([future.result() for future in asked])
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return [_joined(list(same)) for same in zip(*rounds, strict=True)]


def _next(done: SimpleQueue[Future[Judged]]) -> Future[Judged]:
    """Wait for what is done next, awake twice a second: a Ctrl-C just before the wait would not end it."""
    while True:
        with suppress(Empty):
            return done.get(timeout=0.5)


def judge_one(rubric: Rubric, judges: Panel, answer: Answer) -> Judged:
    """Judge one answer once, as the deployed function does: one with nothing to read gets the lowest score unasked.

    A fault of ours is told in the result, never as a score.
    """
    if near_empty(answer.text):
        return Judged(answer, float(rubric.low), (float(rubric.low),), NEAR_EMPTY)
    started = time.monotonic()
    try:
        if judges.models == (OFFLINE,):
            judgement = offline.judge(rubric, answer.text)
        else:
            asked = question(rubric, answer.prompt, answer.text, answer.reference)
            judgement = Judges(judges.transports, started + _SECONDS).judge(asked)
    except ServiceFaultError as error:
        return Judged(answer, None, fault=str(error), seconds=time.monotonic() - started)
    return Judged(
        answer,
        judgement.score,
        () if judgement.score is None else (judgement.score,),
        judgement.rationale,
        failed=judgement.score is None,
        judgement=judgement,
        seconds=time.monotonic() - started,
        criteria=judgement.criteria,
    )


def _joined(rounds: Sequence[Judged]) -> Judged:
    """Join what came of judging one answer several times."""
    first = next((judged for judged in rounds if judged.score is not None), rounds[0])
    fault = next((judged.fault for judged in rounds if judged.fault), "")
    scores = tuple(score for judged in rounds for score in judged.repeats)
    return replace(first, repeats=scores, fault=fault, times=len(rounds))
