"""Refuse, by Python's audit events, what the kernel would refuse were it asked: for environments like Lambda.

Native code passes it by, so it is no wall; the wall there is a second environment. It stops what is written in Python.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from importlib import import_module
from types import FunctionType
from typing import NoReturn

from sandbox import places

REFUSED = frozenset(
    """
    os.kill os.killpg signal.pthread_kill os.fork os.forkpty os.exec os.posix_spawn os.system os.spawn
    subprocess.Popen pty.spawn socket.__new__ socket.connect socket.bind socket.getaddrinfo socket.gethostbyname
    os.chmod os.chown os.setxattr os.removexattr os.utime os.symlink os.link resource.prlimit
    ctypes.dlopen ctypes.dlsym ctypes.cdata ctypes.call_function ctypes.string_at ctypes.wstring_at
    fcntl.fcntl fcntl.ioctl sqlite3.load_extension sys.addaudithook gc.get_objects gc.get_referrers gc.get_referents
    """.split()  # noqa: SIM905 - a table in prose
)
# by fcntl and ioctl: who is sent a file's signals (F_SETOWN, F_SETOWN_EX, FIOSETOWN, SIOCSPGRP), and which (F_SETSIG)
OWNING = frozenset((8, 15, 0x8901, 0x8902, 10))
# what no event tells of, and where it is: gone for the submission's own process too. The last gives fresh modules
WITHHELD = {
    "pidfd_open": "os posix",
    "sched_setaffinity": "os posix",
    "sched_setparam": "os posix",
    "sched_setscheduler": "os posix",
    "setpriority": "os posix",
    "pidfd_send_signal": "signal _signal",
    "_fork_exec": "subprocess",
    "create_builtin": "_imp",
}
NATIVE = frozenset(
    """
    ctypes _ctypes cffi _cffi_backend _posixsubprocess _testcapi _testinternalcapi _xxsubinterpreters _interpreters
    """.split()  # noqa: SIM905 - the same
)
CHANGING = frozenset(("os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.truncate"))
PATHS = CHANGING | {"open", "os.listdir", "os.scandir", "os.chdir", "sqlite3.connect", "glob.glob", "os.walk"}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def load() -> None:
    """Load what is changed for a submission, and what no submission can load for itself after that."""
    for name in ("signal", "subprocess", *sys.builtin_module_names):
        if name not in NATIVE:
            with suppress(ImportError):
                import_module(name)


def watch(scratch: str) -> None:
    """Watch this process from now on; there is no way back."""
    for name, modules in WITHHELD.items():
        for module in modules.split():
            setattr(sys.modules[module], name, _refuse)
    sys.modules.pop("_posixsubprocess", None)
    hook = FunctionType(_hook.__code__, {"__builtins__": {}}, "hook")
    own = frozenset(f"{folder}/{n}" for folder in ("/proc/self/fd", "/dev/fd") for n in range(3))
    known = (*places.readable(), *places.DEVICES, "/dev/stdin", "/dev/stdout", "/dev/stderr", f"{scratch}/")
    kinds = (PermissionError, ImportError, str, bytes, int, type)
    hook.__defaults__ = (REFUSED, NATIVE, PATHS, CHANGING, WRITING, known, scratch, *kinds, OWNING)
    hook.__kwdefaults__ = {"itself": hook, "own": os.getpid(), "streams": own}
    sys.addaudithook(hook)


def _refuse(*_arguments: object) -> NoReturn:
    raise PermissionError(1, "not permitted to a submission")


def _hook(  # type: ignore[no-untyped-def]  # noqa: ANN202, C901, PLR0912, PLR0913, PLR0917
    event,  # noqa: ANN001 - called thousands of times, by the interpreter alone
    arguments,  # noqa: ANN001 - the same
    refused=REFUSED,  # noqa: ANN001 - the same, and all that follow: defaults cannot be changed without an event
    native=NATIVE,  # noqa: ANN001
    paths=PATHS,  # noqa: ANN001
    changing=CHANGING,  # noqa: ANN001
    writing=WRITING,  # noqa: ANN001
    known=(),  # noqa: ANN001
    scratch="",  # noqa: ANN001
    denied=PermissionError,  # noqa: ANN001
    absent=ImportError,  # noqa: ANN001
    text=str,  # noqa: ANN001
    raw=bytes,  # noqa: ANN001
    number=int,  # noqa: ANN001
    kind_of=type,  # noqa: ANN001
    owning=OWNING,  # noqa: ANN001
    *,
    itself=None,  # noqa: ANN001
    own=0,  # noqa: ANN001
    streams=(),  # noqa: ANN001
):
    if event in refused:
        if event == "os.kill" and arguments[0] == own:
            return
        if event == "socket.__new__" and arguments[1] == 1:  # half of a socketpair, which asyncio needs; see connect
            return
        if event in ("fcntl.fcntl", "fcntl.ioctl") and arguments[1] not in owning:
            return
        raise denied(1, "not permitted to a submission", event)
    if event == "import":  # what is loaded is named by the last part; a library that a submission wrote is loaded never
        if text.rpartition(arguments[0], ".")[2] in native:
            raise absent("not available to a submission")
        file = arguments[1]
        if file is not None and (kind_of(file) is not text or not text.startswith(file, known[:-1])):
            raise absent("not available to a submission")
    if event == "object.__setattr__" and arguments[0] is itself:
        raise denied(1, "not permitted to a submission", event)
    if event in paths and arguments:
        for path in arguments[:2] if event == "os.rename" else arguments[:1]:
            kind = kind_of(path)
            if kind is raw:
                path, kind = raw.decode(path, "utf-8", "surrogateescape"), text  # noqa: PLW2901
            if path is None or kind is number:
                continue
            if kind is not text:
                raise denied(1, "not permitted to a submission", event)
            if event == "open" and path in streams:
                continue
            parts = text.split(path, "/")
            if "proc" in parts or ".." in parts or "fd" in parts:
                raise denied(1, "not permitted to a submission", path)
            changes = event in changing or (event == "open" and arguments[2] & writing)
            if parts[0] != "" or (path == scratch and event not in changing):
                continue
            if not text.startswith(path, known) or (changes and not text.startswith(path, (known[-1], "/dev/"))):
                raise denied(1, "not permitted to a submission", path)
