"""Each guard of the sandbox does what no other does: taken away, what it kept a program from is seen to happen."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cage import ROOT, caged, why_no_cage

NO_CAGE = why_no_cage()
SCRIPT = Path(__file__).parent / "redteam" / "unguarded.py"


@pytest.mark.skipif(bool(NO_CAGE), reason=NO_CAGE or "a cage can be had")
@pytest.mark.parametrize(("tier", "guards"), [("kernel", 18), ("process", 16), ("root", 3)])
def test_every_guard_is_needed(tier, guards):
    """A program is kept from something with all guards, and not without the one."""
    ran = subprocess.run(
        [*caged(lambda_like=tier == "process", root=tier == "root"), sys.executable, str(SCRIPT), tier],
        capture_output=True,
        timeout=300,
        check=False,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
    )
    assert ran.returncode == 0, ran.stderr.decode()[-2000:]
    found = [json.loads(line) for line in ran.stdout.splitlines()]
    assert len(found) == guards
    assert not [told for told in found if told["with"] == told["without"]]
