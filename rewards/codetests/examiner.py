"""J: decode, compare and assert in a process that is thrown away, and never shared with a submission."""

from __future__ import annotations

import json
import os
import resource
import socket
import sys
from typing import Any

from rewards.codetests.assertions import KIND_OF, Plan, TestCodeError, plan_tests, run_plan
from rewards.codetests.comparison import Opaque, same_value
from rewards.codetests.failures import CannotCarryError, SubmissionEndedError
from rewards.codetests.far import Far
from rewards.codetests.remote import Remote, kind_of
from sandbox.codec import CodecError, decode, loads
from sandbox.frames import FrameError, receive_frame, send_frame
from sandbox.guards import Guards

MAX_FRAME = 256 << 20
MAX_MEMORY = 3 << 30
MAX_SECONDS = 120


def handle(connection: socket.socket, guards: Guards) -> None:
    """Serve one request: a comparison of answers, or test code to run against a submission elsewhere."""
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_SECONDS, MAX_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.setrecursionlimit(10_000)
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (1, 2):  # what tests print is nobody's to log
        os.dup2(null, stream)
    guards.enter(watched=False)
    frame = receive_frame(connection, MAX_FRAME)
    if frame is None:
        return
    request = json.loads(frame)
    answer = compared(request) if request["kind"] == "calls" else Examination(connection, request["code"]).run()
    send_frame(connection, b"!" + json.dumps(answer).encode())


def compared(request: dict[str, Any]) -> list[str]:
    """Say of each answer why it is wrong; "" where it is right."""
    return [_complaint(case, case["answer"]) for case in request["cases"]]


def _complaint(case: dict[str, Any], frame: str) -> str:
    try:
        answer = loads(frame.encode())
        if isinstance(answer, dict) and "raised" in answer:
            return f"it raised {str(answer['raised'][0])[:80]}: {str(answer.get('message'))[:200]}"
        actual = decode(answer["value"], _stand_in)
        expected = decode(case["expected"])
        right = same_value(expected, actual) or bool(case["unwrap"] and same_value(expected[0], actual))
    except (CodecError, TypeError, KeyError, IndexError, RecursionError) as error:
        return f"it returned no value: {type(error).__name__}"
    return "" if right else f"it returned {_short(actual)}"


def _stand_in(node: list[Any]) -> Any:
    return decode(node[4], _stand_in) if len(node) > 4 else Opaque([str(name) for name in node[3]])  # noqa: PLR2004 - see `Session`


def _short(value: object) -> str:
    try:
        text = repr(value)
    except (ValueError, RecursionError):
        text = f"a {type(value).__name__}"
    return text if len(text) <= 80 else f"{text[:77]}..."  # noqa: PLR2004 - a line's worth


class SubmissionModule:
    """Stand for the submission where test code imports it as a module."""

    def __init__(self, far: Far) -> None:
        self.__dict__["_far"] = far

    def __getattr__(self, name: str) -> Any:
        found = self._far.names([name])
        if name not in found:
            raise AttributeError(f"module 'solution' has no attribute {name!r}")
        return found[name]

    def __setattr__(self, name: str, _value: object) -> None:
        raise CannotCarryError(f"the test code changes {name} of the submission")


class Examination:
    """Run one row's test code against stand-ins for the submission's names."""

    def __init__(self, connection: socket.socket, source: str) -> None:
        self.connection, self.source = connection, source
        self.complaints: list[str] = []
        self.row_fault = ""

    def run(self) -> dict[str, Any]:
        """Return `complaints`, one a unit and "" where it holds, or `row`: why the test code cannot be used."""
        try:
            plan = plan_tests(self.source)
        except TestCodeError as error:
            return {"row": str(error)}
        self.complaints = ["it was not reached"] * len(plan.units)
        far = Far(self._exchange, plan.classes)
        trouble = self._examined(plan, far)
        if trouble and (not far.asked or trouble.startswith(("ImportError", "ModuleNotFoundError"))):
            return {"row": f"the test code fails by itself: {trouble}"}
        return {"row": self.row_fault} if self.row_fault else {"complaints": self.complaints, "trouble": trouble}

    def _examined(self, plan: Plan, far: Far) -> str:
        namespace: dict[str, Any] = {"__name__": "__main__", KIND_OF: kind_of}
        namespace |= dict.fromkeys(plan.modules, SubmissionModule(far))
        try:
            namespace |= far.names(plan.names)
        except (SubmissionEndedError, Exception) as error:  # noqa: BLE001 - whatever loading the submission raised
            far.asked += 1
            self.complaints = [f"the submission does not load: {_named(error)}"] * len(plan.units)
            return ""
        missing = [name for name in plan.names if name not in namespace]
        far.asked += bool(missing)

        def refresh() -> None:
            """Fetch again what may have changed: values, which cross by copy."""
            values = [
                name for name in plan.names if name in namespace and not isinstance(namespace[name], (Remote, type))
            ]
            if values and far.asked:
                namespace.update(far.names(values))

        try:
            return run_plan(plan, namespace, (self._failed, self._passed), refresh)
        except (CannotCarryError, SubmissionEndedError) as error:
            if isinstance(error, CannotCarryError):
                self.row_fault = str(error)
            return _named(error)

    def _passed(self, number: int) -> None:
        self.complaints[number] = ""

    def _failed(self, number: int) -> None:
        error = sys.exc_info()[1]
        if isinstance(error, (CannotCarryError, FrameError)):
            raise error
        self.complaints[number] = _named(error)

    def _exchange(self, question: bytes) -> bytes:
        send_frame(self.connection, b"?" + question)
        reply = receive_frame(self.connection, MAX_FRAME)
        if not reply:
            raise SystemExit
        if reply[:1] == b"-":
            raise SubmissionEndedError(reply[1:].decode("utf-8", "replace")[:300])
        return reply[1:]


def _named(error: BaseException | None) -> str:
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 - an exception that cannot be shown is still one
        text = ""
    kind = "" if isinstance(error, SubmissionEndedError) else type(error).__name__
    return ": ".join(filter(None, (kind, text[:200]))) or "it failed"
