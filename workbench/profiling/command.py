"""`touchstone profile`: what a training run will feel of a reward, from scored rows."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from workbench.options import AsJson
from workbench.profiling.figures import profiled
from workbench.profiling.red_flags import Job
from workbench.profiling.scored import MARKS, read_scored
from workbench.terminal import FAILED, emit, out, plain

_BAR = 40
SHARES = {"at_floor", "at_ceiling", "zero_variance_groups", "tied_pairs", *(f"{mark}_share" for mark in MARKS)}


def profile(
    scored: Annotated[Path, typer.Argument(help="JSONL or CSV of scored rows: reward, prompt, response, ...")],
    timeout: Annotated[float, typer.Option(min=1, help="the function's time-out in seconds")] = 900.0,
    batch: Annotated[int, typer.Option(min=1, help="samples that the job sends in one call")] = 64,
    workers: Annotated[int, typer.Option(min=1, help="samples that the function scores at a time")] = 64,
    job: Annotated[int, typer.Option("--job", min=0, help="rollouts the whole job will score, for its cost")] = 0,
    *,
    strict: Annotated[bool, typer.Option("--strict", help="exit 1 where there is a red flag")] = False,
    as_json: AsJson = False,
) -> None:
    """Tell what training will feel of scored rows.

    Spread, saturation, dead groups, ties, correlations, time and cost; red flags by name.
    """
    figures = profiled(read_scored(scored), Job(timeout, batch, workers, job))
    if as_json:
        emit(figures)
    else:
        _show(figures)
    if strict and figures["red_flags"]:
        raise typer.Exit(FAILED)


def _show(figures: dict[str, Any]) -> None:
    table = Table(box=None, pad_edge=False, show_header=False)
    for name, value in figures.items():
        if name not in ("histogram", "red_flags", "correlations"):
            table.add_row(name.replace("_", " "), _written(value, share=name in SHARES))
    out().print(table)
    most = max(figures["histogram"].values(), default=1) or 1
    for edge, count in figures["histogram"].items():
        out().print(plain(f"{edge:>9}  {'█' * round(_BAR * count / most)} {count}"))
    for name, value in figures["correlations"].items():
        pair = name if " ~ " in name else f"reward ~ {name}"
        out().print(plain(f"correlation {pair}: {_written(value)}"))
    for flag in figures["red_flags"]:
        out().print(plain(f"RED FLAG {flag}"), style="bold red", soft_wrap=True)


def _written(value: object, *, share: bool = False) -> str:
    if value is None:
        return "unknown"
    if share:
        return f"{value:.1%}"
    if isinstance(value, float):
        return f"{value:.3g}"
    return str(value)
