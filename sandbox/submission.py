"""S: compile one submission, then run it in a fresh process for each test. Nothing of the submission runs here."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import select
import signal
import socket
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from types import CodeType
from typing import Any, Self

from sandbox import execution, guards
from sandbox.frames import FrameError, receive_frame, send_frame

WARM = ("sandbox.session",)
MAX_REQUEST = 256 << 20
MAX_COMPILE_SECONDS = 10
ROUND = 0.02  # seconds between two looks at a running test's memory
SLACK = 1.25  # wall clock allowed for a second of the limit: a busy machine is not the submission's fault


@dataclass(frozen=True, slots=True)
class Limits:
    """Bound one test: seconds of processor time, MiB of memory, KiB of output."""

    time_limit_s: float = 6.0
    memory_mb: int = 512
    output_kb: int = 4096

    @property
    def wall(self) -> float:
        """Seconds on the clock after which a test is stopped."""
        return self.time_limit_s * SLACK + 0.25


@dataclass(frozen=True, slots=True)
class Outcome:
    """Say how one run ended: ok, error, time, memory, output or killed; why; and what it took."""

    status: str
    detail: str = ""
    seconds: float = 0.0
    memory_mb: float = 0.0


class CompileFailedError(Exception):
    """Say that the submission is no Python program."""


def handle(connection: socket.socket) -> None:
    """Serve one submission: a request comes in, an outcome and its output go out for each run.

    The request is a JSON object: `mode` ("program", "calls" or "live"), `code`, `limits`, and `runs`: for programs the
    standard inputs, for calls one list of questions each, all but the last of which are asked for their effect.
    In mode `live` every further frame is a question and is answered by a status byte and the answer.
    """
    frame = receive_frame(connection, MAX_REQUEST)
    if frame is None:
        return
    request = json.loads(frame)
    limits = Limits(**request["limits"])
    try:
        code = compiled(request["code"], limits)
    except CompileFailedError as error:
        _refuse(connection, request, str(error))
        return
    if request["mode"] == "live":
        live(connection, code, limits)
        return
    run = run_program if request["mode"] == "program" else run_calls
    for task in request["runs"]:
        outcome, output = run(code, task, limits, connection)
        tell(connection, outcome, output)


def tell(connection: socket.socket, outcome: Outcome, output: bytes) -> None:
    """Send one outcome and its output."""
    send_frame(connection, json.dumps(asdict(outcome)).encode())
    send_frame(connection, output)


def _refuse(connection: socket.socket, request: dict[str, Any], why: str) -> None:
    for _ in request["runs"] if request["mode"] != "live" else [None]:
        tell(connection, Outcome("error", why), b"")


def compiled(source: str, limits: Limits) -> CodeType:
    """Compile the submission within bounds of its own.

    Raises:
        CompileFailedError: It is no Python program; the message is what Python says of it.
    """
    hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (_at_most(hard[1], (limits.memory_mb + 512) << 20), hard[1]))
    signal.setitimer(signal.ITIMER_PROF, MAX_COMPILE_SECONDS)  # its signal ends this process, which the caller notices
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return compile(source, "solution.py", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError) as error:
        raise CompileFailedError(f"{type(error).__name__}: {error}"[:300]) from None
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        resource.setrlimit(resource.RLIMIT_AS, hard)


def _at_most(hard: int, value: int) -> int:
    return value if hard == resource.RLIM_INFINITY else min(hard, value)


def run_program(code: CodeType, stdin: str, limits: Limits, connection: socket.socket) -> tuple[Outcome, bytes]:
    """Run the submission as a program on one standard input; its output is what it wrote to standard output."""
    with _file(stdin.encode("utf-8", "surrogateescape")) as given, _file() as out, _file() as err:
        pid = start(limits, (given, out, err), lambda: execution.run_program(code))
        outcome = wait(pid, limits, connection)
        output, cap = _contents(out, limits.output_kb * 1024 + 1), limits.output_kb * 1024
        if len(output) >= cap and outcome.status != "time":
            outcome = Outcome(
                "output", f"more than {limits.output_kb} KiB of output", outcome.seconds, outcome.memory_mb
            )
        if outcome.status == "error":
            outcome = _explained(outcome, _contents(err, 1 << 16))
        return outcome, output


def _explained(outcome: Outcome, stderr: bytes) -> Outcome:
    lines = stderr.decode("utf-8", "replace").strip().splitlines()
    last = lines[-1][:300] if lines else outcome.detail
    status = "memory" if last.startswith("MemoryError") else outcome.status
    return Outcome(status, last, outcome.seconds, outcome.memory_mb)


def run_calls(code: CodeType, questions: list[str], limits: Limits, connection: socket.socket) -> tuple[Outcome, bytes]:
    """Load the submission and ask it; the output is the answer to the last question."""
    with Asked(code, limits, connection) as asked:
        answer = b""
        for question in questions:
            outcome, answer = asked.ask(question.encode())
            if outcome.status != "ok":
                return outcome, b""
        return asked.finish(), answer


def live(connection: socket.socket, code: CodeType, limits: Limits) -> None:
    """Pass questions on to one running submission until the caller leaves or the submission ends."""
    with Asked(code, limits, connection) as asked:
        while question := receive_frame(connection, MAX_REQUEST):
            outcome, answer = asked.ask(question)
            if outcome.status == "ok":
                send_frame(connection, b"+" + answer)
            else:
                send_frame(connection, b"-" + json.dumps(asdict(outcome)).encode())
                return


class Asked:
    """Hold one process that has the submission loaded and answers questions."""

    def __init__(self, code: CodeType, limits: Limits, connection: socket.socket) -> None:
        self.code, self.limits, self.connection = code, limits, connection
        self.cap = limits.output_kb * 1024 + (1 << 16)

    def __enter__(self) -> Self:
        self.channel, theirs = socket.socketpair()
        with open(os.devnull, "r+b", buffering=0) as null, _file() as sink, theirs:  # noqa: PTH123 - unbuffered
            body = lambda: execution.run_session(self.code, theirs, MAX_REQUEST)  # noqa: E731 - the child's whole life
            self.pid = start(self.limits, (null.fileno(), sink, null.fileno()), body, keep=theirs.fileno())
        return self

    def __exit__(self, *_error: object) -> None:
        self.channel.close()
        if self.pid:
            _kill(self.pid)
            os.waitpid(self.pid, 0)

    def ask(self, question: bytes) -> tuple[Outcome, bytes]:
        """Ask one question within the limits."""
        self.channel.settimeout(self.limits.wall)
        started = time.monotonic()
        try:
            if select.select([self.channel], [], [], 0)[0]:  # nothing is owed: it spoke before it was asked
                return self._ended(Outcome("killed", "it answered before it was asked, or ended"))
            send_frame(self.channel, question)
            answer = self._answer(started)
        except TimeoutError:
            return self._ended(Outcome("time", f"longer than {self.limits.time_limit_s:g} s"))
        except FrameError as error:
            return self._ended(Outcome("output", str(error)))
        except OSError:
            answer = None
        if answer is None:
            return self._ended(Outcome("error", "it ended before it answered"))
        return Outcome("ok", "", time.monotonic() - started), answer

    def _answer(self, started: float) -> bytes | None:
        while time.monotonic() - started < self.limits.wall:
            if select.select([self.channel, self.connection], [], [], ROUND)[0]:
                break
            if _memory_mb(self.pid) > self.limits.memory_mb + 64:
                raise FrameError(f"more than {self.limits.memory_mb} MiB of memory")
        else:
            raise TimeoutError
        return receive_frame(self.channel, self.cap)

    def _ended(self, outcome: Outcome) -> tuple[Outcome, bytes]:
        _kill(self.pid)
        _, status, usage = os.wait4(self.pid, 0)
        self.pid = 0
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) not in (signal.SIGKILL, signal.SIGTERM):
            outcome = _by_signal(os.WTERMSIG(status), usage)
        return outcome, b""

    def finish(self) -> Outcome:
        """End the process and say what it took."""
        _kill(self.pid)
        _, _, usage = os.wait4(self.pid, 0)
        self.pid = 0
        return _measured(Outcome("ok"), usage, self.limits)


def start(limits: Limits, streams: tuple[int, int, int], body: Callable[[], None], keep: int = -1) -> int:
    """Fork T with the given standard streams, limits and nothing else; returns its process id."""
    pid = os.fork()
    if pid:
        return pid
    try:
        os.setsid()
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
        top = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        for low, high in ((3, keep), (max(keep + 1, 3), min(top, 65536))):
            os.closerange(low, high)
        guards.limit_resources(limits.time_limit_s, limits.memory_mb, limits.output_kb)
        body()
    finally:
        os._exit(70)


def wait(pid: int, limits: Limits, connection: socket.socket) -> Outcome:
    """Wait for the process itself, not for its streams: a stray that holds them open holds nothing up."""
    deadline = time.monotonic() + limits.wall
    stopped: Outcome | None = None
    pidfd = os.pidfd_open(pid) if hasattr(os, "pidfd_open") else None
    try:
        while stopped is None and not _over(pid, pidfd, connection):
            if time.monotonic() > deadline:
                stopped = Outcome("time", f"longer than {limits.time_limit_s:g} s")
            elif _memory_mb(pid) > limits.memory_mb + 64:
                stopped = Outcome("memory", f"more than {limits.memory_mb} MiB of memory")
    finally:
        if pidfd is not None:
            os.close(pidfd)
        _kill(pid)
    _, status, usage = os.wait4(pid, 0)
    if stopped:
        return _measured(stopped, usage, limits)
    if os.WIFSIGNALED(status):
        return _by_signal(os.WTERMSIG(status), usage)
    code = os.WEXITSTATUS(status)
    return _measured(Outcome("ok") if code == 0 else Outcome("error", f"exit status {code}"), usage, limits)


def _over(pid: int, pidfd: int | None, connection: socket.socket) -> bool:
    """Tell, after a moment at the most, whether the process has ended; stop it where the caller is gone."""
    if pidfd is not None:
        waiting: list[int | socket.socket] = [pidfd, connection]
        readable = select.select(waiting, [], [], ROUND)[0]
        gone = connection in readable and not connection.recv(1, socket.MSG_PEEK)
        if gone:
            _kill(pid)
        return pidfd in readable or gone
    time.sleep(ROUND / 10)
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _measured(outcome: Outcome, usage: resource.struct_rusage, limits: Limits) -> Outcome:
    seconds, memory = usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
    status, detail = outcome.status, outcome.detail
    if status in ("ok", "error") and seconds > limits.time_limit_s:
        status, detail = "time", f"{seconds:.2f} s of processor time, {limits.time_limit_s:g} s allowed"
    return Outcome(status, detail, seconds, memory)


def _by_signal(number: int, usage: resource.struct_rusage) -> Outcome:
    seconds, memory = usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
    if number == signal.SIGXCPU:
        return Outcome("time", "out of processor time", seconds, memory)
    return Outcome("killed", f"ended by {signal.Signals(number).name}", seconds, memory)


def _kill(pid: int) -> None:
    for kill in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            kill(pid, signal.SIGKILL)


def _memory_mb(pid: int) -> float:
    try:
        with open(f"/proc/{pid}/statm", "rb") as statm:  # noqa: PTH123 - looked at fifty times a second
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / (1 << 20)
    except (OSError, IndexError):
        return 0.0


@contextlib.contextmanager
def _file(contents: bytes = b"") -> Iterator[int]:
    """Open a file that has no name: in memory where the kernel offers that, else on disk and unlinked."""
    try:
        descriptor = os.memfd_create("stream")
    except (AttributeError, OSError):
        descriptor, path = tempfile.mkstemp()
        os.unlink(path)  # noqa: PTH108 - a descriptor's companion
    try:
        view = memoryview(contents)
        while view:
            view = view[os.write(descriptor, view) :]
        os.lseek(descriptor, 0, os.SEEK_SET)
        yield descriptor
    finally:
        os.close(descriptor)


def _contents(descriptor: int, cap: int) -> bytes:
    parts, offset = [], 0
    while offset < cap and (part := os.pread(descriptor, min(1 << 20, cap - offset), offset)):
        parts.append(part)
        offset += len(part)
    return b"".join(parts)
