"""Talk, on the trusted side, with the submission's process: what its stand-ins are used for is asked here."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from rewards.codetests import remote
from rewards.codetests.failures import SubmissionEndedError, told_of
from rewards.codetests.incoming import Incoming, answer_in
from rewards.codetests.outgoing import Outgoing
from rewards.codetests.questions import Questions, names_question
from rewards.codetests.script import Script
from sandbox.codec import containers
from sandbox.tables import Table

MAX_LATE = 2  # after so many of them out of time nothing more is asked
NO_NAMES: Mapping[str, Any] = MappingProxyType({})


class Far:
    """Hold the conversation with the submission's process.

    Args:
        questions: What asks.
        script: The test code: what it names decides how answers are read.
        patience: Seconds for all that one assertion asks: each answer may come in time and there be no end of them.
    """

    def __init__(self, questions: Questions, script: Script, patience: float) -> None:
        self.questions, self._stops, self._patience = questions, script.stops, patience
        self._until, self._late = time.monotonic() + patience, 0
        self._incoming = Incoming(self, script.classes)
        self._outgoing = Outgoing(self._incoming, script.own)
        self.define = self._outgoing.define
        self.asked = 0

    def begin(self) -> None:
        """Begin a statement or an assertion of the test code, which has its time for itself."""
        self._until = time.monotonic() + self._patience

    def _exchange(self, question: bytes) -> bytes:
        reply = self.questions.known(question)
        if reply is None:
            if self._late < MAX_LATE and time.monotonic() > self._until:
                self._late += 1
            if self._late >= MAX_LATE or time.monotonic() > self._until:
                raise SubmissionEndedError(f"time: one test was still asking it after {self._patience:g} s")
            reply = self.questions.ask(question)
        if reply[:1] == b"-":
            raise SubmissionEndedError(reply[1:].decode("utf-8", "replace")[:300])
        return reply[1:]

    def names(self, names: list[str]) -> dict[str, Any]:
        """Fetch those of the names that the submission defines."""
        if not names:
            return {}
        found = self._told(self._exchange(names_question(names)), [], Table({}))
        return {name: found[name] for name in names if name in found} if isinstance(found, dict) else {}

    def call(self, target: int | str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call something; what it changes in its arguments is changed in ours."""
        return self._ask({"do": "call", "target": target}, args, kwargs)

    def operate(self, name: str, *operands: Any) -> Any:
        """Have the submission's process apply an operator."""
        return self._ask({"do": "operate", "name": name}, operands)

    def get(self, target: int, name: str) -> Any:
        """Fetch an attribute."""
        return self._ask({"do": "get", "target": target, "name": name})

    def step(self, target: int) -> Any:
        """Take the next item of an iterator."""
        return self._ask({"do": "next", "target": target})

    def finish(self, target: int) -> Any:
        """Run a coroutine to its end."""
        return self._ask({"do": "await", "target": target})

    def finished(self, value: Any) -> Any:
        """Give what a stand-in for something that can be awaited comes to; of anything else itself."""
        number = remote.number_of(value)
        return value if number is None else self.finish(number)

    def leave(self, how: str, target: int, error: BaseException | None) -> Any:
        """Leave a context manager, because of an error or without one."""
        return self._ask({"do": how, "target": target} | ({} if error is None else told_of(error)))

    def _ask(self, question: dict[str, Any], args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] = NO_NAMES) -> Any:
        self.asked += 1
        asked, table = self._outgoing.question(question, args, kwargs)
        try:
            return self._told(self._exchange(asked), containers((*args, *kwargs.values())), table)
        except StopIteration as error:  # it would end a loop of the test code's, and `all(map(...))` hold
            if question["do"] == "next" or (question["do"] == "call" and self._stops):
                raise
            raise RuntimeError("it raised StopIteration") from error

    def _told(self, frame: bytes, kept: list[Any], table: Table) -> Any:
        """Read an answer, after answering whatever it asks back."""
        answer = answer_in(frame)
        while "callback" in answer:
            answer = answer_in(self._exchange(self._outgoing.called_back(answer)))
        if isinstance(wrote := answer.get("wrote"), str):
            sys.stdout.write(wrote)  # which the test code may have replaced, to see it
        return self._incoming.told(answer, kept, table)
