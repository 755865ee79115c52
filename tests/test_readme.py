"""What README shows, done: its code runs as it stands there."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from judges import library
from workbench.review.store import Store

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


def test_a_reward_added_as_readme_says_passes_every_check(tmp_path):
    """In a copy of the project: its file, cases, event, function and build rule, and nothing else."""
    for folder in ("rewards", "judges", "sandbox", "tests", "events", "workbench"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__", ".hypothesis"))
    for name in ("pyproject.toml", "README.md", "env.json", "samconfig.toml", "template.yaml", "Makefile"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "rewards" / "brevity.py").write_text(block("python", "def brevity"))
    (tmp_path / "tests" / "cases" / "brevity.jsonl").write_text(block("json", "past 400 characters"))
    (tmp_path / "events" / "brevity").mkdir()
    (tmp_path / "events" / "brevity" / "bedrock.json").write_text(block("json", "Is 7 prime?"))
    template, makefile = tmp_path / "template.yaml", tmp_path / "Makefile"
    before, after = template.read_text().split("\nOutputs:\n")
    template.write_text(f"{before}\n{block('yaml', 'Brevity')}\nOutputs:\n{after}")
    makefile.write_text(f"{makefile.read_text()}\n{block('make', 'build-Brevity')}")
    checks = ["tests/test_laws.py", "tests/test_architecture.py", "tests/test_template.py", "tests/test_run.py"]
    command = [sys.executable, "-m", "pytest", "-q", "-k", "brevity or template or run", *checks]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout
    build = ["make", "-n", "build-Brevity", f"ARTIFACTS_DIR={tmp_path}"]
    assert subprocess.run(build, cwd=tmp_path, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("path", re.findall(r"\bevents/(?!brevity)\w+/[\w-]+\.json", README))
def test_the_events_that_readme_names_exist(path):
    """A first command that fails is often the last."""
    assert json.loads((ROOT / path).read_text())


@pytest.mark.parametrize("target", sorted(set(re.findall(r"`?make ([a-z0-9./]+)`?", README))))
def test_the_make_targets_that_readme_names_exist(target):
    """Whoever types it finds it."""
    done = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S607
    assert done.returncode == 0, done.stderr


def test_the_rubric_that_readme_shows_is_one(tmp_path, monkeypatch):
    """Whoever starts from it starts from a file that loads, with every key it explains."""
    path = tmp_path / "shown.yaml"
    path.write_text(block("yaml", "instructions: have empathy"))
    monkeypatch.setenv("RUBRIC", str(path))
    rubric = library.default()
    assert [criterion.name for criterion in rubric.criteria] == ["asks", "blames"]
    assert rubric.anchors[0].score == 5


def test_a_rubric_is_calibrated_as_readme_says(tmp_path):
    """Every command of the loop as it stands there, but for the page, whose labels are put in its place."""
    for name in ("judges", "examples"):
        (tmp_path / name).symlink_to(ROOT / name)
    shown = README.split("## Calibrate a rubric")[1].split("```")[1]
    commands = [line.partition(" #")[0].strip() for line in shown.strip().splitlines()]
    assert [command.split()[1] for command in commands[1:]] == [
        "try", "review", "review", "calibrate", "attack", "gate"
    ]  # fmt: skip
    store = Store(tmp_path / "labels.sqlite")
    for number, line in enumerate((ROOT / "examples" / "support" / "labels.jsonl").read_text().splitlines()[::2]):
        row = json.loads(line)
        store.append(str(number), "ann", row["id"], "label", score=row["score"])
    store.close()
    shutil.copy(ROOT / "judges" / "rubrics" / "support.yaml", tmp_path / "mine.yaml")
    for command in commands[1:]:
        if "--rater ann" in command:
            continue
        _, *words = shlex.split(command)
        done = subprocess.run(
            [sys.executable, "-m", "workbench", *words],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, (command, done.stderr)
    assert len((tmp_path / "labels.jsonl").read_text().splitlines()) == 80
    assert (tmp_path / "report.html").is_file()
    assert json.loads((tmp_path / "mine.lock").read_text())["passed"] is True
