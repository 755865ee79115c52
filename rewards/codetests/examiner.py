"""J for test code: assert in a process that is thrown away, and never shared with a submission."""

from __future__ import annotations

import contextlib
import json
import resource
import socket
import sys
import time
from typing import Any

from rewards.codetests.assertions import KIND_OF, Plan, TestCodeError, plan_tests
from rewards.codetests.comparer import MAX_FRAME, MAX_SECONDS, prepare, request_of
from rewards.codetests.failures import CannotCarryError, SubmissionEndedError, is_of_submission
from rewards.codetests.far import Far
from rewards.codetests.foresight import ForesightError, foreseen
from rewards.codetests.instances import kind_of
from rewards.codetests.remote import Remote
from rewards.codetests.testrun import NotCountedError, run_plan
from sandbox.frames import FrameError, packed, receive_frame, send_frame, unpacked

__all__ = ["handle", "prepare"]  # what a zygote calls
ONCE = True  # test code may change this process as it likes
UNIT_SECONDS = 10  # of processor time for one assertion: what it computes with a number may have no end


def handle(connection: socket.socket, _prepared: None) -> None:
    """Serve one request: test code to run against a submission elsewhere."""
    request = request_of(connection)
    answer = Examination(connection, request).run()
    send_frame(connection, b"!" + json.dumps(answer).encode())


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

    def __init__(self, connection: socket.socket, request: dict[str, Any]) -> None:
        self.connection, self.request = connection, request
        self.complaints: list[str | None] = []
        self.asked = 0  # of the submission when the unit began
        self.row_fault = ""
        self.far: Far

    def run(self) -> dict[str, Any]:
        """Run it.

        Returns:
            `complaints`, one a unit, "" where it holds and None where it does not count; or `row`: why the test code
            cannot be used; or `again` where foresight failed.
        """
        try:
            plan = plan_tests(self.request["code"], self.request["prelude"], self.request["function"])
        except TestCodeError as error:
            return {"row": str(error)}
        self.complaints = ["it was not reached"] * len(plan.units)
        far = self.far = Far(self._exchange, plan.classes, self.request["patience"], plan.own)
        trouble = self._examined(plan, far)
        if far.questions.lost:
            return {"again": True}
        if trouble and (not far.asked or (isinstance(trouble, ImportError) and not is_of_submission(trouble))):
            return {"row": f"the test code fails by itself: {_named(trouble)}"}
        return {"row": self.row_fault} if self.row_fault else {"complaints": self.complaints}

    def _examined(self, plan: Plan, far: Far) -> BaseException | None:
        namespace: dict[str, Any] = {"__name__": "__main__", KIND_OF: kind_of}
        namespace |= dict.fromkeys(plan.modules, SubmissionModule(far))
        try:
            namespace |= far.names(plan.names)
        except (SubmissionEndedError, Exception) as error:  # noqa: BLE001 - whatever loading the submission raised
            far.asked += 1
            self.complaints = [f"the submission does not load: {_named(error)}"] * len(plan.units)
            return None
        if self.request["foresee"]:
            self._foresee(plan, namespace)
        missing = [name for name in plan.names if name not in namespace]
        far.asked += bool(missing)

        def refresh() -> None:
            """Begin a statement, and fetch again what may have changed: values, which cross by copy."""
            self._begin()
            far.define(namespace)
            values = [
                name for name in plan.names if name in namespace and not isinstance(namespace[name], (Remote, type))
            ]
            if values and far.asked:
                namespace.update(far.names(values))

        try:
            return run_plan(plan, namespace, (self._failed, self._passed), refresh)
        except (CannotCarryError, SubmissionEndedError, ForesightError) as error:
            if isinstance(error, CannotCarryError):
                self.row_fault = str(error)
            return error

    def _foresee(self, plan: Plan, namespace: dict[str, Any]) -> None:
        """Have what can be foreseen asked at once; not where values of the submission are fetched in between."""
        names = [name for name in plan.names if name in namespace]
        if all(isinstance(namespace[name], (Remote, type)) for name in names):
            groups = foreseen(plan.statements, names)
            with contextlib.suppress(CannotCarryError):  # which the test code will say itself
                self.far.foresee([(namespace[call.name], call) for call in group] for group in groups)

    def _begin(self) -> None:
        self.far.begin()
        self.asked = self.far.asked
        resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time()) + UNIT_SECONDS, MAX_SECONDS))

    def _passed(self, number: int) -> None:
        self._begin()
        self.complaints[number] = ""

    def _failed(self, number: int) -> None:
        error = sys.exc_info()[1]
        if isinstance(error, (CannotCarryError, ForesightError, FrameError)):
            raise error
        self.complaints[number] = None if self._is_void(error) else _named(error)
        self._begin()

    def _is_void(self, error: BaseException | None) -> bool:
        """Tell whether the unit does not count: the row's own code skips it, and not for what the submission does."""
        asked = self.far.asked > self.asked
        return isinstance(error, NotCountedError) and (not asked if error.own is None else error.own)

    def _exchange(self, questions: list[bytes]) -> list[bytes]:
        send_frame(self.connection, b"?" + packed(questions))
        reply = receive_frame(self.connection, MAX_FRAME)
        if not reply:
            raise SystemExit
        return unpacked(reply)


def _named(error: BaseException | None) -> str:
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 - an exception that cannot be shown is still one
        text = ""
    kind = "" if isinstance(error, (SubmissionEndedError, NotCountedError)) else type(error).__name__
    return ": ".join(filter(None, (kind, text[:200]))) or "it failed"
