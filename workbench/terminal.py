"""What a command says and where: data on stdout, progress on stderr, outside text never as markup or control."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

FAILED, USAGE, INFRASTRUCTURE = 1, 2, 3
_PIPE_WIDTH = 120


def out() -> Console:
    """Give the console for data: stdout, of a fixed width where no person reads it."""
    return Console(width=None if sys.stdout.isatty() else _PIPE_WIDTH, highlight=False)


def say(message: str) -> None:
    """Tell a person something, on stderr."""
    Console(stderr=True, highlight=False, soft_wrap=True).print(plain(message))


def emit(data: object) -> None:
    """Write one JSON value as a line on stdout; never NaN or infinity."""
    sys.stdout.write(json.dumps(data, allow_nan=False, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def plain(value: object) -> Text:
    r"""Show outside text as it is: no markup, and nothing that a terminal would obey.

    Example:
        >>> plain("[red]a\x1bb").plain
        '[red]a\\x1bb'
    """
    return Text("".join(c if c.isprintable() or c == "\n" else f"\\x{ord(c):02x}" for c in str(value)))


@contextmanager
def progress(what: str, total: int) -> Iterator[Progress]:
    """Show a bar on stderr, where a person sees it; `advance(task_ids[0])` moves it on."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        bar.add_task(what, total=total)
        yield bar
