"""The pytest plugin, in a pytest of its own: `*.reward.yaml` files are tests with failures that a person can read."""

from __future__ import annotations

import os
import subprocess
import sys
from xml.etree import ElementTree as ET

import pytest

from tests.conftest import ROOT
from tests.converse_server import ConverseServer
from tests.test_workbench_cli import MODEL, aws, touchstone

ROW = "{messages: [{role: user, content: Hi}]}"


def run(folder, *arguments, **environment):
    """Run pytest on a folder, as in somebody's own project, with this project installed."""
    variables = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environment}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--rootdir", str(folder), *arguments, "."]
    return subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=False, timeout=120)


def write(folder, text, name="mine"):
    (folder / f"{name}.reward.yaml").write_text(text)


@pytest.mark.parametrize(
    ("case", "says"),
    [
        ("{name: c, completion: '', reference_answer: '4', score: 1.0}", "expected 1, earned 0"),
        ("{name: c, completion: '4', reference_answer: '4', at_most: 0.5}", "expected at most 0.5, earned 1"),
        ("{name: c, completion: '', reference_answer: '4', at_least: 0.5}", "expected at least 0.5, earned 0"),
        (
            "{name: c, completions: {a: '', b: '4'}, reference_answer: '4', order: a > b}",
            "expected a > b, earned 0 and 1",
        ),
        ("{name: c, completions: {a: '4', b: '4'}, reference_answer: '4', order: a > b}", "expected a > b"),
        ("{name: c, completions: {a: '4', b: ''}, reference_answer: '4', order: a = b}", "expected a = b"),
        ("{name: c, completions: {a: '', b: '4'}, reference_answer: '4', order: a >= b}", "expected a >= b"),
        ("{name: c, completion: '4', reference_answer: '4', malformed: completion}", "to earn the floor, 0: earned 1"),
        ("{name: c, completion: '4', reference_answer: '4', malformed: row}", "expected the row to be refused"),
        (f"{{name: c, row: {ROW}, malformed: completion}}", "refused as unscored"),
    ],
)
def test_every_expectation_can_fail_and_says_why(tmp_path, case, says):
    """Each kind of expectation turns red when it does not hold, in words and without a traceback."""
    write(tmp_path, f"reward: math_answer\ncases:\n- {case}\n")
    done = run(tmp_path)
    assert done.returncode == 1, done.stdout
    assert says in done.stdout
    assert "Traceback" not in done.stdout
    assert "workbench/" not in done.stdout


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("reward: math_answer\ncases: [{name: c, completion: x, scroe: 1}]", "cases.0.scroe"),
        ("reward: math_answer\ncases: [{name: c, completion: x}]", "expects nothing"),
        ("reward: math_answer\ncases: [{name: c, score: 1}]", "give one of completion"),
        ("reward: math_answer\ncases: [{name: c, completions: {a: x}, order: a > b}]", "order names"),
        (
            "reward: math_answer\ncases: [{name: c, completion: x, score: 1}, {name: c, completion: y, score: 1}]",
            "share",
        ),
        ("cases: [{name: c, completion: x, score: 1}]", "either a reward or a rubric"),
        ("reward: [", "while parsing"),
        ("rubric: nowhere\ncases: [{name: c, completion: x, score: 1}]", "nowhere"),
    ],
)
def test_a_file_that_says_nothing_clear_is_an_error_not_a_pass(tmp_path, text, says):
    """A misspelt expectation that was passed over would be a test that never fails."""
    write(tmp_path, text)
    done = run(tmp_path)
    assert done.returncode == 2, done.stdout
    assert says in done.stdout


def test_cases_work_with_k_and_n_and_junitxml(tmp_path):
    """They are tests like any other."""
    lines = [f"- {{name: case{n}, completion: '{n}', reference_answer: '4', at_least: 0}}" for n in range(6)]
    write(tmp_path, "reward: math_answer\ncases:\n" + "\n".join(lines))
    done = run(tmp_path, "-n", "2", "--junitxml", "out.xml", "-k", "case1 or case4")
    assert done.returncode == 0, done.stdout
    names = [str(case.get("name")) for case in ET.parse(tmp_path / "out.xml").iter("testcase")]  # noqa: S314 - our own
    assert sorted(names) == ["case1", "case4"]


def test_a_rubric_beside_the_file_is_judged_by_recorded_replies(tmp_path):
    """A rubric's cases run with a real judge's replies, and without an account; the numbers are on its scale."""
    (tmp_path / "mine.yaml").write_text("instructions: Ask.\n")
    kept = tmp_path / "replies.jsonl"
    with ConverseServer() as server:
        command = ["try", tmp_path / "mine.yaml", "Hm (worth 7)", "-j", MODEL, "--record", kept]
        touchstone(*command, **aws(server))
    cases = "- {name: c, completion: Hm (worth 7), score: 7}\n- {name: d, completion: other, score: 7}\n"
    write(tmp_path, f"rubric: mine.yaml\njudge: {MODEL}\nreplay: replies.jsonl\ncases:\n{cases}")
    done = run(tmp_path)
    assert "1 failed, 1 passed" in done.stdout
    assert "record again" in done.stdout


def test_the_settings_of_one_file_do_not_reach_the_next(tmp_path):
    """A file's environment holds while its cases are scored, and no longer."""
    write(
        tmp_path, "reward: rubric\nenvironment: {RUBRIC: nowhere}\ncases: [{name: c, completion: Hm, at_least: 0}]", "a"
    )
    write(tmp_path, "reward: rubric\ncases: [{name: c, completion: Hm, at_least: 0}]", "b")
    done = run(tmp_path)
    assert "1 failed, 1 passed" in done.stdout
    assert "nowhere" in done.stdout


def test_every_reward_ships_its_cases():
    """Whoever opens a reward finds beside it what it promises."""
    for name in ("math_answer", "code_tests", "rubric"):
        assert (ROOT / "rewards" / f"{name}.reward.yaml").is_file()
