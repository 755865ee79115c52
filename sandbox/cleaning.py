"""Leave nothing of a submission in a warm environment: no process, no file. For the tier that cannot forbid them.

Where the whole environment is ours, as a Lambda function's is, everything that was not there at first goes. On other
machines only what is known to come of our zygote goes: a stray keeps the environment that the zygote began with.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from functools import lru_cache

from sandbox.scratch import empty

TOKEN = "SANDBOX_TOKEN"  # noqa: S105 - the name of a mark, no secret
ROUNDS, GRACE = 50, 5
MOST_PROCESSES = 32  # that a function's environment begins with: its runtime, and extensions
SHARED = ("/tmp", "/var/tmp", "/dev/shm")  # noqa: S108 - looked at to be emptied
_first: dict[str, set[str]] = {}
_known: set[int] = set()
live: set[str] = set()  # the marks of the zygotes that run


def remember() -> None:
    """Note, before anything untrusted has run, what is here."""
    if not _first:
        is_alone()
        _first.update((folder, _names(folder)) for folder in SHARED)
        _known.update(_processes())


def owns_environment() -> bool:
    """Tell whether this is a Lambda function's environment, in which nothing else lives.

    Everything unknown is killed in one, and anybody may set a variable: so what Lambda sets is not enough, and the
    process table must look like a function's too.
    """
    named = all(os.environ.get(name) for name in ("AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_RUNTIME_API"))
    return named and not os.environ.get("AWS_SAM_LOCAL") and is_alone()


@lru_cache(maxsize=1)
def is_alone(proc: str = "/proc") -> bool:
    """Tell whether the process table shows few processes, none of them the kernel's: no desk and no server does.

    Kept from the first look, before anything untrusted ran.
    """
    try:
        count = sum(name.isdigit() for name in os.listdir(proc))  # noqa: PTH208 - no pathlib in a fast path
    except OSError:
        return False
    try:
        with open(f"{proc}/2/comm", "rb") as second:  # noqa: PTH123 - as above
            kernels = second.read().strip() == b"kthreadd"
    except OSError:
        kernels = False
    return 0 < count <= MOST_PROCESSES and not kernels


def sweep(token: str, spared: set[int]) -> int:
    """Stop, then kill, what a submission left running, until two looks find nothing.

    Args:
        token: The mark in the environment of all that came of one zygote.
        spared: Processes to leave alone, with their own children, as long as they run: the zygote. No submission's
            process can be its child; those are its supervisors'.

    Returns:
        How many processes were found.
    """
    for _ in range(GRACE):  # a supervisor that has said its last word is still about to end
        if not _strays(token, spared):
            return 0
        time.sleep(0.002)
    found: set[int] = set()
    quiet = 0
    for _ in range(ROUNDS):
        strays = _strays(token, spared)
        quiet = 0 if strays else quiet + 1
        if quiet > 1 or (not strays and not found):
            break
        found |= strays
        for number in (signal.SIGSTOP, signal.SIGKILL):  # none may fork while others are killed
            for pid in strays:
                with contextlib.suppress(OSError):
                    os.kill(pid, number)
    return len(found)


def _strays(token: str, spared: set[int]) -> set[int]:
    return {pid for pid in _processes() if _is_stray(pid, token, spared)}


def restore(scratch: str) -> None:
    """Remove from folders that everybody may write to what was not there at first."""
    if not owns_environment():
        return
    for folder, first in _first.items():
        for name in _names(folder) - first:
            path = f"{folder}/{name}"
            if not scratch.startswith(path):
                _remove(path)


def _remove(path: str) -> None:
    with contextlib.suppress(OSError):
        if os.path.isdir(path) and not os.path.islink(path):  # noqa: PTH112, PTH114 - no pathlib in a fast path
            empty(path)
            os.rmdir(path)  # noqa: PTH106 - the same
        else:
            os.unlink(path)  # noqa: PTH108 - the same


def _names(folder: str) -> set[str]:
    try:
        return set(os.listdir(folder))  # noqa: PTH208 - as above
    except OSError:
        return set()


def _processes() -> Iterator[int]:
    try:
        entries = list(os.scandir("/proc"))
    except OSError:
        return
    for entry in entries:
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and entry.stat().st_uid == os.getuid() and int(entry.name) != os.getpid():
                yield int(entry.name)


def _is_stray(pid: int, token: str, spared: set[int]) -> bool:
    state, parent = _state_and_parent(pid)
    if state in (b"Z", b"X"):
        return False
    if pid in spared or parent in spared:
        return state in (b"T", b"t")  # what somebody stopped serves nobody any more
    mark = _mark(pid)
    if owns_environment():
        return pid not in _known and mark not in live - {token}
    return mark == token


def _mark(pid: int) -> str:
    try:
        with open(f"/proc/{pid}/environ", "rb") as environment:  # noqa: PTH123 - as above
            name, _, mark = environment.read(100).partition(b"=")
    except OSError:
        return ""
    return mark.partition(b"\0")[0].decode("ascii", "replace") if name == TOKEN.encode() else ""


def _state_and_parent(pid: int) -> tuple[bytes, int]:
    """Look a process up; one that is not there is dead."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as status:  # noqa: PTH123 - as above
            state, parent, *_ = status.read().rpartition(b")")[2].split()
    except (OSError, ValueError):
        return b"X", 0
    return state, int(parent)
