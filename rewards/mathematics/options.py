"""What a row may say about how its answer is compared, in `metadata.math`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from rewards.interface import RowError

_CHOICES = {
    "find": ("any", "marked", "boxed"),
    "units": ("forgive", "require", "ignore"),
    "percent": ("forgive", "strict"),
    "order": ("auto", "ordered", "unordered"),
    "kind": ("auto", "text", "choice", "number"),
    "form": ("any", "written"),
    "log": ("natural", "ten"),
}


class Options(NamedTuple):
    """Hold the policy of one row; the table in `math_answer`'s docstring says what each means."""

    find: str = "any"
    units: str = "forgive"
    percent: str = "forgive"
    order: str = "auto"
    kind: str = "auto"
    form: str = "any"
    log: str = "natural"
    tolerance: float = 0.0
    rounding: bool = True
    decimal_comma: bool = False
    labels: bool = True


def options(row: object) -> Options:
    """Read a row's options.

    Args:
        row: `metadata["math"]`: an object with the names of `Options`, or None.

    Raises:
        RowError: An option that does not exist, or a value that it cannot have.

    Example:
        >>> options({"find": "boxed"}).find
        'boxed'
    """
    if row is None:
        return DEFAULT
    if not isinstance(row, Mapping):
        raise RowError(f"metadata.math must be an object, not {type(row).__name__}")
    for name, value in row.items():
        if name in _CHOICES:
            good = value in _CHOICES[name]
        elif name == "tolerance":
            good = type(value) in (int, float) and math.isfinite(value) and 0 <= value < 1
        else:
            good = name in ("rounding", "decimal_comma", "labels") and isinstance(value, bool)
        if not good:
            raise RowError(f"metadata.math: {str(name)[:40]!r} cannot be {str(value)[:40]!r}")
    return Options(**row)


DEFAULT = Options()
