"""Stand-ins, on the trusted side, for what the submission defines: using one asks the submission's process.

An answer is a value and nothing more. What the codec does not carry becomes a `Remote`, which may be asked for
attributes and the like; it is equal to nothing, and nobody shows it an expected value, unless the test code itself
names its class: a class under test brings its own operators.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

from sandbox.codec import CodecError, decode, dumps, encode, loads

T = TypeVar("T")
Exchange = Callable[[bytes], bytes]
# methods of built-in values that judge what they are given: a test calls them to compare, and so they are not asked;
# nor is what numpy asks everything for
JUDGING = frozenset(
    """
    startswith endswith count index find rfind rindex issubset issuperset isdisjoint equals match fullmatch search
    __eq__ __ne__ __lt__ __le__ __gt__ __ge__ __contains__ __sub__ __rsub__ __and__ __or__ __xor__ difference
    symmetric_difference intersection removeprefix removesuffix strip lstrip rstrip replace split partition compare
    """.split()  # noqa: SIM905 - a table in prose
)
NEVER_RAISED = ("SystemExit", "KeyboardInterrupt", "GeneratorExit")
ORDINARY: tuple[type, ...] = (type(len), type(lambda: 0), type([].append), type)


class SubmissionEndedError(BaseException):
    """Say that the submission's process ended instead of answering; no `except Exception` of a test hides it."""


class CannotCarryError(BaseException):
    """Say that the test code hands over what cannot cross: a fault of the row."""


class Far:
    """Hold the conversation with the submission's process.

    Args:
        exchange: Sends a question and returns the answer; raises `SubmissionEndedError`.
        named: The classes that the test code names, which are under test themselves.
    """

    def __init__(self, exchange: Exchange, named: frozenset[str]) -> None:
        self._exchange, self._named = exchange, named
        self._callbacks: list[Callable[..., Any]] = []
        self._exceptions: dict[str, type[BaseException]] = {}
        self.asked = 0

    def names(self, names: list[str]) -> dict[str, Any]:
        """Fetch those of the names that the submission defines."""
        if not names:
            return {}
        found = self._told(self._exchange(dumps({"do": "names", "names": names})), (), {})
        return found if isinstance(found, dict) else {}

    def call(self, target: int | str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call something; what it changes in its arguments is changed in ours."""
        nodes = [self._node(value) for value in args]
        named = {name: self._node(value) for name, value in kwargs.items()}
        return self._ask({"do": "call", "target": target, "args": nodes, "kwargs": named}, args, kwargs)

    def operate(self, name: str, *operands: Any) -> Any:
        """Have the submission's process apply an operator."""
        return self._ask({"do": "operate", "name": name, "args": [self._node(value) for value in operands]}, (), {})

    def get(self, target: int, name: str) -> Any:
        """Fetch an attribute."""
        return self._ask({"do": "get", "target": target, "name": name}, (), {})

    def step(self, target: int) -> Any:
        """Take the next item of an iterator."""
        return self._ask({"do": "next", "target": target}, (), {})

    def _ask(self, question: dict[str, Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        self.asked += 1
        return self._told(self._exchange(dumps(question)), args, kwargs)

    def _told(self, frame: bytes, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Read an answer, after answering whatever it asks back."""
        answer = self._read(frame)
        while "callback" in answer:
            answer = self._read(self._exchange(self._called_back(answer)))
        if "raised" in answer:
            self._raise(answer)
        if "value" not in answer:
            raise SubmissionEndedError("it answered with no value")
        self._take_changes(answer, args, kwargs)
        return self._value(answer["value"])

    def _read(self, frame: bytes) -> dict[str, Any]:
        try:
            answer = loads(frame)
        except CodecError as error:
            raise SubmissionEndedError(f"it answered with no value: {error}") from None
        if not isinstance(answer, dict):
            raise SubmissionEndedError("it answered with no value")
        return answer

    def _value(self, node: Any) -> Any:
        try:
            return decode(node, self._stand_in)
        except CodecError as error:
            raise SubmissionEndedError(f"it answered with no value: {error}") from None

    def _stand_in(self, node: list[Any]) -> Any:
        if len(node) < 4 or node[0] != "o" or type(node[1]) is not int or not _is_names(node[3]):  # noqa: PLR2004 - "o", number, what, line
            raise CodecError("an unknown node")
        _, number, what, line = node[:4]
        if what == "class":
            return self._class(number, line)
        if what == "iterator":
            return RemoteIterator(self, number, line)
        if self._named & set(line):
            return RemoteInstance(self, number, line)
        return decode(node[4], self._stand_in) if len(node) > 4 else Remote(self, number, line)  # noqa: PLR2004 - as above

    def _class(self, number: int, line: list[str]) -> Any:
        """Stand for a class; for one of exceptions make a class of our own, since `except` needs one."""
        if "BaseException" not in line or hasattr(builtins, line[0]):
            return RemoteClass(self, number, line)
        return self._exception(line)

    def _exception(self, line: list[str]) -> type[BaseException]:
        if line[0] in NEVER_RAISED:
            return SubmissionEndedError
        known = getattr(builtins, line[0], None)
        if isinstance(known, type) and issubclass(known, BaseException):
            return known
        if line[0] not in self._exceptions:
            base = self._exception(line[1:]) if len(line) > 1 else Exception
            self._exceptions[line[0]] = type(line[0], (base,), {})
        return self._exceptions[line[0]]

    def _raise(self, answer: dict[str, Any]) -> NoReturn:
        line, message = answer["raised"], answer.get("message")
        if not _is_names(line) or len(line) > 50 or not isinstance(message, str):  # noqa: PLR2004 - a class this deep is no class
            raise SubmissionEndedError("it answered with no value")
        kind = self._exception(line)
        try:
            arguments = self._value(answer.get("arguments"))
            error = kind(*arguments)
        except Exception:  # noqa: BLE001 - whatever a class makes of arguments that it was not made for
            error = Exception.__new__(kind) if issubclass(kind, Exception) else SubmissionEndedError(message)
        raise error

    def _take_changes(self, answer: dict[str, Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        changed = answer.get("args")
        if isinstance(changed, list) and len(changed) == len(args):
            for ours, node in zip(args, changed, strict=True):
                self._take_change(ours, node)
        changed = answer.get("kwargs")
        if isinstance(changed, dict):
            for name in kwargs.keys() & changed.keys():
                self._take_change(kwargs[name], changed[name])

    def _take_change(self, ours: Any, node: Any) -> None:
        if type(ours) not in (list, dict, set, bytearray) or self._node(ours) == node:
            return
        theirs = self._value(node)
        if type(theirs) is not type(ours):
            return
        if isinstance(ours, (list, bytearray)):
            ours[:] = theirs
        else:
            ours.clear()
            ours.update(theirs)

    def _node(self, value: Any) -> Any:
        try:
            return encode(value, self._opaque)
        except CodecError as error:
            raise CannotCarryError(str(error)) from None

    def _opaque(self, value: Any) -> list[Any]:
        if isinstance(value, Remote):
            return ["h", object.__getattribute__(value, "_number")]
        if isinstance(value, ORDINARY) and callable(value):
            self._callbacks.append(value)
            return ["cb", len(self._callbacks) - 1]
        raise CannotCarryError(f"the test code hands over a {type(value).__name__}")

    def _called_back(self, asked: dict[str, Any]) -> bytes:
        """Call the function that was handed over; what it returns or raises is the next question."""
        number, args, kwargs = asked["callback"], asked.get("args"), asked.get("kwargs")
        if (
            type(number) is not int
            or not 0 <= number < len(self._callbacks)
            or not isinstance(args, list)
            or not isinstance(kwargs, dict)
        ):
            raise SubmissionEndedError("it called what it was not given")
        values = [self._value(node) for node in args]
        try:
            result = self._callbacks[number](*values, **{name: self._value(node) for name, node in kwargs.items()})
        except Exception as error:  # noqa: BLE001 - the submission may catch what the function raises
            return dumps({"do": "raise", "kind": type(error).__name__, "message": str(error)[:2000]})
        return dumps({"do": "return", "value": self._node(result)})


def _is_names(line: Any) -> bool:
    return isinstance(line, list) and bool(line) and all(isinstance(name, str) for name in line)


class Remote:
    """Stand for an object of the submission: it has attributes and can be called, and equals nothing."""

    __slots__ = ("_far", "_line", "_number")

    def __init__(self, far: Far, number: int, line: list[str]) -> None:
        self._far, self._number, self._line = far, number, line

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__array") or (name in JUDGING and not isinstance(self, (RemoteInstance, RemoteClass))):
            raise AttributeError(name)
        return self._far.get(self._number, name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:  # noqa: D102 - ruff takes it for public
        return self._far.call(self._number, args, kwargs)

    def __eq__(self, _other: object) -> bool:
        return False

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
        return self._far.operate("getitem", self, key)

    def __setitem__(self, key: Any, value: Any) -> None:
        self._far.operate("setitem", self, key, value)

    def __delitem__(self, key: Any) -> None:
        self._far.operate("delitem", self, key)

    def __enter__(self) -> Any:
        return self._far.operate("enter", self)

    def __exit__(self, *_error: object) -> bool:
        return bool(self._far.operate("exit", self))


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


class RemoteClass(Remote):
    """Stand for a class of the submission."""

    __slots__ = ()

    def __instancecheck__(self, instance: object) -> bool:
        return isinstance(instance, Remote) and self._line[0] in object.__getattribute__(instance, "_line")

    def __subclasscheck__(self, other: object) -> bool:
        return isinstance(other, RemoteClass) and self._line[0] in object.__getattribute__(other, "_line")


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
