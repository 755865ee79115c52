"""Have J, a process of its own, decide: P passes on what was asked and answered, and reads none of it."""

from __future__ import annotations

import contextlib
import json
import os
import socket
from collections.abc import Sequence
from typing import Any

from rewards.codetests.cases import Case
from rewards.codetests.conversation import Result, Talk
from rewards.codetests.rows import Problem
from rewards.interface import RowError, ServiceError, seconds_left
from sandbox.codec import encode
from sandbox.frames import FrameError, packed, receive_frame, send_frame, unpacked
from sandbox.local import SandboxBrokenError, Zygotes

MIN_MEMORY_MB, MAX_MEMORY_MB = 256, 1024
COMPARE_SECONDS = 60.0
EXAMINE_SECONDS = 180.0
MAX_TIMEOUTS = 10  # after so many questions without an answer in time no more are asked
MAX_FRAME = 256 << 20
MAX_PRELUDE = 1 << 18  # characters of the row's own code before a submission

comparers = Zygotes("rewards.codetests.comparer")
examiners = Zygotes("rewards.codetests.examiner")


def judge_calls(answered: Sequence[tuple[Case, bytes]]) -> list[str]:
    """Say of each answered call why it is wrong; "" where it is right.

    Raises:
        ServiceError: No process can be had to compare in.
    """
    if not answered:
        return []
    cases = [
        {"expected": encode(case.expected), "unwrap": case.unwrap, "answer": answer.decode("utf-8", "replace")}
        for case, answer in answered
    ]
    try:
        with comparers.lease() as connection:
            connection.settimeout(COMPARE_SECONDS)
            request = {"cases": cases, "memory_mb": _memory_mb()}
            send_frame(connection, json.dumps(request).encode())
            found: list[str] = _final(receive_frame(connection, MAX_FRAME))
            return found
    except SandboxBrokenError as error:
        raise ServiceError(str(error)) from error
    except OSError:  # the comparison died of what it compared, and only the submission's side is unbounded
        return ["comparing it took too long or too much memory"] * len(answered)


def examine(problem: Problem, talk: Talk, *, foresee: bool) -> list[str] | None:
    """Run a problem's test code against a submission; say of each assertion why it fails, "" where it holds.

    Args:
        problem: Holds the test code.
        talk: The conversation with the submission, in which nothing was asked yet.
        foresee: Whether to ask at once what can be foreseen; gives None where something else was asked then.

    Raises:
        RowError: The test code cannot be used.
        ServiceError: No process can be had to run it in, or time ran out.
    """
    request = {
        "code": problem.test_code,
        "prelude": problem.prelude[:MAX_PRELUDE],
        "function": problem.function,
        "patience": talk.patience,
        "memory_mb": _memory_mb(),
        "foresee": foresee,
    }
    asked = Asked(talk)
    written = json.dumps(request).encode()
    try:
        with comparers.lease() as connection:
            said = _said(connection, [written], asked)
        if said[:1] == b"*":
            with examiners.lease() as connection:
                said = _said(connection, [written, said[1:]], asked)
        return _verdicts(json.loads(said[1:]))
    except SandboxBrokenError as error:
        raise ServiceError(str(error)) from error
    except OSError as error:
        if not asked.times:
            raise RowError("the test code ends its own process or takes too long") from error
        if seconds_left() <= 0:
            raise ServiceError("time ran out before all tests had run") from error
        return ["the tests took too long or too much memory with what the submission returned"]


def _said(connection: socket.socket, frames: Sequence[bytes], asked: Asked) -> bytes:
    """Have test code run; returns what is said at last."""
    connection.settimeout(EXAMINE_SECONDS)
    connection.sendall(packed(frames))
    while True:
        connection.settimeout(max(0.1, min(EXAMINE_SECONDS, seconds_left())))
        frame = receive_frame(connection, MAX_FRAME)
        if not frame:
            raise FrameError("the examiner ended")
        if frame[:1] != b"?":
            return frame
        asked.pass_on(unpacked(frame[1:]), connection)


class Asked:
    """Pass on what is asked, until too much of it got no answer in time.

    Attributes:
        times: How often something was asked.
    """

    def __init__(self, talk: Talk) -> None:
        self.talk = talk
        self.times = self.late = 0
        self.last: list[Result] = []

    def pass_on(self, questions: list[bytes], connection: socket.socket) -> None:
        """Ask questions, and send the replies as they come, the end of them marked.

        Raises:
            ServiceError: Time ran out.
        """
        self.times += 1
        left = len(questions)
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it has said its last word
            for results in self.talk.ask(questions) if self.late < MAX_TIMEOUTS else [self.last]:
                left -= len(results)
                self.last = results[-1:]
                self.late += self.last[0][0].status == "time"
                send_frame(connection, (b"." if left else b"!") + packed(map(_reply, results)))
                if seconds_left() <= 0:
                    raise ServiceError("time ran out before all tests had run")
            if left:
                send_frame(connection, b"!")


def _reply(result: Result) -> bytes:
    outcome, answer = result
    return b"+" + answer if outcome.status == "ok" else f"-{outcome.status}: {outcome.detail}".encode()


def _memory_mb() -> int:
    """Tell what one comparison may allocate: of a function's memory a quarter, since others run beside it."""
    function = int(os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE") or MAX_MEMORY_MB * 4)
    return min(MAX_MEMORY_MB, max(MIN_MEMORY_MB, function // 4))


def _final(frame: bytes | None) -> Any:
    if not frame:
        raise FrameError("the examiner ended")
    return json.loads(frame[1:])


def _verdicts(answer: dict[str, Any]) -> list[str] | None:
    if answer.get("again"):
        return None
    if answer.get("row"):
        raise RowError(f"test_code: {answer['row']}")
    complaints = [why for why in answer["complaints"] if why is not None]
    if not complaints:
        raise RowError("test_code: every test in it is skipped")
    return complaints
