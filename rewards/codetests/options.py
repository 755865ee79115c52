"""Read what a row says about its tests: their limits, how outputs are compared, how passes are counted."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rewards.interface import RowError

DEFAULTS = {"time_limit_s": 6.0, "memory_mb": 512, "output_kb": 4096}
MAXIMA = {
    "time_limit_s": ("CODE_MAX_SECONDS", 30.0),
    "memory_mb": ("CODE_MAX_MEMORY_MB", 1024),
    "output_kb": ("CODE_MAX_OUTPUT_KB", 16384),
}
CHECKERS = ("exact", "tokens", "floats")
FENCES = ("language", "any")
CREDITS = ("fraction", "all_or_nothing")


@dataclass(frozen=True, slots=True)
class Options:
    """Hold how the tests of a row are run and counted.

    Args:
        limits: `time_limit_s`, `memory_mb` and `output_kb` of each test.
        checker: How the output of a program is compared: `exact` but for white space at ends of lines, by `tokens`,
            with `floats` within `tolerance`, or `program`, by `checker_code`.
        tolerance: How far a float may be off, absolutely or relatively.
        checker_code: A Python program that reads `{"input", "expected", "output"}` and prints accepted or rejected.
        credit: `fraction` of the tests passed, or `all_or_nothing`.
        stop: Whether no more tests are run after one that failed.
        fence: Which blocks of a completion are code: those that name the row's `language` or none, or `any`.
    """

    limits: Mapping[str, float | int]
    checker: str = "exact"
    tolerance: float = 1e-6
    checker_code: str = ""
    credit: str = "fraction"
    stop: bool = False
    fence: str = "language"


def read_options(reference: Mapping[str, Any], metadata: Mapping[str, Any]) -> Options:
    """Read the options from the reference answer, and where they are not there from the row's metadata.

    Raises:
        RowError: One of them is none of the values that it may have.

    Example:
        >>> read_options({"checker": "tokens"}, {"credit": "all_or_nothing"}).checker
        'tokens'
    """
    checker = _found("checker", reference, metadata, "exact")
    code = checker.get("code", "") if isinstance(checker, Mapping) else ""
    if code and isinstance(code, str):
        checker = "program"
    elif checker not in CHECKERS:
        raise RowError(f"checker must be one of {', '.join(CHECKERS)}, or an object with code")
    credit = _found("credit", reference, metadata, "fraction")
    if credit not in CREDITS:
        raise RowError(f"credit must be one of {', '.join(CREDITS)}")
    stop = _found("stop_at_first_failure", reference, metadata, default=False)
    fence = _found("fence", reference, metadata, "language")
    if fence not in FENCES:
        raise RowError(f"fence must be one of {', '.join(FENCES)}")
    tolerance = _number("tolerance", _found("tolerance", reference, metadata, 1e-6))
    if not isinstance(stop, bool):
        raise RowError("stop_at_first_failure must be true or false")
    return Options(_limits(reference, metadata), checker, tolerance, code, credit, stop, fence)


def weight_of(value: object, place: str) -> float:
    """Read the weight of a test: a number, 0 or more."""
    if type(value) not in (int, float) or not isinstance(value, (int, float)) or not 0 <= value < math.inf:
        raise RowError(f"{place} must be a number, 0 or more")
    return float(value)


def _found(name: str, reference: Mapping[str, Any], metadata: Mapping[str, Any], default: Any) -> Any:
    value = reference.get(name)
    return metadata.get(name, default) if value is None else value


def _number(name: str, value: object) -> float:
    if type(value) not in (int, float) or not isinstance(value, (int, float)) or not 0 < value < math.inf:
        raise RowError(f"{name} must be a number above 0")
    return float(value)


def _limits(reference: Mapping[str, Any], metadata: Mapping[str, Any]) -> dict[str, float | int]:
    asked = reference.get("limits") if isinstance(reference.get("limits"), Mapping) else metadata.get("limits")
    limits: dict[str, float | int] = {}
    for name, default in DEFAULTS.items():
        value = asked.get(name, default) if isinstance(asked, Mapping) else default
        variable, most = MAXIMA[name]
        kept = min(_number(f"limits.{name}", value), float(os.environ.get(variable) or most))
        limits[name] = kept if name == "time_limit_s" else max(1, int(kept))
    return limits
