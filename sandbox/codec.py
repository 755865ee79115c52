"""Write Python values as JSON and read them back: exact built-in types and named containers, nothing that runs code.

A value of any other type travels as an opaque node, which the reader may show as a stand-in; it is never rebuilt.
A scalar is itself; everything else is a list whose first item is a tag. There is no pickle and no `eval`, so a frame
can mean nothing but "this value".
"""

from __future__ import annotations

import json
import math
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from sandbox import rare
from sandbox.rare import CodecError

_WRITER = json.JSONEncoder(separators=(",", ":"), check_circular=False)  # of nodes, which are trees
_READER = json.JSONDecoder()  # `raw_decode` takes half the time of `json.loads`, which looks for spaces
MAX_DEPTH = 400
SAFE = 1 << 62
_SCALARS = frozenset((str, bool, type(None)))
_SEQUENCES: dict[type, str] = {list: "l", tuple: "t", set: "s", frozenset: "z", deque: "q"}
_MAPPINGS: dict[type, str] = {dict: "d", Counter: "C", defaultdict: "D", OrderedDict: "O"}
_BASES: dict[type, Callable[[Any], Any]] = {
    dict: lambda value: dict(dict.items(value)),
    deque: lambda value: deque(deque.__iter__(value)),
    list: lambda value: list(list.__iter__(value)),
    tuple: lambda value: tuple(tuple.__iter__(value)),
    set: lambda value: set(set.__iter__(value)),
    frozenset: lambda value: frozenset(frozenset.__iter__(value)),
    int: lambda value: int.__add__(value, 0),
    float: lambda value: float.__add__(value, 0.0),
    str: str.__str__,
    bytes: lambda value: bytes.__getitem__(value, slice(None)),
}
_VIEWS: dict[type, str] = {type({}.keys()): "k", type({}.values()): "v", type({}.items()): "e"}
FACTORIES: dict[Any, type] = {kind.__name__: kind for kind in (int, float, str, list, dict, set, tuple, bool, Counter)}
_CHANGING = frozenset((list, set, deque, bytearray, *_MAPPINGS))
_PLAIN = frozenset((str, bool, type(None), int, float, bytes, complex))
_NONE: Mapping[int, int] = MappingProxyType({})
Opaque = Callable[[Any], list[Any]]


def _no_opaque(value: Any) -> list[Any]:
    raise CodecError(f"a {type(value).__name__} is no value that the codec carries")


def dumps(node: Any) -> bytes:
    """Write nodes as bytes."""
    return _WRITER.encode(node).encode()


def loads(frame: bytes) -> Any:
    """Read bytes as nodes.

    Raises:
        CodecError: They are not what `dumps` writes.
    """
    try:
        text = frame.decode("utf-8", "surrogatepass")
        node, end = _READER.raw_decode(text)
    except (ValueError, RecursionError) as error:
        raise CodecError(f"not a frame: {type(error).__name__}") from None
    if end < len(text):
        raise CodecError("not a frame: more than one value")
    return node


def encode(  # noqa: PLR0911 - a table in prose
    value: Any, opaque: Opaque = _no_opaque, depth: int = 0, known: Mapping[int, int] = _NONE, *, inside: bool = False
) -> Any:
    """Turn a value into nodes.

    Args:
        value: Anything.
        opaque: Makes the node of a value that is no built-in or named container; raises by default.
        depth: How deep `value` lies in what is encoded.
        known: Numbers of containers that the reader has too, by `id`; each is written as `["@", number]`.
        inside: Write what lies in `value` although it is known itself.

    Raises:
        CodecError: Deeper than `MAX_DEPTH`, or opaque without a way to say so.

    Example:
        >>> encode([1, (2.5, {"a": None})])
        ['l', 1, ['t', 2.5, ['d', ['a', None]]]]
    """
    kind = type(value)
    if kind in _SCALARS:
        return value
    if depth > MAX_DEPTH:
        raise CodecError(f"nested deeper than {MAX_DEPTH}")
    if kind is int:
        return value if -SAFE < value < SAFE else ["i", hex(value)]
    if kind is float:
        return value if math.isfinite(value) else ["f", repr(value)]
    if known and not inside and id(value) in known:
        return ["@", known[id(value)]]
    if kind in _SEQUENCES:
        return [_SEQUENCES[kind], *_items(value, opaque, depth, known)]
    if kind in _MAPPINGS:
        pairs, below = dict.items(value), depth + 1
        nodes = ([encode(k, opaque, below, known), encode(v, opaque, below, known)] for k, v in pairs)
        if kind is defaultdict:
            return ["D", _factory_node(value.default_factory, opaque), *nodes]
        return [_MAPPINGS[kind], *nodes]
    return _encode_rare(value, kind, opaque, depth)


def _factory_node(factory: Any, opaque: Opaque) -> Any:
    """Tell what gives a `defaultdict` its values: a built-in type by its name, else what the reader may call."""
    known = next((name for name, kind in FACTORIES.items() if kind is factory), None)
    return known if known or factory is None else opaque(factory)


def containers(values: Iterable[Any]) -> list[Any]:
    """List what can be changed in values: both sides of a call count it in one order.

    Example:
        >>> containers([1, [2, [3]], ({"a": []},)])
        [[2, [3]], [3], {'a': []}, []]
    """
    found: list[Any] = []
    for value in values:
        kind = type(value)
        if kind in _CHANGING:
            found.append(value)
        if kind in _MAPPINGS:
            found += containers(dict.values(value))
        elif kind in (list, tuple, deque) and not set(map(type, value)) <= _PLAIN:
            found += containers(value)
    return found


def _items(value: Iterable[Any], opaque: Opaque, depth: int, known: Mapping[int, int]) -> Iterable[Any]:
    """Encode the items of a sequence; those of scalars alone, the usual and the long ones, at the speed of C."""
    if type(value) in (list, tuple):
        kinds = set(map(type, value))
        if kinds <= _SCALARS:
            return value
        if kinds == {int} and min(value) > -SAFE and max(value) < SAFE:
            return value
    return (encode(item, opaque, depth + 1, known) for item in value)


def _encode_rare(value: Any, kind: type, opaque: Opaque, depth: int) -> Any:
    if kind is bytes or kind is bytearray:
        return ["b" if kind is bytes else "B", value.decode("latin-1")]
    if kind is complex:
        return ["c", encode(value.real), encode(value.imag)]
    if kind is range:
        return ["r", encode(value.start), encode(value.stop), encode(value.step)]
    if kind in _VIEWS:
        return [_VIEWS[kind], *(encode(item, opaque, depth + 1) for item in value)]
    node = rare.encode(value, kind, lambda part: encode(part, opaque, depth + 1))
    return opaque(value) if node is None else node


def as_builtin(value: Any) -> Any:
    """Give the built-in value that an object of a derived class holds, or the object itself.

    Read by the base's own methods: what the derived class says of itself does not count.

    Example:
        >>> from collections import namedtuple
        >>> as_builtin(namedtuple("Point", "x y")(1, 2))
        (1, 2)
    """
    for base, plain in _BASES.items():
        if base in type(value).__mro__[1:]:
            return plain(value)
    return value
