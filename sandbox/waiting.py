"""Have processes wait, with all their guards and their task: while they are made something else runs. Runs in S."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from typing import Self

from sandbox import execution
from sandbox.guards import Guards
from sandbox.process import Making, Process, Run, Task, begun
from sandbox.supervision import kill

LOW = 1  # as many still wait when others are made
AT_ONCE = 5  # processes that are made in a row


class Ready:
    """Hold the processes that wait, a context manager.

    Args:
        guards: What is taken from each before it waits.
        prepare: As for `Making`, like the two that follow.
    """

    def __init__(
        self,
        guards: Guards,
        prepare: Callable[[bytes], Run] = execution.prepare,
        keep: int = -1,
        kind: str = "python",
    ) -> None:
        self.guards = guards
        self._making = Making(guards.steps(kind=kind), guards.scratch, prepare, keep, kind)
        self._waiting: list[Process] = []
        self._task: Task | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def expect(self, task: bytes) -> None:
        """Tell what waits, and all that is made from now on, their task: it is the same for all of them."""
        self.forget()
        self._task = Task.made_ready(task, self._making)
        for process in self._waiting:
            process.tell(task)

    def forget(self) -> None:
        """Expect no task any more; what knows one ends."""
        if self._task:
            self.close()
            self._task = None

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
        with contextlib.suppress(OSError):
            for _ in range(min(wanted - len(self._waiting), AT_ONCE)):
                made.append(Process(self._making, self._task))  # noqa: PERF401 - those made before a failure count
        self._waiting += begun(made)

    def take(self) -> Process:
        """Give a process that waits, or a new one.

        Raises:
            OSError: None can be had.
        """
        if self._waiting:
            return self._waiting.pop(0)
        for process in begun([Process(self._making, self._task)]):
            return process
        raise OSError("no process can be had")

    def close(self) -> None:
        """End the processes that wait."""
        while self._waiting:
            process = self._waiting.pop()
            process.close()
            kill(process.pid)
            os.waitpid(process.pid, 0)
