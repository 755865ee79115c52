"""Z, the zygote: a warm interpreter that knows no secret and forks one child for each connection it is handed."""

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
from importlib.util import find_spec

from sandbox import cleaning, execution
from sandbox.frames import send_frame
from sandbox.guards import Guards

Handle = Callable[[socket.socket, Guards], None]

STACK = 1 << 30  # the main thread's deepest stack, touched only by programs that recurse so deep
THREAD_STACK = 8 << 20
WARM = [
    "abc",
    "argparse",
    "array",
    "ast",
    "bisect",
    "calendar",
    "cmath",
    "codecs",
    "collections",
    "collections.abc",
    "contextlib",
    "copy",
    "dataclasses",
    "datetime",
    "decimal",
    "enum",
    "fractions",
    "functools",
    "gc",
    "hashlib",
    "heapq",
    "io",
    "itertools",
    "json",
    "keyword",
    "linecache",
    "locale",
    "math",
    "numbers",
    "operator",
    "os",
    "os.path",
    "pathlib",
    "pprint",
    "queue",
    "random",
    "re",
    "secrets",
    "statistics",
    "string",
    "struct",
    "sys",
    "tempfile",
    "textwrap",
    "threading",
    "time",
    "traceback",
    "types",
    "typing",
    "unicodedata",
    "unittest",
    "uuid",
    "warnings",
    "weakref",
    "zlib",
]


def main(module: str, control: int, scratch: str) -> None:
    """Serve forks until the caller closes the control socket.

    Args:
        module: Its `handle(connection, guards)` runs in each forked child and then the child ends.
        control: The descriptor of the control socket, on which each message carries one connection.
        scratch: The folder that submissions may write to.
    """
    _deepen_stack()
    _stand_first_in_line()
    handle = import_module(module).handle
    for name in (*WARM, *getattr(import_module(module), "WARM", ())):
        if find_spec(name.partition(".")[0]):
            import_module(name)
    _leave_project(scratch)
    guards = Guards.found(scratch)
    execution.open_streams()
    guards.settle()
    gc.collect()
    gc.freeze()
    with socket.socket(fileno=control) as calls:
        send_frame(calls, json.dumps({"tier": guards.tier, "held": guards.held}).encode())
        while connection := _next(calls):
            if not os.fork():
                calls.close()
                _serve(handle, connection, guards)
            connection.close()


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
    os.environ.pop(cleaning.TOKEN, None)
    os.environ |= {"HOME": scratch, "TMPDIR": scratch}
    os.chdir(scratch)


def _next(calls: socket.socket) -> socket.socket | None:
    while True:
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        message, descriptors, _, _ = socket.recv_fds(calls, 1, 1)
        if not message:
            return None
        if descriptors:
            return socket.socket(fileno=descriptors[0])


def _serve(handle: Handle, connection: socket.socket, guards: Guards) -> None:
    status = 1
    try:
        os.setsid()
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        handle(connection, guards)
        status = 0
    except (OSError, ValueError):
        status = 1  # the caller is gone, or what it asked is: there is nobody to tell
    finally:
        os._exit(status)
