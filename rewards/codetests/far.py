"""Talk, on the trusted side, with the submission's process: an answer is a value and nothing more.

What the codec does not carry becomes a stand-in of `remote`, which may be asked for attributes and the like; it is
equal to nothing but itself, and nobody shows it an expected value, unless the test code itself names its class: a class
under test brings its own operators.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any, NoReturn

from rewards.codetests import remote
from rewards.codetests.callables import may_be_handed_over
from rewards.codetests.derived import with_attributes
from rewards.codetests.failures import CannotCarryError, Failures, SubmissionEndedError
from rewards.codetests.instances import RemoteInstance
from rewards.codetests.questions import Questions, names_question, written
from sandbox.codec import MALFORMED, containers, decode, dumps, encode, loads
from sandbox.rare import CodecError
from sandbox.tables import INSTANCE, Table

MAX_LINE = 50  # a class with more bases is no class
MAX_LATE = 2  # after so many of them out of time nothing more is asked
NO_NAMES: Mapping[str, Any] = MappingProxyType({})
EXTENDED = (list, bytearray)


class Far:
    """Hold the conversation with the submission's process.

    Args:
        questions: What asks.
        named: The classes that the test code names, which are under test themselves.
        own: Names of the classes that the row defines and both sides have, each its own: instances cross by what they
            hold.
        patience: Seconds for all that one assertion asks: each answer may come in time and there be no end of them.
    """

    def __init__(self, questions: Questions, named: frozenset[str], patience: float, own: Sequence[str] = ()) -> None:
        self._named, self._patience = named, patience
        self._own_names, self._own = list(own), dict[str, type]()
        self._until, self._late = time.monotonic() + patience, 0
        self._callbacks: list[Callable[..., Any]] = []
        self._failures = Failures(self)
        self._stands: dict[int, Any] = {}
        self._kept: list[Any] = []
        self._table = Table({})
        self.questions = questions
        self.asked = 0

    def begin(self) -> None:
        """Begin a statement or an assertion of the test code, which has its time for itself."""
        self._until = time.monotonic() + self._patience

    def define(self, kinds: Mapping[str, Any]) -> None:
        """Take the row's own classes from a scope in which they may have been made meanwhile."""
        for name in self._own_names:
            if isinstance(kind := kinds.get(name), type):
                self._own[name] = kind

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
        return found if isinstance(found, dict) else {}

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

    def _ask(self, question: dict[str, Any], args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] = NO_NAMES) -> Any:
        self.asked += 1
        table = Table(self._own)
        asked = written(question, (args, kwargs), partial(self._node, table=table), self._own_names, table)
        return self._told(self._exchange(asked), containers((*args, *kwargs.values())), table)

    def _told(self, frame: bytes, kept: list[Any], table: Table) -> Any:
        """Read an answer, after answering whatever it asks back."""
        answer = self._read(frame)
        while "callback" in answer:
            answer = self._read(self._exchange(self._called_back(answer)))
        if "raised" in answer:
            self._raise(answer)
        if "value" not in answer:
            raise SubmissionEndedError("it answered with no value")
        if isinstance(wrote := answer.get("wrote"), str):
            sys.stdout.write(wrote)  # which the test code may have replaced, to see it
        before = self._kept, self._table
        self._kept, self._table = kept, table
        try:
            self._read_table(answer.get("table", []))
            self._take_changes(answer.get("kept"), kept)
            return self.value(answer["value"])
        finally:
            self._kept, self._table = before

    def _read_table(self, nodes: Any) -> None:
        try:
            self._table.read(nodes, self.value)
        except (CodecError, *MALFORMED) as error:
            raise SubmissionEndedError(f"it answered with no value: {type(error).__name__}") from None

    def _read(self, frame: bytes) -> dict[str, Any]:
        try:
            answer = loads(frame)
        except CodecError as error:
            raise SubmissionEndedError(f"it answered with no value: {error}") from None
        if not isinstance(answer, dict):
            raise SubmissionEndedError("it answered with no value")
        return answer

    def value(self, node: Any) -> Any:
        """Read a value; raises `SubmissionEndedError` where it is none."""
        try:
            return decode(node, self._stand_in)
        except CodecError as error:
            raise SubmissionEndedError(f"it answered with no value: {error}") from None

    def _stand_in(self, node: list[Any]) -> Any:
        if node[0] == "@" and len(node) == 2 and type(node[1]) is int:  # noqa: PLR2004 - a container of the question
            return self._kept[node[1]]
        if node[0] == INSTANCE:
            return self._table.item(node)
        if len(node) < 4 or node[0] != "o" or type(node[1]) is not int or not is_names(node[3]):  # noqa: PLR2004 - "o", number, what, line
            raise CodecError("an unknown node")
        _, number, what, line = node[:4]
        if len(node) > 4 and (what == "plain" or not self._named & set(line)):  # noqa: PLR2004 - as above
            return with_attributes(self, number, line, decode(node[4], self._stand_in))
        if number not in self._stands:
            self._stands[number] = self._stand(number, what, line)
        return self._stands[number]

    def _stand(self, number: int, what: str, line: list[str]) -> Any:
        if what == "class":
            # for a class of exceptions one of our own, since `except` needs one
            is_error = "BaseException" in line
            return self._failures.kind(line, number) if is_error else remote.RemoteClass(self, number, line)
        if what == "iterator":
            return remote.RemoteIterator(self, number, line)
        if what == "coroutine":
            return remote.RemoteCoroutine(self, number, line)
        kind = RemoteInstance if self._named & set(line) else remote.Remote
        return kind(self, number, line)

    def _raise(self, answer: dict[str, Any]) -> NoReturn:
        raise self._failures.error(answer)

    def _take_changes(self, changed: Any, kept: list[Any]) -> None:
        """Make of each container what the call made of it; what lies in it and was there before stays itself."""
        if not isinstance(changed, list) or len(changed) != len(kept):
            return
        for ours, node in zip(kept, changed, strict=True):
            theirs = self.value(node)
            if type(theirs) is not type(ours) or theirs is ours:
                continue
            if isinstance(ours, EXTENDED):
                ours[:] = theirs
            else:
                ours.clear()
                (ours.extend if hasattr(ours, "extend") else ours.update)(theirs)

    def _node(self, value: Any, table: Table | None = None) -> Any:
        def opaque(value: Any) -> list[Any]:
            return (table and table.node(value)) or self._opaque(value)

        try:
            return encode(value, opaque)
        except CodecError as error:
            raise CannotCarryError(str(error)) from None

    def _opaque(self, value: Any) -> list[Any]:
        number = remote.number_of(value)
        if number is None and isinstance(value, type):
            number = self._failures.number_of(value)
        if number is not None:
            return ["h", number]
        if may_be_handed_over(value):
            self._callbacks.append(value)
            return ["cb", len(self._callbacks) - 1]
        raise CannotCarryError(f"the test code hands over {getattr(value, '__name__', type(value).__name__)}")

    def _called_back(self, asked: dict[str, Any]) -> bytes:
        """Call the function that was handed over; what it returns or raises is the next question."""
        number, args, kwargs = asked["callback"], asked.get("args"), asked.get("kwargs")
        if (
            type(number) is not int
            or not 0 <= number < len(self._callbacks)
            or not isinstance(args, list)
            or not isinstance(kwargs, dict)
        ):
            raise SubmissionEndedError("it called what it was not given")
        values = [self.value(node) for node in args]
        try:
            result = self._callbacks[number](*values, **{name: self.value(node) for name, node in kwargs.items()})
        except Exception as error:  # noqa: BLE001 - the submission may catch what the function raises
            told = {"do": "raise", "kind": type(error).__name__, "message": str(error)[:2000]}
            return dumps(told | {"arguments": encode([arg for arg in error.args if isinstance(arg, (str, int))])})
        return dumps({"do": "return", "value": self._node(result)})


def is_names(line: Any) -> bool:
    """Tell whether this can be the names of a class and its bases."""
    return isinstance(line, list) and 0 < len(line) <= MAX_LINE and all(isinstance(name, str) and name for name in line)
