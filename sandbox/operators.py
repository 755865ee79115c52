"""Name what the asker may have done to an object of the submission: Python's operators and a few functions."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

_NAMES = """
    eq ne lt le gt ge add sub mul truediv floordiv mod pow matmul and_ or_ xor lshift rshift neg pos abs invert
    getitem setitem delitem contains index
    iadd isub imul itruediv ifloordiv imod ipow imatmul iand ior ixor
""".split()  # noqa: SIM905 - a table in prose
_FUNCTIONS = (
    len, str, repr, bool, hash, iter, int, float, complex, divmod, round, reversed, format, setattr, delattr,
)  # fmt: skip
OPERATORS: dict[str, Callable[..., Any]] = {name: getattr(operator, name) for name in _NAMES}
OPERATORS |= {function.__name__: function for function in _FUNCTIONS}
OPERATORS |= {
    "getslice": lambda value, start, stop, step: value[start:stop:step],
    "setslice": lambda value, start, stop, step, items: operator.setitem(value, slice(start, stop, step), items),
    "delslice": lambda value, start, stop, step: operator.delitem(value, slice(start, stop, step)),
    "enter": lambda manager: type(manager).__enter__(manager),
    "exit": lambda manager, *error: type(manager).__exit__(manager, *(error or (None, None, None))),
    "send": lambda generator, value: generator.send(value),
}
_MORE = ("radd", "rsub", "rmul", "len", "iter", "bool", "float", "int", "call", "enter")
# what a class may define to be more than the built-in one it is derived from
SPECIAL = frozenset(f"__{name.strip('_')}__" for name in (*_NAMES, *_MORE))


def is_plain(kind: type, base: type) -> bool:
    """Tell whether a class computes and compares as the built-in class does that it is derived from.

    Example:
        >>> from collections import namedtuple
        >>> is_plain(namedtuple("Point", "x y"), tuple)
        True
    """
    before = kind.__mro__[: kind.__mro__.index(base)]
    return all(SPECIAL.isdisjoint(vars(derived)) for derived in before)
