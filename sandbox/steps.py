"""Write down what a process is to do before it is forked: each page that it touches to find out is copied for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

Step = tuple[Callable[..., object], tuple[Any, ...]]  # a function, and what it is called with


def take(steps: Iterable[Step]) -> None:
    """Take one step after another.

    Raises:
        OSError: One failed: it raised that, or gave -1, as system calls do.

    Example:
        >>> take([(abs, (-1,)), (int, ("-1",))])
        Traceback (most recent call last):
        OSError: refused: <class 'int'>('-1',)
    """
    for step, arguments in steps:
        if step(*arguments) == -1:
            raise OSError(f"refused: {step}{arguments}")
