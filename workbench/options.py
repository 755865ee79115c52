"""The options that several commands share, spelt once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

RubricPlace = Annotated[str, typer.Argument(metavar="RUBRIC", help="a rubric file, or the name of a shipped one")]
Models = Annotated[
    str,
    typer.Option(
        "--judge",
        "-j",
        metavar="MODEL",
        help="Bedrock model or inference profile, several comma-separated; openai:MODEL; offline. "
        "Without it JUDGE_MODEL, else the models of --replay, else offline.",
    ),
]
Record = Annotated[
    Path | None, typer.Option("--record", metavar="FILE", help="append every reply of the judge to FILE")
]
Replay = Annotated[Path | None, typer.Option("--replay", metavar="FILE", help="answer from FILE alone: no account")]
AsJson = Annotated[bool, typer.Option("--json", help="print JSON instead of tables")]
LabelFile = Annotated[Path, typer.Argument(metavar="LABELS", help="JSONL or CSV: prompt, response, score, rater, ...")]
GroupSize = Annotated[
    int, typer.Option("--group-size", min=2, max=256, help="completions a prompt in the job (group, rollouts)")
]
Rater = Annotated[str, typer.Option("--rater", help="take this rater's labels alone; without it the mean of all")]
