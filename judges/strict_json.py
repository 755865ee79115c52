"""Read JSON from outside without what Python's reader lets pass: doubled keys, NaN, endless depth."""

from __future__ import annotations

import json
from typing import Any

LARGEST = 2_000_000  # bytes or characters of a reply


class DoubledKeyError(ValueError):
    """An object says the same key twice: which of the two is meant, nobody knows."""


class ConstantError(ValueError):
    """A number is NaN or infinite, which JSON does not know."""


class DepthError(ValueError):
    """It is nested deeper, or longer, than anything that was asked for."""


def loads(text: str | bytes, *, lines: bool = False) -> Any:  # noqa: ANN401 - any JSON value
    """Read one JSON value.

    Args:
        text: The JSON.
        lines: Let strings hold line breaks as they are, which models write and JSON forbids.

    Raises:
        DoubledKeyError: An object says a key twice.
        ConstantError, DepthError: It is whole, but cannot be trusted or read.
        ValueError: Not JSON.

    Example:
        >>> loads('{"score": 7}')
        {'score': 7}
    """
    if len(text) > LARGEST:
        raise DepthError(f"over {LARGEST} long")
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_constant, parse_int=_int, strict=not lines)
    except RecursionError:
        raise DepthError("nested too deep") from None


def first(text: str, start: int) -> tuple[Any, int]:
    """Read the JSON value that begins at `start`; give it and where it ends.

    Raises:
        ValueError: As `loads` raises it.
    """
    try:
        return _LINES.raw_decode(text, start)
    except RecursionError:
        raise DepthError("nested too deep") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise DoubledKeyError(f"key {next(key for key in keys if keys.count(key) > 1)[:40]!r} stands twice")
    return found


def _constant(name: str) -> float:
    raise ConstantError(f"{name} is no JSON")


def _int(digits: str) -> float:
    """Read a whole number; one of very many digits, which Python refuses to read, is infinite for our purposes."""
    return int(digits) if len(digits) < _MOST_DIGITS else float(digits)


_MOST_DIGITS = 400
_LINES = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant, parse_int=_int, strict=False)
