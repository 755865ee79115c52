"""Decide whether what came out is what was expected. Every comparison is linear in its operands."""

from __future__ import annotations

import math
from typing import Any

TOLERANCE = 1e-9


class Opaque:
    """Stand for a value that did not cross from the submission: it equals nothing, itself included."""

    __slots__ = ("line",)
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, line: list[str]) -> None:
        self.line = line

    def __eq__(self, _other: object) -> bool:
        return False

    def __repr__(self) -> str:
        return f"<an object of class {self.line[0] if self.line else '?'}>"


def same_output(expected: str, written: str) -> bool:
    r"""Compare standard outputs line by line, less the white space at the end of lines and of the whole.

    Example:
        >>> same_output("1 2\n3\n", "1 2  \r\n3\n\n")
        True
    """
    return _lines(expected) == _lines(written)


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.rstrip().split("\n")]


def same_value(expected: Any, actual: Any) -> bool:
    """Compare a JSON value with what a function returned.

    A tuple is as good as a list, since JSON has no tuples; a key that is no text counts as JSON would write it;
    where either number is a float they may differ by a part in a billion. All else is Python's equality.

    Example:
        >>> same_value([1, {"2": 0.3}], (1, {2: 0.1 + 0.2}))
        True
        >>> same_value([1, 2], {1, 2})
        False
    """
    if isinstance(expected, list):
        if type(actual).__name__ == "ndarray":
            actual = actual.tolist()
        return (
            isinstance(actual, (list, tuple))
            and len(actual) == len(expected)
            and all(map(same_value, expected, actual))
        )
    if isinstance(expected, dict):
        return isinstance(actual, dict) and _same_dict(expected, actual)
    if isinstance(expected, float) or type(actual) is float:
        return _same_number(expected, actual)
    if type(actual) not in (int, bool, str, type(None)):
        return False
    return bool(expected == actual)


def _same_dict(expected: dict[str, Any], actual: dict[Any, Any]) -> bool:
    named = {_as_key(key): value for key, value in actual.items()}
    return len(named) == len(expected) and all(
        key in named and same_value(expected[key], named[key]) for key in expected
    )


def _as_key(key: object) -> object:
    if type(key) is bool or key is None:
        return {True: "true", False: "false", None: "null"}[key]
    return repr(key) if type(key) in (int, float) else key


def _same_number(expected: object, actual: object) -> bool:
    if type(expected) not in (int, float, bool) or type(actual) not in (int, float, bool):
        return False
    assert isinstance(expected, (int, float)) and isinstance(actual, (int, float))  # noqa: S101, PT018 - for mypy
    try:
        return (
            expected == actual
            or (expected != expected and actual != actual)  # noqa: PLR0124 - both are not a number
            or math.isclose(expected, actual, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
        )
    except OverflowError:
        return False


def same_tokens(expected: str, written: str) -> bool:
    r"""Compare standard outputs word by word: white space does not count.

    Example:
        >>> same_tokens("1 2\n3", "1\n2 3")
        True
    """
    return expected.split() == written.split()


def same_floats(expected: str, written: str, tolerance: float) -> bool:
    """Compare standard outputs word by word, words that are numbers within a tolerance, absolute or relative.

    Example:
        >>> same_floats("x 0.3333", "x 0.33333333", 1e-3)
        True
    """
    wanted, given = expected.split(), written.split()
    return len(wanted) == len(given) and all(
        w == g or _close(w, g, tolerance) for w, g in zip(wanted, given, strict=True)
    )


def _close(wanted: str, given: str, tolerance: float) -> bool:
    if "_" in given or not given.isascii():  # Python's own way to write 10: no other language reads it
        return False
    try:
        left, right = float(wanted), float(given)
    except ValueError:
        return False
    return math.isclose(left, right, rel_tol=tolerance, abs_tol=tolerance)
