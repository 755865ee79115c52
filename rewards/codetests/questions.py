"""Ask questions of a submission, those that are certain to come together: their replies come as they are given.

What is asked before its time can change no verdict: where something else is asked than was foreseen, the examination is
done once more without foresight.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sandbox.codec import dumps
from sandbox.tables import Table

Node = Callable[[Any], Any]
Arguments = tuple[Iterable[Any], Mapping[str, Any]]


class Told(NamedTuple):
    """Hold replies to the first of the questions that wait for one, and whether no more of them will come."""

    replies: list[bytes]
    last: bool


class ForesightError(BaseException):
    """Say that something else was asked than was foreseen."""


def names_question(names: Sequence[str]) -> bytes:
    """Write the question for what a submission defines under these names."""
    return dumps({"do": "names", "names": list(names)})


def written(question: dict[str, Any], handed: Arguments, node: Node, own: Sequence[str], table: Table) -> bytes:
    """Write a question with what it hands over.

    Args:
        question: What is asked, of what.
        handed: Values that it hands over, by place and by name.
        node: Makes nodes of them, and fills the table.
        own: Names of the classes whose instances cross by what they hold.
        table: Those instances.
    """
    args, kwargs = handed
    question["args"] = [node(value) for value in args]
    question["kwargs"] = {name: node(value) for name, value in kwargs.items()}
    if own:
        question |= {"classes": list(own), "table": table.nodes(node)}
    return dumps(question)


class Questions:
    """Ask questions, those that are foreseen together.

    Args:
        send: Sends questions.
        hear: Waits for the next of their replies.
        groups: Questions that are foreseen: those of a group follow upon each other.

    Attributes:
        lost: Whether something else was asked than was foreseen.
    """

    def __init__(
        self, send: Callable[[list[bytes]], None], hear: Callable[[], Told], groups: Sequence[Sequence[bytes]] = ()
    ) -> None:
        self._send, self._hear = send, hear
        self._coming = list(groups)
        self._asked: deque[bytes] = deque()  # whose replies have not come
        self._told: deque[tuple[bytes, bytes]] = deque()  # what was asked before its time, and the replies
        self._ahead, self.lost = True, False

    def known(self, question: bytes) -> bytes | None:
        """Give the reply to a question that was asked before its time; None where none was.

        Raises:
            ForesightError: Another was.
        """
        if not self._told and self._asked:
            self._listen()
        if self.lost or (self._told and self._told[0][0] != question):
            self.lost = True  # a test's bare `except` may hide what is raised
            raise ForesightError
        return self._told.popleft()[1] if self._told else None

    def forget(self) -> None:
        """Foresee nothing any more; what was asked already must still be what is asked next."""
        self._ahead = False

    def ask(self, question: bytes) -> bytes:
        """Ask a question, with those that are foreseen to follow it."""
        groups = self._coming if self._ahead else []
        place = next((n for n, group in enumerate(groups) if group[0] == question), None)
        questions = [question] if place is None else list(self._coming[place])
        if place is not None:
            del self._coming[: place + 1]
        self._send(questions)
        self._asked.extend(questions)
        self._listen()
        return self._told.popleft()[1]

    def _listen(self) -> None:
        """Take in replies; what got none is foreseen still, unless it was asked by itself."""
        replies, last = self._hear()
        while replies and self._asked:
            self._told.append((self._asked.popleft(), replies.pop(0)))
        if last and self._asked:
            self._coming.insert(0, list(self._asked))
            self._asked.clear()
