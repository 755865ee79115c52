"""Hold one process that has the submission loaded, and ask it one question after another. Runs in S."""

from __future__ import annotations

import select
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from sandbox.execution import CALLED, CONTEST
from sandbox.frames import FrameError, receive_frame, send_frame
from sandbox.outcome import Outcome
from sandbox.supervision import ROUND, CallerGoneError, Clock

if TYPE_CHECKING:
    from sandbox.submission import Submission

MAX_QUESTIONS = 1000
AHEAD = 1 << 14  # bytes of a question that a socket surely takes while nobody reads it
QUICK = 0.01  # seconds of processor time; where answers take longer, waiting for a question matters less than its time


def run_session(submission: Submission, questions: list[str]) -> Iterator[tuple[Outcome, bytes]]:
    """Load the submission and ask it one question after another; after one that ended it, load it anew."""
    asked: Asked | None = None
    try:
        for question, following in zip(questions, [*questions[1:], ""], strict=True):
            asked = asked or Asked(submission, len(questions), contest=True)
            outcome, answer = asked.ask(question.encode(), following.encode())
            yield outcome, answer
            if outcome.status != "ok":
                asked = None
    finally:
        if asked is not None:
            asked.close()


def run_calls(submission: Submission, questions: list[str], *, more: bool) -> tuple[Outcome, bytes]:
    """Load the submission and ask it all questions; gives the answer to the last and the seconds that all took."""
    began = time.monotonic()
    asked = Asked(submission, len(questions))
    if more:
        submission.ready.fill()
    try:
        for question in questions:
            outcome, answer = asked.ask(question.encode())
            took = time.monotonic() - began
            if took > submission.limits.run_s:
                outcome = Outcome("time", f"all calls together took longer than {submission.limits.run_s:.1f} s")
            if outcome.status != "ok":
                break
        return outcome._replace(seconds=took), answer if outcome.status == "ok" else b""
    finally:
        asked.close()


class Asked:
    """Hold one process that has the submission loaded and answers questions.

    Args:
        submission: What it runs.
        questions: How many it will be asked at the most; each may take as long as one test.
        contest: Whether it may use the names that contest sites provide.
    """

    def __init__(self, submission: Submission, questions: int, *, contest: bool = False) -> None:
        self.caller, self.limits = submission.caller, submission.limits
        self.cap = self.limits.output_kb * 1024 + (1 << 16)
        self.ended = self.ahead = self.quick = False
        self.process = submission.ready.take()
        self.channel = self.process.channel
        self.channel.settimeout(self.limits.wall)
        limits = self.limits._replace(time_limit_s=self.limits.time_limit_s * max(1, questions))
        self.child = self.process.begin(limits, (CONTEST if contest else CALLED) + submission.code)
        self.clock = Clock(self.child.pid, self.limits)
        self.poll = select.poll()
        self.poll.register(self.channel, select.POLLIN)
        self.poll.register(self.caller, select.POLLIN)

    def close(self) -> None:
        """End the process."""
        self._end(Outcome("ok"))

    def ask(self, question: bytes, following: bytes = b"") -> tuple[Outcome, bytes]:
        """Ask one question within the limits.

        Args:
            question: To be answered now.
            following: The one that will be asked next, if it is known: after a quick answer a short one is sent now,
                so that the process need not wait for it. It counts from when this one is answered.
        """
        try:
            if not self.ahead:
                self.clock = Clock(self.child.pid, self.limits)
                if self._spoke(0):  # nothing is owed: it spoke before it was asked, or ended
                    return self._end(Outcome("error", "it ended, or answered before it was asked")), b""
                send_frame(self.channel, question)
            self.ahead = self.quick and 0 < len(following) <= AHEAD
            if self.ahead:
                send_frame(self.channel, following)
            excess = self._awaited()
            answer = None if excess else receive_frame(self.channel, self.cap)
        except CallerGoneError:
            raise
        except TimeoutError:
            return self._end(self.limits.late), b""
        except FrameError as error:
            return self._end(Outcome("output", str(error))), b""
        except OSError:
            excess = answer = None
        if answer is None:
            return self._end(excess or Outcome("error", "it ended before it answered")), b""
        if self.clock.late():
            return self._end(self.limits.late), b""
        took = self.clock.lap()
        self.quick = took < QUICK
        return Outcome("ok", "", took), answer

    def _spoke(self, seconds: float) -> bool:
        """Wait for the process to say something, or to end."""
        ready = self.poll.poll(seconds * 1000)
        if not ready:
            return False
        if any(descriptor == self.channel.fileno() for descriptor, _ in ready):
            return True
        raise CallerGoneError

    def _awaited(self) -> Outcome | None:
        """Wait for an answer to begin; returns what the process took too much of instead."""
        while not self._spoke(ROUND):
            if self.clock.late():
                return self.limits.late
            if excess := self.child.excess():
                return excess
        return None

    def _end(self, outcome: Outcome) -> Outcome:
        if self.ended:
            return outcome
        self.ended = True
        self.process.close()
        return self.child.end(outcome)
