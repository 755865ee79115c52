"""Score events at the desk, as a deployed function would: `python -m workbench.run [--json] [EVENT.json ...]`."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from rewards import app, rft
from rewards.batch import BatchError
from rewards.telemetry import Answer
from workbench.terminal import plain

EVENTS = Path(__file__).parent.parent / "events"


def main(arguments: Sequence[str] | None = None) -> None:
    """Score event files, by default one of each reward; an event is scored by the reward that its folder names."""
    parser = argparse.ArgumentParser(prog="workbench.run", description=main.__doc__)
    parser.add_argument("events", nargs="*", type=Path, help="files like events/REWARD/NAME.json")
    parser.add_argument("--json", action="store_true", help="print the raw response of each instead of a table")
    chosen = parser.parse_args(arguments)
    paths = chosen.events or [EVENTS / name / "bedrock.json" for name in app.reward_names()]
    os.environ.setdefault("JUDGE_MODEL", "offline")
    for path in paths:
        try:
            name, answered = _scored(path)
        except (OSError, ValueError, BatchError) as error:
            parser.error(f"{os.path.relpath(path)}: {error}")
        if chosen.json:
            print(_response(path, answered))  # noqa: T201 - this is the output
        else:
            Console(width=None if sys.stdout.isatty() else 120).print(_table(name, path, answered))


def _scored(path: Path) -> tuple[str, Answer]:
    """Score an event file by the reward that its folder names."""
    name = path.resolve().parent.name
    if name not in app.reward_names():
        raise ValueError(f"its folder names no reward; there are {', '.join(app.reward_names())}")
    return name, app.answer(json.loads(path.read_text(encoding="utf-8")), name)


def _response(path: Path, answered: Answer) -> str:
    mode = rft.response_mode(json.loads(path.read_text(encoding="utf-8")), os.environ.get("RESPONSE", "list"))
    return json.dumps(rft.respond(answered.samples, answered.rewards, mode))


def _table(name: str, path: Path, answered: Answer) -> Table:
    title = f"{name}: {os.path.relpath(path)}"
    if any(verdict.name == "offline_judge" for reward in answered.rewards for verdict in reward.verdicts):
        title += (
            "\nscored by the offline judge, which tries the plumbing and judges nothing: set JUDGE_MODEL to a model"
        )
    table = Table(title=title, title_justify="left", expand=True)
    table.add_column("sample", max_width=24, overflow="fold")
    table.add_column("reward", justify="right")
    table.add_column("metrics", overflow="fold")
    table.add_column("why", overflow="fold", ratio=1)
    for sample, reward in zip(answered.samples, answered.rewards, strict=True):
        metrics = " ".join(f"{verdict.name}={verdict.score:g}" for verdict in reward.verdicts if not verdict.weight)
        why = "; ".join(verdict.reason for verdict in reward.verdicts if verdict.weight)
        table.add_row(plain(sample.id), f"{reward.value:.2f}", plain(metrics), plain(why))
    return table


if __name__ == "__main__":
    main()
