"""How long a cold start and the wire take, as ratios to what nobody can do without: `make bench`.

Both sides of a ratio run alternately in one run, each the median of its rounds.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from pydantic import BaseModel, ConfigDict, TypeAdapter

from rewards import rft
from rewards.interface import Reward, Verdict

ROOT = Path(__file__).parent.parent
ROUNDS = 15
TIMED = "import time; started = time.perf_counter(); {}; print(time.perf_counter() - started)"


class Turn(BaseModel):
    """A turn, as anyone would model it."""

    role: str
    content: str


class Row(BaseModel):
    """A row, as anyone would model it."""

    model_config = ConfigDict(extra="allow")

    id: str
    messages: list[Turn]
    reference_answer: str


def cold_import(statement: str) -> float:
    """Import in a fresh interpreter and tell its seconds, the interpreter's own start left out."""
    environment = {"PATH": os.environ["PATH"], "REWARD": "math_answer"}
    command = [sys.executable, "-c", TIMED.format(statement)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)  # noqa: S603
    return float(done.stdout)


def seconds(work: Callable[[], object]) -> float:
    """Run once and tell the seconds."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def compare(title: str, ours: Callable[[], float], theirs: Callable[[], float], bar: float) -> None:
    """Print one row: both medians, their ratio, the bar."""
    pairs = [(ours(), theirs()) for _ in range(ROUNDS)]
    mine, other = (median(side) * 1000 for side in zip(*pairs, strict=True))
    print(f"{title:<78}{mine:>9.1f} ms{other:>9.1f} ms{mine / other:>8.2f}x{bar:>8.1f}x")


def main() -> None:
    """Print the table."""
    print(f"{'':<78}{'ours':>12}{'baseline':>12}{'ratio':>9}{'bar':>9}")
    compare(
        "cold import of rewards.app for math_answer / of pydantic and powertools' Logger",
        lambda: cold_import("import rewards.app"),
        lambda: cold_import("from pydantic import BaseModel; from aws_lambda_powertools import Logger"),
        1.5,
    )
    turns = [{"role": "user", "content": "What is 6*7? " * 40}, {"role": "assistant", "content": "Well, " * 200 + "42"}]
    rows = [{"id": f"s{n}", "messages": turns, "reference_answer": "42", "source": "bench"} for n in range(512)]
    wire = json.dumps(rows)
    model, reward = TypeAdapter(list[Row]), Reward.of(Verdict("right", 1.0))

    def ours() -> object:
        samples = rft.parse(json.loads(wire))
        return json.dumps(rft.respond(samples, [reward] * len(samples), "list"))

    def baseline() -> object:
        return json.dumps([row.model_dump() for row in model.validate_python(json.loads(wire))])

    compare(
        "parse and answer 512 samples / json.loads, pydantic validation, json.dumps",
        lambda: seconds(ours),
        lambda: seconds(baseline),
        2.0,
    )


if __name__ == "__main__":
    main()
