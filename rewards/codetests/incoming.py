"""Read what a submission's process answers: a value and nothing more.

What the codec does not carry becomes a stand-in of `remote`, which may be asked for attributes and the like; it is
equal to nothing but itself, and nobody shows it an expected value, unless the test code itself names its class: a class
under test brings its own operators.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rewards.codetests import remote
from rewards.codetests.derived import with_attributes
from rewards.codetests.failures import Failures, SubmissionEndedError, is_names
from rewards.codetests.instances import RemoteInstance
from sandbox.codec import loads
from sandbox.decoding import MALFORMED, decode
from sandbox.rare import CodecError
from sandbox.tables import INSTANCE, Table

if TYPE_CHECKING:
    from rewards.codetests.far import Far

EXTENDED = (list, bytearray)


def answer_in(frame: bytes) -> dict[str, Any]:
    """Read an answer; raises `SubmissionEndedError` where it is none."""
    try:
        answer = loads(frame)
    except CodecError as error:
        raise SubmissionEndedError(f"it answered with no value: {error}") from None
    if not isinstance(answer, dict):
        raise SubmissionEndedError("it answered with no value")
    return answer


class Incoming:
    """Make values of answers.

    Args:
        far: The conversation, which stand-ins ask.
        named: The classes that the test code names, which are under test themselves.
    """

    def __init__(self, far: Far, named: frozenset[str]) -> None:
        self._far, self._named = far, named
        self.failures = Failures(far, self)
        self._stands: dict[int, Any] = {}
        self._kept: list[Any] = []
        self._table = Table({})

    def told(self, answer: dict[str, Any], kept: list[Any], table: Table) -> Any:
        """Take an answer to a call: what changed in its arguments, and the value.

        Args:
            answer: As it came.
            kept: The containers among what was handed over.
            table: The instances among it.
        """
        if "raised" in answer:
            raise self.failures.error(answer)
        if "value" not in answer:
            raise SubmissionEndedError("it answered with no value")
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
            return with_attributes(self._far, number, line, decode(node[4], self._stand_in))
        if number not in self._stands:
            self._stands[number] = self._stand(number, what, line)
        return self._stands[number]

    def _stand(self, number: int, what: Any, line: list[str]) -> Any:
        if what == "class":
            # for a class of exceptions one of our own, since `except` needs one
            is_error = "BaseException" in line
            return self.failures.kind(line, number) if is_error else remote.RemoteClass(self._far, number, line)
        if what == "iterator":
            return remote.RemoteIterator(self._far, number, line)
        if what == "coroutine":
            return remote.RemoteCoroutine(self._far, number, line)
        if self._named & set(line):
            return RemoteInstance(self._far, number, line, alike=what == "alike")
        return remote.Remote(self._far, number, line)
