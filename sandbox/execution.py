"""T: run the submission once. This process is the submission's own; nothing it says is believed for its own sake."""

from __future__ import annotations

import _thread
import atexit
import io
import marshal
import os
import socket
import sys
import threading
from collections.abc import Callable
from functools import partial
from types import CodeType, ModuleType
from typing import NoReturn

from sandbox.frames import FrameError
from sandbox.scratch import unnamed_file

PROGRAM, CALLED, CONTEST = b"p", b"c", b"C"  # how to run: as a program, to be called, the same with contest names
MAX_QUESTION = 256 << 20
REHEARSAL = "numbers = list(map(int, input().split()))\nprint(sum(i for i in numbers))\n"
STREAMS = (("stdin", "r"), ("stdout", "w"), ("stderr", "w"))


def prepare(task: bytes) -> Callable[[socket.socket], NoReturn]:
    """Make ready to run a submission; returns what runs it, with the channel on which it may be asked.

    Args:
        task: A byte that says how, PROGRAM or what `asking` asks under, and the submission's code.
    """
    code: CodeType = marshal.loads(task[1:])  # noqa: S302 - as our own supervisor compiled it
    if task[:1] == PROGRAM:
        return partial(_run, code, _module("__main__"))
    return partial(_serve, code, _module("solution"), task[:1] == CONTEST)


def _run(code: CodeType, module: ModuleType, channel: socket.socket) -> NoReturn:
    os.close(channel.detach())
    _become(module)
    os._exit(_finished(code, module))


def _serve(code: CodeType, module: ModuleType, contest: bool, channel: socket.socket) -> NoReturn:  # noqa: FBT001 - by place
    """Load the submission as a module, with what contest sites provide or without, and answer what is asked of it."""
    from sandbox.session import Session  # noqa: PLC0415 - imported by the zygote; named here for the reader

    _become(module)
    nobody = os.open(os.devnull, os.O_RDWR)
    os.dup2(nobody, 2)  # what it complains of is nobody's to read, and may be long
    os.close(nobody)
    session = Session(module, channel, MAX_QUESTION)
    try:
        session.load(code, contest=contest)
        session.serve()
    except (FrameError, BrokenPipeError, ConnectionResetError):
        os._exit(0)  # the asker has what it wanted
    os._exit(0)


def open_streams() -> None:
    """Make Python's standard streams anew; what is forked uses them on descriptors of its own."""
    for number, (name, mode) in enumerate(STREAMS):
        raw = io.FileIO(number, mode, closefd=False)
        buffer = io.BufferedReader(raw) if mode == "r" else io.BufferedWriter(raw)
        stream = io.TextIOWrapper(buffer, "utf-8", "surrogateescape", newline=None if mode == "r" else "\n")
        stream.mode = mode  # type: ignore[misc]  # as Python's own start-up does
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def rehearse(times: int = 10) -> None:
    """Run a small program, so that what the interpreter keeps of a first time is not made anew in each process.

    It looks up and specializes what it runs, and each page of that which a forked process writes to is copied.
    """
    code = compile(REHEARSAL, "solution.py", "exec", dont_inherit=True)
    kept = [os.dup(number) for number in range(3)]
    for _ in range(times):
        for number in range(3):
            stream = unnamed_file()
            os.dup2(stream, number)
            os.close(stream)
        os.pwrite(0, b"3 4\n", 0)
        open_streams()
        _finished(code, _module("__main__"))
    for number, stream in enumerate(kept):
        os.dup2(stream, number)
        os.close(stream)
    open_streams()


def _module(name: str) -> ModuleType:
    """Make the module that the submission becomes."""
    module = ModuleType(name)
    module.__dict__["__builtins__"] = __builtins__
    if name == "__main__":
        module.__dict__["__file__"] = "solution.py"
    return module


def _become(module: ModuleType) -> None:
    """Have the submission's module where dataclasses, pickle and typing look for it."""
    sys.modules[module.__name__] = module
    sys.argv = ["solution.py"]


def _finished(code: CodeType, module: ModuleType) -> int:
    status = 0
    try:
        exec(code, module.__dict__)  # noqa: S102 - to run the submission is what this process is for
    except SystemExit as leaving:
        status = _exit_status(leaving.code)
    except BaseException:  # noqa: BLE001 - whatever the submission raises is its own failure
        _print_traceback()
        status = 1
    return _closed_down(module.__dict__) or status


def _exit_status(code: object) -> int:
    if code is None:
        return 0
    if isinstance(code, int):
        return int(code) & 0xFF
    print(code, file=sys.stderr)  # noqa: T201 - as Python does
    return 1


def _print_traceback() -> None:
    try:
        kind, error, trace = sys.exc_info()
        sys.tracebacklimit = 3
        sys.__excepthook__(kind, error, trace and trace.tb_next)  # type: ignore[arg-type]  # there is one
    except BaseException:  # noqa: BLE001, S110 - an error that cannot be printed is still an error
        pass


def _closed_down(scope: dict[str, object]) -> int:
    """Wait for threads, run exit functions, forget the module's names, flush: what Python does at its end."""
    try:
        if _thread._count():  # noqa: SLF001 - there is no public way
            threading._shutdown()  # type: ignore[attr-defined]  # noqa: SLF001 - the same
        atexit._run_exitfuncs()  # noqa: SLF001 - the same
        sys.stdout.flush()
        sys.stderr.flush()
        for name in tuple(scope):
            if name[:2] != "__":
                scope[name] = None  # which flushes files that were left open, and runs `__del__`
        for stream in (sys.__stdout__, sys.__stderr__):  # where the submission put its own in their place
            if stream is not None and not stream.closed:
                stream.flush()
    except BaseException:  # noqa: BLE001 - as above; Python's own status for a failed flush is 120
        return 120
    return 0
