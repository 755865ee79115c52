"""Keep two processes that talk on one processor: to wake another takes longer than a short call."""

from __future__ import annotations

import contextlib
import os

BETWEEN = 20  # quick answers between two looks at how many processes want a processor


class Placing:
    """Hold where this process and another one may run.

    They are kept together for quick answers alone, and where there are processors enough: a process that computes, or
    has to share its processor with others, may run on any.

    Args:
        pid: The other one.
    """

    __slots__ = ("_anywhere", "_pid", "_until_look", "together")

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._anywhere = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
        self._until_look = 0
        self.together = False

    def keep(self) -> None:
        """Keep both where this process is now, unless processors are scarce."""
        if self.together or len(self._anywhere) < 2:  # noqa: PLR2004 - with one there is no choice
            return
        self._until_look -= 1
        if self._until_look >= 0:
            return
        self._until_look = BETWEEN
        with contextlib.suppress(OSError, ValueError, IndexError):  # no /proc as Linux has it: it is slower then
            if _wanting() <= len(self._anywhere):
                self.together = True
                self._allow({_here()})

    def release(self) -> None:
        """Let both run anywhere."""
        if self.together:
            self.together = False
            self._allow(self._anywhere)

    def _allow(self, processors: set[int]) -> None:
        for pid in (0, self._pid):
            with contextlib.suppress(OSError):  # it has ended
                os.sched_setaffinity(pid, processors)


def _wanting() -> int:
    """Tell how many processes and threads run or would run if they could, this one included."""
    with open("/proc/loadavg", "rb") as load:  # noqa: PTH123 - no pathlib in the zygote
        return int(load.read().split()[3].split(b"/")[0])


def _here() -> int:
    """Tell the processor that this process runs on."""
    with open("/proc/self/stat", "rb") as status:  # noqa: PTH123 - as above
        return int(status.read().rpartition(b")")[2].split()[36])
