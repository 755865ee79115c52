"""Regular expressions that are compiled when they are first used: compiling them all would double the start time."""

from __future__ import annotations

import re
from typing import Any


class Pattern:
    r"""Stand in for a compiled expression until one of its methods is called.

    Example:
        >>> Pattern(r"\d+").findall("1 and 22")
        ['1', '22']
    """

    def __init__(self, pattern: str, flags: int = 0) -> None:
        self._source = pattern, flags

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  # a method of re.Pattern
        if name.startswith("_"):
            raise AttributeError(name)
        method = getattr(re.compile(*self._source), name)
        setattr(self, name, method)
        return method
