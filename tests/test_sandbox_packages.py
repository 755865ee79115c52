"""What the deployed sandbox's requirements list can be imported by a submission: packages lie beside its code there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sandbox import zygote_process
from tests.cage import ROOT, caged, why_no_cage
from tests.caged_function import LAMBDAS

PACKAGES = str(Path(np.__file__).parent.parent)
NO_CAGE = why_no_cage()
# Caged, since an environment that takes itself for Lambda's ends every process that it does not know.
DEPLOY = """
import json, os, shutil, subprocess, sys
root, packages = sys.argv[1:]
for name in ("sandbox", *(["rewards"] if os.environ.get("WITH_GRADERS") else [])):
    shutil.copytree(f"{root}/{name}", f"/tmp/task/{name}", ignore=shutil.ignore_patterns("__pycache__"))
for name in os.listdir(packages):
    if name.startswith("numpy"):
        shutil.copytree(f"{packages}/{name}", f"/tmp/task/{name}", ignore=shutil.ignore_patterns("__pycache__"))
environment = {"PATH": os.environ["PATH"], "PYTHONPATH": "/tmp/task", **json.loads(os.environ["LAMBDAS"])}
command = [sys.executable, "-S", "-c", sys.stdin.read()]
sys.exit(subprocess.run(command, env=environment, cwd="/tmp/task").returncode)
"""
INVOKE = """
import json
from sandbox.app import inflate, lambda_handler, pack
from sandbox.local import submissions
request = {"mode": "program", "code": CODE, "runs": ["3 4", "5 6"], "limits": {}}
runs = lambda_handler(pack(request), None)["runs"]
told = [[run["status"], run["detail"] or inflate(run["output"], 1000).decode()] for run in runs]
print(json.dumps({"runs": told, "tier": submissions.report()["tier"]}))
"""
PROGRAM = """
import numpy as np
numbers = np.array(list(map(int, input().split())))
print(int(numbers @ numbers), round(float(np.linalg.norm(np.outer(numbers, numbers))), 3))
"""


def deployed(code, *, lambda_like, **environment):
    """Lay a package out as `sam build` does, invoke it in a cage, and give what it answers."""
    ran = subprocess.run(
        [
            *caged(lambda_like=lambda_like),
            sys.executable,
            "-c",
            DEPLOY,
            str(ROOT),
            str(Path(np.__file__).parent.parent),
        ],
        input=f"CODE = {code!r}\n{INVOKE}".encode(),
        capture_output=True,
        timeout=120,
        check=False,
        env={"PATH": os.environ["PATH"], "LAMBDAS": json.dumps(LAMBDAS), **environment},
    )
    assert ran.returncode == 0, ran.stderr.decode()[-2000:]
    return json.loads(ran.stdout)


@pytest.mark.skipif(bool(NO_CAGE), reason=NO_CAGE or "a cage can be had")
@pytest.mark.parametrize(("lambda_like", "tier"), [(True, "process"), (False, "kernel")])
def test_a_deployed_sandbox_runs_programs_that_use_its_packages(lambda_like, tier):
    """Numpy beside the sandbox's code works, whatever guards there are."""
    told = deployed(PROGRAM, lambda_like=lambda_like)
    assert told == {"runs": [["ok", "25 25.0\n"], ["ok", "61 61.0\n"]], "tier": tier}


@pytest.mark.skipif(bool(NO_CAGE), reason=NO_CAGE or "a cage can be had")
def test_beside_the_graders_nothing_of_that_folder_can_be_imported():
    """Where the sandbox shares a function with the graders, their folder is none of a submission's business."""
    told = deployed("import rewards.code_tests", lambda_like=True, WITH_GRADERS="1")
    assert [status for status, _ in told["runs"]] == ["error", "error"]
    assert "No module named 'rewards'" in told["runs"][0][1]


def test_packages_of_a_layer_can_be_imported(monkeypatch):
    """Lambda shows a layer's packages under /opt/python; no other folder of the caller's path is a submission's."""
    monkeypatch.setattr(sys, "path", ["/var/task", "/opt/python", "/var/lang/lib/python3.13/site-packages"])
    assert zygote_process._packages() == ["/opt/python", "/var/lang/lib/python3.13/site-packages"]  # noqa: SLF001 - what a zygote is told
