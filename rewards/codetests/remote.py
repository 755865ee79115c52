"""Stand-ins, on the trusted side, for what the submission defines: using one asks the submission's process (`far`)."""

from __future__ import annotations

import types
from collections.abc import Callable, Coroutine, Generator
from functools import lru_cache
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
PLAIN = (tuple, int, float, str, bytes, frozenset)
KINDS = {"generator": types.GeneratorType, "function": types.FunctionType, "map": map, "filter": filter, "zip": zip}


class Remote:
    """Stand for an object of the submission: it has attributes and can be called, and equals nothing."""

    __slots__ = ("__weakref__", "_far", "_line", "_number")

    def __init__(self, far: Far, number: int, line: list[str]) -> None:
        self._far, self._number, self._line = far, number, line

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__array") or (name in JUDGING and not isinstance(self, (RemoteInstance, RemoteClass))):
            raise AttributeError(name)
        return self._far.get(self._number, name)

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
        return _plain(str, self._far.operate("str", self))

    def __bool__(self) -> bool:
        return _plain(bool, self._far.operate("bool", self))

    def __len__(self) -> int:
        return _plain(int, self._far.operate("len", self))

    def __int__(self) -> int:
        return _plain(int, self._far.operate("int", self))

    def __float__(self) -> float:
        return _plain(float, self._far.operate("float", self))

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
        known = [] if kind is None else [kind, None, None]
        return bool(self._far.operate("exit", self, *known))


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


def kind_of(value: Any) -> Any:
    """Give what `type` gives where the submission's objects are its own: test code is made to call this."""
    if isinstance(value, RemoteInstance) or hasattr(type(value), "_stands_for"):
        return value._far.get(value._number, "__class__")  # noqa: SLF001 - its own kind
    return type(value)


def with_attributes(far: Far, number: int, line: list[str], value: Any) -> Any:
    """Give a built-in value that an object of a derived class holds the attributes of that object, such as names.

    It compares and computes as the built-in value does, and never shows the submission what it is compared with.
    """
    if type(value) not in PLAIN:
        return value
    made = _derived(type(value), tuple(line))(value)  # type: ignore[arg-type]
    made._far, made._number = far, number  # noqa: SLF001 - its own kind
    return made


@lru_cache(maxsize=256)
def _derived(base: type, line: tuple[str, ...]) -> Any:
    def attribute(self: Any, name: str) -> Any:
        if name.startswith("__") or name in JUDGING or name in ("_far", "_number"):
            raise AttributeError(name)
        return self._far.get(self._number, name)

    def shown(self: Any) -> str:
        return _plain(str, self._far.operate("repr", self))

    members = {"__getattr__": attribute, "__repr__": base.__repr__ if base is str else shown}
    return type(line[0], (base,), members | {"_stands_for": base, "_line": list(line)})


def _plain(kind: type[T], value: Any) -> T:
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

    def __instancecheck__(self, instance: object) -> bool:
        line = vars(type(instance)).get("_line") or (_line_of(instance) if issubclass(type(instance), Remote) else ())
        return self._line[0] in line

    def __subclasscheck__(self, other: object) -> bool:
        return issubclass(type(other), RemoteClass) and self._line[0] in _line_of(other)

    def __mro_entries__(self, _bases: tuple[Any, ...]) -> NoReturn:
        raise CannotCarryError(f"the test code derives a class from {self._line[0]}")


class RemoteInstance(Remote):
    """Stand for an instance of a class that the test code names: it compares and computes as its class says.

    Only with its own kind, though: an operator that was shown a plain value could tell the submission what is
    expected, so comparing with one is False, and computing with one must give another instance.
    """

    __slots__ = ("_mixed",)

    def __init__(self, far: Far, number: int, line: list[str], *, mixed: bool = False) -> None:
        super().__init__(far, number, line)
        self._mixed = mixed

    def __setattr__(self, name: str, value: Any) -> None:
        if name in ("_far", "_number", "_line", "_mixed"):
            object.__setattr__(self, name, value)
        else:
            self._far.operate("setattr", self, name, value)

    def __hash__(self) -> int:
        return _plain(int, self._far.operate("hash", self))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RemoteInstance) and self._far.operate("eq", self, other) is True

    def __contains__(self, item: Any) -> bool:
        return self._far.operate("contains", self, item) is True

    def __repr__(self) -> str:
        return _plain(str, self._far.operate("repr", self))


def _compare(name: str) -> Callable[[Any, Any], Any]:
    def compare(self: RemoteInstance, other: object) -> Any:
        return self._far.operate(name, self, other) if isinstance(other, RemoteInstance) else NotImplemented

    return compare


def _compute(name: str, *, swapped: bool) -> Callable[[Any, Any], Any]:
    def compute(self: RemoteInstance, other: object) -> Any:
        operands = (other, self) if swapped else (self, other)
        value = self._far.operate(name, *operands)
        if isinstance(other, RemoteInstance):
            return value
        if not isinstance(value, RemoteInstance):
            return NotImplemented
        return RemoteInstance(value._far, value._number, value._line, mixed=True)  # noqa: SLF001 - its own kind

    return compute


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
for _name in ("abs", "round", "neg", "pos", "invert", "int", "float", "index"):
    setattr(RemoteInstance, f"__{_name}__", _reduce(_name))
