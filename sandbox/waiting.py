"""Have a process wait, with all its guards, for what it is to run: while it is made something else runs. Runs in S."""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Callable

from sandbox import execution
from sandbox.frames import receive_frame, send_frame
from sandbox.guards import Guards, limit_resources
from sandbox.outcome import Limits, Outcome
from sandbox.scratch import contents, empty, fill, unnamed_file
from sandbox.supervision import Child, kill, start

MAX_TASK = 256 << 20
LIMITS = struct.Struct("!ddd")  # of time, memory and output, before a task
Run = Callable[[socket.socket, bytes], object]  # what T does with its task; it never returns


class Process:
    """Hold one process that waits for its task, its standard streams, and the channel on which it is told.

    Args:
        guards: What is taken from it before it waits.
        run: What it does with its task.
        keep: A descriptor that it needs for that, -1 for none.
        kind: As for `Guards.enter`.
    """

    def __init__(self, guards: Guards, run: Run, keep: int, kind: str) -> None:
        self.scratch = guards.scratch
        self.streams = unnamed_file(), unnamed_file(), unnamed_file()
        self.channel, theirs = socket.socketpair()
        with theirs:
            body = lambda: _wait(theirs, guards.scratch, run, mapped=kind != "native")  # noqa: E731 - run once, in T
            self.pid = start(guards, self.streams, body, (theirs.fileno(), keep, guards.rules), kind)

    def begin(self, limits: Limits, task: bytes, stdin: bytes = b"") -> Child:
        """Let it run its task in an empty folder; how that ends is the child's to tell."""
        empty(self.scratch)
        fill(self.streams[0], stdin)
        child = Child(self.pid, limits, self.scratch)
        try:
            send_frame(self.channel, LIMITS.pack(*limits[:3]) + task)
        except OSError:
            return child  # which has ended: its status says how
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
        for stream in self.streams:
            os.close(stream)


class Ready:
    """Hold at most one process that waits; arguments as for `Process`."""

    def __init__(self, guards: Guards, run: Run = execution.run, keep: int = -1, kind: str = "python") -> None:
        self.guards = guards
        self._made = run, keep, kind
        self._process: Process | None = None

    def fill(self) -> None:
        """Have a process wait, if one can be had now."""
        try:
            self._process = self._process or Process(self.guards, *self._made)
        except OSError:
            self._process = None

    def take(self) -> Process:
        """Give the process that waits, or a new one.

        Raises:
            OSError: None can be had.
        """
        process, self._process = self._process, None
        return process or Process(self.guards, *self._made)

    def close(self) -> None:
        """End the process that waits."""
        if self._process is not None:
            self._process.close()
            kill(self._process.pid)
            os.waitpid(self._process.pid, 0)
            self._process = None


def _wait(channel: socket.socket, scratch: str, run: Run, *, mapped: bool) -> None:
    """Wait in T for a task: its limits, then what to run."""
    task = receive_frame(channel, MAX_TASK)
    if task is None:
        os._exit(0)
    seconds, memory_mb, output_kb = LIMITS.unpack_from(task)
    os.chdir(scratch)
    limit_resources(seconds, int(memory_mb), int(output_kb), mapped=mapped)
    run(channel, task[LIMITS.size :])
