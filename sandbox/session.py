"""Answer questions about a loaded submission: call it, look something up, go on after a callback. Runs in T.

A question is one frame and has one answer. The answer to a call may be a question back, when the submission calls a
function that was handed to it: the asker then sends `return` or `raise`, perhaps after questions of its own.
"""

from __future__ import annotations

import operator
import socket
import sys
from collections.abc import Callable
from types import CodeType, ModuleType
from typing import Any

from sandbox.codec import CodecError, as_builtin, decode, dumps, encode, loads
from sandbox.frames import FrameError, receive_frame, send_frame

MAX_MESSAGE = 2000
OPERATORS: dict[str, Callable[..., Any]] = {
    name: getattr(operator, name)
    for name in [
        "eq",
        "ne",
        "lt",
        "le",
        "gt",
        "ge",
        "add",
        "sub",
        "mul",
        "truediv",
        "floordiv",
        "mod",
        "pow",
        "matmul",
        "and_",
        "or_",
        "xor",
        "lshift",
        "rshift",
        "neg",
        "pos",
        "abs",
        "invert",
        "getitem",
        "setitem",
        "delitem",
        "contains",
        "iadd",
        "isub",
        "imul",
        "index",
    ]
}
OPERATORS |= {
    kind.__name__: kind
    for kind in (
        len,
        str,
        repr,
        bool,
        hash,
        iter,
        int,
        float,
        complex,
        divmod,
        round,
        reversed,
        format,
        setattr,
        delattr,
    )
}
OPERATORS |= {
    "enter": lambda manager: type(manager).__enter__(manager),
    "exit": lambda manager: type(manager).__exit__(manager, None, None, None),
}


class _RaisedByAskerError(Exception):
    """Stand for an exception that a callback raised on the asker's side."""


class Session:
    """Hold what the asker may refer to: the module's names, and objects that were answered as opaque."""

    def __init__(self, module: ModuleType, channel: socket.socket, cap: int) -> None:
        self.module, self.channel, self.cap = module, channel, cap
        self.objects: list[Any] = []
        self.failure: BaseException | None = None

    def load(self, code: CodeType) -> None:
        """Run the module's body; a failure is told to whoever asks for something."""
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
            value = self._do(question, arguments, named)
            return self._written({"value": value}, arguments, named)
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
        if do == "get":
            return getattr(self._target(question["target"]), question["name"])
        if do == "operate":
            return OPERATORS[question["name"]](*arguments)
        raise CodecError("an unknown question")

    def _target(self, target: Any) -> Any:
        if type(target) is int:
            return self.objects[target]
        return self._named(target)

    def _named(self, name: str) -> Any:
        """Find a name of the module, or the method of a fresh `Solution`, as contest sites call it."""
        if name in self.module.__dict__:
            return self.module.__dict__[name]
        solution = self.module.__dict__.get("Solution")
        if isinstance(solution, type) and hasattr(solution, name):
            return getattr(solution(), name)
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
        raise _builtin_error(question["kind"])(question["message"])

    def _written(self, answer: dict[str, Any], arguments: list[Any], named: dict[str, Any]) -> bytes:
        sys.setrecursionlimit(max(sys.getrecursionlimit(), 10_000))
        answer["value"] = self._node(answer["value"])
        if any(type(value) in (list, dict, set, bytearray) for value in (*arguments, *named.values())):
            answer["args"] = [self._node(value) for value in arguments]
            answer["kwargs"] = {name: self._node(value) for name, value in named.items()}
        return dumps(answer)

    def _node(self, value: Any) -> Any:
        return encode(value, self._opaque)

    def _opaque(self, value: Any) -> list[Any]:
        """Show an object that the codec does not carry: its class, and a number to ask more about it."""
        plain = as_builtin(value)
        self.objects.append(value)
        kind = type(value)
        line = [base.__name__ for base in (value if isinstance(value, type) else kind).__mro__]
        what = "class" if isinstance(value, type) else "callable" if callable(value) else "object"
        what = "iterator" if what == "object" and hasattr(kind, "__next__") else what
        node: list[Any] = ["o", len(self.objects) - 1, what, line]
        return node if plain is value else [*node, encode(plain, self._opaque)]

    def _failed(self, error: BaseException) -> bytes:
        try:
            line = [kind.__name__ for kind in type(error).__mro__]
            message = str(error)[:MAX_MESSAGE]
            arguments = encode(list(error.args), self._opaque)
            return dumps({"raised": line, "message": message, "arguments": arguments})
        except BaseException:  # noqa: BLE001 - an exception that cannot be told is still one
            return dumps({"raised": ["Exception", "BaseException"], "message": "", "arguments": ["l"]})


def _builtin_error(name: str) -> type[BaseException]:
    import builtins  # noqa: PLC0415 - rarely needed

    kind = getattr(builtins, name, None)
    return kind if isinstance(kind, type) and issubclass(kind, Exception) else _RaisedByAskerError
