"""Two processes that talk stay on one processor, as long as that is quicker for them and takes nothing from others."""

from __future__ import annotations

import json
import os
import subprocess

import pytest

from sandbox import placing, running, zygote_process
from sandbox.local import Zygotes
from sandbox.placing import BETWEEN, Placing

ALL = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
pytestmark = pytest.mark.skipif(len(ALL) < 2, reason="there is no choice of processors")
LIMITS = {"time_limit_s": 3.0, "memory_mb": 256, "output_kb": 64}
TALKS = "import os, time\ndef f(s):\n    time.sleep(s)\n    return len(os.sched_getaffinity(0))\n"


@pytest.fixture
def other():
    """Have another process of one's own, and one's own processors back afterwards."""
    process = subprocess.Popen(["/bin/sleep", "60"])
    yield process.pid
    process.kill()
    process.wait()
    os.sched_setaffinity(0, ALL)


@pytest.fixture
def lonely(monkeypatch):
    """Serve submissions by zygotes to which this machine seems to have nothing else to do, and quick for a while."""
    alone = "from sandbox import asking, placing; asking.QUICK = 100_000; placing._wanting = lambda: 1; main(sys"
    monkeypatch.setattr(zygote_process, "START", zygote_process.START.replace("main(sys", alone))
    zygotes = Zygotes("sandbox.submission")
    monkeypatch.setattr(running, "submissions", zygotes)
    yield
    zygotes.stop()


def both(pid):
    """Tell where this process and another may run."""
    return os.sched_getaffinity(0), os.sched_getaffinity(pid)


def test_both_are_kept_on_one_processor_and_let_go(other, monkeypatch):
    """They share the processor that the first of them runs on; afterwards both may run anywhere."""
    monkeypatch.setattr(placing, "_wanting", lambda: 1)
    pair = Placing(other)
    pair.keep()
    here, there = both(other)
    assert here == there
    assert len(here) == 1
    pair.release()
    assert both(other) == (ALL, ALL)


def test_none_is_kept_where_processors_are_scarce(other, monkeypatch):
    """Where more processes want to run than can, each takes what it gets; that is looked up now and then only."""
    looks: list[None] = []

    def crowded():
        looks.append(None)
        return len(ALL) + 1

    monkeypatch.setattr(placing, "_wanting", crowded)
    pair = Placing(other)
    for _ in range(2 * BETWEEN + 2):
        pair.keep()
    assert both(other) == (ALL, ALL)
    assert len(looks) == 2


def test_what_has_ended_is_not_missed(other, monkeypatch):
    """A process that is gone takes nothing from the one that talked to it."""
    monkeypatch.setattr(placing, "_wanting", lambda: 1)
    pair = Placing(other)
    pair.keep()
    os.kill(other, 9)
    os.waitid(os.P_PID, other, os.WEXITED | os.WNOWAIT)
    pair.release()
    assert os.sched_getaffinity(0) == ALL


@pytest.mark.usefixtures("lonely")
def test_quick_answers_keep_a_submission_near_and_slow_ones_let_it_go():
    """After a quick answer it has one processor, during a long one all of them; so has whatever is asked next."""
    near = [0] * (BETWEEN + 2)
    calls = [json.dumps({"do": "call", "target": "f", "args": [s], "kwargs": {}}) for s in (*near, 0.5, *near)]
    for _ in range(2):
        told = running.outcomes({"mode": "session", "code": TALKS, "limits": LIMITS, "runs": calls})
        found = [json.loads(answer)["value"] for _, answer in told]
        assert 1 in found[: len(near)]
        assert 1 in found[-len(near) :]
        assert found[len(near)] == len(ALL)
    program = {"mode": "program", "code": f"{TALKS}print(f(0))", "limits": LIMITS, "runs": ["", ""]}
    assert [output for _, output in running.outcomes(program)] == [b"%d\n" % len(ALL)] * 2
