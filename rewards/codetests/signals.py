"""Look at a submission without running it: numbers for a person to watch, which never change a score."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rewards.codetests.cases import Case
from rewards.interface import Verdict

SUSPICIOUS = re.compile(
    r"^[ \t]*(?:import|from)[ \t]+(?:ctypes|gc|inspect|socket|subprocess|signal|multiprocessing|resource|mmap)\b",
    re.MULTILINE,
)
TELLING = 4  # characters: a shorter output stands in many an honest program


def signals(code: str, cases: Sequence[Case]) -> Iterator[Verdict]:
    r"""Count imports that few solutions need, and expected outputs of visible tests that stand in the code.

    Example:
        >>> [verdict.score for verdict in signals("import gc\nprint('12345')", [Case("12345", weight=0)])]
        [1, 1]
    """
    yield Verdict("imports_suspicious", len(SUSPICIOUS.findall(code)), weight=0)
    shown = [case.expected for case in cases if not case.weight]
    if shown:
        texts = [value.strip() if isinstance(value, str) else repr(value) for value in shown]
        found = sum(len(text) >= TELLING and text in code for text in texts)
        yield Verdict("hardcoded_outputs", found, weight=0)
