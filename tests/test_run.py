"""What `make run` shows a person, and what it hands to a program."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from rewards import app
from tests.conftest import ROOT


def run(*arguments, **environment):
    """Run it as make does, in a process of its own."""
    command = [sys.executable, "-m", "workbench.run", *map(str, arguments)]
    variables = {"PATH": "/usr/bin:/bin"} | environment
    done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=True, timeout=120)
    return done.stdout


@pytest.fixture(scope="module")
def table():
    """Give what the first command of README prints."""
    return run()


@pytest.mark.parametrize("name", app.reward_names())
def test_every_reward_is_shown_with_its_samples_and_reasons(table, name):
    """A person sees what was scored, what it earned, and why."""
    ids = [row["id"] for row in json.loads((ROOT / "events" / name / "bedrock.json").read_text())]
    assert f"{name}: events/{name}/bedrock.json" in table
    assert all(f"│ {id_} " in table for id_ in ids)


def test_the_offline_judge_is_called_what_it_is(table):
    """Nobody should mistake its numbers for a judge's."""
    assert "judges nothing: set JUDGE_MODEL" in table


def test_json_is_the_raw_response_of_each_event():
    """One line an event, as the function would answer it."""
    path = ROOT / "events" / "math_answer" / "bedrock.json"
    (line,) = run("--json", path).splitlines()
    assert [result["id"] for result in json.loads(line)] == [row["id"] for row in json.loads(path.read_text())]
    (line,) = run("--json", path, RESPONSE="envelope").splitlines()
    assert isinstance(json.loads(line)["body"], str)


def test_an_id_cannot_command_the_terminal_or_the_table(tmp_path):
    """What comes from a data set is shown as it is: no escape sequences, no markup."""
    folder = tmp_path / "math_answer"
    folder.mkdir()
    row = {
        "id": "\x1b[31m[bold]red",
        "messages": [{"role": "assistant", "content": "#### 42"}],
        "reference_answer": "42",
    }
    (folder / "event.json").write_text(json.dumps([row]))
    shown = run(folder / "event.json")
    assert "\x1b" not in shown
    assert "\\x1b[31m[bold]red" in shown


@pytest.mark.parametrize(
    ("path", "content", "said"),
    [
        ("math_answer/none.json", None, "No such file"),
        ("math_answer/event.json", "{", "Expecting property name"),
        ("math_answer/event.json", "{}", "no RFT batch"),
        ("elsewhere/event.json", "[]", "its folder names no reward"),
    ],
)
def test_an_event_that_cannot_be_scored_is_one_line(tmp_path, path, content, said):
    """A person at a desk gets a sentence that names the file, not a traceback."""
    file = tmp_path / path
    file.parent.mkdir()
    if content is not None:
        file.write_text(content)
    command = [sys.executable, "-m", "workbench.run", str(file)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert said in done.stderr
    assert file.name in done.stderr
    assert "Traceback" not in done.stderr
