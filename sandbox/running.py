"""Run a submission in this environment: the one entry for the caller next door and for the Lambda handler."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from typing import Any

from sandbox import languages
from sandbox.frames import FrameError, receive_frame, send_frame
from sandbox.local import SandboxBrokenError, submissions
from sandbox.outcome import FAILED_START, MAX_COMPILE_SECONDS, Limits, Outcome

MAX_HEAD = 1 << 16
PATIENCE = 15.0  # seconds beyond a run's own limit after which its supervisor is taken for dead
CANARY = {"mode": "program", "code": "print(6 * 7)", "runs": [""], "limits": {"time_limit_s": 10.0}}
BROKEN = Outcome("killed", "the submission took its supervisor with it")


def outcomes(request: dict[str, Any]) -> Iterator[tuple[Outcome, bytes]]:
    """Run a submission and yield an outcome and an output for each of its runs.

    Args:
        request: As `submission.handle` describes it, of any mode but "live".

    Raises:
        SandboxBrokenError: Nothing runs here, not even a program known to be good.
        LanguageMissingError: What the request's `language` needs is not here.
    """
    done = 0
    if (language := request.get("language", "python")) != "python":
        languages.binary(language)
    try:
        with submissions.lease() as connection:
            send_frame(connection, json.dumps(request).encode())
            for _ in request["runs"]:
                outcome, output = _received(connection, request)
                yield _checked(outcome), output
                done += 1
    except (OSError, ValueError):
        check_canary()
        for _ in request["runs"][done:]:
            yield BROKEN, b""


def _received(connection: socket.socket, request: dict[str, Any]) -> tuple[Outcome, bytes]:
    limits = Limits(**request["limits"])
    questions = max(map(len, request["runs"])) if request["mode"] == "calls" else 1
    connection.settimeout(limits.wall * max(1, questions) + MAX_COMPILE_SECONDS + PATIENCE)
    frame = receive_frame(connection, limits.output_kb * 1024 + 2 * MAX_HEAD)
    if frame is None:
        raise FrameError("the supervisor ended")
    head, _, output = frame.partition(b"\n")
    return Outcome.of_line(head), output


def _checked(outcome: Outcome) -> Outcome:
    """Make sure that a process that ended as ours do where a guard fails was not one of ours."""
    if outcome.status == FAILED_START:
        check_canary()
        return outcome._replace(status="error")
    return outcome


def tier() -> str:
    """Tell what protects a submission's surroundings here: "kernel" or "process".

    Raises:
        SandboxBrokenError: Nothing runs here.
    """
    return str(submissions.report()["tier"])


def check_canary() -> None:
    """Run a program known to be good; where it fails, once more from a fresh start, since what ran before may be why.

    Raises:
        SandboxBrokenError: It failed both times, so what failed before it was no submission's fault.
    """
    try:
        _run_canary()
    except SandboxBrokenError:
        submissions.stop()
        _run_canary()


def _run_canary() -> None:
    try:
        with submissions.lease() as connection:
            send_frame(connection, json.dumps(CANARY).encode())
            outcome, output = _received(connection, CANARY)
    except (OSError, ValueError) as error:
        raise SandboxBrokenError(f"a program known to be good does not run: {type(error).__name__}") from error
    if (outcome.status, output) != ("ok", b"42\n"):
        raise SandboxBrokenError(f"a program known to be good does not run: {outcome.status} {outcome.detail[:200]}")


class Live:
    """Hold a conversation with one loaded submission; a context manager."""

    def __init__(self, code: str, limits: dict[str, Any]) -> None:
        self.limits = Limits(**limits)
        self._failure: BaseException | None = None
        self._lease = submissions.lease()
        self.connection = self._lease.__enter__()
        send_frame(self.connection, json.dumps({"mode": "live", "code": code, "limits": limits}).encode())

    def ask(self, question: bytes) -> tuple[Outcome, bytes]:
        """Ask one question; after an outcome other than ok the conversation is over.

        Raises:
            SandboxBrokenError: Nothing runs here.
        """
        try:
            self.connection.settimeout(self.limits.wall + MAX_COMPILE_SECONDS + PATIENCE)
            send_frame(self.connection, question)
            reply = receive_frame(self.connection, self.limits.output_kb * 1024 + 2 * MAX_HEAD)
            if not reply:
                raise FrameError("the supervisor ended")
            if reply[:1] == b"+":
                return Outcome("ok"), reply[1:]
            return _checked(Outcome.of_line(reply[1:])), b""
        except (OSError, ValueError) as error:
            self._failure = error
            check_canary()
            return BROKEN, b""

    def close(self) -> None:
        """Leave the conversation, which ends the submission's process."""
        self._lease.__exit__(type(self._failure) if self._failure else None, self._failure, None)
