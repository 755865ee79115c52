"""What a submission may not do, tried by programs that harm nothing if they may."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rewards.code_tests import code_tests
from rewards.codetests.examination import examiners
from rewards.interface import Sample
from sandbox import cleaning, probe, running
from sandbox.frames import FrameError, receive_frame, send_frame
from sandbox.local import Zygotes, submissions
from sandbox.outcome import MAX_COMPILE_SECONDS
from sandbox.running import CANARY, outcomes, tier
from tests.cage import ROOT, caged, why_no_cage
from tests.caged_function import LAMBDAS

LIMITS = {"time_limit_s": 3.0, "memory_mb": 256, "output_kb": 64}
REFUSED = {
    "see other users' files": "open('/etc/passwd').read()",
    "see other processes": "open('/proc/1/status').read()",
    "see its own memory": "open('/proc/self/mem', 'rb')",
    "see the project": f"open({__file__!r}).read()",
    "list the root": "os.listdir('/')",
    "write beside its folder": "open('/tmp/sandbox-test-written', 'w')",
    "write into Python": "open(os.path.join(os.path.dirname(os.__file__), 'written.py'), 'w')",
    "remove its folder": "os.rmdir(os.getcwd())",
    "link out of its folder": "os.link(os.__file__, 'linked')",
    "change modes": "os.chmod('.', 0o700)",
    "change owners": "os.chown('.', os.getuid(), os.getgid())",
    "change times": "os.utime('.')",
    "fork": "os.fork() or os._exit(0)",
    "start a program": "os.posix_spawn('/bin/true', ['true'], {})",
    "become a program": "os.execv('/bin/true', ['true'])",
    "start a shell": "subprocess.run(['true'])",
    "open a socket": "socket.socket()",
    "open a local socket and connect": "socket.socket(socket.AF_UNIX).connect('/tmp/nowhere')",
    "look up a name": "socket.getaddrinfo('localhost', 80) if socket.socket() else 0",
    "signal its parent": "os.kill(os.getppid(), 0)",
    "signal everybody": "os.kill(-1, 0)",
    "limit its parent": "resource.prlimit(os.getppid(), resource.RLIMIT_CPU)",
    "slow its parent": "os.setpriority(os.PRIO_PROCESS, os.getppid(), 1)",
    "watch its parent": "os.pidfd_open(os.getppid())",
    "have its parent sent signals": "fcntl.fcntl(socket.socketpair()[0], fcntl.F_SETOWN, os.getppid())",
    "have a thread sent signals": "fcntl.fcntl(socket.socketpair()[0], 15, struct.pack('ii', 0, os.getpid()))",
    "choose the signal": "fcntl.fcntl(socket.socketpair()[0], 10, signal.SIGKILL)",
    "own signals by ioctl": "fcntl.ioctl(socket.socketpair()[0], 0x8901, struct.pack('i', os.getppid()))",
    "have its group sent signals": "fcntl.ioctl(socket.socketpair()[0], 0x8902, struct.pack('i', -os.getpgrp()))",
    "make files in memory": "os.memfd_create('x')",
    "raise its limits": "resource.setrlimit(resource.RLIMIT_FSIZE, (-1, -1))",
    "become root": "os.setuid(0) if os.getuid() else os.listdir('/root')",
    "mount": "ctypes.CDLL(None, use_errno=True).mount(b'x', b'/', b'tmpfs', 0, 0) and fail()",
    "unshare": "ctypes.CDLL(None, use_errno=True).unshare(0x10000000) and fail()",
    "debug its parent": "ctypes.CDLL(None, use_errno=True).ptrace(0x4206, os.getppid(), 0, 0) and fail()",
}
TRY = """
import ctypes, fcntl, os, resource, signal, socket, struct, subprocess
def fail():
    raise OSError(ctypes.get_errno(), "refused")
try:
    {}
except (OSError, ValueError) as error:
    print("refused", type(error).__name__)
else:
    print("allowed")
"""


def ran(code, stdin=""):
    ((outcome, output),) = outcomes({"mode": "program", "code": code, "limits": LIMITS, "runs": [stdin]})
    return outcome, output.decode()


needs_kernel = pytest.mark.skipif(
    sys.platform != "linux" or tier() != "kernel", reason="this machine lacks seccomp or Landlock for this user"
)


@needs_kernel
@pytest.mark.parametrize("attempt", REFUSED.values(), ids=REFUSED)
def test_the_kernel_refuses(attempt):
    """In tier `kernel` the kernel itself says no."""
    outcome, output = ran(TRY.format(attempt))
    assert output.startswith("refused"), (outcome, output)


HONEST = """
import array, asyncio, fcntl, os, socket
here, there = socket.socketpair()
flags = fcntl.fcntl(here, fcntl.F_GETFL)
fcntl.fcntl(here, fcntl.F_SETFL, flags | os.O_NONBLOCK | os.O_ASYNC)
fcntl.fcntl(here, fcntl.F_SETFD, fcntl.fcntl(here, fcntl.F_GETFD) | fcntl.FD_CLOEXEC)
with open("locked", "w") as file:
    fcntl.flock(file, fcntl.LOCK_EX)
    fcntl.lockf(file, fcntl.LOCK_EX)
there.send(b"four")
waiting = array.array("i", [0])
fcntl.ioctl(here, 0x541B, waiting)
async def last():
    await asyncio.sleep(0)
    return waiting[0]
print(asyncio.run(last()))
"""
HERE = """
from tests.test_sandbox_guards import HONEST, ran
from sandbox.running import tier
print(tier(), ran(HONEST)[1])
"""


def test_files_are_controlled_as_usual():
    """Flags, locks and what waits to be read have nothing to do with signals."""
    assert ran(HONEST)[1] == "4\n"


@needs_kernel
def test_every_guard_is_counted():
    """The tier is `kernel` only with all of its guards."""
    with Zygotes("sandbox.submission").lease():
        pass
    report = Zygotes("sandbox.submission").report()
    assert {"no_new_privs", "seccomp", "landlock"} <= set(report["held"])


def test_files_do_not_outlive_a_test():
    """Each test finds its folder empty, however deep and however locked what the one before left."""
    code = (
        "import os\nprint(os.listdir('.'))\nos.mkdir('a', 0)\nopen('b', 'w').write('x')\n"
        "os.mkdir('deep')\nos.chdir('deep')\n"
        "for _ in range(300):\n    os.mkdir('d')\n    os.chdir('d')\n"
    )
    told = list(outcomes({"mode": "program", "code": code, "limits": LIMITS, "runs": [""] * 3}))
    assert [(outcome.status, output) for outcome, output in told] == [("ok", b"[]\n")] * 3


def test_too_many_files_are_stopped():
    """A disk is a limit too."""
    code = "import time\nfor n in range(5000):\n    open(str(n), 'w').close()\ntime.sleep(2)"
    assert ran(code)[0].status == "output"


def test_what_a_run_took_is_told():
    """An outcome has the seconds and the memory of its run."""
    outcome, _ = ran("x = bytearray(100 << 20)\nsum(range(3_000_000))")
    assert outcome.status == "ok"
    assert outcome.seconds > 0.01
    assert outcome.memory_mb > 100


def test_all_calls_of_one_process_have_a_limit_together():
    """Each of the calls is within its own limit; those after the limit of all are not made."""
    code = "import time\ndef f():\n    time.sleep(0.2)\n    return 'x'"
    call = json.dumps({"do": "call", "target": "f", "args": [], "kwargs": {}})
    request = {"mode": "calls", "code": code, "limits": LIMITS | {"run_s": 0.5}, "before": [call], "runs": [call] * 20}
    told = list(outcomes(request))
    assert [(outcome.status, bool(answer)) for outcome, answer in told[:3]] == [
        ("ok", True),
        ("time", False),
        ("ok", False),  # and all others were left out
    ]
    assert sum(outcome.seconds for outcome, _ in told) < 2


NO_CAGE = why_no_cage()
NEIGHBOUR = """
import os, subprocess, sys
from sandbox import cleaning
from sandbox.local import submissions
from sandbox.running import outcomes
cleaning.remember()
neighbour = subprocess.Popen(["sleep", "60"])  # which somebody starts meanwhile
list(outcomes({"mode": "program", "code": "print(1)", "limits": {}, "runs": [""]}))
submissions.stop()
state, _ = cleaning._state_and_parent(neighbour.pid)
print("ended" if neighbour.poll() is not None or state in (b"Z", b"X") else "alive")
neighbour.kill()
"""


@pytest.mark.skipif(bool(NO_CAGE), reason=NO_CAGE or "a cage can be had")
@pytest.mark.parametrize(
    ("variables", "expected"),
    [({}, "alive"), ({"AWS_LAMBDA_FUNCTION_NAME": "Sandbox"}, "alive"), (LAMBDAS, "ended")],
    ids=["none", "a name alone", "all that Lambda sets"],
)
def test_only_a_functions_own_environment_is_emptied(variables, expected):
    """Who sets a variable of Lambda's at a desk keeps what else runs there."""
    ran = subprocess.run(
        [*caged(lambda_like=True), sys.executable, "-c", NEIGHBOUR],
        capture_output=True,
        timeout=60,
        check=True,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **variables},
    )
    assert ran.stdout.decode().strip() == expected


@pytest.mark.skipif(bool(NO_CAGE), reason=NO_CAGE or "a cage can be had")
def test_files_are_controlled_as_usual_where_python_is_watched():
    """The same without the kernel's guards."""
    ran = subprocess.run(
        [*caged(lambda_like=True), sys.executable, "-c", HERE],
        capture_output=True,
        timeout=60,
        check=True,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
    )
    assert ran.stdout.decode().split() == ["process", "4"]


@pytest.mark.parametrize(
    ("processes", "second", "expected"),
    [(3, "python3", True), (3, "kthreadd", False), (40, "python3", False), (0, "", False)],
    ids=["a function", "a machine with its kernel", "a busy container", "no process table"],
)
def test_a_machine_that_others_live_on_is_told_by_its_processes(tmp_path, processes, second, expected):
    """What is no function's environment is not taken for one, whatever variables are set."""
    for number in range(1, processes + 1):
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / "comm").write_text(second if number == 2 else "python3")
    assert cleaning.is_alone.__wrapped__(str(tmp_path)) is expected
    assert not cleaning.is_alone.__wrapped__(str(tmp_path / "nowhere"))


ONE_RUN = {"mode": "program", "code": "print(1)", "limits": LIMITS, "runs": [""]}


def _children(parent):
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError):
            if int((entry / "stat").read_bytes().rpartition(b")")[2].split()[1]) == parent:
                found.append(int(entry.name))
    return found


@pytest.fixture
def serving(monkeypatch):
    """Serve submissions by zygotes of this test's own."""
    zygotes = Zygotes("sandbox.submission")
    monkeypatch.setattr(running, "submissions", zygotes)
    assert [outcome.status for outcome, _ in outcomes(ONE_RUN)] == ["ok"]
    assert zygotes._idle[-1].free()  # noqa: SLF001 - its supervisor has cleaned up
    yield zygotes
    zygotes.stop()


def test_a_folder_that_was_taken_away_is_made_anew(serving, tmp_path):
    """Whatever stands in the place of the submissions' folder goes."""
    folder = Path(serving._idle[-1].scratch.name)  # noqa: SLF001 - as a submission would find it
    folder.rename(tmp_path / "moved")
    folder.write_text("in its place")
    assert [outcome.status for outcome, _ in outcomes(ONE_RUN)] == ["ok"]
    assert folder.is_dir()


def test_a_zygote_ends_however_deep_its_folder_is(serving):
    """What a submission piled up is gone with its zygote, and nothing of it stops the next."""
    folder = Path(serving._idle[-1].scratch.name)  # noqa: SLF001 - as a submission would fill it
    descriptor = os.open(folder, os.O_RDONLY)
    for _ in range(2000):
        os.mkdir("d", dir_fd=descriptor)
        inner = os.open("d", os.O_RDONLY, dir_fd=descriptor)
        os.close(descriptor)
        descriptor = inner
    os.close(descriptor)
    serving.stop()
    assert not folder.exists()
    assert [outcome.status for outcome, _ in outcomes(ONE_RUN)] == ["ok"]


def test_a_broken_zygote_serves_nobody_again(serving, monkeypatch):
    """What breaks the sandbox costs the one who broke it, and the next sample finds it whole."""
    zygote = serving._idle[-1].process.pid  # noqa: SLF001 - the one that will serve
    for pid in (zygote, *_children(zygote)):
        os.kill(pid, signal.SIGSTOP)
    monkeypatch.setattr(running, "PATIENCE", -MAX_COMPILE_SECONDS - LIMITS["time_limit_s"] * 2)
    assert [outcome.status for outcome, _ in outcomes(ONE_RUN)] == ["killed"]
    monkeypatch.setattr(running, "PATIENCE", 15.0)
    assert [outcome.status for outcome, _ in outcomes(ONE_RUN)] == ["ok"]


def test_each_call_is_timed_alone():
    """A quick call before or after it takes nothing off a call's limit, nor does what calls take together add up."""
    code = (
        "import time\ndef f(s):\n    end = time.process_time() + s\n    while time.process_time() < end:\n        pass"
    )
    asked = [json.dumps({"do": "call", "target": "f", "args": [s], "kwargs": {}}) for s in (0, 0.06, 0.06, 2, 0, 0.06)]
    told = outcomes({"mode": "session", "code": code, "limits": LIMITS | {"time_limit_s": 0.1}, "runs": asked})
    assert [outcome.status for outcome, _ in told] == ["ok", "ok", "ok", "time", "ok", "ok"]


def test_a_process_that_waits_knows_nothing_of_the_test_before():
    """The next process is forked while one runs; it finds the folder empty, its input its own, its memory untouched."""
    code = (
        "import json, os, sys, time\nprint(input(), os.listdir('.'), hasattr(json, 'left'))\njson.left = 1\n"
        "sys.stdout.flush()\ntime.sleep(0.1)\nopen('left', 'w').write('x')\n"
    )
    told = outcomes({"mode": "program", "code": code, "limits": LIMITS, "runs": ["a", "b", "c"]})
    assert [output for _, output in told] == [b"a [] False\n", b"b [] False\n", b"c [] False\n"]


def test_what_is_known_is_told_while_the_next_program_runs():
    """Outcomes that come at once are told together, but none waits for a program that takes its time."""
    request = {"mode": "program", "code": "import time\ntime.sleep(float(input()))", "limits": LIMITS}
    began = time.monotonic()
    told = outcomes(request | {"runs": ["0", "1.5"]})
    assert next(told)[0].status == "ok"
    assert time.monotonic() - began < 1
    assert [outcome.status for outcome, _ in told] == ["ok"]


def test_usual_modules_are_loaded_for_the_program_that_names_them_alone():
    """What is loaded is loaded before a test begins, and not for others."""
    loaded = "import sys\nprint('statis' + 'tics' in sys.modules)\n"
    assert ran(loaded + "import statistics")[1] == "True\n"
    assert ran(loaded)[1] == "False\n"


@needs_kernel
def test_what_waits_may_end_and_does_not_outlive_its_zygote():
    """A supervisor that is ended while it waits is replaced; nothing that waits is left when the zygote is stopped."""
    serving = Zygotes("sandbox.submission")
    with serving.lease():
        pass
    zygote = serving._idle[-1]  # noqa: SLF001 - to look at its processes
    for _ in range(100):
        if waiting := _children(zygote.process.pid):
            break
        time.sleep(0.05)
    for pid in waiting:
        os.kill(pid, signal.SIGKILL)
    with serving.lease() as connection:
        send_frame(connection, json.dumps(CANARY).encode())
        assert (receive_frame(connection, 1000) or b"").endswith(b"\n42\n")
    assert serving._idle[-1] is zygote  # noqa: SLF001 - as above
    before = [
        zygote.process.pid,
        *(pid for child in _children(zygote.process.pid) for pid in (child, *_children(child))),
    ]
    serving.stop()
    for _ in range(100):
        if not [pid for pid in before if Path(f"/proc/{pid}").exists()]:
            return
        time.sleep(0.05)
    raise AssertionError("a process outlived its zygote")


def test_what_was_stopped_serves_nobody():
    """A zygote, and a supervisor that waits, are left alone by a sweep as long as they run."""
    child = subprocess.Popen(["sleep", "60"], env={cleaning.TOKEN: "a-mark"}, start_new_session=True)  # noqa: S607
    assert cleaning.sweep("a-mark", {child.pid}) == 0
    assert cleaning.sweep("a-mark", {os.getpid()}) == 0  # the parent of what waits
    os.kill(child.pid, signal.SIGSTOP)
    assert cleaning.sweep("a-mark", {child.pid}) == 1
    assert child.wait(5) == -signal.SIGKILL


def test_a_process_group_is_swept():
    """What came of a zygote is found by its mark, and nothing else is."""
    assert cleaning.sweep("no-such-token", set()) == 0


def test_a_frame_beyond_the_cap_is_refused():
    """The reader's cap holds, whatever length the writer announces."""
    import socket  # noqa: PLC0415 - for this test alone

    here, there = socket.socketpair()
    with here, there:
        send_frame(here, b"x" * 100)
        with pytest.raises(FrameError, match="longer"):
            receive_frame(there, 99)


def test_the_probe_tells_what_it_found():
    """The one-off handler answers with JSON of what this environment allows."""
    told = probe.lambda_handler({}, None)
    assert told["tier"] in ("kernel", "process")
    assert set(told["allowed"]) >= {"prctl_no_new_privs", "seccomp", "landlock", "user_namespace", "dev_shm", "memfd"}


def test_a_required_tier_that_is_not_met_fails_closed(monkeypatch):
    """Where `split` is asked for and there is no second function nothing is scored."""
    from rewards.interface import ServiceError  # noqa: PLC0415 - for this test alone

    monkeypatch.setenv("SANDBOX_TIER", "split")
    with pytest.raises(ServiceError, match="split"):
        code_tests(Sample("1", "", "```python\nprint(1)\n```", {"tests": [{"input": "", "output": "1"}]}))


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's choice is Linux's")
def test_a_submission_ends_before_the_grader_where_memory_runs_out():
    """The kernel would choose what comes of a zygote first, the comparing process included."""
    with submissions.lease(), examiners.lease():
        own = Path("/proc/self/oom_score_adj").read_text("ascii")
        found = [Path(f"/proc/{pid}/oom_score_adj").read_text("ascii") for pid in children()]
    assert own.strip() != "1000"
    assert found.count("1000\n") >= 2


def test_what_a_comparison_may_allocate_is_a_part_of_the_function(monkeypatch):
    """What the submission returned must not cost a function its memory: a quarter is for each comparison."""
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1769")
    reference = {"test_list": ["assert len(bytes(f(1))) == 7", "assert f(0) == 0"]}
    code = "```python\ndef f(n):\n    return n * 700_000_000\n```"
    reward = code_tests(Sample("1", "", code, reference))
    assert reward.value == 0.5
    assert "MemoryError" in reward.verdicts[0].reason


def test_what_a_test_computes_with_a_number_has_an_end():
    """A number that the tests raise another to is the submission's to choose."""
    began = time.monotonic()
    code = "```python\ndef f(n):\n    return 10**12\n```"
    assert code_tests(Sample("1", "", code, {"test_list": ["assert 10 ** f(1) == 10"]})).value == 0.0
    assert time.monotonic() - began < 60


def children():
    """List the processes that this one has started."""
    return Path(f"/proc/self/task/{os.getpid()}/children").read_text("ascii").split()


PEEKS = """
import os, select, socket, time
def f(x):
    found = b""
    time.sleep(0.05)
    for fd in range(3, 64):
        try:
            if select.select([fd], [], [], 0)[0]:
                found += socket.socket(fileno=os.dup(fd)).recv(1 << 16, socket.MSG_PEEK)
        except (OSError, ValueError):
            continue
    return len(found)
"""


@pytest.mark.parametrize("mode", ["session", "calls"])
def test_a_question_is_not_there_before_the_one_before_is_answered(mode):
    """What a test hands over may be what an earlier one expects: a program that looks ahead finds nothing."""
    calls = [json.dumps({"do": "call", "target": "f", "args": [n], "kwargs": {}}) for n in range(4)]
    told = list(outcomes({"mode": mode, "code": PEEKS, "limits": LIMITS, "runs": calls}))
    assert [(outcome.status, json.loads(answer)["value"]) for outcome, answer in told] == [("ok", 0)] * 4


@needs_kernel
def test_a_supervisor_serves_many_and_ends_when_it_has_grown(serving):
    """It is the same for submissions that leave it as it was, and another after one that made it load or take more."""
    zygote = serving._idle[-1].process.pid  # noqa: SLF001 - whose children are looked at

    def supervisor(code, stdin=""):
        list(outcomes({"mode": "program", "code": code, "limits": LIMITS, "runs": [stdin, ""]}))
        serving.report()
        time.sleep(0.2)
        return _children(zygote)

    first = supervisor("print(1)")
    assert len(first) == 1
    assert supervisor("raise ValueError") == supervisor("import os\nos._exit(3)") == supervisor("(") == first
    assert supervisor("import decimal") != first
    second = supervisor("print(1)")
    assert supervisor("print(1)", "x" * (32 << 20)) != second


@needs_kernel
def test_nothing_is_left_of_one_submission_for_the_next(serving):
    """A supervisor that has served many holds no descriptor, process or file of any of them."""
    codes = (
        "print(input())",
        "open('x', 'w')",
        "import os\nos.mkdir('d')\n1 / 0",
        "def f(x): return x",
        "(",
        "while 1: pass",
    )
    zygote = serving._idle[-1]  # noqa: SLF001 - as above

    def held():
        for code in codes:
            list(
                outcomes({"mode": "program", "code": code, "limits": LIMITS | {"time_limit_s": 0.1}, "runs": ["1"] * 3})
            )
        serving.report()
        time.sleep(0.2)
        (supervisor,) = _children(zygote.process.pid)
        waiting = _children(supervisor)
        left = [*Path(zygote.scratch.name).iterdir()]
        return supervisor, len([*Path(f"/proc/{supervisor}/fd").iterdir()]), len(waiting), left

    assert held() == held()


IS_SOCKET = """
import os, stat, time
def is_socket(descriptor):
    try:
        return stat.S_ISSOCK(os.fstat(descriptor).st_mode)
    except OSError:
        return False
"""
TRICKLES = f"""{IS_SOCKET}
def f(_):
    for channel in range(3, 128):
        if not is_socket(channel):
            continue
        os.write(channel, b"\\0\\1\\0\\0")
        for _ in range(1 << 16):
            time.sleep(0.0001)
            os.write(channel, b"x")
"""


def test_an_answer_that_comes_drop_by_drop_is_late():
    """Whoever has begun to answer has no more time for it than others."""
    began = time.monotonic()
    limits = LIMITS | {"time_limit_s": 0.2}
    asked = json.dumps({"do": "call", "target": "f", "args": [1], "kwargs": {}})
    ((outcome, _),) = outcomes({"mode": "session", "code": TRICKLES, "limits": limits, "runs": [asked]})
    assert outcome.status == "time"
    assert time.monotonic() - began < 5


ANSWERS_TWICE = f"""{IS_SOCKET}
def f(_):
    answer = b'={{"value":7}}'
    for channel in range(3, 128):
        if is_socket(channel):
            os.write(channel, 2 * (len(answer).to_bytes(4, "big") + answer))
    time.sleep(60)
"""


def test_an_answer_to_what_was_not_asked_yet_ends_the_submission():
    """Though it came together with one that was awaited."""
    asked = json.dumps({"do": "call", "target": "f", "args": [1], "kwargs": {}})
    told = outcomes({"mode": "session", "code": ANSWERS_TWICE, "limits": LIMITS, "runs": [asked] * 2})
    assert [outcome.status for outcome, _ in told] == ["ok", "error"]


def test_a_question_larger_than_its_channel_arrives():
    """What a channel cannot hold at once is sent part by part; who takes none of it is late."""
    text = "x" * (2 << 20)
    asked = json.dumps({"do": "call", "target": "f", "args": [text], "kwargs": {}})
    request = {"mode": "session", "code": "def f(x): return len(x)", "limits": LIMITS, "runs": [asked] * 2}
    assert [json.loads(answer)["value"] for _, answer in outcomes(request)] == [len(text)] * 2
    deaf = request | {"code": "import time\ntime.sleep(60)", "limits": LIMITS | {"time_limit_s": 0.2}}
    assert [outcome.status for outcome, _ in outcomes(deaf)] == ["time"] * 2


ANSWERS_LATER = f"""{IS_SOCKET}
import threading
def answer():
    time.sleep(0.05)
    for channel in filter(is_socket, range(3, 128)):
        os.write(channel, b'\\0\\0\\0\\x0c~{{"value":7}}')
def f(_):
    threading.Thread(target=answer).start()
"""


def test_an_answer_before_the_question_ends_the_submission():
    """A program that speaks unasked is not asked again."""
    asked = json.dumps({"do": "call", "target": "f", "args": [1], "kwargs": {}}).encode()
    live = running.Live(ANSWERS_LATER, LIMITS)

    def statuses():
        return [outcome.status for told in live.ask([asked]) for outcome, _ in told]

    try:
        assert statuses() == ["ok"]
        time.sleep(0.3)
        assert statuses() == ["error"]
    finally:
        live.close()
