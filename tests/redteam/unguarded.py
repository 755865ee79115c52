"""Take each guard away in turn and see what it kept a program from: run in a cage only.

`python tests/redteam/unguarded.py kernel` (or `process`, in a cage that refuses what Lambda refuses; or `root`, in one
that leaves the command root) prints a line of JSON for each guard: what its program does with all guards, and what it
does without that one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from sandbox import cleaning, running, zygote_process
from sandbox.local import Zygotes
from tests.cage import INSIDE
from tests.caged_function import LAMBDAS

POPEN = subprocess.Popen
LIMITS = {"time_limit_s": 0.3, "memory_mb": 100, "output_kb": 64}
IMPORTS = "import resource\nfrom sandbox import guards, limits, process, supervision\nfrom sandbox.guards import Guards"
TRY = "import os, resource, socket, time\ntry:\n    {}\n"
TRY += "except (OSError, MemoryError, ImportError, ValueError):\n    print('no')\n"
TRY += "else:\n    print('yes')"
WITHOUT_LIMIT = (
    "limits._step = lambda what, value, was=limits._step: was(what, value) if what != resource.{} else (int, ())"
)
HARD = "assert resource.getrlimit(resource.{})[1] == {} or print('open')"
UNWATCHED = "guards.audit.watch = lambda scratch: None"
# the guard: the statement that takes it away, run in the zygote; what the program tries
KERNEL = {
    "no new privileges": ("Guards.forbid_privileges = lambda self: None", "pass"),
    "outer filter": ("Guards.filter_calls_outside = Guards.forbid_privileges", "socket.socket()"),
    "inner filter": ("Guards.filter_calls = lambda self, native=False: []", "os.memfd_create('x')"),
    "owners of files": (
        "from sandbox import seccomp\nseccomp.OWNING = ()",
        "import fcntl; fcntl.fcntl(socket.socketpair()[0], fcntl.F_SETOWN, os.getpid())",
    ),
    "Landlock": ("Guards.fence_files = lambda self, rules: []", "open('/etc/passwd')"),
    "clock": ("supervision.Clock.late = lambda self: False", "time.sleep(2)"),
    "watch on files": (
        "supervision.Child.excess = lambda self: None",
        "[open(str(n), 'w').close() for n in range(1100)]; time.sleep(0.2)",
    ),
    "watch on memory": ("supervision._memory_mb = lambda pid: 0.0", "x = bytearray(200 << 20); time.sleep(0.2)"),
    "peak of memory": (
        "supervision._measured = lambda outcome, usage, limits: outcome",
        "x = bytearray(200 << 20)",
        "supervision._memory_mb = lambda pid: 0.0",  # so quick that no look at it sees it
    ),
    "emptied folder": ("process.empty = lambda scratch: None", "os.mkdir('left')"),
    "address space": (WITHOUT_LIMIT.format("RLIMIT_AS"), "bytearray(4 << 30)"),
    "file size": (WITHOUT_LIMIT.format("RLIMIT_FSIZE"), "open('x', 'wb', 0).write(bytes(1 << 17)) > 65536 or open('')"),
    "open files": (WITHOUT_LIMIT.format("RLIMIT_NOFILE"), "[os.dup(0) for _ in range(200)]"),
    "processor time": (WITHOUT_LIMIT.format("RLIMIT_CPU"), HARD.format("RLIMIT_CPU", 2)),
    "core dumps": (WITHOUT_LIMIT.format("RLIMIT_CORE"), HARD.format("RLIMIT_CORE", 0)),
    "locked memory": (WITHOUT_LIMIT.format("RLIMIT_MEMLOCK"), HARD.format("RLIMIT_MEMLOCK", 0)),
    "message queues": (WITHOUT_LIMIT.format("RLIMIT_MSGQUEUE"), HARD.format("RLIMIT_MSGQUEUE", 0)),
}
OPEN = "os.close(os.open('x', os.O_CREAT | os.O_WRONLY, 0)); open('x')"  # a file that nobody may read but root
UNFILTERED = "def never(*_):\n    raise OSError\nGuards.filter_calls_outside = Guards.filter_calls = never"
ROOT = {
    "namespaces": (
        "guards._leave_namespaces = lambda: None",
        "socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 9))",  # a network of its own leads nowhere
        f"{UNFILTERED}\n{UNWATCHED}",  # which refuse sockets before
    ),
    "another user": ("guards._become = lambda user: None", OPEN),
    "no capabilities": (
        "guards._drop_capabilities = lambda: None",
        OPEN,
        "def never(user):\n    raise OSError\nguards._become = never",  # as where that user cannot read Python
    ),
}
# its parent waits until it has left the group that is killed with the parent
STRAY = "r, w = os.pipe(); os.fork() and os.read(r, 1) or (os.setsid(), os.write(w, b'x'), time.sleep(20))"
# what no event tells of: the function, and what it would do that harms nothing
WITHHELD = {
    "pidfd_open": "os.pidfd_open(os.getppid())",
    "sched_setaffinity": "os.sched_setaffinity(os.getppid(), os.sched_getaffinity(0))",
    "sched_setparam": "os.sched_setparam(os.getppid(), os.sched_param(0))",
    "sched_setscheduler": "os.sched_setscheduler(os.getppid(), os.SCHED_OTHER, os.sched_param(0))",
    "setpriority": "os.setpriority(os.PRIO_PROCESS, os.getppid(), os.getpriority(os.PRIO_PROCESS, 0))",
    "pidfd_send_signal": "import signal; signal.pidfd_send_signal()",  # which is a TypeError if it is there
    "_fork_exec": "import subprocess; subprocess._fork_exec()",  # the same
    "create_builtin": "from importlib import util; util.module_from_spec(util.find_spec('posix'))",
}
PROCESS = {
    **{f"no {name}": (f"del guards.audit.WITHHELD[{name!r}]", attempt) for name, attempt in WITHHELD.items()},
    "audit of owners": (
        "was = guards.audit.REFUSED\nguards.audit.REFUSED = was - {'fcntl.fcntl'}",
        "import fcntl; fcntl.fcntl(socket.socketpair()[0], fcntl.F_SETOWN, os.getppid())",
    ),
    "audit of owners by ioctl": (
        "was = guards.audit.REFUSED\nguards.audit.REFUSED = was - {'fcntl.ioctl'}",
        "import fcntl; fcntl.ioctl(socket.socketpair()[0], 0x8901, os.getppid().to_bytes(4, 'little'))",
    ),
    "audit of files": (UNWATCHED, "open('/etc/passwd')"),
    "audit of signals": (UNWATCHED, "os.kill(os.getppid(), 0)"),
    "audit of libraries": (UNWATCHED, "import ctypes; ctypes.CDLL(None).getppid()"),
    "number of processes": (
        "guards.limit_processes = lambda tasks: None",
        "assert resource.getrlimit(resource.RLIMIT_NPROC)[1] < 600 or print('open')",
    ),
}


@contextmanager
def zygotes(taken_away: str) -> Iterator[Zygotes]:
    """Serve submissions by zygotes that lack a guard."""
    whole = zygote_process.START
    before = f"{IMPORTS}\n{taken_away}\n"
    zygote_process.START = whole.replace("main(sys", before + "main(sys")
    serving = Zygotes("sandbox.submission")
    try:
        with mock.patch.object(running, "submissions", serving):
            yield serving
    finally:
        serving.stop()
        zygote_process.START = whole


def told(taken_away: str, attempts: list[str]) -> list[Any]:
    """Run programs twice each without a guard; gives how the runs ended, what they wrote, and the tier."""
    found = []
    with zygotes(taken_away) as serving:
        for attempt in attempts:
            request = {"mode": "program", "code": TRY.format(attempt), "limits": LIMITS, "runs": ["", ""]}
            runs = [[outcome.status, output.decode()] for outcome, output in running.outcomes(request)]
            found.append([*runs, serving.report()["tier"]])
    return found


def left_behind() -> list[int]:
    """Run a program that leaves a process and a file; gives how many of each are there when it is over."""
    file = Path("/tmp/left-by-a-submission")  # noqa: S108 - in a cage
    attempt = f"open({str(file)!r}, 'w'); {STRAY}"
    request = {"mode": "program", "code": TRY.format(attempt), "limits": LIMITS, "runs": [""]}
    with zygotes(UNWATCHED) as serving:
        list(running.outcomes(request))
        serving.report()
        own = next(iter(cleaning.live))
        zygote = serving._idle[-1].process.pid  # noqa: SLF001 - who is no stray
        strays = len(cleaning._strays(own, {zygote}))  # noqa: SLF001 - to look without ending them
        there = file.exists()
    file.unlink(missing_ok=True)
    return [strays, int(there)]


def main(tier: str) -> None:
    """Try every guard of a tier."""
    if os.environ.get(INSIDE) != "1" or (os.getuid() == 0) != (tier == "root"):
        sys.exit("guards are taken away in a cage only: python tests/cage.py python tests/redteam/unguarded.py ...")
    guards: Any = {"kernel": KERNEL, "process": PROCESS, "root": ROOT}[tier]
    plain = iter(told("pass", [attempt for _, attempt, *before in guards.values() if not before]))
    for guard, (taken_away, attempt, *before) in guards.items():
        first = "\n".join(before)
        kept = told(first, [attempt])[0] if before else next(plain)
        show(guard, kept, told(f"{first}\n{taken_away}", [attempt])[0])
    if tier == "kernel":
        os.environ["OF_THE_GRADER"] = "secret"
        look = "'OF_THE_GRADER' in os.environ and print('seen')"
        with mock.patch.object(subprocess, "Popen", inheriting):
            unguarded = told("pass", [look])[0]
        show("emptied environment", told("pass", [look])[0], unguarded)
    if tier == "process":
        os.environ |= LAMBDAS  # whose environment is the sandbox's own
        strays, files = left_behind()
        with mock.patch.object(cleaning, "sweep", return_value=0):
            show("sweep", [strays], left_behind()[:1])
        with mock.patch.object(cleaning, "restore"):
            show("restored folders", [files], left_behind()[1:])


def inheriting(command: list[str], *, env: dict[str, str], **options: Any) -> subprocess.Popen[bytes]:
    """Start a program with all of this environment."""
    return POPEN(command, env=os.environ | env, **options)


def show(guard: str, guarded: list[Any], unguarded: list[Any]) -> None:
    """Print one line of JSON."""
    print(json.dumps({"guard": guard, "with": guarded, "without": unguarded}), flush=True)  # noqa: T201 - its output


if __name__ == "__main__":
    main(sys.argv[1])
