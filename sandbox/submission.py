"""S: compile one submission, then run it in a fresh process for each test. Nothing of the submission runs here."""

from __future__ import annotations

import json
import marshal
import resource
import signal
import socket
import time
import warnings
from collections.abc import Iterable
from types import CodeType
from typing import Any, NamedTuple

from sandbox import warm
from sandbox.asking import MAX_QUESTIONS, Asked, run_calls, run_session
from sandbox.execution import MAX_QUESTION, PROGRAM
from sandbox.frames import framed, receive_frame, send_frame
from sandbox.guards import Guards
from sandbox.outcome import MAX_COMPILE_SECONDS, Limits, Outcome
from sandbox.scratch import empty
from sandbox.waiting import Ready

WARM = ("sandbox.session",)
MAX_REQUEST = 256 << 20
COMPILE_ROOM = 512 << 20
HOLD = 0.005  # seconds that an outcome may wait for the next


class CompileFailedError(Exception):
    """Say that the submission is no Python program."""


class Submission(NamedTuple):
    """Hold one submission, compiled, with all that running it needs."""

    code: bytes
    limits: Limits
    ready: Ready
    caller: socket.socket


def prepare(guards: Guards) -> Ready:
    """Have a process wait for the submission, where nothing sweeps away what waits."""
    ready = Ready(guards)
    if guards.tier == "kernel":
        ready.fill()
    return ready


def handle(connection: socket.socket, ready: Ready) -> None:
    """Serve one submission: a request comes in, an outcome and its output go out for each run.

    The request is a JSON object: `mode`, `code`, `limits`, and `runs`: in mode `program` the standard inputs; in mode
    `session` the questions to one process; in mode `calls` one list of questions for each process, all but the last
    of which are asked for their effect. In mode `live` every further frame is a question; its answer follows a byte
    that says whether there is one.
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
        _run(Submission(code, limits, ready, connection), request["mode"], request.get("runs", []))
    except CompileFailedError as error:
        _refuse(connection, request, str(error))
    finally:
        ready.close()
        empty(ready.guards.scratch)


def _run(submission: Submission, mode: str, runs: list[Any]) -> None:
    if mode == "live":
        live(submission)
        return
    if mode == "session":
        tell_together(submission.caller, run_session(submission, runs))
        return
    run = run_program if mode == "program" else run_calls
    for left, task in zip(range(len(runs) - 1, -1, -1), runs, strict=True):
        tell(submission.caller, *run(submission, task, more=left > 0))


def _run_native(
    language: str, limits: Limits, ready: Ready, request: dict[str, Any], connection: socket.socket
) -> None:
    from sandbox import languages  # noqa: PLC0415 - large, and rarely needed

    try:
        with languages.prepared(language, ready.guards, limits, request["code"], connection) as native:
            try:
                _run(Submission(b"", limits, native, connection), "program", request["runs"])
            finally:
                native.close()
    except languages.NotCompiledError as error:
        _refuse(connection, request, str(error))


def tell(connection: socket.socket, outcome: Outcome, output: bytes) -> None:
    """Send one outcome and its output in one frame: a line, and the rest."""
    send_frame(connection, outcome.line() + b"\n" + output)


def tell_together(connection: socket.socket, results: Iterable[tuple[Outcome, bytes]]) -> None:
    """Send outcomes as they come, those that come at once together: each message takes as long as a short call."""
    held, sent = [], time.monotonic()
    for outcome, output in results:
        held.append(framed(outcome.line() + b"\n" + output))
        if outcome.status != "ok" or time.monotonic() - sent > HOLD:
            connection.sendall(b"".join(held))
            held, sent = [], time.monotonic()
    connection.sendall(b"".join(held))


def _refuse(connection: socket.socket, request: dict[str, Any], why: str) -> None:
    outcome = Outcome("error", why)
    if request["mode"] == "live":
        send_frame(connection, b"-" + outcome.line())
        return
    for _ in request["runs"]:
        tell(connection, outcome, b"")


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


def run_program(submission: Submission, stdin: str, *, more: bool) -> tuple[Outcome, bytes]:
    """Run the submission as a program on one standard input; its output is what it wrote to standard output.

    Args:
        submission: What to run.
        stdin: Its standard input.
        more: Whether to have another process wait meanwhile.
    """
    limits = submission.limits
    process = submission.ready.take()
    try:
        child = process.begin(limits, PROGRAM + submission.code, stdin.encode("utf-8", "surrogateescape"))
        if more:
            submission.ready.fill()
        return process.written(child.wait(submission.caller), limits.output_kb)
    finally:
        process.close()


def live(submission: Submission) -> None:
    """Pass questions on to one running submission until the caller leaves or the submission ends."""
    asked = Asked(submission, MAX_QUESTIONS)
    try:
        while question := receive_frame(submission.caller, MAX_QUESTION):
            outcome, answer = asked.ask(question)
            if outcome.status != "ok":
                send_frame(submission.caller, b"-" + outcome.line())
                return
            send_frame(submission.caller, b"+" + answer)
    finally:
        asked.close()
