"""Run test code against stand-ins for the submission's names, in a process that no submission shares."""

from __future__ import annotations

import resource
import socket
import sys
import time
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from rewards.codetests.failures import CannotCarryError, SubmissionEndedError, is_of_submission
from rewards.codetests.far import Far
from rewards.codetests.instances import kind_of
from rewards.codetests.questions import ForesightError, Questions, Told
from rewards.codetests.remote import Remote
from rewards.codetests.script import KIND_OF, NotCountedError, Script, run
from rewards.codetests.serving import MAX_FRAME, MAX_SECONDS
from sandbox.frames import FrameError, packed, receive_frame, send_frame, unpacked

UNIT_SECONDS = 10  # of processor time for one assertion: what it computes with a number may have no end


class SubmissionModule:
    """Stand for the submission where test code imports it as a module."""

    def __init__(self, far: Far) -> None:
        self.__dict__["_far"] = far

    def __getattr__(self, name: str) -> Any:
        self._far.asked += 1  # whatever comes of it is the submission's
        found = self._far.names([name])
        if name not in found:
            raise AttributeError(f"module 'solution' has no attribute {name!r}")
        return found[name]

    def __setattr__(self, name: str, _value: object) -> None:
        raise CannotCarryError(f"the test code changes {name} of the submission")


class Examination:
    """Run one row's test code against stand-ins for the submission's names.

    A frame to the caller that begins with `?` holds questions; frames with their replies follow it, the last of which
    begins with `!`, the others with `.`. The replies may be fewer: what got none is asked again, or not any more.
    """

    def __init__(
        self,
        connection: socket.socket,
        request: Mapping[str, Any],
        script: Script,
        provided: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        self.connection, self.script, self.provided = connection, script, provided
        self.complaints: list[str | None] = ["it was not reached"] * script.units
        self.asked = 0  # of the submission when the unit began
        self.swayed = False  # whether test code can tell without asking what the submission defines: a value, nothing
        self.second = -1  # of processor time, in which the unit began
        self.row_fault = ""
        questions = Questions(self._send, self._hear, script.groups if request["foresee"] else ())
        self.far = Far(questions, script, request["patience"])

    def run(self) -> dict[str, Any]:
        """Run it.

        Returns:
            `complaints`, one a unit, "" where it holds and None where it does not count; or `row`: why the test code
            cannot be used; or `again` where foresight failed.
        """
        trouble = self._examined()
        if self.far.questions.lost:
            return {"again": True}
        if trouble and (not self.far.asked or (isinstance(trouble, ImportError) and not is_of_submission(trouble))):
            return {"row": f"the test code fails by itself: {_named(trouble)}"}
        return {"row": self.row_fault} if self.row_fault else {"complaints": self.complaints}

    def _examined(self) -> BaseException | None:
        far, names = self.far, self.script.names
        namespace: dict[str, Any] = {"__name__": "__main__", KIND_OF: kind_of, **self.provided}
        namespace |= dict.fromkeys(self.script.modules, SubmissionModule(far))
        try:
            namespace |= far.names(names)
        except (SubmissionEndedError, Exception) as error:  # noqa: BLE001 - whatever loading the submission raised
            far.asked += 1
            self.complaints = [f"the submission does not load: {_named(error)}"] * self.script.units
            return None
        self.swayed = any(not isinstance(namespace.get(name), Remote) for name in names)
        far.asked += any(not isinstance(namespace.get(name), (Remote, type)) for name in names)
        values = [name for name in names if name in namespace and not isinstance(namespace[name], (Remote, type))]
        if values:  # which are fetched in between
            far.questions.forget()

        def refresh() -> None:
            """Begin a statement, and fetch again what may have changed: values, which cross by copy."""
            self._begin()
            far.define(namespace)
            if values and far.asked:
                namespace.update(far.names(values))

        try:
            return run(self.script, namespace, (self._failed, self._passed), refresh)
        except (CannotCarryError, SubmissionEndedError, ForesightError) as error:
            if isinstance(error, CannotCarryError):
                self.row_fault = str(error)
            return error

    def _begin(self) -> None:
        self.far.begin()
        self.asked = self.far.asked
        second = int(time.process_time())
        if second != self.second:
            self.second = second
            resource.setrlimit(resource.RLIMIT_CPU, (second + UNIT_SECONDS, MAX_SECONDS))

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
        asked = self.far.asked > self.asked or self.swayed
        return isinstance(error, NotCountedError) and (not asked if error.own is None else error.own)

    def _send(self, questions: list[bytes]) -> None:
        send_frame(self.connection, b"?" + packed(questions))

    def _hear(self) -> Told:
        frame = receive_frame(self.connection, MAX_FRAME)
        if not frame:
            raise SystemExit
        return Told(unpacked(frame[1:]), frame[:1] == b"!")


def _named(error: BaseException | None) -> str:
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 - an exception that cannot be shown is still one
        text = ""
    kind = "" if isinstance(error, (SubmissionEndedError, NotCountedError)) else type(error).__name__
    return ": ".join(filter(None, (kind, text[:200]))) or "it failed"
