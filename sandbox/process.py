"""Hold one process of a submission from the fork on: what it is told, when it begins, what it wrote. Runs in S."""

from __future__ import annotations

import contextlib
import os
import socket
import struct
from collections.abc import Callable, Sequence
from typing import NamedTuple

from sandbox.frames import receive_frame, send_frame
from sandbox.limits import limits_on
from sandbox.outcome import Limits, Outcome
from sandbox.scratch import contents, empty, fill, unnamed_file
from sandbox.steps import Step, take
from sandbox.supervision import Child, first_steps, start

MAX_TASK = 256 << 20
LIMITS = struct.Struct("!ddd")  # of time, memory and output, before a task
Run = Callable[[socket.socket], object]  # what T does, once it may begin, with its channel; it never returns


class Making(NamedTuple):
    """Say how a process is made.

    Attributes:
        guarding: The steps that take from it what it must not have.
        scratch: The folder that it begins in.
        prepare: What is done with its task before it may begin.
        keep: A descriptor that it needs for that, -1 for none.
        kind: As for `Guards.steps`.
    """

    guarding: list[Step]
    scratch: str
    prepare: Callable[[bytes], Run]
    keep: int
    kind: str


class Task(NamedTuple):
    """Hold a task that is made ready: T's last steps before it may begin, and what it does then."""

    steps: list[Step]
    run: Run

    @classmethod
    def made_ready(cls, task: bytes, making: Making) -> Task:
        """Do with a task, as `task_of` wrote it, all that can be done before it begins."""
        seconds, memory_mb, output_kb = LIMITS.unpack_from(task)
        limits = limits_on(seconds, int(memory_mb), int(output_kb), mapped=making.kind != "native")
        return cls(limits, making.prepare(task[LIMITS.size :]))


def task_of(limits: Limits, what: bytes) -> bytes:
    """Write a task: what to run, and within which limits of time, memory and output."""
    return LIMITS.pack(*limits[:3]) + what


class Process:
    """Hold one process, its standard streams, and the channel on which it is told.

    Args:
        making: How it is made.
        task: What it will do, where that is known; else it waits to be told.
    """

    def __init__(self, making: Making, task: Task | None) -> None:
        self.scratch, self.pid = making.scratch, -1
        self.streams = unnamed_file(), unnamed_file(), unnamed_file()
        self.channel, self._theirs = socket.socketpair()
        self.steps = first_steps(self.streams, (self._theirs.fileno(), making.keep), making.guarding)
        if task:
            self.steps += [*task.steps, (_wait, (self._theirs, making.scratch, task.run))]
        else:
            self.steps.append((_wait_for_task, (self._theirs, making)))

    def tell(self, task: bytes) -> None:
        """Tell it its task, as `task_of` makes it: what it needs for it, it makes ready at once."""
        self._theirs.close()
        with contextlib.suppress(OSError):  # it has ended: its status says how
            send_frame(self.channel, task)

    def begin(self, limits: Limits, stdin: bytes = b"") -> Child:
        """Let it run its task in an empty folder; how that ends is the child's to tell."""
        empty(self.scratch)
        fill(self.streams[0], stdin)
        self._theirs.close()
        child = Child(self.pid, limits, self.scratch)
        with contextlib.suppress(OSError):  # as above
            self.channel.sendall(b".")
        return child

    def written(self, outcome: Outcome, output_kb: int) -> tuple[Outcome, bytes]:
        """Read what it wrote, up to the cap, and of its last words why it failed."""
        cap = output_kb * 1024
        output = contents(self.streams[1], cap + 1)
        if len(output) >= cap and outcome.status != "memory":
            outcome = outcome._replace(status="output", detail=f"more than {output_kb} KiB of output")
        if outcome.status == "error":
            lines = self.said().strip().splitlines()
            last = lines[-1][:300] if lines else outcome.detail
            outcome = outcome._replace(status="memory" if last.startswith("MemoryError") else "error", detail=last)
        return outcome, output

    def said(self) -> str:
        """Read what it wrote to standard error."""
        return contents(self.streams[2], 1 << 16).decode("utf-8", "replace")

    def close(self) -> None:
        """Close what belongs to it."""
        self.channel.close()
        self._theirs.close()
        for stream in self.streams:
            os.close(stream)


def begun(processes: Sequence[Process]) -> list[Process]:
    """Fork processes, as far as they can be had; the others are closed."""
    numbers = start([process.steps for process in processes])
    for process, number in zip(processes, numbers, strict=False):
        process.pid = number
    for process in processes[len(numbers) :]:
        process.close()
    return list(processes[: len(numbers)])


def _wait_for_task(channel: socket.socket, making: Making) -> None:
    """Wait, in T, for a task."""
    told = receive_frame(channel, MAX_TASK)
    if told is None:
        os._exit(0)
    task = Task.made_ready(told, making)
    take(task.steps)
    _wait(channel, making.scratch, task.run)


def _wait(channel: socket.socket, folder: str, run: Run) -> None:
    """Wait, in T, for the moment to begin."""
    if not os.read(channel.fileno(), 1):
        os._exit(0)
    os.chdir(folder)
    run(channel)
