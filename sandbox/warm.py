"""Have modules loaded before a process is forked that needs them.

A fork takes time for every page and every mapping of what is loaded. So the zygote holds what nearly every program
needs, and S loads the rest of the usual ones where its submission names them: once, not in each process that runs it.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterable
from importlib import import_module
from types import CodeType

ALWAYS = tuple(
    """
    bisect collections collections.abc contextlib copy functools heapq io itertools json math operator os random re
    string struct sys threading time types typing warnings
    """.split()  # noqa: SIM905 - a table in prose
)
# modules of the standard library that start nothing and write nothing when they are loaded
NAMED = frozenset(
    """
    abc argparse array ast asyncio calendar cmath codecs dataclasses datetime decimal enum fractions gc hashlib inspect
    keyword linecache locale logging numbers pathlib pprint queue secrets statistics tempfile textwrap traceback
    unicodedata unittest uuid weakref zlib
    """.split()  # noqa: SIM905 - the same
)
USUAL = NAMED.union(ALWAYS)


def load(names: Iterable[str]) -> None:
    """Load modules, those that this Python has."""
    for name in names:
        with contextlib.suppress(ImportError):
            import_module(name)


def load_named(code: CodeType) -> bool:
    """Load the usual modules that a program names, whether it imports them or calls something else so.

    Returns:
        Whether there was one that had not been loaded.

    Example:
        >>> load_named(compile("from math import sqrt", "solution.py", "exec"))
        False
    """
    missing = [name for name in NAMED & _names(code) if name not in sys.modules]
    load(missing)
    return bool(missing)


def _names(code: CodeType) -> set[str]:
    found: set[str] = set()
    waiting = [code]
    while waiting:
        code = waiting.pop()
        found.update(code.co_names)
        waiting += [constant for constant in code.co_consts if type(constant) is CodeType]
    return found
