"""What to do next about one question: send, wait, ask again, ask twice, give up. Time comes in; no clock, no thread."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from judges.judgement import RefusedError, ServiceFaultError
from judges.transport import Received, ThrottledError, TransientError, UnsupportedError

if TYPE_CHECKING:
    from judges.bucket import Turn
    from judges.known import Model
    from judges.ladder import Shape
    from judges.pace import Pace

ATTEMPTS = 5
_THROTTLES = 20  # attempts of an item, where others get through while it is throttled
_BACKOFF, _LONGEST_BACKOFF = 0.05, 8.0
_PATIENT = 3  # throttles that lengthen the pause: the pace does the rest
_LOOK = 0.1  # seconds after which what others have learnt may have changed the plan
_jitter = random.Random()  # noqa: S311 - spreads retries, guards nothing


@dataclass(slots=True)
class Tally:
    """Count the requests of one item."""

    calls: int = 0
    throttled: int = 0


@dataclass(slots=True)
class Attempt:
    """Hold one request, from its place in the line to its outcome."""

    shape: Shape
    turns: list[tuple[Pace, Turn]]
    hedge: bool = False
    sent_at: float = math.inf
    outcome: Received | Exception | None = None


@dataclass(slots=True)
class Asking:
    """Decide, step by step, how one question gets its reply.

    `step` says what to do now; the caller does it, and hands what came of it to `returned`.

    Args:
        model: What is known of the model.
        shape: What the first request may contain.
        tokens: What the quota reserves for a request.
        deadline: By the caller's clock, when a reply no longer helps.
        tally: Counts what is sent.
        patient: Whether a request that is out for long is left alone.
    """

    model: Model
    shape: Shape
    tokens: float
    deadline: float
    tally: Tally
    patient: bool = False
    random: random.Random = field(default=_jitter)
    _in_line: Attempt | None = None
    _out: list[Attempt] = field(default_factory=list)
    _again_at: float = -math.inf
    _attempts: int = 0
    _last_fault: str = "no reply in time"

    def step(self, now: float) -> Attempt | float:
        """Give the request to send now; or, where there is none, the time to look again unless something returns.

        Raises:
            ServiceFaultError: The deadline has passed.
        """
        if now >= self.deadline:
            raise ServiceFaultError(f"the deadline has passed: {self._last_fault}")
        if self._in_line is None:
            if self._again_at <= now:
                self._line_up(now)
            elif self._again_at == math.inf and self._stalled(now):
                self.model.hedged()
                self._line_up(now, hedge=True)
        if self._in_line is None:
            return min(self._again_at, self._look(now), self.deadline)
        turn_at = max(pace.ready(turn, now) for pace, turn in self._in_line.turns)
        if turn_at > now:
            self._last_fault = "the quota gave no turn before the deadline" if not self._out else self._last_fault
            return min(max(now + (turn_at - now) / 2, min(turn_at, now + _LOOK)), self.deadline)
        return self._sends(now)

    def end(self) -> None:
        """Leave the line: whatever comes now is not waited for."""
        if self._in_line is not None:
            for pace, turn in self._in_line.turns:
                pace.leave(turn)
            self._in_line = None

    def _line_up(self, now: float, *, hedge: bool = False) -> None:
        self._attempts += 1
        self._again_at = math.inf
        paces = ((self.model.tokens, self.tokens), (self.model.requests, 1.0))
        self._in_line = Attempt(self.shape, [(pace, pace.line_up(amount, now)) for pace, amount in paces], hedge)

    def _sends(self, now: float) -> Attempt:
        attempt, self._in_line = self._in_line, None
        assert attempt  # noqa: S101
        attempt.sent_at = now
        for pace, turn in attempt.turns:
            pace.sent(turn, now)
        self.tally.calls += 1
        self._out.append(attempt)
        return attempt

    def _stalled(self, now: float) -> bool:
        """Tell whether the newest request has been out for longer than replies usually take."""
        if self.patient or self._attempts >= ATTEMPTS or not self._out:
            return False
        return now >= self._stalls_at(now)

    def _look(self, now: float) -> float:
        """Tell when the newest request may be taken for stalled; what replies usually take may change before."""
        if self.patient or self._attempts >= ATTEMPTS or not self._out:
            return math.inf
        return max(now + _LOOK / 10, min(now + _LOOK, self._stalls_at(now)))

    def _stalls_at(self, now: float) -> float:
        sent_at = self._out[-1].sent_at
        return sent_at + self.model.patience(now, self.deadline - sent_at)

    def returned(self, attempt: Attempt, now: float) -> Received | None:
        """Take the outcome of a request: the reply, or None where the next `step` goes on.

        Raises:
            RefusedError: The service refuses this answer, and not others.
            ServiceFaultError: No reply will come.
        """
        self._out.remove(attempt)
        if isinstance(attempt.outcome, Received):
            if attempt.hedge or any(other.hedge for other in self._out):
                self.model.helped(second=attempt.hedge)
            return attempt.outcome
        pause = self._after(attempt, now)
        if pause is not None and self._in_line is None:
            self._again_at = min(self._again_at, now + pause)
        return None

    def _after(self, attempt: Attempt, now: float) -> float | None:
        """Decide what follows a failed request: after what pause to ask again (None: wait for the others)."""
        error = attempt.outcome
        self._last_fault = str(error)
        if isinstance(error, UnsupportedError):
            return self._lower(attempt, error)
        if not isinstance(error, (ThrottledError, TransientError)):
            raise error if isinstance(error, Exception) else ServiceFaultError("no outcome")
        if isinstance(error, ThrottledError):
            self._throttled(attempt, error, now)
        if self._attempts >= ATTEMPTS:
            if self._out or self._in_line:
                return None
            raise ServiceFaultError(f"gave up after {self.tally.calls} requests: {error}") from error
        tried = self._attempts + min(self.tally.throttled, _PATIENT)
        return self.random.uniform(0, min(_LONGEST_BACKOFF, _BACKOFF * 2**tried))

    def _lower(self, attempt: Attempt, error: UnsupportedError) -> float:
        """Ask in a lower shape; another request's refusal may have led there already."""
        if attempt.shape != self.shape:
            return 0.0
        lower = attempt.shape.after(str(error))
        if lower is None:
            if self.model.refuses():
                raise RefusedError(f"the model takes other answers, but this one in no form: {error}") from error
            raise ServiceFaultError(f"the model refuses every form of the request: {error}") from error
        self._attempts -= 1
        self.shape = lower
        return 0.0

    def _throttled(self, attempt: Attempt, error: ThrottledError, now: float) -> None:
        """Slow the pace down; a request that was turned away is no attempt as long as others get through."""
        self.tally.throttled += 1
        pace, turn = attempt.turns[0 if error.tokens else 1]
        pace.throttled(turn, now)
        if pace.flows() and self.tally.throttled < _THROTTLES:
            self._attempts -= 1
