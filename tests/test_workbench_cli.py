"""The command `touchstone`, run as a person runs it: a judge over a real socket, recorded, replayed, and offline."""

from __future__ import annotations

import doctest
import io
import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from importlib import import_module

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from tests.conftest import ROOT
from tests.converse_server import ConverseServer, error
from tests.moods import Plan
from workbench.terminal import show

MODEL = "vendor.judge-v1:0"
MODULES = sorted(path for path in (ROOT / "workbench").rglob("*.py") if ">>> " in path.read_text())


def touchstone(*arguments, check=0, text="", **environment):
    """Run the command in a process of its own; AWS is what `environment` says, and nothing else."""
    variables = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **environment}
    command = [sys.executable, "-m", "workbench", *map(str, arguments)]
    done = subprocess.run(
        command, cwd=ROOT, env=variables, input=text, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == check, (done.returncode, done.stderr[-3000:])
    return done


def aws(server):
    """Point boto3 at a server by environment variables."""
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}
    return keys | {"AWS_ENDPOINT_URL_BEDROCK_RUNTIME": server.url}


def write_rows(file, *rows):
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return file


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_every_example_in_a_docstring_runs(path):
    """An example that does not run misleads whoever copies it."""
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    failed, tried = doctest.testmod(import_module(name), optionflags=doctest.NORMALIZE_WHITESPACE)
    assert tried
    assert not failed


def test_try_tells_score_rationale_tokens_and_time():
    """One answer looked at closely: everything a person wants to know about a judge's reply."""
    with ConverseServer() as server:
        done = touchstone("try", "support", "Hm (worth 7)", "-j", MODEL, "-k", 3, "--json", **aws(server))
        assert len(server.requests) == 3
    told = json.loads(done.stdout)
    assert told["score"] == 7
    assert told["repeats"] == [7, 7, 7]
    assert told["reward"] == pytest.approx(6 / 9)
    assert told["rationale"] == "as the stand-in judges"
    assert (told["input_tokens"], told["output_tokens"]) == (700, 60)
    assert told["seconds"] > 0
    assert told["judge"] == MODEL


def test_what_was_recorded_is_replayed_without_a_network(tmp_path):
    """CI needs no account: the same command gives the same bytes from the recorded replies."""
    kept = tmp_path / "replies.jsonl"
    command = ["try", "support", "Hm (worth 7)", "-p", "Slow", "-j", MODEL, "-k", 2]
    with ConverseServer() as server:
        live = touchstone(*command, "--record", kept, "--json", **aws(server))
    again = touchstone(*command, "--replay", kept, "--json")
    changing = {"seconds"}
    first, second = (
        {key: value for key, value in json.loads(done.stdout).items() if key not in changing} for done in (live, again)
    )
    assert first == second


@pytest.mark.parametrize("change", ["answer", "often", "model"])
def test_a_reply_that_was_not_recorded_is_a_clear_error(tmp_path, change):
    """Replay never invents: another answer, another model, or a third reply where two were kept, is refused."""
    kept = tmp_path / "replies.jsonl"
    with ConverseServer() as server:
        touchstone("try", "support", "Hello", "-j", MODEL, "--record", kept, **aws(server))
    answer = "Hello!" if change == "answer" else "Hello"
    model = "other.model" if change == "model" else MODEL
    done = touchstone(
        "try", "support", answer, "-j", model, "-k", 2 if change == "often" else 1, "--replay", kept, check=3
    )
    assert not done.stdout
    assert "record again with --record" in done.stderr


def test_an_unreachable_judge_exits_with_three_and_gives_no_number():
    """A fault of ours is never a score."""
    with ConverseServer(script=[error("AccessDeniedException")] * 9) as server:
        done = touchstone("try", "support", "Hello", "-j", MODEL, check=3, **aws(server))
    assert not done.stdout
    assert "AccessDeniedException" in done.stderr


def test_faults_in_what_was_asked_exit_with_two_and_name_their_place(tmp_path):
    """A rubric with an unknown key, a file with a broken line: file and line are named, no traceback."""
    rubric = tmp_path / "mine.yaml"
    rubric.write_text("instructions: Ask.\nscael: 3\n")
    done = touchstone("try", rubric, "Hello", check=2)
    assert "mine.yaml:2" in done.stderr
    assert "Traceback" not in done.stderr
    answers = tmp_path / "answers.jsonl"
    answers.write_text('{"response": "Hello"}\n{"response": \n')
    assert "answers.jsonl:2" in touchstone("score", "support", answers, check=2).stderr
    touchstone("no-such-command", check=2)


def test_score_goes_on_where_it_stopped(tmp_path):
    """A run that was cut short, even within a line, loses nothing that was paid for and pays nothing twice."""
    rows = [{"id": f"a{n}", "prompt": "Slow", "response": f"Hm {n} (worth {n})"} for n in range(1, 9)]
    answers, target = write_rows(tmp_path / "answers.jsonl", *rows), tmp_path / "scored.jsonl"
    with ConverseServer() as server:
        touchstone("score", "support", answers, "-o", target, "-j", MODEL, **aws(server))
        assert len(server.requests) == 8
        lines = target.read_text().splitlines(keepends=True)
        target.write_text("".join(lines[:5]) + lines[5][:40])
        done = touchstone("score", "support", answers, "-o", target, "-j", MODEL, **aws(server))
        assert len(server.requests) == 11
    assert "5 of 8" in done.stderr
    scored = [json.loads(line) for line in target.read_text().splitlines()]
    assert {row["id"]: row["score"] for row in scored} == {f"a{n}": n for n in range(1, 9)}


def test_score_refuses_to_mix_two_judges_in_one_file(tmp_path):
    """Scores of two judges in one file would be compared as if they were of one."""
    answers = write_rows(tmp_path / "a.jsonl", {"response": "Hello"})
    touchstone("score", "support", answers, "-o", tmp_path / "s.jsonl")
    with ConverseServer() as server:
        done = touchstone("score", "support", answers, "-o", tmp_path / "s.jsonl", "-j", MODEL, check=2, **aws(server))
    assert "another rubric or judge" in done.stderr


def test_score_keeps_the_others_when_one_answer_fails(tmp_path):
    """Faults are counted and exit with 3; the next run asks for those answers alone."""
    rows = [{"id": str(n), "response": f"Hm {n}"} for n in range(30)]
    answers, target = write_rows(tmp_path / "a.jsonl", *rows), tmp_path / "s.jsonl"
    with ConverseServer(Plan(faults={"AccessDeniedException": 0.3})) as server:
        touchstone("score", "support", answers, "-o", target, "-j", MODEL, check=3, **aws(server))
    kept = len(target.read_text().splitlines())
    assert 5 < kept < 30
    with ConverseServer() as server:
        touchstone("score", "support", answers, "-o", target, "-j", MODEL, **aws(server))
        assert len(server.requests) == 30 - kept


def test_stdout_is_data_alone(tmp_path):
    """What a program reads from stdout is JSON and nothing else, warnings included."""
    answers = write_rows(
        tmp_path / "a.jsonl", {"id": "a", "response": "Hm\u2028[red]x"}, {"id": 7, "response": "Since?"}
    )
    done = touchstone("score", "support", answers)
    assert [json.loads(line)["id"] for line in done.stdout.split("\n") if line] == ["a", "7"]
    assert "counts cue words" in done.stderr
    assert json.loads(touchstone("schema").stdout)["title"] == "RubricFile"


def test_lint_names_weak_spots_and_can_fail_a_build(tmp_path):
    """Each rule fires on the rubric that breaks it; the shipped rubric breaks none."""
    touchstone("lint", "support", "--strict")
    rubric = tmp_path / "weak.yaml"
    rubric.write_text(
        "instructions: Be good.\nanchors:\n"
        "- {prompt: p, answer: a, score: 4, why: w}\n- {prompt: p, answer: a, score: 8, why: w}\n"
        "criteria:\n- {name: clear_steps, description: lists the clear steps, weight: optional}\n"
        "- {name: steps, description: lists clear steps in order, weight: optional}\n"
    )
    done = touchstone("lint", rubric, "--strict", "--json", check=1)
    assert "overlap" in " ".join(json.loads(done.stdout)["weak_spots"])


def test_profile_names_what_should_stop_a_job(tmp_path):
    """Dead groups, saturation, length and slow batches are red flags; on request they fail."""
    rows = [
        {"prompt": f"p{n % 4}", "response": "x" * (10 + n), "reward": 1.0 if n > 6 else n / 10, "seconds": 30}
        for n in range(40)
    ]
    scored = write_rows(tmp_path / "s.jsonl", *rows)
    options = ["--timeout", 60, "--workers", 8, "--strict", "--json"]
    told = json.loads(touchstone("profile", scored, *options, check=1).stdout)
    assert told["rows"] == 40
    assert told["prompts"] == 4
    assert told["at_ceiling"] == pytest.approx(33 / 40)
    flags = " ".join(told["red_flags"])
    for name in ("at_ceiling", "tied_pairs", "length", "seconds_a_batch"):
        assert name in flags
    assert told["cost_of_the_job"] is None


def test_profile_finds_nothing_to_flag_in_a_healthy_reward(tmp_path):
    """Rewards that differ within prompts, far from both ends, raise no flag; cost is that of the job asked about."""
    rows = [
        {"prompt": f"p{n % 5}", "response": "x" * (10 + n % 3), "reward": (n * 7 % 19 + 1) / 21, "cost": 0.01}
        for n in range(60)
    ]
    scored = write_rows(tmp_path / "s.jsonl", *rows)
    told = json.loads(touchstone("profile", scored, "--job", 1000, "--strict", "--json").stdout)
    assert told["red_flags"] == []
    assert told["cost_of_the_job"] == pytest.approx(10)


def test_profile_reads_what_a_function_answered(tmp_path):
    """The wire's own results can be profiled: aggregate_reward_score and metrics_list."""
    metrics = [{"name": "imputed", "value": 1.0, "type": "Metric"}, {"name": "spread", "value": 2, "type": "Metric"}]
    row = {"id": "a", "aggregate_reward_score": 0.5, "metrics_list": metrics}
    told = json.loads(touchstone("profile", write_rows(tmp_path / "s.jsonl", row, row), "--json").stdout)
    assert told["imputed_share"] == 1.0
    assert any(flag.startswith("imputed_share") for flag in told["red_flags"])


def openai(server):
    """Point the OpenAI client at a server by environment variables."""
    return {"OPENAI_BASE_URL": server.url + "/v1", "OPENAI_API_KEY": "test"}


def test_an_openai_compatible_endpoint_is_a_judge_like_any_other(tmp_path):
    """Tried, recorded, replayed without naming the model again, and calibrated: over a real socket."""
    kept, command = tmp_path / "replies.jsonl", ["try", "support", "Hm (worth 7)", "--json"]
    with ConverseServer() as server:
        done = touchstone(*command, "-j", "openai:llama", "--record", kept, **openai(server))
        assert [seen.model for seen in server.requests] == ["llama"]
        rows = [{"response": f"Hm {n} (worth {n})", "score": n} for n in range(1, 9)]
        labels = write_rows(tmp_path / "l.jsonl", *rows)
        told = json.loads(
            touchstone("calibrate", "support", labels, "-j", "openai:llama", "--json", **openai(server)).stdout
        )
    assert told["figures"]["mae"]["value"] == 0
    assert told["judge"] == "openai:llama"
    live, again = json.loads(done.stdout), json.loads(touchstone(*command, "--replay", kept).stdout)
    assert (live["score"], live["cached_tokens"], live["cost"]) == (7, 500, None)
    assert {**again, "seconds": 0} == {**live, "seconds": 0}


CLOSED = {"OPENAI_BASE_URL": "http://127.0.0.1:9/v1", "OPENAI_API_KEY": "test"}


@pytest.mark.parametrize(
    ("arguments", "environment", "code", "says"),
    [
        (["try", "nope", "Hello"], {}, 2, "there is no rubric 'nope'; shipped are: support"),
        (["try", "./nope.yaml", "Hello"], {}, 2, "there is no rubric './nope.yaml'"),
        (["try", "support", "Hello", "-j", "m"], {}, 2, "set AWS_REGION"),
        (["try", "support", "Hello", "-j", ","], {}, 2, "',' names no judge"),
        (["score", "support", "GOOD", "-o", "BAD"], {}, 2, "name another file"),
        (["calibrate", "SCALE", "LABELS"], {}, 2, "labels lie off the rubric's scale, 1 to 5"),
        (["review", "support", "GOOD", "--labels", "BAD"], {}, 2, "cannot be used as a file of labels"),
        (
            ["review", "support", "GOOD", "--labels", "FOREIGN"],
            {},
            2,
            "cannot be used as a file of labels: no such column",
        ),
        (["review", "support", "GOOD", "--export", "/no/x"], {}, 2, "there are no labels to export yet"),
        (["review", "support", "TWICE"], {}, 2, "id 'a' names two different answers"),
        (["review", "support", "EMPTY"], {}, 2, "no answers"),
        (["review", "support", "GOOD", "--rater", ""], {}, 2, "--rater: a name"),
        (["lint", "DEEP"], {}, 2, "deep.yaml: nested too deeply"),
        (["try", "support", "Hello", "-j", "m"], {"AWS_DEFAULT_REGION": "us-east-1"}, 3, "credentials"),
        (["try", "support", "Hello", "-j", "openai:m"], {}, 2, "OPENAI_API_KEY"),
        (["try", "support", "Hello", "-j", "openai:m"], CLOSED, 3, "start it, or mend OPENAI_BASE_URL"),
        (["try", "support", "Hello", "--replay", "nope.jsonl"], {}, 2, "nope.jsonl: No such file"),
        (["try", "support", "Hello", "--replay", "EMPTY"], {}, 2, "holds no recorded reply"),
        (["try", "support", "Hello", "--replay", "BAD"], {}, 2, "bad.jsonl:1: no recorded reply: it lacks 'reply'"),
        (["try", "support", "Hello", "--record", "r"], {}, 2, "the offline judge has no replies to record"),
        (["try", "support", "Hello", "-j", "openai:m", "--record", "/no/r"], CLOSED, 2, "/no/r: cannot be written"),
        (["score", "support", "BAD", "-o", "/no/s"], {}, 2, "bad.jsonl:1: response: expected the answer's text"),
        (["score", "support", "GOOD", "-o", "/no/s"], {}, 2, "/no/s: cannot be written"),
        (["score", "support", "nope.jsonl"], {}, 2, "nope.jsonl: No such file"),
        (["calibrate", "support", "BAD"], {}, 2, "bad.jsonl:1: response: expected the answer's text"),
        (["calibrate", "support", "EMPTY"], {}, 2, "no labels"),
        (["calibrate", "support", "TABLE"], {}, 2, "table.csv:2: score: expected a number from 1 to 10"),
        (["calibrate", "support", "LABELS", "--report", "/no/r.html"], {}, 2, "/no/r.html: cannot be written"),
        (["calibrate", "support", "LABELS", "--map", "isotonic"], {}, 2, "doubles the ties"),
        (["profile", "BAD"], {}, 2, "reward: expected a number from 0 to 1"),
        (["attack", "support", "--corpus", "BAD"], {}, 2, "bad.jsonl:1: "),
        (["review", "support", "nope.jsonl"], {}, 2, "nope.jsonl: No such file"),
    ],
)
def test_what_goes_wrong_is_one_plain_sentence(tmp_path, arguments, environment, code, says):
    """No traceback, no number, nothing on stdout, nothing of this machine's folders: what, where, and what to do."""
    files = {"EMPTY": "empty.jsonl", "BAD": "bad.jsonl", "TABLE": "table.csv", "GOOD": "good.jsonl"}
    files |= {"TWICE": "twice.jsonl", "SCALE": "scale.yaml", "DEEP": "deep.yaml"}
    (tmp_path / "twice.jsonl").write_text('{"id": "a", "response": "One"}\n{"id": "a", "response": "Other"}\n')
    (tmp_path / "scale.yaml").write_text("instructions: Ask.\nscale: {high: 5}\n")
    (tmp_path / "deep.yaml").write_text("instructions: " + "[" * 5000)
    (tmp_path / "empty.jsonl").write_text("")
    (tmp_path / "bad.jsonl").write_text("{}\n")
    (tmp_path / "good.jsonl").write_text('{"response": "Hello"}\n')
    (tmp_path / "table.csv").write_text("prompt,response,score\na,b,11\n")
    with closing(sqlite3.connect(tmp_path / "foreign.sqlite")) as other:
        other.execute("CREATE TABLE events (what)")
    files["FOREIGN"] = "foreign.sqlite"
    places = {name: str(tmp_path / file) for name, file in files.items()}
    places["LABELS"] = str(ROOT / "examples" / "support" / "labels.jsonl")
    done = touchstone(*(places.get(one, one) for one in arguments), check=code, **environment)
    assert not done.stdout
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert "[Errno" not in done.stderr
    assert str(ROOT / "judges") not in done.stderr
    assert "\x1b" not in done.stderr


def test_help_fits_the_terminal():
    """Eighty columns hold every command's one sentence, whole."""
    shown = touchstone("--help", COLUMNS="80", TERM="dumb").stdout
    assert "..." not in shown.split("Commands:")[1]
    assert max(map(len, shown.splitlines())) <= 80


@given(st.integers(20, 130))
def test_a_narrow_terminal_cuts_no_number(width):
    """Whatever the width, each figure stands there whole, with its interval: half a number is another number."""
    seen = io.StringIO()
    rows = [["Kendall tau-b within prompts", "-0.65 (-0.75 to -0.52)", "0.99"], ["bias", "12.34", "—"]]
    show(Console(file=seen, width=width), ["", "judge", "people"], rows)
    lines = seen.getvalue().splitlines()
    for cell in ("-0.65 (-0.75 to -0.52)", "0.99", "12.34"):
        assert any(cell in line for line in lines)
    assert "…" not in seen.getvalue()
