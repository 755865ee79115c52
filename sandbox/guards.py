"""Take from a process what a submission must not have, before any of the submission runs in it."""

from __future__ import annotations

import os
import resource
import signal

MIB = 1 << 20
THREADS_ROOM = 640 * MIB  # address space for thread stacks and arenas that no test ever touches


def limit_resources(seconds: float, memory_mb: int, output_kb: int) -> None:
    """Set the kernel's own limits on this process.

    Args:
        seconds: Processor time; the parent measures it exactly, this is what holds if the parent cannot.
        memory_mb: What may be allocated beyond what is mapped now.
        output_kb: How long a file may grow; standard output is one.
    """
    _limit(resource.RLIMIT_AS, _mapped() + memory_mb * MIB + THREADS_ROOM)
    _limit(resource.RLIMIT_CPU, int(seconds) + 2)
    _limit(resource.RLIMIT_FSIZE, output_kb * 1024)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_NOFILE, 128)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)


def _limit(what: int, value: int) -> None:
    hard = resource.getrlimit(what)[1]
    allowed = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(what, (allowed, allowed))


def _mapped() -> int:
    try:
        with open("/proc/self/statm", "rb") as statm:  # noqa: PTH123 - no pathlib in a forked child's fast path
            return int(statm.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:  # no /proc (macOS): a generous guess, since the limit must not hit an honest program
        return 512 * MIB
