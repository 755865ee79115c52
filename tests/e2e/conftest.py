"""What the end-to-end tests need, and the reason they give when they skip."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.commands import ROOT, run

IMAGE = "public.ecr.aws/lambda/python:3.13"
SAM = shutil.which("sam", path=f"{ROOT / '.tools/sam/bin'}:{ROOT / '.venv/bin'}:{os.environ['PATH']}")


@pytest.fixture(scope="session")
def environment():
    """Set what AWS's tools want to know, with nothing that would reach AWS."""
    return {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": os.environ.get("HOME", "/tmp"),  # noqa: S108 - where docker looks for its settings
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "none",
        "AWS_SECRET_ACCESS_KEY": "none",
        "SAM_CLI_TELEMETRY": "0",
    }


@pytest.fixture(scope="session")
def sam(environment):
    """Give the path of SAM, after it has built the template."""
    if SAM is None:
        pytest.skip("no SAM: `make .tools/sam/.ready` installs it")
    run([SAM, "build"], env=environment)
    return SAM


@pytest.fixture(scope="session")
def docker():
    """Skip where there is no Docker engine, or no Lambda image that it could run."""
    if shutil.which("docker") is None:
        pytest.skip("no docker command")
    if subprocess.run(["docker", "info"], capture_output=True, check=False, timeout=60).returncode:  # noqa: S607
        pytest.skip("no Docker engine answers `docker info`")
    if subprocess.run(["docker", "image", "inspect", IMAGE], capture_output=True, check=False, timeout=60).returncode:  # noqa: S607
        pytest.skip(f"no image {IMAGE}: `docker pull {IMAGE}`")


@pytest.fixture
def settings(tmp_path):
    """Write a file for `--env-vars`, on top of the project's own env.json."""

    def write(**overrides):
        path = tmp_path / "env.json"
        ours = json.loads((ROOT / "env.json").read_text())
        path.write_text(json.dumps({"Parameters": ours["Parameters"] | overrides}))
        return str(path)

    return write
