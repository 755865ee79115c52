"""Compare the math grader with its peers on pairs that the project wrote, side by side in one run.

`make bench-math` runs it; `--pairs N` bounds how many pairs of each set every verifier gets (the peers are slow).
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from benchmarks.math_answers import answers

ROOT = Path(__file__).parent.parent
_PEERS_PYTHON = str(ROOT / ".tools" / "bench-math" / "bin" / "python")
PEERS = {"touchstone": sys.executable, "math-verify": _PEERS_PYTHON, "mathruler": _PEERS_PYTHON}
MOST_SECONDS = 1500


class Pair(NamedTuple):
    """Hold one pair with what is right about it."""

    reference: str
    completion: str
    expected: bool


class Outcome(NamedTuple):
    """Hold what one verifier did on one set."""

    verdicts: list[bool]
    seconds: list[float]
    import_s: float
    ready_s: float
    peak_mb: float


def sets(most: int) -> dict[str, list[Pair]]:
    """Build the sets: the cases file, and answers like MATH's against themselves and against another of their kind."""
    rows = [json.loads(line) for line in (ROOT / "tests/cases/math_answer.jsonl").read_text("utf-8").splitlines()]
    rows = [row for row in rows if isinstance(row["reference_answer"], str) and not row.get("metadata")]
    random.Random(0).shuffle(rows)  # noqa: S311  # an order, no secret
    cases = [Pair(row["reference_answer"], row["completion"], bool(row["expected"])) for row in rows]
    same, others = answers(most)
    return {
        "cases": cases[:most],
        "equal": [Pair(answer, boxed(answer), expected=True) for answer in same],
        "unequal": [Pair(answer, boxed(other), expected=False) for answer, other in others],
    }


def boxed(answer: str) -> str:
    """Write a completion that ends with an answer."""
    return f"The answer is $\\boxed{{{answer}}}$."


def run(name: str, pairs: list[Pair]) -> Outcome:
    """Score a set with one verifier in its own process."""
    lines = "".join(json.dumps([pair.reference, pair.completion]) + "\n" for pair in pairs)
    command = [PEERS[name], str(ROOT / "benchmarks" / "math_worker.py"), name]
    done = subprocess.run(  # noqa: S603  # our own worker
        command, input=lines, text=True, capture_output=True, check=True, timeout=MOST_SECONDS
    )
    *answers, last = [json.loads(line) for line in done.stdout.splitlines() if line[:1] in "[{"]
    return Outcome(
        [bool(a[0]) for a in answers], [a[1] for a in answers], last["import_s"], last["ready_s"], last["peak_mb"]
    )


def row(name: str, label: str, pairs: list[Pair], outcome: Outcome) -> str:
    """Write one line of the table."""
    judged = list(zip(pairs, outcome.verdicts, strict=True))
    right = sum(pair.expected == verdict for pair, verdict in judged)
    false_yes = sum(verdict and not pair.expected for pair, verdict in judged)
    false_no = sum(pair.expected and not verdict for pair, verdict in judged)
    times = sorted(outcome.seconds)
    p50, p99 = times[len(times) // 2], times[int(len(times) * 0.99)]
    return (
        f"{label:8} {name:12} {len(pairs):5} {100 * right / len(pairs):6.1f}% {false_yes:5} {false_no:5} "
        f"{len(pairs) / sum(times):9.0f}/s {1e3 * p50:8.3f} {1e3 * p99:9.2f} {times[-1]:8.3f} "
        f"{outcome.import_s:8.3f} {outcome.ready_s:8.3f} {outcome.peak_mb:8.0f}"
    )


def main() -> None:
    """Print the table; a verifier whose environment is missing is said to be missing, not left out in silence."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=1000, help="pairs of each set for every verifier")
    arguments = parser.parse_args()
    print(
        "set      verifier     pairs   right  FP    FN   throughput   p50 ms    p99 ms    max s  import s  ready s  "
        "peak MB\n" + "-" * 112
    )
    for label, pairs in sets(arguments.pairs).items():
        for name, python in PEERS.items():
            if not Path(python).exists():
                print(f"{label:8} {name:12} not installed: make bench-math installs it")
                continue
            print(row(name, label, pairs, run(name, pairs)), flush=True)


if __name__ == "__main__":
    main()
