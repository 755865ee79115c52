"""When to ask a model, again or twice, until it answers or time is up: the one process-wide state of the judges.

What it learns about a model (pace, usual latency, the form it answers in) outlives a batch, so that a warm function
does not learn it again; it forgets nothing else, for it keeps nothing else: no question, no answer, no score.
"""

from __future__ import annotations

import random
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from judges.judgement import ServiceFaultError
from judges.ladder import Ladder
from judges.pace import Pace
from judges.transport import Received, ThrottledError, TransientError, UnsupportedError

if TYPE_CHECKING:
    from judges.ladder import Shape
    from judges.prompt import Question
    from judges.transport import Transport

ATTEMPTS = 5
_THROTTLES = 20  # attempts of an item, where others get through while it is throttled
_BACKOFF, _LONGEST_BACKOFF = 0.05, 8.0
_COLD_PATIENCE = 30.0  # seconds, until latencies are known: the first use of a schema may take long
_KNOWN = 20  # latencies that make the usual one known
_jitter = random.Random()  # noqa: S311 - spreads retries, guards nothing


class Model:
    """Hold what is known about one model."""

    def __init__(self) -> None:
        self.requests, self.tokens = Pace(), Pace()
        self.answered = 0
        self._latencies: deque[float] = deque(maxlen=200)
        self._under_way = 0
        self._most_under_way = 0
        self._hedges = 0.0
        self._lock = threading.Lock()

    def took(self, seconds: float) -> None:
        """Note a reply's latency."""
        with self._lock:
            self._latencies.append(seconds)
            self.answered += 1
            self._hedges = min(self._hedges + _HEDGE_SHARE, _MOST_HEDGES)

    def patience(self) -> float:
        """Tell after how many seconds a request is taken for stalled and asked a second time.

        That is somewhat beyond the slowest twentieth; sooner at the end of a batch, when nothing else waits for the
        quota, but no more often than one request in twenty.
        """
        with self._lock:
            if len(self._latencies) < _KNOWN:
                return _COLD_PATIENCE
            ordered = sorted(self._latencies)
            ending = self._under_way <= self._most_under_way // 2 and self._hedges >= 1
            slow = ordered[int(len(ordered) * (_SOON if ending else _LATE))]
            return max(slow * (1.0 if ending else _BEYOND), _SHORTEST_PATIENCE)

    def hedged(self) -> None:
        """Note that a request was asked a second time."""
        with self._lock:
            self._hedges = max(0.0, self._hedges - 1)

    def starts(self) -> None:
        """Note that an item is being asked."""
        with self._lock:
            self._under_way += 1
            self._most_under_way = self._under_way if self._under_way == 1 else max(self._most_under_way, self._under_way)

    def ends(self) -> None:
        """Note that an item has its answer, or never will."""
        with self._lock:
            self._under_way -= 1


_HEDGE_SHARE, _MOST_HEDGES = 0.05, 5.0
_LATE, _BEYOND = 0.95, 1.3
_SOON = 0.85
_SHORTEST_PATIENCE = 0.05
LADDER = Ladder()
_models: dict[str, Model] = {}
_models_lock = threading.Lock()


def model_state(name: str) -> Model:
    """Give what is known about a model."""
    with _models_lock:
        return _models.setdefault(name, Model())


def forget() -> None:
    """Start as cold as a new process."""
    LADDER.forget()
    with _models_lock:
        _models.clear()


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
        ServiceFaultError: None came in time, or none ever will.
    """
    state = model_state(transport.model)
    state.starts()
    try:
        return _Item(transport, asked, max_tokens, deadline, tally, state).run()
    finally:
        state.ends()


@dataclass(slots=True)
class _Attempt:
    """Hold one request under way, from the wait for its turn to its outcome."""

    shape: Shape
    sent_at: float | None = None
    outcome: Received | Exception | None = None
    throttled_by: list[tuple[Pace, list[float]]] = field(default_factory=list)


class _Item:
    """Ask one question until there is a reply: attempts run in threads, so that one that stalls holds up nothing."""

    def __init__(
        self, transport: Transport, asked: Question, max_tokens: int, deadline: float, tally: Tally, state: Model
    ) -> None:
        self._transport, self._asked, self._max_tokens = transport, asked, max_tokens
        self._deadline, self._tally, self._state = deadline, tally, state
        self._tokens = (len(asked.system) + len(asked.user)) // 4 + max_tokens
        self._outcomes: SimpleQueue[_Attempt] = SimpleQueue()
        self._running: list[_Attempt] = []
        self._done = threading.Event()
        self._attempts = 0
        self._answered_before = state.answered
        self._last_fault = "no reply in time"

    def run(self) -> Received:
        try:
            return self._run()
        finally:
            self._done.set()

    def _run(self) -> Received:
        shape = LADDER.first(self._transport.model, self._deadline)
        self._start(shape)
        again_at = float("inf")
        while True:
            now = time.monotonic()
            if now >= self._deadline:
                raise ServiceFaultError(f"the deadline has passed: {self._last_fault}")
            if again_at <= now or (again_at == float("inf") and self._stalled(now)):
                if again_at > now:
                    self._state.hedged()
                again_at = float("inf")
                self._start(shape)
            try:
                attempt = self._outcomes.get(timeout=min(self._wake(now, again_at), self._deadline - now))
            except Empty:
                continue
            self._running.remove(attempt)
            if isinstance(attempt.outcome, Received):
                LADDER.learn(self._transport.model, attempt.shape)
                return attempt.outcome
            shape, pause = self._after(attempt, shape)
            if pause is not None:
                again_at = min(again_at, time.monotonic() + pause)

    def _stalled(self, now: float) -> bool:
        """Tell whether the newest request has been out for longer than replies usually take."""
        if self._attempts >= ATTEMPTS or not self._running:
            return False
        sent_at = self._running[-1].sent_at
        return sent_at is not None and now - sent_at > self._state.patience() * 2 ** (len(self._running) - 1)

    def _wake(self, now: float, again_at: float) -> float:
        """Tell how long to wait at most for an outcome before looking again."""
        look = 0.05 if self._attempts < ATTEMPTS else 1.0
        sent_at = self._running[-1].sent_at if self._running else None
        if sent_at is not None:
            look = max(look, sent_at + self._state.patience() * 2 ** (len(self._running) - 1) - now)
        return max(0.0, min(look, again_at - now, 1.0))

    def _start(self, shape: Shape) -> None:
        self._attempts += 1
        attempt = _Attempt(shape)
        self._running.append(attempt)
        threading.Thread(target=self._send, args=(attempt,), daemon=True).start()

    def _send(self, attempt: _Attempt) -> None:
        """Wait for the turn, send, and hand in the outcome; runs in a thread of its own."""
        try:
            attempt.outcome = self._sent(attempt)
        except Exception as error:  # noqa: BLE001 - handed to the thread that waits, which raises or retries it
            attempt.outcome = error
        self._outcomes.put(attempt)

    def _sent(self, attempt: _Attempt) -> Received:
        for pace, amount in ((self._state.tokens, self._tokens), (self._state.requests, 1)):
            send = pace.take(amount, self._deadline, self._done.is_set)
            if send is None:
                raise ServiceFaultError("the quota gave no turn before the deadline")
            attempt.throttled_by.append((pace, send))
        attempt.sent_at = time.monotonic()
        self._tally.calls += 1
        received = self._transport.send(
            self._asked, attempt.shape, self._max_tokens, self._deadline - attempt.sent_at
        )
        self._state.took(time.monotonic() - attempt.sent_at)
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
            raise ServiceFaultError(f"gave up after {self._tally.calls} requests: {error}") from error
        return shape, _jitter.uniform(0, min(_LONGEST_BACKOFF, _BACKOFF * 2**self._attempts))

    def _throttled(self, attempt: _Attempt, error: ThrottledError) -> None:
        """Slow the pace down; a request that was turned away is no attempt as long as others get through."""
        self._tally.throttled += 1
        pace, send = attempt.throttled_by[0 if error.tokens else 1]
        pace.throttled(send)
        if self._state.answered > self._answered_before and self._tally.throttled < _THROTTLES:
            self._attempts -= 1
        self._answered_before = self._state.answered
