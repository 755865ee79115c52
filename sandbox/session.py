"""Answer questions about a loaded submission: call it, look something up, go on after a callback. Runs in T.

A question is one frame and has one answer. The answer to a call may be a question back, when the submission calls a
function that was handed to it: the asker then sends `return` or `raise`, perhaps after questions of its own.
"""

from __future__ import annotations

import os
import socket
import sys
from types import CodeType, CoroutineType, ModuleType
from typing import Any

from sandbox.codec import as_builtin, containers, decode, dumps, encode, loads
from sandbox.contest import provide_names
from sandbox.frames import FrameError, receive_frame, send_frame
from sandbox.operators import OPERATORS, is_plain
from sandbox.rare import CodecError

MAX_MESSAGE = 2000
MAX_WRITTEN = 1 << 16  # bytes that one call may write to standard output and have told
MAX_CAUSES = 3
Arguments = tuple[list[Any], dict[str, Any]]


class _RaisedByAskerError(Exception):
    """Stand for an exception that a callback raised on the asker's side."""


class Session:
    """Hold what the asker may refer to: the module's names, and objects that were answered as opaque."""

    def __init__(self, module: ModuleType, channel: socket.socket, cap: int) -> None:
        self.module, self.channel, self.cap = module, channel, cap
        self.objects: list[Any] = []
        self.numbers: dict[int, int] = {}  # by id: an object that was told before has its number again
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
            send_frame(self.channel, self.answer(self._question()))

    def _question(self) -> dict[str, Any]:
        frame = receive_frame(self.channel, self.cap)
        if frame is None:
            raise FrameError("the asker left")
        question: dict[str, Any] = loads(frame)
        return question

    def answer(self, question: dict[str, Any]) -> bytes:
        """Answer one question."""
        try:
            if self.failure:
                raise self.failure  # noqa: TRY301 - told like any other
            arguments = [self._read(node) for node in question.get("args", ())]
            named = {name: self._read(node) for name, node in question.get("kwargs", {}).items()}
            if question.get("only") == "value":
                return self._written({"value": self._finished(self._do(question, arguments, named))}, [])
            kept = containers((*arguments, *named.values()))
            began = _place()
            answer = {"value": self._do(question, arguments, named)}
            if (ended := _place()) > began >= 0:
                answer["wrote"] = os.pread(1, min(ended - began, MAX_WRITTEN), began).decode("utf-8", "replace")
            return self._written(answer, kept)
        except FrameError:
            raise
        except BaseException as error:  # noqa: BLE001 - what the submission raises is an answer
            return self._failed(error)

    def _do(self, question: dict[str, Any], arguments: list[Any], named: dict[str, Any]) -> Any:
        do = question["do"]
        if do == "names":
            return {name: self._named(name) for name in question["names"] if self._has(name)}
        if do == "call":
            return self._target(question["target"])(*arguments, **named)
        if do == "next":
            return next(self._target(question["target"]))
        if do == "await":
            return self._finished(self._target(question["target"]))
        if do == "get":
            return getattr(self._target(question["target"]), question["name"])
        if do == "operate":
            return OPERATORS[question["name"]](*arguments)
        raise CodecError("an unknown question")

    def _finished(self, value: Any) -> Any:
        """Run a coroutine to its end; all of them share one loop."""
        if type(value) is not CoroutineType:
            return value
        import asyncio  # noqa: PLC0415 - slow, and only for submissions that use it

        self.loop = self.loop or asyncio.new_event_loop()
        return self.loop.run_until_complete(value)

    def _target(self, target: Any) -> Any:
        if type(target) is int:
            return self.objects[target]
        return self._named(target)

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
        if tag == "h" and type(number) is int:
            return self.objects[number]
        if tag == "cb" and type(number) is int:
            return lambda *args, **kwargs: self._call_back(number, args, kwargs)
        raise CodecError("an unknown node")

    def _call_back(self, number: int, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        parts = [self._node(value) for value in args]
        named = {name: self._node(value) for name, value in kwargs.items()}
        send_frame(self.channel, dumps({"callback": number, "args": parts, "kwargs": named}))
        while (question := self._question())["do"] not in ("return", "raise"):
            send_frame(self.channel, self.answer(question))
        if question["do"] == "return":
            return self._read(question["value"])
        kind = self._exception(question["kind"])
        try:
            error = kind(*self._read(question["arguments"]))
        except Exception:  # noqa: BLE001 - a class that is not made from its arguments
            error = kind(question["message"])
        raise error

    def _exception(self, name: str) -> type[BaseException]:
        import builtins  # noqa: PLC0415 - rarely needed

        kind = self.module.__dict__.get(name, getattr(builtins, name, None))
        return kind if isinstance(kind, type) and issubclass(kind, Exception) else _RaisedByAskerError

    def _written(self, answer: dict[str, Any], kept: list[Any]) -> bytes:
        """Write an answer; what the call changed in its arguments is told of each container in them."""
        sys.setrecursionlimit(max(sys.getrecursionlimit(), 10_000))
        known = {id(value): number for number, value in enumerate(kept)}
        answer["value"] = encode(answer["value"], self._opaque, 0, known)
        if kept:
            answer["kept"] = [encode(value, self._opaque, 0, known, inside=True) for value in kept]
        return dumps(answer)

    def _node(self, value: Any) -> Any:
        return encode(value, self._opaque)

    def _opaque(self, value: Any) -> list[Any]:
        """Show an object that the codec does not carry: its class, and a number to ask more about it."""
        plain = as_builtin(value)
        number = self._number(value)
        kind = type(value)
        line = [base.__name__ for base in (value if isinstance(value, type) else kind).__mro__]
        what = "class" if isinstance(value, type) else "callable" if callable(value) else "object"
        if what == "object" and hasattr(kind, "__next__"):
            what = "iterator"
        elif kind is CoroutineType:
            what = "coroutine"
        elif plain is not value and is_plain(kind, type(plain)):
            what = "plain"
        node: list[Any] = ["o", number, what, line]
        return node if plain is value else [*node, encode(plain, self._opaque)]

    def _number(self, value: Any) -> int:
        if id(value) not in self.numbers:
            self.numbers[id(value)] = len(self.objects)
            self.objects.append(value)  # which keeps it, and so its id
        return self.numbers[id(value)]

    def _failed(self, error: BaseException) -> bytes:
        try:
            return dumps(self._told(error, MAX_CAUSES))
        except BaseException:  # noqa: BLE001 - an exception that cannot be told is still one
            return dumps({"raised": ["Exception", "BaseException"], "message": "", "arguments": ["l"]})

    def _told(self, error: BaseException, causes: int) -> dict[str, Any]:
        told = {
            "raised": [kind.__name__ for kind in type(error).__mro__],
            "message": str(error)[:MAX_MESSAGE],
            "arguments": encode(list(error.args), self._opaque),
            "number": self._number(error),
        }
        if error.__cause__ is not None and causes:
            told["cause"] = self._told(error.__cause__, causes - 1)
        return told


def _place() -> int:
    """Tell how much has been written to standard output; -1 where that cannot be told."""
    try:
        sys.stdout.flush()
        return os.lseek(1, 0, os.SEEK_CUR)
    except Exception:  # noqa: BLE001 - the submission may have closed or replaced it
        return -1
