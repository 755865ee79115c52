"""Run a submission in this environment: the one entry for the caller next door and for the Lambda handler."""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import Iterator, Sequence
from typing import Any

from sandbox import languages
from sandbox.frames import FrameError, Frames, packed, send_frame
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
            told = _ask(connection, request)
            for _ in request["runs"]:
                outcome, output = _received(told)
                yield _checked(outcome), output
                done += 1
    except (OSError, ValueError):
        check_canary()
        for _ in request["runs"][done:]:
            yield BROKEN, b""


def _ask(connection: socket.socket, request: dict[str, Any]) -> Frames:
    """Send a request; returns what its outcomes come by."""
    limits = Limits(**request["limits"])
    questions = len(request.get("before", [])) + 1
    connection.settimeout(limits.wall * questions + MAX_COMPILE_SECONDS + PATIENCE)
    send_frame(connection, json.dumps(request).encode())
    return Frames(connection, limits.output_kb * 1024 + 2 * MAX_HEAD)


def _received(told: Frames) -> tuple[Outcome, bytes]:
    frame = told.receive()
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
            outcome, output = _received(_ask(connection, CANARY))
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
        request = {"mode": "live", "code": code, "limits": limits, "runs": []}
        self.replies = _ask(self.connection, request)

    def ask(self, questions: Sequence[bytes]) -> Iterator[list[tuple[Outcome, bytes]]]:
        """Ask questions; tells of all, in parts as it comes, up to one that ended it, after which none can be asked.

        After an answer that is more than a short value the others are left out: their answers are empty. All parts must
        be taken before more is asked.

        Raises:
            SandboxBrokenError: Nothing runs here.
        """
        left = len(questions)
        try:
            self.connection.settimeout(self.limits.wall * 2 + MAX_COMPILE_SECONDS + PATIENCE)
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it has ended, and has said why
                send_frame(self.connection, packed(questions))
            while left:
                told = self._told()
                left -= len(told)
                yield told
                if told[-1][0].status != "ok":
                    return
        except (OSError, ValueError) as error:
            self._failure = error
            check_canary()
            yield [(BROKEN, b"")]

    def _told(self) -> list[tuple[Outcome, bytes]]:
        """Receive what has come of questions, one at least."""
        told: list[tuple[Outcome, bytes]] = []
        while not told or self.replies.come:
            reply = self.replies.receive()
            if not reply:
                raise FrameError("the supervisor ended")
            if reply[:1] != b"+":
                return [*told, (_checked(Outcome.of_line(reply[1:])), b"")]
            told.append((Outcome("ok"), reply[1:]))
        return told

    def close(self) -> None:
        """Leave the conversation, which ends the submission's process."""
        self._lease.__exit__(type(self._failure) if self._failure else None, self._failure, None)
