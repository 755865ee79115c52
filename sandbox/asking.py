"""Hold one process that has the submission loaded, and ask it one question after another. Runs in S."""

from __future__ import annotations

import select
import socket
import struct
import time
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING

from sandbox.execution import CALLED, CONTEST
from sandbox.frames import FrameError, Frames, framed
from sandbox.outcome import Outcome
from sandbox.placing import Placing
from sandbox.process import task_of
from sandbox.session import PLAIN
from sandbox.supervision import ROUND, CallerGoneError, Clock

if TYPE_CHECKING:
    from sandbox.submission import Submission

MAX_QUESTIONS = 1000
# microseconds within which an answer comes that is worth waiting for on the same processor; the kernel rounds them up
QUICK = 2000  # to a tick of its clock
TIMEVAL = struct.Struct("ll")
ENDED = Outcome("error", "it ended before it answered")


def run_session(submission: Submission, questions: list[str]) -> Iterator[tuple[Outcome, bytes]]:
    """Load the submission and ask it one question after another; after one that ended it, load it anew."""
    left = _encoded(questions)
    while left:
        asked = Asked(submission, len(left), contest=True)
        try:
            yield from asked.ask_all(left)
        finally:
            asked.close()
        left = left[asked.answered :]


def run_calls(submission: Submission, before: list[str], questions: list[str]) -> Iterator[tuple[Outcome, bytes]]:
    """Load the submission, ask some questions for their effect, and tell the answers to those that follow.

    After one that ended the process, or was answered with more than a short value, the others are left out: their
    answers are empty. The seconds of an outcome are those since the one told before it.
    """
    began = told = time.monotonic()
    asked = Asked(submission, len(before) + len(questions))
    left = len(questions)
    try:
        results = chain(asked.ask_all(_encoded(before)), asked.ask_all(_encoded(questions), until_more=True))
        for outcome, answer in results:
            now = time.monotonic()
            if now - began > submission.limits.run_s:
                outcome, answer = Outcome("time", f"all calls took longer than {submission.limits.run_s:.1f} s"), b""  # noqa: PLW2901
            if asked.answered > len(before) or outcome.status != "ok":
                yield outcome._replace(seconds=now - told), answer
                told, left = now, left - 1
            if outcome.status != "ok":
                break
    finally:
        asked.close()
    yield from [(Outcome("ok"), b"")] * left


def _encoded(questions: Iterable[str]) -> list[bytes]:
    return [question.encode() for question in questions]


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
        self.answered = 0
        self.ended = False
        limits = self.limits._replace(time_limit_s=self.limits.time_limit_s * max(1, questions))
        submission.ready.expect(task_of(limits, (CONTEST if contest else CALLED) + submission.code))
        self.process = submission.ready.take()
        self.channel = self.process.channel
        self.channel.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, TIMEVAL.pack(0, QUICK))
        self.answers = Frames(self.channel, self.cap)
        self.child = self.process.begin(limits)
        self.clock = Clock(self.child.pid, self.limits)
        self.placing = Placing(self.child.pid)
        self.poll = select.poll()
        self.poll.register(self.channel, select.POLLIN)
        self.poll.register(self.caller, select.POLLIN)
        self._caller = self.caller.fileno()

    def close(self) -> None:
        """End the process."""
        self._end(Outcome("ok"))

    def ask_all(self, questions: Iterable[bytes], *, until_more: bool = False) -> Iterator[tuple[Outcome, bytes]]:
        """Ask one question after another, each within the limits, until one ends the process; tell of that one too.

        Each is sent when the one before is answered: what a test hands over may be what an earlier one expects.

        Args:
            questions: What to ask.
            until_more: Whether to stop after an answer that is more than a short value as well.
        """
        for question in questions:
            outcome, answer = self._send(question) or self._answer()
            self.answered += 1
            yield outcome, answer[1:]
            if outcome.status != "ok" or (until_more and answer[:1] != PLAIN):
                return

    def _send(self, question: bytes) -> tuple[Outcome, bytes] | None:
        """Send a question; gives what is told of it where that cannot be."""
        self.clock.begin()
        try:
            if not self.answers.empty or self._spoke(0):  # before it was asked; or it ended
                return self._end(Outcome("error", "it ended, or answered before it was asked")), b""
            self._tell(framed(question))
        except TimeoutError:
            return self._end(self.limits.late), b""
        except CallerGoneError:
            raise
        except OSError:
            return self._end(ENDED), b""
        return None

    def _tell(self, frame: bytes) -> None:
        """Send a frame; one that has no room in the channel at once, part by part."""
        try:
            sent = self.channel.send(frame, socket.MSG_DONTWAIT)
        except BlockingIOError:
            sent = 0
        if sent < len(frame):
            self.channel.settimeout(self.limits.wall)
            self.channel.sendall(memoryview(frame)[sent:])
            self.channel.settimeout(None)

    def _spoke(self, seconds: float) -> bool:
        """Wait for the process to say something, or to end."""
        for descriptor, _ in self.poll.poll(seconds * 1000):
            if descriptor == self._caller:
                raise CallerGoneError
            return True
        return False

    def _answer(self) -> tuple[Outcome, bytes]:
        """Wait for the answer."""
        try:
            while not self.answers.come:
                if instead := self._awaited():
                    return self._end(instead), b""
        except CallerGoneError:
            raise
        except FrameError as error:
            return self._end(Outcome("output", str(error))), b""
        except OSError:
            return self._end(ENDED), b""
        answer = self.answers.come.popleft()
        took, late = self.clock.lap()
        if late:
            return self._end(self.limits.late), b""
        self.placing.keep()
        return Outcome("ok", "", took), answer

    def _awaited(self) -> Outcome | None:
        """Take in an answer, or more of it; returns what the process took too much of instead, or that it ended."""
        if not self.answers.empty and self.clock.late():
            return self.limits.late
        while True:
            try:
                return None if self.answers.more() else ENDED
            except BlockingIOError:  # it was not quick
                self.placing.release()
            while not self._spoke(ROUND):
                if self.clock.late():
                    return self.limits.late
                if excess := self.child.excess():
                    return excess

    def _end(self, outcome: Outcome) -> Outcome:
        if self.ended:
            return outcome
        self.ended = True
        self.placing.release()
        self.process.close()
        return self.child.end(outcome)
