"""S: compile one submission, then run it in a fresh process for each test. Nothing of the submission runs here."""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import socket
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from types import CodeType
from typing import Any

from sandbox import execution, languages
from sandbox.frames import FrameError, receive_frame, send_frame
from sandbox.guards import Guards
from sandbox.supervision import ROUND, CallerGoneError, Clock, Limits, Outcome, contents, empty, start, unnamed_file

WARM = ("sandbox.session",)
MAX_REQUEST = 256 << 20
MAX_COMPILE_SECONDS = 10
COMPILE_ROOM = 512 << 20
MAX_QUESTIONS = 1000


class CompileFailedError(Exception):
    """Say that the submission is no Python program."""


@dataclass(frozen=True, slots=True)
class Submission:
    """Hold one submission, compiled, with all that its processes need."""

    code: CodeType | None
    limits: Limits
    guards: Guards
    caller: socket.socket
    native: Callable[[], None] | None = None  # becomes the program, for languages other than Python
    keep: int = -1  # a descriptor that it needs for that


def handle(connection: socket.socket, guards: Guards) -> None:
    """Serve one submission: a request comes in, an outcome and its output go out for each run.

    The request is a JSON object: `mode`, `code`, `limits`, and `runs`: in mode `program` the standard inputs; in mode
    `session` the questions to one process; in mode `calls` one list of questions for each process, all but the last
    of which are asked for their effect. In mode `live` every further frame is a question; its answer follows a byte
    that says whether there is one.
    """
    frame = receive_frame(connection, MAX_REQUEST)
    if frame is None:
        return
    request = json.loads(frame)
    limits = Limits(**request["limits"])
    if (language := request.get("language", "python")) != "python":
        _run_native(language, Submission(None, limits, guards, connection), request)
        return
    try:
        submission = Submission(compiled(request["code"], limits), limits, guards, connection)
    except CompileFailedError as error:
        _refuse(connection, request, str(error))
        return
    try:
        if request["mode"] == "live":
            live(submission)
            return
        if request["mode"] == "session":
            for outcome, answer in run_session(submission, request["runs"]):
                tell(connection, outcome, answer)
            return
        run = run_program if request["mode"] == "program" else run_calls
        for task in request["runs"]:
            tell(connection, *run(submission, task))
    finally:
        empty(guards.scratch)


def _run_native(language: str, bare: Submission, request: dict[str, Any]) -> None:
    try:
        with languages.prepared(language, bare, request["code"]) as submission:
            for task in request["runs"]:
                tell(bare.caller, *run_program(submission, task))
    except languages.NotCompiledError as error:
        _refuse(bare.caller, request, str(error))
    finally:
        empty(bare.guards.scratch)


def tell(connection: socket.socket, outcome: Outcome, output: bytes) -> None:
    """Send one outcome and its output."""
    send_frame(connection, json.dumps(asdict(outcome)).encode())
    send_frame(connection, output)


def _refuse(connection: socket.socket, request: dict[str, Any], why: str) -> None:
    outcome = Outcome("error", why)
    if request["mode"] == "live":
        send_frame(connection, b"-" + json.dumps(asdict(outcome)).encode())
        return
    for _ in request["runs"]:
        tell(connection, outcome, b"")


def compiled(source: str, limits: Limits) -> CodeType:
    """Compile the submission within bounds of its own.

    Raises:
        CompileFailedError: It is no Python program; the message is what Python says of it.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    room = (limits.memory_mb << 20) + COMPILE_ROOM
    resource.setrlimit(resource.RLIMIT_AS, (room if hard == resource.RLIM_INFINITY else min(hard, room), hard))
    signal.setitimer(signal.ITIMER_PROF, MAX_COMPILE_SECONDS)  # its signal ends this process, which the caller notices
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return compile(source.removeprefix("\ufeff"), "solution.py", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError) as error:
        raise CompileFailedError(f"{type(error).__name__}: {error}"[:300]) from None
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def run_program(submission: Submission, stdin: str) -> tuple[Outcome, bytes]:
    """Run the submission as a program on one standard input; its output is what it wrote to standard output."""
    limits = submission.limits
    with unnamed_file(stdin.encode("utf-8", "surrogateescape")) as given, unnamed_file() as out, unnamed_file() as err:
        body = submission.native or (lambda: execution.run_program(submission.code))  # type: ignore[arg-type]
        kind = "native" if submission.native else "python"
        child = start(limits, submission.guards, (given, out, err), body, submission.keep, kind)
        outcome = child.wait(submission.caller)
        cap = limits.output_kb * 1024
        output = contents(out, cap + 1)
        if len(output) >= cap and outcome.status != "memory":
            outcome = replace(outcome, status="output", detail=f"more than {limits.output_kb} KiB of output")
        if outcome.status == "error":
            outcome = _explained(outcome, contents(err, 1 << 16))
        return outcome, output


def _explained(outcome: Outcome, stderr: bytes) -> Outcome:
    lines = stderr.decode("utf-8", "replace").strip().splitlines()
    last = lines[-1][:300] if lines else outcome.detail
    return replace(outcome, status="memory" if last.startswith("MemoryError") else outcome.status, detail=last)


def run_session(submission: Submission, questions: list[str]) -> Iterator[tuple[Outcome, bytes]]:
    """Load the submission and ask it one question after another; after one that ended it, load it anew."""
    asked: Asked | None = None
    try:
        for question in questions:
            asked = asked or Asked(submission, len(questions), contest=True)
            outcome, answer = asked.ask(question.encode())
            yield outcome, answer
            if outcome.status != "ok":
                asked = None
    finally:
        if asked is not None:
            asked.close()


def run_calls(submission: Submission, questions: list[str]) -> tuple[Outcome, bytes]:
    """Load the submission and ask it all questions; gives the answer to the last and the seconds that all took."""
    began = time.monotonic()
    asked = Asked(submission, len(questions))
    try:
        for question in questions:
            outcome, answer = asked.ask(question.encode())
            took = time.monotonic() - began
            if took > submission.limits.run_s:
                outcome = Outcome("time", f"all calls together took longer than {submission.limits.run_s:.1f} s")
            if outcome.status != "ok":
                break
        return replace(outcome, seconds=took), answer if outcome.status == "ok" else b""
    finally:
        asked.close()


def live(submission: Submission) -> None:
    """Pass questions on to one running submission until the caller leaves or the submission ends."""
    asked = Asked(submission, MAX_QUESTIONS)
    try:
        while question := receive_frame(submission.caller, MAX_REQUEST):
            outcome, answer = asked.ask(question)
            if outcome.status != "ok":
                send_frame(submission.caller, b"-" + json.dumps(asdict(outcome)).encode())
                return
            send_frame(submission.caller, b"+" + answer)
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
        self.submission, self.limits = submission, submission.limits
        self.cap = self.limits.output_kb * 1024 + (1 << 16)
        self.ended = False
        self.channel, theirs = socket.socketpair()
        code = submission.code
        assert code is not None  # noqa: S101 - for mypy: a native program is asked nothing
        null = os.open(os.devnull, os.O_RDWR)
        with unnamed_file() as sink, theirs:
            self.child = start(
                replace(self.limits, time_limit_s=self.limits.time_limit_s * max(1, questions)),
                self.submission.guards,
                (null, sink, null),
                lambda: execution.run_session(code, theirs, MAX_REQUEST, contest=contest),
                keep=theirs.fileno(),
            )
        os.close(null)

    def close(self) -> None:
        """End the process."""
        self.channel.close()
        self._end(Outcome("ok"))

    def ask(self, question: bytes) -> tuple[Outcome, bytes]:
        """Ask one question within the limits."""
        clock = Clock(self.child.pid, self.limits)
        self.channel.settimeout(self.limits.wall)
        try:
            if select.select([self.channel], [], [], 0)[0]:  # nothing is owed: it spoke before it was asked, or ended
                return self._end(Outcome("error", "it ended, or answered before it was asked")), b""
            send_frame(self.channel, question)
            excess = self._awaited(clock)
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
        if clock.late():
            return self._end(self.limits.late), b""
        return Outcome("ok", "", clock.seconds()), answer

    def _awaited(self, clock: Clock) -> Outcome | None:
        """Wait for an answer to begin; returns what the process took too much of instead."""
        while not clock.late():
            ready = select.select([self.channel, self.submission.caller], [], [], ROUND)[0]
            if self.channel in ready:
                return None
            if ready:
                raise CallerGoneError
            if excess := self.child.excess():
                return excess
        return self.limits.late

    def _end(self, outcome: Outcome) -> Outcome:
        if self.ended:
            return outcome
        self.ended = True
        self.channel.close()
        return self.child.end(outcome)
