"""Know the values of the standard library and numpy that the codec carries, and load their modules only where they are.

A process that has not loaded such a module has no such value, and a fork takes longer for each that it has.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import date, time, timedelta
    from decimal import Decimal
    from fractions import Fraction

MAX_RATIONAL_BITS = 1 << 16  # a Fraction is reduced and a Decimal converted in quadratic time
MODULES = frozenset(("fractions", "decimal", "datetime", "numpy"))
Encode = Callable[[Any], Any]


class CodecError(ValueError):
    """Say that a value or a frame is beyond what the codec carries."""


def encode(value: Any, kind: type, part: Encode) -> Any:
    """Give the node of a value of one of these kinds, exactly; None of any other.

    Args:
        value: Anything.
        kind: Its type.
        part: Encodes what lies in it.
    """
    name = kind.__module__
    if type(name) is not str or name not in MODULES:
        return None
    module: Any = sys.modules.get(name)
    if name == "numpy":
        return _encode_numpy(module, value, kind, part)
    if kind is getattr(module, kind.__name__, None) and kind.__name__ in _ENCODE:
        return _ENCODE[kind.__name__](value)
    return None


def _moment_node(value: Any) -> list[Any] | None:
    if getattr(value, "tzinfo", None):
        return None
    later = [1] if getattr(value, "fold", 0) else []
    return ["T", type(value).__name__, value.isoformat(), *later]


_ENCODE: dict[str, Callable[[Any], list[Any] | None]] = {
    "Fraction": lambda value: ["F", hex(value.numerator), hex(value.denominator)],
    "Decimal": lambda value: ["M", str(value)],
    "datetime": _moment_node,
    "date": _moment_node,
    "time": _moment_node,
    "timedelta": lambda value: ["L", value.days, value.seconds, value.microseconds],
}


def _encode_numpy(numpy: Any, value: Any, kind: type, part: Encode) -> Any:
    if numpy is None:
        return None
    if isinstance(value, numpy.generic):
        plain = numpy.generic.item(value)
        return None if type(plain) is kind or isinstance(plain, numpy.generic) else part(plain)
    if kind is numpy.ndarray:
        return ["n", str(value.dtype), part(value.tolist())]
    return None


def whole(text: str) -> int:
    """Read a whole number in base 16, which takes linear time."""
    return int(text, 16)


def _fraction(numerator: str, denominator: str) -> Fraction:
    from fractions import Fraction  # noqa: PLC0415 - only where one came

    if (len(numerator) + len(denominator)) * 4 > MAX_RATIONAL_BITS:
        raise CodecError("a fraction beyond the caps")
    return Fraction(whole(numerator), whole(denominator))


def _decimal(text: str) -> Decimal:
    from decimal import Decimal  # noqa: PLC0415 - as above

    number = Decimal(text) if len(text) * 4 <= MAX_RATIONAL_BITS else None
    if number is None or (number.is_finite() and abs(number.adjusted()) > MAX_RATIONAL_BITS):
        raise CodecError("a decimal beyond the caps")
    return number


def _moment(kind: str, text: str, fold: int = 0) -> date | time:
    import datetime as dt  # noqa: PLC0415 - as above

    if kind not in ("datetime", "date", "time"):
        raise CodecError("an unknown kind of moment")
    made: date | time = getattr(dt, kind).fromisoformat(text)
    return made.replace(fold=1) if fold and type(made) is not dt.date else made  # type: ignore[call-arg]


def _duration(days: int, seconds: int, microseconds: int) -> timedelta:
    from datetime import timedelta  # noqa: PLC0415 - as above

    return timedelta(days, seconds, microseconds)


def array(kind: str, value: Any) -> Any:
    """Make a numpy array of the items of a list."""
    import numpy as np  # noqa: PLC0415 - only where an array came, and only where numpy is

    return np.array(value, dtype=np.dtype(kind) if kind != "object" else None)


FROM_PARTS: dict[str, Callable[..., Any]] = {"F": _fraction, "M": _decimal, "T": _moment, "L": _duration}
