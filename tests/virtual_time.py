"""A batch in virtual time: what `judges.asking` decides, against a moody service, without clock, thread or socket.

The same seed gives the same figures on any machine, and a batch of 600 takes a fifth of a second.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Generator
from dataclasses import dataclass, field

from judges.asking import Asking, Attempt, Tally
from judges.judgement import JudgeError, Usage
from judges.known import Model
from judges.ladder import Shape
from judges.transport import Received, ThrottledError, TransientError
from judges.verdict import Reply
from tests.moods import CUT, MALFORMED, STALL, Mood, Plan, ideal

TOKENS = 1700.0  # what a request reserves
ROUND_TRIP = 0.004  # seconds: what an answer takes that no model had to think about
GOOD, BAD = Received(Reply("end_turn"), Usage()), Received(Reply("end_turn"), Usage())


@dataclass
class Figures:
    """Hold what came of a batch."""

    seconds: float
    ratio: float
    sent: int
    throttled: int
    scored: int = 0
    floored: int = 0
    lost: list[str] = field(default_factory=list)

    @property
    def wasted(self) -> float:
        """The share of requests that were throttled."""
        return self.throttled / self.sent


class World:
    """Run batches one after the other; what is learnt about the model stays, as in a warm function.

    Args:
        seed: Of everything random.
    """

    def __init__(self, seed: int = 1) -> None:
        self.now, self.model = 0.0, Model()
        self._random = random.Random(seed)  # noqa: S311 - repeatable, guards nothing

    def batch(self, plan: Plan, items: int = 600, workers: int = 50, seconds: float = 120.0) -> Figures:
        """Ask `items` questions in `workers` threads within `seconds`."""
        batch = _Batch(self, plan, items, workers, self.now + seconds)
        return batch.run()


class _Batch:
    def __init__(self, world: World, plan: Plan, items: int, workers: int, deadline: float) -> None:
        self.world, self.plan, self.mood = world, plan, Mood(plan, world.now)
        self.items, self.workers, self.deadline = items, workers, deadline
        self.left = items
        self.good: list[float] = []
        self.figures = Figures(0.0, 0.0, 0, 0)
        self.events: list[tuple[float, int, int, Attempt | None]] = []
        self.order = itertools.count()

    def run(self) -> Figures:
        began = self.world.now
        threads = [self._work(worker) for worker in range(self.workers)]
        looks = [next(thread, None) for thread in threads]
        for worker, at in enumerate(looks):
            self._at(at, worker, None)
        while self.events and any(at is not None for at in looks):
            now, _, worker, attempt = heapq.heappop(self.events)
            if looks[worker] is None or (attempt is None and now != looks[worker]):
                continue  # it has returned in the meantime
            self.world.now = now
            try:
                looks[worker] = threads[worker].send(attempt)
            except StopIteration:
                looks[worker] = None
            self._at(looks[worker], worker, None)
        self.figures.seconds = self.world.now - began
        best = ideal(self.plan, self.good[: self.items], self.workers, TOKENS) if self.good else 0.0
        self.figures.ratio = best / self.figures.seconds
        return self.figures

    def _at(self, at: float | None, worker: int, attempt: Attempt | None) -> None:
        if at is not None:
            heapq.heappush(self.events, (at, next(self.order), worker, attempt))

    def _work(self, worker: int) -> Generator[float, Attempt | None, None]:
        while self.left:
            self.left -= 1
            tally = Tally()
            try:
                got = yield from self._ask(worker, tally)
                if got is BAD:  # one re-ask, as the panel does
                    got = yield from self._ask(worker, tally)
                self.figures.scored += got is GOOD
                self.figures.floored += got is BAD
            except JudgeError as error:
                self.figures.lost.append(str(error))

    def _ask(self, worker: int, tally: Tally) -> Generator[float, Attempt | None, Received]:
        world, out = self.world, []
        world.model.starts()
        asking = Asking(world.model, Shape(), TOKENS, self.deadline, tally, random=world._random)  # noqa: SLF001
        try:
            while True:
                step = asking.step(world.now)
                if isinstance(step, Attempt):
                    out.append(step)
                    delay, step.outcome = self._meet()
                    self._at(world.now + delay, worker, step)
                    continue
                attempt = yield step
                if attempt is not None and any(attempt is each for each in out):
                    if isinstance(attempt.outcome, Received):
                        world.model.took(world.now - attempt.sent_at)
                    received = asking.returned(attempt, world.now)
                    if received:
                        return received
        finally:
            asking.end()
            world.model.ends()

    def _meet(self) -> tuple[float, Received | JudgeError]:
        """Give after how many seconds a request returns, and with what."""
        self.figures.sent += 1
        refused = self.mood.throttled(TOKENS, self.world.now)
        fault = "" if refused else self.mood.fault()
        if refused or fault == "ThrottlingException":
            self.figures.throttled += 1
            return ROUND_TRIP, ThrottledError("too many", tokens=refused == "tokens")
        latency = self.mood.latency() + ROUND_TRIP
        if fault in ("", MALFORMED):
            self.good.extend([latency] if not fault else [])
            return latency, BAD if fault else GOOD
        slow = {STALL: self.plan.stall_s, CUT: latency}
        return slow.get(fault, ROUND_TRIP), TransientError(fault)
