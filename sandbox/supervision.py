"""Start a process for a submission, bound it, wait for it, and leave nothing of it. Runs in S."""

from __future__ import annotations

import contextlib
import math
import os
import resource
import select
import signal
import socket
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from sandbox.guards import Guards, limit_resources

ROUND = 0.02  # seconds between two looks at what a running test has taken
SLACK = 2.0  # wall clock allowed for a second of the limit: a busy machine is not the submission's fault
MEMORY_ROOM = 64  # MiB that an interpreter takes by itself
FAILED_START = "unstarted"
STATUS_FAILED_START = 70
MAX_FILES, MAX_DISK = 1000, 64 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """Bound one test: seconds of processor time, MiB of memory, KiB of output; seconds for all calls of one process."""

    time_limit_s: float = 6.0
    memory_mb: int = 512
    output_kb: int = 4096
    run_s: float = math.inf

    @property
    def wall(self) -> float:
        """Seconds on the clock after which a test is stopped."""
        return self.time_limit_s * SLACK + 0.5

    @property
    def late(self) -> Outcome:
        """What is said of a test that took longer."""
        return Outcome("time", f"longer than {self.time_limit_s:g} s")

    @property
    def large(self) -> Outcome:
        """What is said of a test that took more memory."""
        return Outcome("memory", f"more than {self.memory_mb} MiB of memory")


@dataclass(frozen=True, slots=True)
class Outcome:
    """Say how one run ended: ok, error, time, memory, output or killed; why; and what it took."""

    status: str
    detail: str = ""
    seconds: float = 0.0
    memory_mb: float = 0.0


class Clock:
    """Tell whether one test of a process takes too long: of processor time, or on the wall."""

    def __init__(self, pid: int, limits: Limits) -> None:
        self.pid, self.limits = pid, limits
        self.began, self.used = time.monotonic(), self._used()

    def _used(self) -> float:
        try:
            return time.clock_gettime((~self.pid << 3) | 2)  # CPUCLOCK_SCHED of the whole process
        except OSError:
            return 0.0

    def seconds(self) -> float:
        """Tell how much processor time it took since this clock was made."""
        return max(0.0, self._used() - self.used)

    def late(self) -> bool:
        """Tell whether it is past its limits."""
        return self.seconds() > self.limits.time_limit_s or time.monotonic() - self.began > self.limits.wall


class CallerGoneError(OSError):
    """Say that nobody waits for the outcome any more."""


@dataclass(frozen=True, slots=True)
class Child:
    """Hold one process of the submission."""

    pid: int
    limits: Limits
    scratch: str

    def excess(self) -> Outcome | None:
        """Look at what the process has taken; say so where it is more than allowed."""
        if _memory_mb(self.pid) > self.limits.memory_mb + MEMORY_ROOM:
            return self.limits.large
        if _too_many_files(self.scratch):
            return Outcome("output", f"more than {MAX_FILES} files or {MAX_DISK >> 20} MiB of them")
        return None

    def end(self, outcome: Outcome | None = None) -> Outcome:
        """Kill what is left of the process and say how it ended: as given, else as its exit status says."""
        kill(self.pid)
        _, status, usage = os.wait4(self.pid, 0)
        if outcome is None:
            return _measured(_by_status(status), usage, self.limits)
        ended = _by_status(status) if outcome.status == "error" and _tells_more(status) else outcome
        return replace(ended, seconds=usage.ru_utime + usage.ru_stime, memory_mb=usage.ru_maxrss / 1024)

    def wait(self, caller: socket.socket) -> Outcome:
        """Wait for the process itself, not for its streams: a stray that holds them open holds nothing up."""
        clock = Clock(self.pid, self.limits)
        pidfd = _pidfd(self.pid)
        try:
            while not _over(self.pid, pidfd, caller):
                if clock.late():
                    return self.end(self.limits.late)
                if excess := self.excess():
                    return self.end(excess)
        except CallerGoneError:
            self.end()
            raise
        finally:
            if pidfd >= 0:
                os.close(pidfd)
        return self.end()


def start(  # noqa: PLR0913, PLR0917 - all of what a process begins with
    limits: Limits,
    guards: Guards,
    streams: tuple[int, int, int],
    body: Callable[[], None],
    keep: int = -1,
    kind: str = "python",
) -> Child:
    """Fork T: with the given standard streams, limits, guards, an empty scratch folder, and nothing else."""
    empty(guards.scratch)
    pid = os.fork()
    if pid:
        return Child(pid, limits, guards.scratch)
    try:
        os.setsid()
        os.chdir(guards.scratch)
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
        _close_all_but({keep, guards.rules})
        limit_resources(limits.time_limit_s, limits.memory_mb, limits.output_kb, mapped=kind != "native")
        guards.enter(kind=kind)
        body()
    except BaseException as error:  # noqa: BLE001 - told where the supervisor reads how a program ended
        os.write(2, f"the sandbox failed: {type(error).__name__}: {error}\n".encode())
    finally:
        os._exit(STATUS_FAILED_START)


def _close_all_but(kept: set[int]) -> None:
    low = 3
    for high in (*sorted(fd for fd in kept if fd > 2), 1 << 16):  # noqa: PLR2004 - past standard error
        os.closerange(low, high)
        low = high + 1


def kill(pid: int) -> None:
    """Kill a process and its group, as far as they are there."""
    for killing in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            killing(pid, signal.SIGKILL)


def _pidfd(pid: int) -> int:
    try:
        return os.pidfd_open(pid)
    except (AttributeError, OSError):
        return -1


def _over(pid: int, pidfd: int, caller: socket.socket) -> bool:
    """Tell, after a moment at the most, whether the process has ended."""
    waiting: list[int | socket.socket] = [caller] if pidfd < 0 else [pidfd, caller]
    ready = select.select(waiting, [], [], ROUND if pidfd >= 0 else ROUND / 10)[0]
    if pidfd in ready:
        return True
    if caller in ready:
        raise CallerGoneError
    return pidfd < 0 and os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _tells_more(status: int) -> bool:
    if os.WIFSIGNALED(status):
        return os.WTERMSIG(status) not in (signal.SIGKILL, signal.SIGTERM)
    return os.WEXITSTATUS(status) == STATUS_FAILED_START


def _by_status(status: int) -> Outcome:
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        if number == signal.SIGXCPU:
            return Outcome("time", "out of processor time")
        return Outcome("killed", f"ended by {signal.Signals(number).name}")
    code = os.WEXITSTATUS(status)
    if code == STATUS_FAILED_START:
        return Outcome(FAILED_START, "it did not start, or ended as what does not start")
    return Outcome("ok") if code == 0 else Outcome("error", f"exit status {code}")


def _measured(outcome: Outcome, usage: resource.struct_rusage, limits: Limits) -> Outcome:
    seconds, memory = usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
    if outcome.status in ("ok", "error") and seconds > limits.time_limit_s:
        outcome = Outcome("time", f"{seconds:.2f} s of processor time, {limits.time_limit_s:g} s allowed")
    elif outcome.status in ("ok", "error") and memory > limits.memory_mb + MEMORY_ROOM:
        outcome = limits.large
    return replace(outcome, seconds=seconds, memory_mb=memory)


def _memory_mb(pid: int) -> float:
    try:
        with open(f"/proc/{pid}/statm", "rb") as statm:  # noqa: PTH123 - looked at fifty times a second
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / (1 << 20)
    except (OSError, IndexError):
        return 0.0


def _too_many_files(scratch: str) -> bool:
    files = size = 0
    try:
        for folder, names, leaves in os.walk(scratch):
            files += len(names) + len(leaves)
            for leaf in leaves[:MAX_FILES]:
                with contextlib.suppress(OSError):
                    size += os.lstat(f"{folder}/{leaf}").st_size
            if files > MAX_FILES or size > MAX_DISK:
                return True
    except (OSError, RecursionError):
        return True
    return False


def empty(scratch: str) -> None:
    """Empty a folder, however deep and however locked what lies in it; make it where it is gone.

    Folders are moved up before they are entered, so no depth is too deep.
    """
    moved = 0
    while entries := _entries(scratch):
        for entry in entries:
            if not stat.S_ISDIR(entry.stat(follow_symlinks=False).st_mode):
                os.unlink(entry.path)  # noqa: PTH108 - as above
                continue
            os.chmod(entry.path, 0o700)  # noqa: PTH101 - as above
            for child in os.scandir(entry.path):
                moved += 1
                if child.is_dir(follow_symlinks=False):
                    os.chmod(child.path, 0o700)  # noqa: PTH101 - a folder that may not be written may not be moved
                os.rename(child.path, f"{scratch}/.moved-{moved}-{os.getpid()}")  # noqa: PTH104 - as above
            os.rmdir(entry.path)  # noqa: PTH106 - as above


def _entries(scratch: str) -> list[os.DirEntry[str]]:
    try:
        return list(os.scandir(scratch))
    except (FileNotFoundError, NotADirectoryError):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(scratch)  # noqa: PTH108 - as above
        os.mkdir(scratch, 0o700)  # noqa: PTH102 - no pathlib in a fast path
        return []


@contextlib.contextmanager
def unnamed_file(contents: bytes = b"") -> Iterator[int]:
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


def contents(descriptor: int, cap: int) -> bytes:
    """Read a file from its beginning, up to a cap in bytes."""
    parts, offset = [], 0
    while offset < cap and (part := os.pread(descriptor, min(1 << 20, cap - offset), offset)):
        parts.append(part)
        offset += len(part)
    return b"".join(parts)
