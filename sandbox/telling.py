"""Tell what a submission returned or raised: values as they are, all else by a number to ask about. Runs in T."""

from __future__ import annotations

import sys
from types import CoroutineType
from typing import Any

from sandbox.codec import as_builtin, dumps, encode
from sandbox.operators import COMPARING, is_plain
from sandbox.tables import Table

MAX_MESSAGE = 2000
MAX_CAUSES = 3


class Telling:
    """Hold the objects that were told as opaque, which the asker may refer to.

    Attributes:
        objects: By number.
        table: Instances in the question that is being answered.
        plain: Whether what is told is a value alone: nobody can ask about it.
    """

    def __init__(self) -> None:
        self.objects: list[Any] = []
        self._numbers: dict[int, int] = {}  # by id: an object that was told before has its number again
        self.table, self.plain = Table({}), True

    def written(self, answer: dict[str, Any], kept: list[Any]) -> bytes:
        """Write an answer; what the call changed in its arguments is told of each container in them."""
        sys.setrecursionlimit(max(sys.getrecursionlimit(), 10_000))
        known = {id(value): number for number, value in enumerate(kept)}
        answer["value"] = encode(answer["value"], self._opaque, 0, known)
        if kept:
            answer["kept"] = [encode(value, self._opaque, 0, known, inside=True) for value in kept]
        if self.table.items:
            answer["table"] = self.table.nodes(lambda value: encode(value, self._opaque, 0, known))
        return dumps(answer)

    def node(self, value: Any) -> Any:
        """Write a value; what the codec does not carry is opaque."""
        return encode(value, self._opaque)

    def _opaque(self, value: Any) -> list[Any]:
        """Show an object that the codec does not carry: its class, and a number to ask more about it."""
        if (place := self.table.node(value)) is not None:
            return place
        self.plain = False
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
        elif plain is not value and is_plain(kind, type(plain), COMPARING):
            what = "alike"
        node: list[Any] = ["o", number, what, line]
        return node if plain is value else [*node, encode(plain, self._opaque)]

    def _number(self, value: Any) -> int:
        if id(value) not in self._numbers:
            self._numbers[id(value)] = len(self.objects)
            self.objects.append(value)  # which keeps it, and so its id
        return self._numbers[id(value)]

    def failed(self, error: BaseException) -> bytes:
        """Write what was raised instead of an answer."""
        self.plain, self.table = False, Table({})
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
        if isinstance(error, BaseExceptionGroup) and causes:
            told["exceptions"] = [self._told(part, causes - 1) for part in error.exceptions]
        if error.__cause__ is not None and causes:
            told["cause"] = self._told(error.__cause__, causes - 1)
        return told
