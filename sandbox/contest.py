"""Know the names that contest sites give to every solution, such as `List` and `math`, without an import.

Source: LiveCodeBench `testing_util.py` puts star imports of these modules before each solution, as LeetCode does.
"""

from __future__ import annotations

import bisect
import builtins
import collections
import functools
import heapq
import itertools
import math
import operator
import random
import re
import string
import sys
import typing
from typing import Any

MODULES = (typing, collections, heapq, bisect, functools, itertools, math)
NAMED = (*MODULES, operator, random, re, string, sys)


def _names() -> dict[str, Any]:
    names: dict[str, Any] = {}
    for module in MODULES:
        public = getattr(module, "__all__", None) or [name for name in vars(module) if not name.startswith("_")]
        names |= {name: getattr(module, name) for name in public}
    return names | {module.__name__: module for module in NAMED}


NAMES = _names()


def provide_names() -> None:
    """Let the submission use these names; what it defines itself, and what Python has, comes first."""
    scope = vars(builtins)
    for name, value in NAMES.items():
        scope.setdefault(name, value)
