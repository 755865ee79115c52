"""Nothing that a policy writes earns what it did not solve: the project's own exploits, in every tier.

By default a quarter of them runs, of all styles, each class in one tier; REDTEAM=full runs every program in every style
and tier.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cage import ROOT, caged, why_no_cage
from tests.redteam.attack import STYLES

FILES = sorted((Path(__file__).parent / "redteam").glob("*.txt"))
TIERS = {"kernel": caged(), "process": caged(lambda_like=True), "split": []}
# Beside the grader, where the kernel's guards are refused, these are beyond reach: only a second environment helps.
BEYOND_REACH: dict[str, tuple[str, ...]] = {"process": ()}
SECONDS = 30.0  # for one program: some twenty tests of it, each within its limit
NO_CAGE = why_no_cage()


def attacked(file, tier, part):
    """Run the programs of one class in one tier; gives what became of each."""
    words = [str(file), "--part", part, *(["--split"] if tier == "split" else [])]
    ran = subprocess.run(
        [*TIERS[tier], sys.executable, str(FILES[0].parent / "attack.py"), *words],
        capture_output=True,
        timeout=900,
        check=False,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
    )
    lines = [json.loads(line) for line in ran.stdout.splitlines()]
    assert ran.returncode == 0, f"the grader was brought down after {lines[-1:]}: {ran.stderr[-500:]!r}"
    return lines


def test_there_are_enough_of_them():
    """At least 120 programs over at least 15 classes."""
    count = sum(file.read_text("utf-8").count("\n#% ") + file.read_text("utf-8").startswith("#% ") for file in FILES)
    assert count >= 120
    assert len(FILES) >= 15


def test_the_quarter_that_runs_is_of_all_styles():
    """Each style is attacked by as many of the programs: four parts of five styles."""
    assert {STYLES[number % len(STYLES)] for number in range(100) if number % 4 == 1} == set(STYLES)


FULL = os.environ.get("REDTEAM") == "full"
PLAN = [
    pytest.param(file, tier, id=f"{file.stem}-{tier}")
    for place, file in enumerate(FILES)
    for number, tier in enumerate(TIERS)
    if FULL or (place + number) % 3 == 0
]


@pytest.mark.skipif(bool(NO_CAGE), reason=NO_CAGE or "a cage can be had")
@pytest.mark.parametrize(("file", "tier"), PLAN)
def test_no_exploit_earns_anything_or_spoils_the_next_sample(file, tier):
    """Each is scored 0, in bounded time, and a program known to be good earns 1.0 right after it."""
    found, *told = attacked(file, tier, "0/1" if FULL else "1/4")
    assert found["tier"] == tier
    for program in told:
        if program["name"] in BEYOND_REACH.get(tier, ()):
            continue
        assert program.get("value") == 0.0, program
        assert program["next"] == 1.0, program
        assert program["seconds"] < SECONDS, program
