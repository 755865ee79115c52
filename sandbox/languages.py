"""Run submissions of other languages as programs, where their binaries are: JavaScript by node, C++ by g++.

A native program is beyond Python's own guards, so it runs only where the kernel's hold, or in an environment that has
nothing else in it. Its compiler runs as fenced in as it does: `.incbin` reads files too.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
from collections.abc import Iterator

from sandbox.guards import Guards
from sandbox.outcome import Limits
from sandbox.process import task_of
from sandbox.scratch import fill, unnamed_file
from sandbox.waiting import Ready

PATH = "/usr/local/bin:/usr/bin:/bin:/opt/bin:/var/lang/bin"
NEEDED = {"javascript": "node", "cpp": "g++"}
COMPILING = Limits(time_limit_s=20.0, memory_mb=1024, output_kb=1 << 16)
ENVIRONMENT = {"HOME": ".", "TMPDIR": ".", "PATH": PATH, "LANG": "C.UTF-8", "OPENSSL_CONF": os.devnull}
OPTIONS = ("-O2", "-std=gnu++17", "-pipe", "-o", "program", "-x", "c++", "solution")


class LanguageMissingError(RuntimeError):
    """Say that what a language needs is not installed here: the deployment's fault, never the submission's."""


class NotCompiledError(Exception):
    """Say that the compiler refused the submission."""


def binary(language: str) -> str:
    """Find what runs a language.

    Raises:
        LanguageMissingError: It is not here; the message names it.
    """
    found = shutil.which(NEEDED[language], path=PATH) if language in NEEDED else None
    if found is None:
        raise LanguageMissingError(f"language: {NEEDED.get(language, 'nothing')} is not installed here for {language}")
    return os.path.realpath(found)


def fenced(guards: Guards) -> Guards:
    """Give the guards of a native program: it may read and start what lies under /usr, as an interpreter must."""
    if "landlock" not in guards.held:
        return guards
    from sandbox import landlock  # noqa: PLC0415 - only where the kernel can be asked: it loads ctypes

    return guards.with_rules(landlock.make_rules(guards.scratch, ("/usr", "/opt")))


@contextlib.contextmanager
def prepared(language: str, guards: Guards, limits: Limits, source: str, caller: socket.socket) -> Iterator[Ready]:
    """Make a submission ready to be run any number of times, by processes that become its program.

    Raises:
        LanguageMissingError: What it needs is not here.
        NotCompiledError: The compiler refused it; the message is the first line that the compiler says.
    """
    path = binary(language)
    guards = fenced(guards)
    if language == "cpp":
        program = _compiled(path, guards, source, caller)
        try:
            yield Ready(guards, lambda _task: lambda _channel: _become(program, ["program"]), program, "native")
        finally:
            os.close(program)
    else:
        options = [f"--max-old-space-size={limits.memory_mb}", "solution.js"]
        text = source.encode("utf-8", "replace")
        run = lambda _channel: _become(path, ["node", *options], "solution.js", text)  # noqa: E731 - run once, in T
        yield Ready(guards, lambda _task: run, -1, "native")


def _become(program: int | str, words: list[str], name: str = "", source: bytes = b"") -> None:
    if name:
        with open(name, "wb") as file:  # noqa: PTH123 - no pathlib in a forked child
            file.write(source)
    os.execve(program, words, ENVIRONMENT)  # noqa: S606 - found in fixed folders


def _compiled(path: str, guards: Guards, source: str, caller: socket.socket) -> int:
    """Compile C++; returns a descriptor of the program."""
    text = source.encode("utf-8", "replace")
    run = lambda _channel: _become(path, ["g++", *OPTIONS], "solution", text)  # noqa: E731 - run once, in T
    ready = Ready(guards, lambda _task: run, kind="compiler")
    ready.expect(task_of(COMPILING, b""))
    compiler = ready.take()
    try:
        outcome = compiler.begin(COMPILING).wait(caller, lambda: None)
        if outcome.status != "ok":
            lines = compiler.said().splitlines()
            wrong = next((line for line in lines if "error" in line), outcome.detail)
            raise NotCompiledError(f"{outcome.status}: {wrong}"[:300])
    finally:
        compiler.close()
    return _in_memory(f"{guards.scratch}/program")


def _in_memory(path: str) -> int:
    """Give a descriptor of a copy that has no name: nothing that lies in the scratch folder may be started."""
    copy = unnamed_file()
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - as above
            fill(copy, file.read())
        return os.open(f"/proc/self/fd/{copy}", os.O_RDONLY)  # what is open for writing cannot be started
    finally:
        os.close(copy)
