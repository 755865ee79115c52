"""Read JSON from outside without what Python's reader lets pass: doubled keys, NaN, endless depth."""

from __future__ import annotations

import json
from typing import Any

LARGEST = 2_000_000  # bytes or characters of a reply


class DoubledKeyError(ValueError):
    """An object says the same key twice: which of the two is meant, nobody knows."""


def loads(text: str | bytes) -> Any:  # noqa: ANN401 - any JSON value
    """Read one JSON value.

    Raises:
        DoubledKeyError: An object says a key twice.
        ValueError: Not JSON, too long or too deep.

    Example:
        >>> loads('{"score": 7}')
        {'score': 7}
    """
    if len(text) > LARGEST:
        raise ValueError(f"over {LARGEST} long")
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_constant)
    except RecursionError:
        raise ValueError("nested too deep") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise DoubledKeyError(f"key {next(key for key in keys if keys.count(key) > 1)[:40]!r} stands twice")
    return found


def _constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON")
