"""Stand for instances of classes under test, which compare and compute as those classes say."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from rewards.codetests.remote import Remote, plain

if TYPE_CHECKING:
    from rewards.codetests.far import Far


def kind_of(value: Any) -> Any:
    """Give what `type` gives where the submission's objects are its own: test code is made to call this."""
    if isinstance(value, RemoteInstance) or hasattr(type(value), "_stands_for"):
        return value._far.get(value._number, "__class__")  # noqa: SLF001 - its own kind
    return type(value)


class RemoteInstance(Remote):
    """Stand for an instance of a class that the test code names: it compares and computes as its class says.

    Only with its own kind, though: an operator that was shown a plain value could tell the submission what is
    expected, so comparing with one is False, and computing with one must give another instance. Where its class
    compares as the built-in one that it is derived from, what it holds is fetched, and compared here.
    """

    __slots__ = ("_alike", "_mixed")
    _under_test = True

    def __init__(self, far: Far, number: int, line: list[str], *, mixed: bool = False, alike: bool = False) -> None:
        super().__init__(far, number, line)
        self._mixed = mixed  # whether it came of computing with a plain value
        self._alike = alike and not mixed  # whether it compares as the built-in value that it holds

    def __hash__(self) -> int:
        return plain(int, self._far.operate("hash", self))

    def __eq__(self, other: object) -> bool:
        if isinstance(other, RemoteInstance):
            return self._far.operate("eq", self, other) is True
        return bool(self._alike and self._far.operate("content", self) == other)

    def __contains__(self, item: Any) -> bool:
        return self._far.operate("contains", self, item) is True

    def __repr__(self) -> str:
        return plain(str, self._far.operate("repr", self))

    def __format__(self, spec: str) -> str:
        return plain(str, self._far.operate("format", self, spec))

    def __reversed__(self) -> Any:
        return self._far.operate("reversed", self)


def _compare(name: str) -> Callable[[Any, Any], Any]:
    def compare(self: RemoteInstance, other: object) -> Any:
        if isinstance(other, RemoteInstance):
            return self._far.operate(name, self, other)
        return getattr(operator, name)(self._far.operate("content", self), other) if self._alike else NotImplemented

    return compare


def _compute(name: str, *, swapped: bool) -> Callable[[Any, Any], Any]:
    def compute(self: RemoteInstance, other: object) -> Any:
        operands = (other, self) if swapped else (self, other)
        value = self._far.operate(name, *operands)
        mixed = self._mixed or not isinstance(other, RemoteInstance) or other._mixed  # noqa: SLF001 - its own kind
        return _of_mixed(value) if mixed else value

    return compute


def _of_mixed(value: Any) -> Any:
    """Mark what came of an instance and a plain value: another instance, or for `divmod` a pair of them."""
    if type(value) is tuple and value and all(isinstance(item, RemoteInstance) for item in value):
        return tuple(map(_of_mixed, value))
    if not isinstance(value, RemoteInstance):
        return NotImplemented
    return RemoteInstance(value._far, value._number, value._line, mixed=True)  # noqa: SLF001 - its own kind


def _reduce(name: str) -> Callable[..., Any]:
    def reduce(self: RemoteInstance, *args: Any) -> Any:
        if self._mixed:
            raise TypeError("what came of a plain number is compared with its own kind only")
        return self._far.operate(name, self, *args)

    return reduce


for _name in ("lt", "le", "gt", "ge"):
    setattr(RemoteInstance, f"__{_name}__", _compare(_name))
for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and_", "or_", "xor"):
    setattr(RemoteInstance, f"__{_name.strip('_')}__", _compute(_name, swapped=False))
    setattr(RemoteInstance, f"__r{_name.strip('_')}__", _compute(_name, swapped=True))
    in_place = f"i{_name.strip('_')}"
    setattr(RemoteInstance, f"__{in_place}__", _compute(in_place, swapped=False))
for _name in ("lshift", "rshift", "divmod"):
    setattr(RemoteInstance, f"__{_name}__", _compute(_name, swapped=False))
    setattr(RemoteInstance, f"__r{_name}__", _compute(_name, swapped=True))
for _name in ("abs", "round", "neg", "pos", "invert", "int", "float", "index"):
    setattr(RemoteInstance, f"__{_name}__", _reduce(_name))
