"""Z, the zygote: a warm interpreter that knows no secret and forks the children that serve connections."""

from __future__ import annotations

import contextlib
import gc
import json
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import NoReturn

from sandbox import cleaning, execution, warm
from sandbox.frames import send_frame
from sandbox.guards import Guards

TAKEN, LAST, CLOSED = b".", b"+", b"-"
MAX_LOST = 10  # children in a row that ended before they had a connection: something is wrong with all of them
MOST = 100  # connections that one child serves, so that nothing it keeps can add up
GROWTH = 0, 16 << 10, 20.0  # by which it may have grown and serve another: modules, KiB, seconds
STACK = 1 << 30  # the main thread's deepest stack, touched only by programs that recurse so deep
THREAD_STACK = 8 << 20


def main(module: str, control: int, scratch: str) -> None:
    """Serve forks until the caller closes the control socket.

    Args:
        module: Its `prepare(guards)` runs in each forked child before there is a connection, and gives a context
            manager. Its `handle(connection, prepared)` serves each, with what that gives. A child serves others as long
            as it is as it was; else it ends, and another takes its place. One whose `ONCE` is true serves one.
        control: The descriptor of the control socket, on which each message carries one connection.
        scratch: The folder that submissions may write to.
    """
    _deepen_stack()
    _stand_first_in_line()
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    serving = import_module(module)
    warm.load((*warm.ALWAYS, *getattr(serving, "WARM", ())))
    _leave_project(scratch)
    guards = Guards.found(scratch)
    execution.rehearse()
    guards.settle()
    gc.collect()
    gc.freeze()
    with socket.socket(fileno=control) as calls:
        send_frame(calls, json.dumps({"tier": guards.tier, "held": guards.held}).encode())
        lost = 0
        while (told := _told_by_child(calls, serving, guards)) != CLOSED and lost < MAX_LOST:
            lost = 0 if told else lost + 1


def _told_by_child(calls: socket.socket, serving: ModuleType, guards: Guards) -> bytes:
    """Fork the child that will serve the next connections, so that nobody waits for it.

    Returns:
        LAST once it has the last connection that it serves, CLOSED where there will be no more, TAKEN where it ended
        after it had one, nothing where it ended before.
    """
    ours, theirs = os.pipe()
    if not os.fork():
        os.close(ours)
        _serve(calls, theirs, serving, guards)
    os.close(theirs)
    told = b""
    while (word := os.read(ours, 1)) and (told := word) == TAKEN:
        pass
    os.close(ours)
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    return told


def _serve(calls: socket.socket, told: int, serving: ModuleType, guards: Guards) -> NoReturn:
    status = 1
    try:
        os.setsid()
        with serving.prepare(guards) as prepared:
            most = 1 if guards.tier == "process" or getattr(serving, "ONCE", False) else MOST
            _serve_many(calls, told, most, lambda connection: serving.handle(connection, prepared))
        status = 0
    except (OSError, ValueError):
        status = 1  # the caller is gone, or what it asked is: there is nobody to tell
    finally:
        os._exit(status)


def _serve_many(calls: socket.socket, told: int, most: int, handle: Callable[[socket.socket], None]) -> None:
    """Serve one connection after another, so many at the most, while this process stays as it is."""
    allowed = tuple(now + more for now, more in zip(_size(), GROWTH, strict=True))
    for left in range(most - 1, -1, -1):
        message, descriptors, _, _ = socket.recv_fds(calls, 1, 1)
        os.write(told, (TAKEN if left else LAST) if message else CLOSED)
        for descriptor in descriptors:
            with socket.socket(fileno=descriptor) as connection:  # closed before this ends: its caller need not wait
                handle(connection)
        if not message or any(now > limit for now, limit in zip(_size(), allowed, strict=True)):
            return


def _size() -> tuple[float, ...]:
    """Tell what this process has come to: modules, KiB of memory at the most, seconds of processor time."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return len(sys.modules), usage.ru_maxrss, usage.ru_utime + usage.ru_stime


def _deepen_stack() -> None:
    """Raise the stack's limit and start again: where the kernel lays memory out is decided at exec."""
    soft, hard = resource.getrlimit(resource.RLIMIT_STACK)
    wanted = STACK if hard == resource.RLIM_INFINITY else min(STACK, hard)
    if soft != wanted:
        resource.setrlimit(resource.RLIMIT_STACK, (wanted, hard))
        os.execv(sys.executable, sys.orig_argv)  # noqa: S606 - itself, with its own arguments
    import threading  # noqa: PLC0415 - only once the stack is as it stays

    threading.stack_size(THREAD_STACK)


def _stand_first_in_line() -> None:
    """Have the kernel, where memory runs out, end what comes of the zygote, and not the one whose work it does."""
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w", encoding="ascii") as score:  # noqa: PTH123
        score.write("1000")


def _leave_project(scratch: str) -> None:
    """Forget where the caller's own code lies, unless packages lie there too: no submission has business with it."""
    del sys.path[0]
    sys.dont_write_bytecode = True
    for name in (cleaning.TOKEN, "LD_BIND_NOW"):
        os.environ.pop(name, None)
    os.environ |= {"HOME": scratch, "TMPDIR": scratch}
    os.chdir(scratch)
