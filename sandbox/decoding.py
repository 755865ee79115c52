"""Read values back from nodes of a side that is not believed: what is none, or beyond the caps, is an error."""

from __future__ import annotations

import math
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable
from typing import Any

from sandbox import rare
from sandbox.codec import FACTORIES, MAX_DEPTH
from sandbox.rare import CodecError

MALFORMED = (
    TypeError,
    ValueError,
    ArithmeticError,
    LookupError,
    AttributeError,
    ImportError,
    RecursionError,
    MemoryError,
)
MAX_NODES = 4_000_000
MAX_ALIKE = 1000  # keys of one hash
_HASHED = frozenset("szke")
Stand = Callable[[list[Any]], Any]


def _no_stand_in(_node: list[Any]) -> Any:
    raise CodecError("an opaque value stands where none is expected")


def decode(node: Any, stand_in: Stand = _no_stand_in) -> Any:
    """Rebuild a value from its nodes.

    Args:
        node: As `encode` makes it, but from a side that is not believed.
        stand_in: Makes what stands for an opaque node; raises by default.

    Raises:
        CodecError: A node that `encode` does not make, or one beyond the caps.

    Example:
        >>> decode(["d", ["a", ["t", 1, ["s", 2.5]]], ["b", ["b", "x"]]])
        {'a': (1, {2.5}), 'b': b'x'}
    """
    budget = [MAX_NODES]
    try:
        return _decode(node, stand_in, 0, budget)
    except CodecError:
        raise
    except MALFORMED as error:
        raise CodecError(f"a malformed value: {type(error).__name__}") from None


def _decode(node: Any, stand_in: Stand, depth: int, budget: list[int]) -> Any:
    kind = type(node)
    if kind is not list:
        if kind is dict:
            raise CodecError("an object stands where a value should")
        return node
    budget[0] -= len(node)
    if depth > MAX_DEPTH or budget[0] < 0:
        raise CodecError("a value beyond the caps")
    tag = node[0]
    if tag in _FROM_ITEMS:
        items = [_decode(item, stand_in, depth + 1, budget) for item in node[1:]]
        if tag in _HASHED:
            _spread(items if tag != "e" else [key for key, _ in items])
        return _FROM_ITEMS[tag](items)
    if tag in _FROM_PAIRS:
        first = 2 if tag == "D" else 1
        pairs = [
            (_decode(k, stand_in, depth + 1, budget), _decode(v, stand_in, depth + 1, budget)) for k, v in node[first:]
        ]
        _spread([key for key, _ in pairs])
        return _FROM_PAIRS[tag](pairs) if tag != "D" else defaultdict(_factory(node[1], stand_in), pairs)
    if tag in _FROM_PARTS:
        return _FROM_PARTS[tag](*node[1:])
    return stand_in(node)


def _spread(keys: list[Any]) -> None:
    """Refuse keys made to collide: a set of them takes quadratic time."""
    if len(keys) > MAX_ALIKE and len(keys) - len(set(map(hash, keys))) > MAX_ALIKE:
        raise CodecError("keys that collide")


def _factory(node: Any, stand_in: Stand) -> Any:
    if type(node) is not list:
        return FACTORIES.get(node)
    factory = stand_in(node)
    return factory if callable(factory) else None


def _float(text: str) -> float:
    return {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}[text]


def _counter(pairs: list[tuple[Any, Any]]) -> Counter[Any]:
    return Counter(dict(pairs))


def _part(value: Any) -> Any:
    return _float(value[1]) if type(value) is list else value


_FROM_ITEMS: dict[str, Callable[[list[Any]], Any]] = {
    "l": list,
    "t": tuple,
    "s": set,
    "z": frozenset,
    "q": deque,
    "k": lambda items: dict.fromkeys(items).keys(),
    "v": lambda items: dict(enumerate(items)).values(),
    "e": lambda items: dict(items).items(),
}
_FROM_PAIRS: dict[str, Callable[[list[tuple[Any, Any]]], Any]] = {
    "d": dict,
    "C": _counter,
    "D": dict,
    "O": OrderedDict,
}
_FROM_PARTS: dict[str, Callable[..., Any]] = {
    "i": rare.whole,
    "f": _float,
    "b": lambda text: text.encode("latin-1"),
    "B": lambda text: bytearray(text.encode("latin-1")),
    "c": lambda real, imag: complex(_part(real), _part(imag)),
    "r": lambda *parts: range(*(decode(part) for part in parts)),
    "n": lambda kind, node: rare.array(kind, decode(node)),
    **rare.FROM_PARTS,
}
