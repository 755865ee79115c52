"""Get a reply to a question by its deadline: threads, queue and clock around `asking`, which decides.

What is learnt about a model (pace, usual latency, the form it answers in) is the one process-wide state of the judges:
it outlives a batch, so that a warm function does not learn it again. No question, no answer, no score is kept.
"""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from judges import known
from judges.asking import Asking, Attempt, Tally
from judges.judgement import ServiceFaultError
from judges.ladder import Ladder
from judges.transport import Received

if TYPE_CHECKING:
    from judges.known import Model
    from judges.prompt import Question
    from judges.transport import Transport

LADDER = Ladder()


def forget() -> None:
    """Start as cold as a new process."""
    LADDER.forget()
    known.forget()


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
    sending = _Sending(transport, asked, max_tokens, deadline, model)
    try:
        shape = LADDER.first(transport.model, deadline)
        reserved = (len(asked.system) + len(asked.user)) // 4 + max_tokens
        patient = getattr(transport, "instant", False)
        return sending.until_answered(Asking(model, shape, reserved, deadline, tally, patient))
    finally:
        sending.over.set()
        sending.settle()
        model.ends()


@dataclass(slots=True)
class _Sending:
    """Do what `Asking` decides: requests run in threads, so that one that stalls holds up nothing."""

    transport: Transport
    asked: Question
    max_tokens: int
    deadline: float
    model: Model
    over: threading.Event = field(default_factory=threading.Event)
    _returned: SimpleQueue[Attempt] = field(default_factory=SimpleQueue)

    def until_answered(self, asking: Asking) -> Received:
        try:
            while True:
                now = time.monotonic()
                step = asking.step(now)
                if isinstance(step, Attempt):
                    threading.Thread(target=self._send, args=(step,), daemon=True).start()
                    continue
                with suppress(Empty):
                    attempt = self._returned.get(timeout=max(0.0, step - now))
                    received = asking.returned(attempt, time.monotonic())
                    if received:
                        LADDER.learn(self.transport.model, attempt.shape)
                        return received
        finally:
            asking.end()

    def _send(self, attempt: Attempt) -> None:
        """Send, and hand in the outcome; runs in a thread of its own."""
        try:
            attempt.outcome = self.transport.send(
                self.asked, attempt.shape, self.max_tokens, self.deadline - attempt.sent_at
            )
            self.model.took(time.monotonic() - attempt.sent_at)
        except Exception as error:  # noqa: BLE001 - handed to the thread that waits, which raises or retries it
            attempt.outcome = error
        self._returned.put(attempt)
        if self.over.is_set():
            self.settle()

    def settle(self) -> None:
        """Note what replies cost that came after another had been taken: they are paid for all the same."""
        while not self._returned.empty():
            with suppress(Empty):
                if isinstance(outcome := self._returned.get_nowait().outcome, Received):
                    self.model.late(outcome.usage)
