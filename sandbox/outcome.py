"""Say what one run may take, and how it ended. Named tuples: what makes data classes is too large for a zygote."""

from __future__ import annotations

import math
from typing import NamedTuple

SLACK = 2.0  # wall clock allowed for a second of the limit: a busy machine is not the submission's fault
FAILED_START = "unstarted"
MAX_COMPILE_SECONDS = 10


class Outcome(NamedTuple):
    """Say how one run ended: ok, error, time, memory, output or killed; why; and what it took."""

    status: str
    detail: str = ""
    seconds: float = 0.0
    memory_mb: float = 0.0

    def line(self) -> bytes:
        """Write it on one line: JSON would touch many times the memory, each page of it copied after a fork."""
        words = self.status, repr(self.seconds), repr(self.memory_mb), self.detail.replace("\n", " ")
        return "\t".join(words).encode("utf-8", "replace")

    @classmethod
    def of_line(cls, line: bytes) -> Outcome:
        r"""Read what `line` wrote.

        Raises:
            ValueError: It is something else.

        Example:
            >>> Outcome.of_line(Outcome("error", "NameError: x\ty", 0.25).line())
            Outcome(status='error', detail='NameError: x\ty', seconds=0.25, memory_mb=0.0)
        """
        status, seconds, memory_mb, detail = line.decode("utf-8", "replace").split("\t", 3)
        return cls(status, detail, float(seconds), float(memory_mb))


class Limits(NamedTuple):
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
