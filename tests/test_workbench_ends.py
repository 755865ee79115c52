"""How a command ends that nobody lets finish: Ctrl-C at any moment, a reader that stops, a disk that is full."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from tests.conftest import ROOT
from tests.converse_server import ConverseServer, sample_in, simple_judge
from tests.moods import Plan
from tests.test_workbench_cli import MODEL, aws, touchstone, write_rows

SUPPORT = ROOT / "examples" / "support" / "labels.jsonl"
SLOW = Plan(faults={"stall": 1.0})


@contextmanager
def started(*arguments, options=(), **environment):
    """Run the command beside the test; it is killed where it does not end by itself."""
    command = [sys.executable, *options, "-m", "workbench", *map(str, arguments)]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as run:
        try:
            yield run
        finally:
            run.kill()


def interrupted(run):
    """Press Ctrl-C, and hold the command to what it owes: it ends at once, by that signal, without a traceback."""
    run.send_signal(signal.SIGINT)
    told, words = run.communicate(timeout=30)
    assert run.returncode == -signal.SIGINT, words
    assert "Traceback" not in words
    assert "Exception ignored" not in words
    return told, words


def wait_for(what, seconds=30):
    """Wait until something is so."""
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until
        time.sleep(0.01)


@pytest.mark.parametrize("module", ["typer", "pydantic", "workbench.rows", "numpy", "scipy"])
def test_ctrl_c_while_the_command_loads_ends_it_without_a_word(module):
    """Loading takes a second: whoever sees a slip of the keys stops it then, and no traceback helps anybody."""
    with started("calibrate", "support", SUPPORT, options=["-X", "importtime"]) as run:
        line = next(line for line in run.stderr if line.split("|")[-1].strip() == module)
        assert line
        told, _ = interrupted(run)
    assert told == ""


def test_ctrl_c_while_a_judge_does_not_answer_ends_at_once():
    """Sixteen calls are under way and each may take minutes: none is waited for."""
    with ConverseServer(SLOW) as server, started("calibrate", "support", SUPPORT, "-j", MODEL, **aws(server)) as run:
        wait_for(lambda: len(server.requests) >= 3)
        assert interrupted(run)[0] == ""


def test_ctrl_c_ends_a_review_whose_judge_does_not_answer(tmp_path):
    """That is how a review ends: in seconds, whatever a page waits for, with 0 and every label kept."""
    rubric = tmp_path / "mine.yaml"
    rubric.write_text((ROOT / "judges" / "rubrics" / "support.yaml").read_text())
    command = ["review", rubric, SUPPORT, "--labels", tmp_path / "l.sqlite", "-j", MODEL, "--json"]
    with ConverseServer(SLOW) as server, started(*command, **aws(server)) as run:
        address = json.loads(run.stdout.readline())["url"]
        threading.Thread(target=look, args=(address,), daemon=True).start()
        wait_for(lambda: server.requests)
        run.send_signal(signal.SIGINT)
        _, words = run.communicate(timeout=15)
    assert run.returncode == 0, words
    assert "Traceback" not in words
    export = ["review", rubric, SUPPORT, "--labels", tmp_path / "l.sqlite", "--export", tmp_path / "out.jsonl"]
    touchstone(*export)
    assert json.loads((tmp_path / "out.jsonl").read_text())["score"] == 9


def look(address):
    """Label an answer, and open the page that waits for its judge, as a browser does."""
    with httpx.Client(follow_redirects=True, timeout=30) as client, suppress(httpx.HTTPError):
        page = client.get(address).text
        sent = {name: page.split(f'name="{name}" value="')[1].split('"')[0] for name in ("csrf", "form", "answer")}
        client.post(address.split("?")[0] + "label", data=sent | {"score": "9"})


def first_one_slow(body):
    """Judge at once, but for the first answer."""
    answer = simple_judge(body)
    return replace(answer, delay_s=60.0) if sample_in(body)["answer"].startswith("Hm 0 ") else answer


def test_what_was_paid_for_is_kept_though_an_earlier_answer_hangs(tmp_path):
    """Each score is written as soon as it is there; the next run asks for the one that is missing alone."""
    rows = [{"id": f"a{n}", "response": f"Hm {n} (worth {n + 1})"} for n in range(9)]
    answers, target = write_rows(tmp_path / "a.jsonl", *rows), tmp_path / "s.jsonl"
    command = ["score", "support", answers, "-o", target, "-j", MODEL]
    with ConverseServer(judge=first_one_slow) as server, started(*command, **aws(server)) as run:
        wait_for(lambda: target.exists() and target.read_text().count("\n") == 8)
        interrupted(run)
    with ConverseServer() as server:
        assert "8 of 9 answers are scored already" in touchstone(*command, **aws(server)).stderr
        assert len(server.requests) == 1
    assert {json.loads(line)["id"] for line in target.read_text().splitlines()} == {row["id"] for row in rows}


def test_a_recording_that_was_cut_short_is_replayed_and_goes_on(tmp_path):
    """Half a last line is passed over; the next recording takes it away and writes behind whole lines."""
    kept = tmp_path / "r.jsonl"
    one, other = (["try", "support", f"Hm (worth {n})", "-j", MODEL, "--json"] for n in (3, 4))
    with ConverseServer() as server:
        touchstone(*one, "--record", kept, **aws(server))
        whole = kept.read_text()
        kept.write_text(whole + whole[:100])
        assert json.loads(touchstone(*one, "--replay", kept).stdout)["score"] == 3
        touchstone(*other, "--record", kept, **aws(server))
        assert kept.read_text().startswith(whole + '{"fingerprint"')
        assert json.loads(touchstone(*other, "--replay", kept).stdout)["score"] == 4
        kept.write_text(whole[:100] + "\n" + whole)
        assert "r.jsonl:1: no recorded reply" in touchstone(*one, "--replay", kept, check=2).stderr
        kept.write_text("notes of mine")
        assert "its last line is none of ours" in touchstone(*one, "--record", kept, check=2, **aws(server)).stderr
    assert kept.read_text() == "notes of mine"


def shell(words, **environment):
    """Run a line of shell, in which `touchstone` is this project's."""
    line = words.replace("touchstone", f"{sys.executable} -m workbench")
    return subprocess.run(
        ["/bin/bash", "-o", "pipefail", "-c", line],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("words", ["score support {}", "calibrate support {} --json", "calibrate support {}", "schema"])
def test_a_reader_that_reads_no_further_ends_the_command(words):
    """As every command: 141, by the signal, and not the 1 of a gate that failed."""
    done = shell(f"touchstone {words.format(SUPPORT)} | true")
    assert done.returncode == 128 + signal.SIGPIPE, done.stderr
    assert "Traceback" not in done.stderr
    assert "Broken pipe" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
@pytest.mark.parametrize(
    "words",
    [
        f"score support {SUPPORT} -o /dev/full",
        f"calibrate support {SUPPORT} --report /dev/full",
        f"try support Hello -j {MODEL} --record /dev/full",
        "lint support > /dev/full",
        "schema > /dev/full",
    ],
)
def test_a_disk_that_is_full_is_one_sentence(words):
    """What could not be written is said, with no traceback, and the code tells of it."""
    with ConverseServer() as server:
        done = shell("touchstone " + words, **aws(server))
    assert done.returncode in {2, 3}, done.stderr
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr
