"""What a command says and where: data on stdout, progress on stderr, outside text never as markup or control."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from rich.cells import cell_len
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
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


def show(console: Console, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table whose first column may fold; where the others do not fit, a line a cell: no number is ever cut."""
    rows, table = list(rows), Table(box=None, pad_edge=False)
    for place, name in enumerate(header):
        table.add_column(plain(name), no_wrap=place > 0)
    for row in rows:
        table.add_row(*map(plain, row))
    first, *others = zip(header, *rows, strict=True)
    words = max(cell_len(word) for cell in first for word in cell.split() or [""])
    if words + sum(2 + max(map(cell_len, column)) for column in others) <= console.width:
        console.print(table)
        return
    for row in rows:
        console.print(plain(row[0]))
        for name, cell in zip(header[1:], row[1:], strict=True):
            console.print(plain(f"  {name}: {cell}"), soft_wrap=True)


@contextmanager
def progress(what: str, total: int) -> Iterator[Progress]:
    """Show a bar on stderr, where a person sees it; `advance(task_ids[0])` moves it on."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        bar.add_task(what, total=total)
        yield bar
