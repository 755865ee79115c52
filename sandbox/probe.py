"""Tell what this environment allows: a one-off Lambda handler, to be run before anything is promised."""

from __future__ import annotations

import ctypes
import mmap
import os
import platform
import resource
import signal
import socket
import sys
import tempfile
from collections.abc import Callable
from typing import Any

from sandbox import kernel
from sandbox.guards import Guards
from sandbox.limits import count_tasks
from sandbox.steps import take

LIMITS = ("RLIMIT_AS", "RLIMIT_CPU", "RLIMIT_FSIZE", "RLIMIT_NOFILE", "RLIMIT_NPROC", "RLIMIT_STACK")
CLONE_NEWUSER = 0x10000000
PTRACE_SEIZE = 0x4206  # unlike an attach it does not stop what it watches


def lambda_handler(_event: object, _context: object) -> dict[str, Any]:
    """Report what a process may do here: every attempt runs in a process of its own and changes nothing.

    Returns:
        JSON: the tier that the sandbox would reach here, `allowed` by attempt ("yes" or why not), and limits.
    """
    with tempfile.TemporaryDirectory() as scratch:
        guards = Guards.found(scratch)
    return {
        "python": sys.version,
        "machine": platform.machine(),
        "kernel": platform.release(),
        "uid": os.getuid(),
        "tasks": count_tasks(),
        "tier": guards.tier,
        "held": guards.held,
        "allowed": {name: attempted(attempt) for name, attempt in ATTEMPTS.items()},
        "limits": {name: resource.getrlimit(getattr(resource, name)) for name in LIMITS},
    }


def attempted(attempt: Callable[[], object]) -> str:
    """Try something in a process of its own; returns "yes", or how it was refused."""
    reader, writer = os.pipe()
    pid = os.fork()
    if not pid:
        answer = "no answer"
        try:
            attempt()
            answer = "yes"
        except BaseException as error:  # noqa: BLE001 - what was refused is what is asked
            answer = f"{type(error).__name__}: {error}"[:100]
        finally:
            os.write(writer, answer.encode())
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as told:
        answer = told.read().decode()
    status = os.waitpid(pid, 0)[1]
    return answer or f"ended by signal {os.WTERMSIG(status)}"


def _call(name: str, *arguments: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, name)(*arguments) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _seccomp() -> None:
    kernel.control(kernel.PR_SET_NO_NEW_PRIVS, 1)
    take([kernel.Filter(bytes.fromhex("060000000000ff7f")).step()])  # one instruction: allow


def _read(path: str) -> None:
    with open(path, "rb") as file:  # noqa: PTH123 - a path under /proc
        file.read(1)


def _shared_memory() -> None:
    with tempfile.TemporaryFile(dir="/dev/shm"):
        pass


def _connect(host: str, port: int) -> None:
    socket.create_connection((host, port), timeout=1).close()


ATTEMPTS: dict[str, Callable[[], object]] = {
    "prctl_set_name": lambda: _call("prctl", 15, 0),
    "prctl_dumpable": lambda: kernel.control(kernel.PR_SET_DUMPABLE, 0),
    "prctl_parent_death_signal": lambda: kernel.control(1, signal.SIGKILL),
    "prctl_child_subreaper": lambda: kernel.control(36, 1),
    "prctl_no_new_privs": lambda: kernel.control(kernel.PR_SET_NO_NEW_PRIVS, 1),
    "seccomp": _seccomp,
    "landlock": lambda: kernel.call(kernel.LANDLOCK_CREATE, None, 0, 1),
    "user_namespace": lambda: _call("unshare", CLONE_NEWUSER),
    "ptrace_parent": lambda: _call("ptrace", PTRACE_SEIZE, os.getppid(), 0, 0),
    "parent_environ": lambda: _read(f"/proc/{os.getppid()}/environ"),
    "parent_memory": lambda: _read(f"/proc/{os.getppid()}/maps"),
    "parent_descriptors": lambda: os.listdir(f"/proc/{os.getppid()}/fd"),  # noqa: PTH208 - a path under /proc
    "parent_signal": lambda: os.kill(os.getppid(), 0),
    "parent_limits": lambda: resource.prlimit(os.getppid(), resource.RLIMIT_CPU),
    "memfd": lambda: os.memfd_create("probe"),
    "pidfd": lambda: os.pidfd_open(os.getpid()),
    "dev_shm": _shared_memory,
    "new_session": os.setsid,
    "fork": lambda: os.fork() or os._exit(0),
    "execute": lambda: os.execv("/bin/true", ["true"]),  # noqa: S606 - a known program
    "anonymous_executable_memory": lambda: mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC),
    "interval_timer": lambda: signal.setitimer(signal.ITIMER_PROF, 1),
    "socket": socket.socket,
    "socketpair": socket.socketpair,
    "runtime_interface": lambda: _connect(*os.environ.get("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001").split(":")),  # type: ignore[arg-type]
    "write_tmp": lambda: tempfile.TemporaryFile().close(),
    "write_task": lambda: tempfile.TemporaryFile(dir=os.environ.get("LAMBDA_TASK_ROOT", "/var/task")).close(),
    "processor_clock": lambda: (os.times(), resource.getrusage(resource.RUSAGE_CHILDREN)),
    "raise_stack": lambda: resource.setrlimit(
        resource.RLIMIT_STACK, (1 << 30, resource.getrlimit(resource.RLIMIT_STACK)[1])
    ),
}
