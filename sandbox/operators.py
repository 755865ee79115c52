"""Name what the asker may have done to an object of the submission: Python's operators and a few functions."""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection
from typing import Any

from sandbox.codec import as_builtin

_NAMES = """
    eq ne lt le gt ge add sub mul truediv floordiv mod pow matmul and_ or_ xor lshift rshift neg pos abs invert
    getitem setitem delitem contains index
    iadd isub imul itruediv ifloordiv imod ipow imatmul iand ior ixor
""".split()  # noqa: SIM905 - a table in prose
_FUNCTIONS = (
    len, str, repr, bool, hash, iter, int, float, complex, divmod, round, reversed, format, setattr, delattr, aiter,
    anext,
)  # fmt: skip
OPERATORS: dict[str, Callable[..., Any]] = {name: getattr(operator, name) for name in _NAMES}
OPERATORS |= {function.__name__: function for function in _FUNCTIONS}
OPERATORS |= {
    "getslice": lambda value, start, stop, step: value[start:stop:step],
    "setslice": lambda value, start, stop, step, items: operator.setitem(value, slice(start, stop, step), items),
    "delslice": lambda value, start, stop, step: operator.delitem(value, slice(start, stop, step)),
    "enter": lambda manager: type(manager).__enter__(manager),
    "aenter": lambda manager: type(manager).__aenter__(manager),
    "content": as_builtin,
    "send": lambda generator, value: generator.send(value),
}
_MORE = ("radd", "rsub", "rmul", "len", "iter", "bool", "float", "int", "call", "enter")
# what a class may define to be more than the built-in one it is derived from
SPECIAL = frozenset(f"__{name.strip('_')}__" for name in (*_NAMES, *_MORE))


COMPARING = frozenset(f"__{name}__" for name in ("eq", "ne", "lt", "le", "gt", "ge", "hash"))


def is_plain(kind: type, base: type, special: Collection[str] = SPECIAL) -> bool:
    """Tell whether a class computes and compares as the built-in class does that it is derived from.

    Args:
        kind: The class.
        base: What it is derived from.
        special: What it must not define anew.

    Example:
        >>> from collections import namedtuple
        >>> is_plain(namedtuple("Point", "x y"), tuple)
        True
    """
    before = kind.__mro__[: kind.__mro__.index(base)]
    return all(vars(derived).keys().isdisjoint(special) for derived in before)
