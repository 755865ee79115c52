"""When to ask a model, again or twice, until it answers or time is up: the one process-wide state of the judges.

What it learns about a model (pace, usual latency, the form it answers in) outlives a batch, so that a warm function
does not learn it again; it forgets nothing else, for it keeps nothing else: no question, no answer, no score.
"""

from __future__ import annotations

import random
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from judges import known
from judges.judgement import RefusedError, ServiceFaultError
from judges.ladder import Ladder
from judges.transport import Received, ThrottledError, TransientError, UnsupportedError

if TYPE_CHECKING:
    from judges.known import Model
    from judges.ladder import Shape
    from judges.pace import Pace, Send
    from judges.prompt import Question
    from judges.transport import Transport

ATTEMPTS = 5
_THROTTLES = 20  # attempts of an item, where others get through while it is throttled
_BACKOFF, _LONGEST_BACKOFF = 0.05, 8.0
_jitter = random.Random()  # noqa: S311 - spreads retries, guards nothing


LADDER = Ladder()


def forget() -> None:
    """Start as cold as a new process."""
    LADDER.forget()
    known.forget()


@dataclass(slots=True)
class Tally:
    """Count the requests of one item."""

    calls: int = 0
    throttled: int = 0


def reply(transport: Transport, asked: Question, max_tokens: int, deadline: float, tally: Tally) -> Received:
    """Get one whole reply, whatever it says.

    Args:
        transport: What carries the question.
        asked: The question.
        max_tokens: The most that the reply may take.
        deadline: By `time.monotonic`, when a reply no longer helps.
        tally: Counts what was sent.

    Raises:
        RefusedError: The service refuses this answer, and not others.
        ServiceFaultError: None came in time, or none ever will.
    """
    if time.monotonic() >= deadline:
        raise ServiceFaultError("the deadline had passed before it was asked")
    model = known.about(transport.model)
    model.starts()
    item = _Item(transport, asked, max_tokens, deadline, tally, model)
    try:
        return item.run()
    finally:
        item.done.set()
        item.settle()
        model.ends()


@dataclass(slots=True)
class _Attempt:
    """Hold one request under way, from the wait for its turn to its outcome."""

    shape: Shape
    hedge: bool = False
    sent_at: float | None = None
    outcome: Received | Exception | None = None
    sends: list[tuple[Pace, Send]] = field(default_factory=list)


@dataclass(slots=True)
class _Item:
    """Ask one question until there is a reply: attempts run in threads, so that one that stalls holds up nothing."""

    transport: Transport
    asked: Question
    max_tokens: int
    deadline: float
    tally: Tally
    model: Model
    done: threading.Event = field(default_factory=threading.Event)
    _outcomes: SimpleQueue[_Attempt] = field(default_factory=SimpleQueue)
    _running: list[_Attempt] = field(default_factory=list)
    _attempts: int = 0
    _answered_before: int = 0
    _last_fault: str = "no reply in time"

    def run(self) -> Received:
        shape = LADDER.first(self.transport.model, self.deadline)
        self._start(shape)
        again_at = float("inf")
        while True:
            now = time.monotonic()
            if now >= self.deadline:
                raise ServiceFaultError(f"the deadline has passed: {self._last_fault}")
            if again_at <= now or (again_at == float("inf") and self._stalled(now)):
                hedge = again_at > now
                if hedge:
                    self.model.hedged()
                again_at = float("inf")
                self._start(shape, hedge=hedge)
            try:
                attempt = self._outcomes.get(timeout=min(self._wake(now, again_at), self.deadline - now))
            except Empty:
                continue
            self._running.remove(attempt)
            if isinstance(attempt.outcome, Received):
                LADDER.learn(self.transport.model, attempt.shape)
                if attempt.hedge or any(other.hedge for other in self._running):
                    self.model.helped(second=attempt.hedge)
                return attempt.outcome
            shape, pause = self._after(attempt, shape)
            if pause is not None:
                again_at = min(again_at, time.monotonic() + pause)

    def _stalled(self, now: float) -> bool:
        """Tell whether the newest request has been out for longer than replies usually take."""
        if self._attempts >= ATTEMPTS or not self._running or getattr(self.transport, "instant", False):
            return False
        sent_at = self._running[-1].sent_at
        return sent_at is not None and now - sent_at > self.model.patience()

    def _wake(self, now: float, again_at: float) -> float:
        """Tell how long to wait at most for an outcome before looking again."""
        look = 0.1 if self._attempts < ATTEMPTS else 1.0
        sent_at = self._running[-1].sent_at if self._running else None
        if sent_at is not None:
            look = max(look, sent_at + self.model.patience() - now)
        return max(0.0, min(look, again_at - now, 1.0))

    def _start(self, shape: Shape, *, hedge: bool = False) -> None:
        self._attempts += 1
        attempt = _Attempt(shape, hedge)
        self._running.append(attempt)
        threading.Thread(target=self._send, args=(attempt,), daemon=True).start()

    def _send(self, attempt: _Attempt) -> None:
        """Wait for the turn, send, and hand in the outcome; runs in a thread of its own."""
        try:
            attempt.outcome = self._sent(attempt)
        except Exception as error:  # noqa: BLE001 - handed to the thread that waits, which raises or retries it
            attempt.outcome = error
        self._outcomes.put(attempt)
        if self.done.is_set():
            self.settle()

    def settle(self) -> None:
        """Note what replies cost that came after another had been taken: they are paid for all the same."""
        while not self._outcomes.empty():
            with suppress(Empty):
                if isinstance(outcome := self._outcomes.get_nowait().outcome, Received):
                    self.model.late(outcome.usage)

    def _sent(self, attempt: _Attempt) -> Received:
        tokens = (len(self.asked.system) + len(self.asked.user)) // 4 + self.max_tokens  # what the quota reserves
        for pace, amount in ((self.model.tokens, tokens), (self.model.requests, 1)):
            send = pace.take(amount, self.deadline, self.done.is_set)
            if send is None:
                raise ServiceFaultError("the quota gave no turn before the deadline")
            attempt.sends.append((pace, send))
        attempt.sent_at = time.monotonic()
        self.tally.calls += 1
        received = self.transport.send(self.asked, attempt.shape, self.max_tokens, self.deadline - attempt.sent_at)
        self.model.took(time.monotonic() - attempt.sent_at)
        return received

    def _after(self, attempt: _Attempt, shape: Shape) -> tuple[Shape, float | None]:
        """Decide what follows a failed request: in which shape to ask again, and after what pause (None: wait)."""
        error = attempt.outcome
        self._last_fault = str(error)
        if isinstance(error, UnsupportedError):
            if attempt.shape != shape:
                return shape, 0.0
            lower = attempt.shape.after(str(error))
            if lower is None:
                if self.model.refuses():
                    raise RefusedError(f"the model takes other answers, but this one in no form: {error}") from error
                raise ServiceFaultError(f"the model refuses every form of the request: {error}") from error
            self._attempts -= 1
            return lower, 0.0
        if not isinstance(error, (ThrottledError, TransientError)):
            raise error if isinstance(error, Exception) else ServiceFaultError("no outcome")
        if isinstance(error, ThrottledError):
            self._throttled(attempt, error)
        if self._attempts >= ATTEMPTS:
            if self._running:
                return shape, None
            raise ServiceFaultError(f"gave up after {self.tally.calls} requests: {error}") from error
        return shape, _jitter.uniform(0, min(_LONGEST_BACKOFF, _BACKOFF * 2**self._attempts))

    def _throttled(self, attempt: _Attempt, error: ThrottledError) -> None:
        """Slow the pace down; a request that was turned away is no attempt as long as others get through."""
        self.tally.throttled += 1
        pace, send = attempt.sends[0 if error.tokens else 1]
        pace.throttled(send)
        if self.model.answered > self._answered_before and self.tally.throttled < _THROTTLES:
            self._attempts -= 1
        self._answered_before = self.model.answered
