"""What README shows, done: its code runs as it stands there."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(language, containing):
    """Find README's one code block in a language that contains a text."""
    (found,) = [code for code in re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL) if containing in code]
    return found


def test_the_bedrock_job_is_accepted(monkeypatch):
    """The request has the fields, and the version's ARN the pattern, that Bedrock's API model asks for."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "none")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "none")
    with mock_aws():
        storage = boto3.client("s3", region_name="us-east-1")
        storage.create_bucket(Bucket="my-training-bucket")
        storage.put_object(Bucket="my-training-bucket", Key="train.jsonl", Body=b"{}\n")
        exec(compile(block("python", "create_model_customization_job"), "README.md", "exec"), {})  # noqa: S102 - our README
        (job,) = boto3.client("bedrock", region_name="us-east-1").list_model_customization_jobs()[
            "modelCustomizationJobSummaries"
        ]
    assert job["jobName"] == "math-1"
    assert re.fullmatch(
        r"arn:(aws[a-zA-Z-]*)?:lambda:[a-z]{2}(-gov)?-[a-z]+-\d{1}:\d{12}:function:[a-zA-Z0-9-_\.]+(:(\$LATEST|[a-zA-Z0-9-_]+))?",
        *re.findall(r'"lambdaArn": "([^"]+)"', README),
    )


def test_a_reward_added_as_readme_says_is_held_to_the_laws(tmp_path):
    """In a copy of the project: the file, its cases and its events, and nothing else."""
    for folder in ("rewards", "judges", "sandbox", "tests", "events"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__", ".hypothesis"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "rewards" / "brevity.py").write_text(block("python", "def brevity"))
    (tmp_path / "tests" / "cases" / "brevity.jsonl").write_text(block("json", '"id": "short"'))
    shutil.copytree(tmp_path / "events" / "math_answer", tmp_path / "events" / "brevity")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-k",
        "brevity",
        "tests/test_laws.py",
        "tests/test_architecture.py",
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout
    assert [int(count) for count in re.findall(r"(\d+) passed", done.stdout)] >= [9]


@pytest.mark.parametrize("path", re.findall(r"\bevents/\w+/[\w-]+\.json", README))
def test_the_events_that_readme_names_exist(path):
    """A first command that fails is often the last."""
    assert json.loads((ROOT / path).read_text())


@pytest.mark.parametrize("target", sorted(set(re.findall(r"`?make ([a-z0-9./]+)`?", README))))
def test_the_make_targets_that_readme_names_exist(target):
    """Whoever types it finds it."""
    done = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S607
    assert done.returncode == 0, done.stderr
