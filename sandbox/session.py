"""Answer questions about a loaded submission: call it, look something up, go on after a callback. Runs in T.

A question is one frame and has one answer. The answer to a call may be a question back, when the submission calls a
function that was handed to it: the asker then sends `return` or `raise`, perhaps after questions of its own. The first
byte of an answer says whether it is a short value and nothing more, so that nobody will ask about it.
"""

from __future__ import annotations

import os
import socket
import sys
from types import CodeType, CoroutineType, ModuleType
from typing import Any

from sandbox.codec import containers, dumps, loads
from sandbox.contest import provide_names
from sandbox.decoding import decode
from sandbox.frames import FrameError, Frames, send_frame
from sandbox.operators import OPERATORS
from sandbox.rare import CodecError
from sandbox.tables import INSTANCE, Table
from sandbox.telling import Telling

MAX_WRITTEN = 1 << 16  # bytes that one call may write to standard output and have told
LARGE = 1 << 16  # bytes
PLAIN, MORE = b"=", b"~"
NO_CLASSES = Table({})  # in which nothing has a place
Arguments = tuple[list[Any], dict[str, Any]]


class _RaisedByAskerError(Exception):
    """Stand for an exception that a callback raised on the asker's side."""


class Session:
    """Hold what the asker may refer to: the module's names, and objects that were told of as opaque."""

    def __init__(self, module: ModuleType, channel: socket.socket, cap: int) -> None:
        self.module, self.channel, self.questions = module, channel, Frames(channel, cap)
        self.telling = Telling()
        self.failure: BaseException | None = None
        self.loop: Any = None

    def load(self, code: CodeType, *, contest: bool) -> None:
        """Run the module's body; a failure is told to whoever asks for something."""
        if contest:
            provide_names()
        try:
            exec(code, self.module.__dict__)  # noqa: S102 - to run the submission is what this process is for
        except BaseException as error:  # noqa: BLE001 - told to the asker
            self.failure = error

    def serve(self) -> None:
        """Answer frames until the asker leaves."""
        while True:
            question = self._question()
            self.telling.plain = True
            answer = self.answer(question)
            send_frame(self.channel, (PLAIN if self.telling.plain and len(answer) <= LARGE else MORE) + answer)

    def _question(self) -> dict[str, Any]:
        frame = self.questions.receive()
        if frame is None:
            raise FrameError("the asker left")
        question: dict[str, Any] = loads(frame)
        return question

    def answer(self, question: dict[str, Any]) -> bytes:
        """Answer one question."""
        try:
            if self.failure:
                raise self.failure  # noqa: TRY301 - told like any other
            self.telling.table = self._table(question)
            if question["do"] == "names":
                return self._names(question["names"])
            arguments = [self._read(node) for node in question.get("args", ())]
            named = {name: self._read(node) for name, node in question.get("kwargs", {}).items()}
            if question.get("only") == "value":
                return self.telling.written({"value": self._finished(self._do(question, arguments, named))}, [])
            kept = containers((*arguments, *named.values()))
            began = _place()
            answer = {"value": self._do(question, arguments, named)}
            if (ended := _place()) > began >= 0:
                answer["wrote"] = os.pread(1, min(ended - began, MAX_WRITTEN), began).decode("utf-8", "replace")
            return self.telling.written(answer, kept)
        except FrameError:
            raise
        except BaseException as error:  # noqa: BLE001 - what the submission raises is an answer
            return self.telling.failed(error)

    def _table(self, question: dict[str, Any]) -> Table:
        """Make what the question tells of instances of the classes that the asker has too."""
        if "classes" not in question:
            return NO_CLASSES
        scope = self.module.__dict__
        table = self.telling.table = Table({name: scope[name] for name in question.get("classes", ()) if name in scope})
        table.read(question.get("table", []), self._read)
        return table

    def _do(self, question: dict[str, Any], arguments: list[Any], named: dict[str, Any]) -> Any:
        do = question["do"]
        if do == "call":
            return self._target(question["target"])(*arguments, **named)
        if do == "next":
            return next(self._target(question["target"]))
        if do == "await":
            return self._finished(self._target(question["target"]))
        if do == "get":
            return getattr(self._target(question["target"]), question["name"])
        if do in ("exit", "aexit"):
            return self._left(question)
        if do == "operate":
            return OPERATORS[question["name"]](*arguments)
        raise CodecError("an unknown question")

    def _finished(self, value: Any) -> Any:
        """Run what can be awaited to its end; all of them share one loop."""
        if type(value) is not CoroutineType:
            if not hasattr(type(value), "__await__"):
                return value
            value = _awaited(value)
        import asyncio  # noqa: PLC0415 - slow, and only for submissions that use it

        self.loop = self.loop or asyncio.new_event_loop()
        return self.loop.run_until_complete(value)

    def _left(self, question: dict[str, Any]) -> Any:
        """Leave a context manager as the asker did."""
        manager = self._target(question["target"])
        leave = getattr(type(manager), f"__{question['do']}__")
        if "kind" not in question:
            return leave(manager, None, None, None)
        error = self._error(question)
        return leave(manager, type(error), error, None)

    def _target(self, target: Any) -> Any:
        if type(target) is int:
            return self.telling.objects[target]
        return self._named(target)

    def _names(self, names: list[str]) -> bytes:
        """Tell what is defined under these names; of callables the asker knows what it will ask next."""
        found = {name: self._named(name) for name in names if self._has(name)}
        told = self.telling.written({"value": found}, [])
        self.telling.plain = all(map(callable, found.values()))
        return told

    def _named(self, name: str) -> Any:
        """Find a name of the module, or the method of a fresh `Solution`, as contest sites call it."""
        if name in self.module.__dict__:
            return self.module.__dict__[name]
        owner, _, method = name.rpartition(".")
        kind = self.module.__dict__.get(owner or "Solution")
        if isinstance(kind, type) and hasattr(kind, method):
            return getattr(kind(), method)
        raise NameError(f"name {name!r} is not defined")

    def _has(self, name: str) -> bool:
        solution = self.module.__dict__.get("Solution")
        return name in self.module.__dict__ or (isinstance(solution, type) and hasattr(solution, name))

    def _read(self, node: Any) -> Any:
        return decode(node, self._known)

    def _known(self, node: list[Any]) -> Any:
        tag, number = node
        if tag == INSTANCE:
            return self.telling.table.item(node)
        if tag == "h" and type(number) is int:
            return self.telling.objects[number]
        if tag == "cb" and type(number) is int:
            return lambda *args, **kwargs: self._call_back(number, args, kwargs)
        raise CodecError("an unknown node")

    def _call_back(self, number: int, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        table, self.telling.table = self.telling.table, Table({})  # what is told in between is not the answer
        parts = [self.telling.node(value) for value in args]
        named = {name: self.telling.node(value) for name, value in kwargs.items()}
        send_frame(self.channel, MORE + dumps({"callback": number, "args": parts, "kwargs": named}))
        self.telling.plain = False
        while (question := self._question())["do"] not in ("return", "raise"):
            send_frame(self.channel, MORE + self.answer(question))
        self.telling.table = table
        if question["do"] == "return":
            return self._read(question["value"])
        raise self._error(question)

    def _error(self, told: dict[str, Any]) -> BaseException:
        """Make the exception that the asker tells of, or find it, if it is the submission's own."""
        if type(number := told.get("number")) is int:
            error: BaseException = self.telling.objects[number]
            return error
        kind = self._exception(told["kind"])
        try:
            return kind(*self._read(told["arguments"]))
        except Exception:  # noqa: BLE001 - a class that is not made from its arguments
            return kind(told["message"])

    def _exception(self, name: str) -> type[BaseException]:
        import builtins  # noqa: PLC0415 - rarely needed

        kind = self.module.__dict__.get(name, getattr(builtins, name, None))
        return kind if isinstance(kind, type) and issubclass(kind, Exception) else _RaisedByAskerError


async def _awaited(value: Any) -> Any:
    return await value


def _place() -> int:
    """Tell how much has been written to standard output; -1 where that cannot be told."""
    try:
        sys.stdout.flush()
        return os.lseek(1, 0, os.SEEK_CUR)
    except Exception:  # noqa: BLE001 - the submission may have closed or replaced it
        return -1
