"""Stand-ins, on the trusted side, for what the submission defines: using one asks the submission's process (`far`)."""

from __future__ import annotations

import types
from collections.abc import Coroutine, Generator
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from rewards.codetests.failures import CannotCarryError

if TYPE_CHECKING:
    from rewards.codetests.far import Far

T = TypeVar("T")
# methods of built-in values that judge what they are given: a test calls them to compare, and so they are not asked;
# nor is what numpy asks everything for
JUDGING = frozenset(
    """
    startswith endswith count index find rfind rindex issubset issuperset isdisjoint equals match fullmatch search
    __eq__ __ne__ __lt__ __le__ __gt__ __ge__ __contains__ __sub__ __rsub__ __and__ __or__ __xor__ difference
    symmetric_difference intersection removeprefix removesuffix strip lstrip rstrip replace split partition compare
    """.split()  # noqa: SIM905 - a table in prose
)
OWN = frozenset(("_far", "_number", "_line", "_mixed", "_alike"))  # what a stand-in holds itself
KINDS = {"generator": types.GeneratorType, "function": types.FunctionType, "map": map, "filter": filter, "zip": zip}


class Remote:
    """Stand for an object of the submission: it has attributes and can be called, and equals nothing."""

    __slots__ = ("__weakref__", "_far", "_line", "_number")
    _under_test = False  # whether the test code names its class, which then judges itself

    def __init__(self, far: Far, number: int, line: list[str]) -> None:
        self._far, self._number, self._line = far, number, line

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__array") or (name in JUDGING and not self._under_test):
            raise AttributeError(name)
        return self._far.get(self._number, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in OWN:
            object.__setattr__(self, name, value)
        else:
            self._far.operate("setattr", self, name, value)

    def __delattr__(self, name: str) -> None:
        self._far.operate("delattr", self, name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:  # noqa: D102 - ruff takes it for public
        return self._far.call(self._number, args, kwargs)

    @property  # type: ignore[misc]
    def __class__(self) -> type:  # for `isinstance`, of what has a name in `types`
        return KINDS.get(self._line[0], type(self))

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return self._number

    def __repr__(self) -> str:
        return f"<{self._line[0]} object>"

    def __str__(self) -> str:
        return plain(str, self._far.operate("str", self))

    def __bool__(self) -> bool:
        return plain(bool, self._far.operate("bool", self))

    def __len__(self) -> int:
        return plain(int, self._far.operate("len", self))

    def __int__(self) -> int:
        return plain(int, self._far.operate("int", self))

    def __float__(self) -> float:
        return plain(float, self._far.operate("float", self))

    def __iter__(self) -> Any:
        return self._far.operate("iter", self)

    def __getitem__(self, key: Any) -> Any:
        return _at(self, "get", key)

    def __setitem__(self, key: Any, value: Any) -> None:
        _at(self, "set", key, value)

    def __delitem__(self, key: Any) -> None:
        _at(self, "del", key)

    def __enter__(self) -> Any:
        return self._far.operate("enter", self)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _trace: object) -> bool:
        return bool(self._far.leave("exit", self._number, error))

    async def __aenter__(self) -> Any:
        return self._far.finished(self._far.operate("aenter", self))

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, _trace: object) -> bool:
        return bool(self._far.finished(self._far.leave("aexit", self._number, error)))

    def __aiter__(self) -> Any:
        return self._far.operate("aiter", self)

    async def __anext__(self) -> Any:
        return self._far.finished(self._far.operate("anext", self))


Remote.__doc__ = property(lambda self: self._far.get(self._number, "__doc__"))  # type: ignore[assignment]  # its own, not ours


def _at(stand: Remote, what: str, key: Any, *value: Any) -> Any:
    """Get, set or delete an item, or the items of a slice, whose parts cross one by one."""
    if type(key) is slice:
        return stand._far.operate(f"{what}slice", stand, key.start, key.stop, key.step, *value)  # noqa: SLF001 - its own kind
    return stand._far.operate(f"{what}item", stand, key, *value)  # noqa: SLF001 - the same


def _line_of(stand: Any) -> list[str]:
    line: list[str] = object.__getattribute__(stand, "_line")
    return line


def number_of(value: object) -> int | None:
    """Give the number by which the submission's process knows a stand-in; None for anything else."""
    if issubclass(type(value), Remote) or hasattr(type(value), "_stands_for"):
        number: int = object.__getattribute__(value, "_number")
        return number
    return None


def plain(kind: type[T], value: Any) -> T:
    """Take a value of this very type; raises TypeError for any other."""
    if type(value) is not kind:
        raise TypeError(f"a {kind.__name__} is needed, not {type(value).__name__}")
    assert isinstance(value, kind)  # noqa: S101 - for mypy
    return value


class RemoteIterator(Remote):
    """Stand for a generator or another iterator."""

    __slots__ = ()

    def __iter__(self) -> RemoteIterator:
        return self

    def __next__(self) -> Any:
        return self._far.step(self._number)

    def send(self, value: Any) -> Any:
        """Send a value into a generator."""
        return self._far.operate("send", self, value)


class RemoteCoroutine(Remote, Coroutine[Any, Any, Any]):
    """Stand for a coroutine: awaiting it runs it to its end in the submission's process."""

    __slots__ = ()

    def __await__(self) -> Generator[Any, Any, Any]:
        return self._far.finish(self._number)
        yield  # which makes this a generator

    def send(self, _value: Any) -> NoReturn:
        """Run to the end."""
        raise StopIteration(self._far.finish(self._number))

    def throw(self, error: Any, *_more: Any) -> NoReturn:
        """Give up."""
        raise error

    def close(self) -> None:
        """Leave it; its process ends anyway."""


class RemoteClass(Remote):
    """Stand for a class of the submission."""

    __slots__ = ()
    _under_test = True

    def __instancecheck__(self, instance: object) -> bool:
        line = vars(type(instance)).get("_line") or (_line_of(instance) if issubclass(type(instance), Remote) else ())
        return self._line[0] in line

    def __subclasscheck__(self, other: object) -> bool:
        return issubclass(type(other), RemoteClass) and self._line[0] in _line_of(other)

    def __mro_entries__(self, _bases: tuple[Any, ...]) -> NoReturn:
        raise CannotCarryError(f"the test code derives a class from {self._line[0]}")
