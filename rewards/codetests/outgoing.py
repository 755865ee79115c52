"""Write what test code hands over to a submission, and call what the submission calls of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from rewards.codetests import remote
from rewards.codetests.callables import may_be_handed_over
from rewards.codetests.failures import CannotCarryError, SubmissionEndedError, told_of
from rewards.codetests.incoming import Incoming
from rewards.codetests.questions import written
from sandbox.codec import dumps, encode
from sandbox.rare import CodecError
from sandbox.tables import Table


class Outgoing:
    """Make questions of calls.

    Args:
        incoming: Reads what a function that was handed over is called with, and knows exceptions by number.
        own: Names of the classes that the row defines and both sides have, each its own: instances cross by what they
            hold.
    """

    def __init__(self, incoming: Incoming, own: Sequence[str]) -> None:
        self._incoming = incoming
        self._own_names, self._own = list(own), dict[str, type]()
        self._callbacks: list[Callable[..., Any]] = []

    def define(self, kinds: Mapping[str, Any]) -> None:
        """Take the row's own classes from a scope in which they may have been made meanwhile."""
        for name in self._own_names:
            if isinstance(kind := kinds.get(name), type):
                self._own[name] = kind

    def question(
        self, question: dict[str, Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]
    ) -> tuple[bytes, Table]:
        """Write a question; gives the instances in it too."""
        table = Table(self._own)
        return written(question, (args, kwargs), partial(self._node, table=table), self._own_names, table), table

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
            number = self._incoming.failures.number_of(value)
        if number is not None:
            return ["h", number]
        if may_be_handed_over(value):
            self._callbacks.append(value)
            return ["cb", len(self._callbacks) - 1]
        raise CannotCarryError(f"the test code hands over {getattr(value, '__name__', type(value).__name__)}")

    def called_back(self, asked: dict[str, Any]) -> bytes:
        """Call the function that was handed over; what it returns or raises is the next question."""
        number, args, kwargs = asked["callback"], asked.get("args"), asked.get("kwargs")
        if (
            type(number) is not int
            or not 0 <= number < len(self._callbacks)
            or not isinstance(args, list)
            or not isinstance(kwargs, dict)
        ):
            raise SubmissionEndedError("it called what it was not given")
        values = [self._incoming.value(node) for node in args]
        named = {name: self._incoming.value(node) for name, node in kwargs.items()}
        try:
            result = self._callbacks[number](*values, **named)
        except Exception as error:  # noqa: BLE001 - the submission may catch what the function raises
            return dumps({"do": "raise"} | told_of(error))
        return dumps({"do": "return", "value": self._node(result)})
