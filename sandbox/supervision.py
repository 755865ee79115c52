"""Start a process for a submission, bound it, wait for it, and leave nothing of it. Runs in S."""

from __future__ import annotations

import contextlib
import os
import resource
import select
import signal
import socket
import time
from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import NoReturn

from sandbox.outcome import FAILED_START, Limits, Outcome
from sandbox.scratch import MAX_DISK, MAX_FILES, overfull
from sandbox.steps import Step, take

ROUND = 0.02  # seconds between two looks at what a running test has taken
MEMORY_ROOM = 64  # MiB that an interpreter takes by itself
STATUS_FAILED_START = 70
PAGE_MB = os.sysconf("SC_PAGE_SIZE") / (1 << 20)


class Clock:
    """Tell whether one test of a process takes too long: of processor time, or on the wall."""

    def __init__(self, pid: int, limits: Limits) -> None:
        self._clock = (~pid << 3) | 2  # CPUCLOCK_SCHED of the whole process
        self._seconds, self._wall = limits.time_limit_s, limits.wall
        self.began, self.used = time.monotonic(), self._used()

    def _used(self) -> float:
        try:
            return time.clock_gettime(self._clock)
        except OSError:
            return 0.0

    def seconds(self) -> float:
        """Tell how much processor time it took since this clock was made."""
        return max(0.0, self._used() - self.used)

    def begin(self) -> None:
        """Begin another test; what the process has taken since the last look is that test's."""
        self.began = time.monotonic()

    def lap(self) -> tuple[float, bool]:
        """Tell how much processor time a test took, and whether it is past its limits; the next begins here."""
        took = self.seconds()
        self.used += took
        return took, self._past(took)

    def late(self) -> bool:
        """Tell whether it is past its limits."""
        return self._past(self.seconds())

    def _past(self, seconds: float) -> bool:
        return seconds > self._seconds or time.monotonic() - self.began > self._wall


class CallerGoneError(OSError):
    """Say that nobody waits for the outcome any more."""


class Child:
    """Hold one process that runs the submission from now on."""

    __slots__ = ("clock", "limits", "pid", "scratch")

    def __init__(self, pid: int, limits: Limits, scratch: str) -> None:
        self.pid, self.limits, self.scratch = pid, limits, scratch
        self.clock = Clock(pid, limits)

    def excess(self) -> Outcome | None:
        """Look at what the process has taken; say so where it is more than allowed."""
        if _memory_mb(self.pid) > self.limits.memory_mb + MEMORY_ROOM:
            return self.limits.large
        if overfull(self.scratch):
            return Outcome("output", f"more than {MAX_FILES} files or {MAX_DISK >> 20} MiB of them")
        return None

    def end(self, outcome: Outcome | None = None) -> Outcome:
        """Kill what is left of the process and say how it ended: as given, else as its exit status says."""
        kill(self.pid)
        _, status, usage = os.wait4(self.pid, 0)
        if outcome is None:
            return _measured(_by_status(status), usage, self.limits)
        ended = _by_status(status) if outcome.status == "error" and _tells_more(status) else outcome
        return Outcome(ended.status, ended.detail, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)

    def wait(self, caller: socket.socket, meanwhile: Callable[[], None]) -> Outcome:
        """Wait for the process itself, not for its streams: a stray that holds them open holds nothing up.

        Args:
            caller: Who waits for the outcome.
            meanwhile: What is to be done if that takes longer than a moment.
        """
        pidfd = _pidfd(self.pid)
        try:
            while not _over(self.pid, pidfd, caller):
                meanwhile()
                if self.clock.late():
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


def start(rows: Iterable[Iterable[Step]]) -> list[int]:
    """Fork a T for each row of steps, which takes them; the last of them never ends.

    Returns:
        The numbers of the processes, fewer than wanted where no more can be had.
    """
    numbers: list[int] = []
    with contextlib.suppress(OSError):
        for steps in rows:
            number = os.fork()
            if not number:
                _go(steps)
            numbers.append(number)
    return numbers


def _go(steps: Iterable[Step]) -> NoReturn:
    try:
        take(steps)
    except BaseException as error:  # noqa: BLE001 - told where the supervisor reads how a program ended
        os.write(2, f"the sandbox failed: {type(error).__name__}: {error}\n".encode())
    finally:
        os._exit(STATUS_FAILED_START)


def first_steps(streams: Iterable[int], kept: Iterable[int], guarding: Iterable[Step]) -> list[Step]:
    """Give T's first steps: to have the given standard streams, descriptors to keep, guards, and nothing else."""
    streaming = [(os.dup2, (stream, number)) for number, stream in enumerate(streams)]
    ends = sorted({2, *kept, 1 << 16} - {-1})
    closing = [(os.closerange, (low + 1, high)) for low, high in pairwise(ends) if high > low + 1]
    return [(os.setsid, ()), *streaming, *guarding, *closing]


def kill(pid: int) -> None:
    """Kill a process and its group, as far as they are there."""
    for killing in (os.killpg, os.kill):
        try:
            killing(pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            continue


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
    return Outcome(outcome.status, outcome.detail, seconds, memory)


def _memory_mb(pid: int) -> float:
    try:
        with open(f"/proc/{pid}/statm", "rb") as statm:  # noqa: PTH123 - looked at fifty times a second
            return int(statm.read().split()[1]) * PAGE_MB
    except (OSError, IndexError):
        return 0.0
