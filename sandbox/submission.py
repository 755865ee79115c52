"""S: compile one submission, then run it in a fresh process for each test. Nothing of the submission runs here."""

from __future__ import annotations

import json
import marshal
import resource
import signal
import socket
import time
import warnings
from collections.abc import Iterable, Iterator
from itertools import starmap
from types import CodeType
from typing import Any, NamedTuple

from sandbox import warm
from sandbox.asking import MAX_QUESTIONS, Asked, run_calls, run_session
from sandbox.execution import MAX_QUESTION, PROGRAM
from sandbox.frames import packed, receive_frame, send_frame, unpacked
from sandbox.guards import Guards
from sandbox.outcome import MAX_COMPILE_SECONDS, Limits, Outcome
from sandbox.process import Process, task_of
from sandbox.scratch import empty
from sandbox.waiting import Ready

WARM = ("sandbox.session",)
MAX_REQUEST = 256 << 20
COMPILE_ROOM = 512 << 20
HOLD, MOST_HELD = 0.005, 1 << 16  # seconds, and bytes, that what is told may wait for what comes next


class CompileFailedError(Exception):
    """Say that the submission is no Python program."""


class Submission(NamedTuple):
    """Hold one submission, compiled, with all that running it needs."""

    code: bytes
    limits: Limits
    ready: Ready
    caller: socket.socket


def prepare(guards: Guards) -> Ready:
    """Have a process wait for the submission."""
    ready = Ready(guards)
    _fill(ready)
    return ready


def _fill(ready: Ready) -> None:
    if ready.guards.tier == "kernel":  # elsewhere what waits would be swept away
        ready.fill(1)


def handle(connection: socket.socket, ready: Ready) -> None:
    """Serve one submission: a request comes in, an outcome and its output go out for each run.

    The request is a JSON object: `mode`, `code`, `limits`, and `runs`: in mode `program` the standard inputs; in mode
    `session` the questions to one process, and to another where it ended; in mode `calls` questions to one process
    after those in `before`, which are asked for their effect. In mode `live` there are none: every further frame is a
    pack of questions; an answer follows a byte that says whether there is one.
    """
    try:
        frame = receive_frame(connection, MAX_REQUEST)
        if frame is None:
            return
        request = json.loads(frame)
        limits = Limits(**request["limits"])
        if (language := request.get("language", "python")) != "python":
            _run_native(language, limits, ready, request, connection)
            return
        code = compiled(request["code"], limits, ready)
        _run(Submission(code, limits, ready, connection), request["mode"], request["runs"], request.get("before", []))
    except CompileFailedError as error:
        _refuse(connection, request, str(error))
    finally:
        ready.forget()
        empty(ready.guards.scratch)
        connection.close()
    _fill(ready)


def _run(submission: Submission, mode: str, runs: list[Any], before: list[str]) -> None:
    if mode == "live":
        live(submission)
    elif mode == "session":
        send_together(submission.caller, starmap(told, run_session(submission, runs)))
    elif mode == "calls":
        send_together(submission.caller, starmap(told, run_calls(submission, before, runs)))
    else:
        run_programs(submission, runs)


def _run_native(
    language: str, limits: Limits, ready: Ready, request: dict[str, Any], connection: socket.socket
) -> None:
    from sandbox import languages  # noqa: PLC0415 - large, and rarely needed

    try:
        with languages.prepared(language, ready.guards, limits, request["code"], connection) as native:
            try:
                _run(Submission(b"", limits, native, connection), "program", request["runs"], [])
            finally:
                native.close()
    except languages.NotCompiledError as error:
        _refuse(connection, request, str(error))


def told(outcome: Outcome, output: bytes) -> bytes:
    """Write one outcome and its output as one payload: a line, and the rest."""
    return outcome.line() + b"\n" + output


class Sending:
    """Send frames, those that come at once together: each message takes as long as a short call."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._held: list[bytes] = []
        self._size, self._sent = 0, time.monotonic()

    def send(self, payload: bytes) -> None:
        """Send this, or hold it for a moment."""
        self._held.append(payload)
        self._size += len(payload)
        if self._size > MOST_HELD or time.monotonic() - self._sent > HOLD:
            self.flush()

    def flush(self) -> None:
        """Send what is held."""
        if self._held:
            self._connection.sendall(packed(self._held))
            self._held, self._size, self._sent = [], 0, time.monotonic()


def send_together(connection: socket.socket, payloads: Iterable[bytes]) -> None:
    """Send frames as they come, those that come at once together."""
    sending = Sending(connection)
    for payload in payloads:
        sending.send(payload)
    sending.flush()


def _refuse(connection: socket.socket, request: dict[str, Any], why: str) -> None:
    outcome = Outcome("error", why)
    if request["mode"] == "live":
        send_frame(connection, b"-" + outcome.line())
        return
    for _ in request["runs"]:
        send_frame(connection, told(outcome, b""))


def compiled(source: str, limits: Limits, ready: Ready) -> bytes:
    """Compile the submission within bounds of its own, and have what it names loaded where it will run.

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
            code: CodeType = compile(source.removeprefix("\ufeff"), "solution.py", "exec", dont_inherit=True)
            written = marshal.dumps(code)
    except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError) as error:
        raise CompileFailedError(f"{type(error).__name__}: {error}"[:300]) from None
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
    if warm.load_named(code):
        ready.close()  # what waits has not got it
    return written


def run_programs(submission: Submission, stdins: list[str]) -> None:
    """Run the submission as a program on each standard input; its output is what it wrote to standard output.

    While one runs the next is made, and what the one before wrote is read: in tier kernel nothing of that one is left
    that could still write.
    """
    limits, ready, sending = submission.limits, submission.ready, Sending(submission.caller)
    ready.expect(task_of(limits, PROGRAM + submission.code))
    read: list[tuple[Process, Outcome]] = []
    try:
        for left, stdin in zip(range(len(stdins) - 1, -1, -1), stdins, strict=True):
            process = ready.take()
            read.append((process, Outcome("error")))
            child = process.begin(limits, stdin.encode("utf-8", "surrogateescape"))
            ready.fill(left)
            if len(read) > 1:
                sending.send(told(*_written(read, limits)))
            read[-1] = process, child.wait(submission.caller, sending.flush)
            if ready.guards.tier == "process":
                sending.send(told(*_written(read, limits)))
        if read:
            sending.send(told(*_written(read, limits)))
        sending.flush()
    finally:
        for process, _ in read:
            process.close()


def _written(read: list[tuple[Process, Outcome]], limits: Limits) -> tuple[Outcome, bytes]:
    process, outcome = read[0]
    found = process.written(outcome, limits.output_kb)
    read.pop(0)[0].close()
    return found


def live(submission: Submission) -> None:
    """Pass questions on to one running submission until the caller leaves or the submission ends."""
    asked = Asked(submission, MAX_QUESTIONS)
    try:
        while not asked.ended and (pack := receive_frame(submission.caller, MAX_QUESTION)):
            send_together(submission.caller, _replies(asked, unpacked(pack)))
    finally:
        asked.close()


def _replies(asked: Asked, questions: list[bytes]) -> Iterator[bytes]:
    left = len(questions)
    for outcome, answer in asked.ask_all(questions, until_more=True):
        left -= 1
        yield b"+" + answer if outcome.status == "ok" else b"-" + outcome.line()
    yield from [b"+"] * left
