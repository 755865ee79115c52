"""Have processes wait, with all their guards and their task: while they are made something else runs. Runs in S."""

from __future__ import annotations

import contextlib
import os
import socket
import struct
from collections.abc import Callable
from typing import Self

from sandbox import execution
from sandbox.frames import receive_frame, send_frame
from sandbox.guards import Guards
from sandbox.limits import limit_resources
from sandbox.outcome import Limits, Outcome
from sandbox.scratch import contents, empty, fill, unnamed_file
from sandbox.supervision import Child, kill, start

MAX_TASK = 256 << 20
LOW = 1  # as many still wait when others are made
AT_ONCE = 3  # processes that are made in a row
LIMITS = struct.Struct("!ddd")  # of time, memory and output, before a task
# what T does with its task, and then, when it may begin, with its channel; that never returns
Prepare = Callable[[bytes], Callable[[socket.socket], object]]


class Process:
    """Hold one process that waits for its task, its standard streams, and the channel on which it is told.

    Args:
        guards: What is taken from it before it waits.
        prepare: What it does with its task.
        keep: A descriptor that it needs for that, -1 for none.
        kind: As for `Guards.enter`.
    """

    def __init__(self, guards: Guards, prepare: Prepare, keep: int, kind: str) -> None:
        self.guards, self.prepare, self.keep, self.kind, self.pid = guards, prepare, keep, kind, -1
        self.streams = unnamed_file(), unnamed_file(), unnamed_file()
        self.channel, self._theirs = socket.socketpair()

    def start(self, task: bytes = b"") -> Self:
        """Fork it; with its task, if that is known."""
        kept = self._theirs.fileno(), self.keep, self.guards.rules
        self.pid = start(self.guards, self.streams, self._wait, kept, self.kind)
        self._theirs.close()
        if task:
            self.tell(task)
        return self

    def _wait(self) -> None:
        """Wait, in it, for a task, then for the moment to begin."""
        task = receive_frame(self._theirs, MAX_TASK)
        if task is None:
            os._exit(0)
        seconds, memory_mb, output_kb = LIMITS.unpack_from(task)
        limit_resources(seconds, int(memory_mb), int(output_kb), mapped=self.kind != "native")
        run = self.prepare(task[LIMITS.size :])
        if not self._theirs.recv(1):
            os._exit(0)
        os.chdir(self.guards.scratch)
        run(self._theirs)

    def tell(self, task: bytes) -> None:
        """Tell it its task, as `task_of` makes it: what it needs for it, it makes ready at once."""
        with contextlib.suppress(OSError):  # it has ended: its status says how
            send_frame(self.channel, task)

    def begin(self, limits: Limits, stdin: bytes = b"") -> Child:
        """Let it run its task in an empty folder; how that ends is the child's to tell."""
        empty(self.guards.scratch)
        fill(self.streams[0], stdin)
        child = Child(self.pid, limits, self.guards.scratch)
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


def task_of(limits: Limits, what: bytes) -> bytes:
    """Write a task: what to run, and within which limits of time, memory and output."""
    return LIMITS.pack(*limits[:3]) + what


class Ready:
    """Hold the processes that wait, a context manager; arguments as for `Process`."""

    def __init__(
        self, guards: Guards, prepare: Prepare = execution.prepare, keep: int = -1, kind: str = "python"
    ) -> None:
        self.guards = guards
        self._made = prepare, keep, kind
        self._waiting: list[Process] = []
        self._task = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def expect(self, task: bytes) -> None:
        """Tell what waits, and all that is made from now on, their task: it is the same for all of them."""
        self.forget()
        self._task = task
        for process in self._waiting:
            process.tell(task)

    def forget(self) -> None:
        """Expect no task any more; what knows one ends."""
        if self._task:
            self.close()
            self._task = b""

    def fill(self, wanted: int) -> None:
        """Have enough processes wait, as far as they can be had now.

        After a fork each page that this process writes to is copied: so several are forked in a row, and no more of
        them than are made in the time of a test.

        Args:
            wanted: How many will be taken.
        """
        if len(self._waiting) > LOW:
            return
        made: list[Process] = []
        try:
            for _ in range(min(wanted - len(self._waiting), AT_ONCE)):
                made.append(Process(self.guards, *self._made))  # noqa: PERF401 - those made before a failure count
            while made:
                self._waiting.append(made[0].start(self._task))
                made.pop(0)
        except OSError:
            for process in made:
                process.close()

    def take(self) -> Process:
        """Give a process that waits, or a new one.

        Raises:
            OSError: None can be had.
        """
        return self._waiting.pop(0) if self._waiting else Process(self.guards, *self._made).start(self._task)

    def close(self) -> None:
        """End the processes that wait."""
        while self._waiting:
            process = self._waiting.pop()
            process.close()
            kill(process.pid)
            os.waitpid(process.pid, 0)
