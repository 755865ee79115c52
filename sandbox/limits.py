"""Set the kernel's own limits on a process, which hold where its supervisor cannot."""

from __future__ import annotations

import os
import resource
from functools import lru_cache

from sandbox.steps import Step, take

MIB = 1 << 20
THREADS_ROOM = 2048 * MIB  # address space for thread stacks and arenas that no test ever touches
PROCESSES_ROOM = 400  # tasks beyond those that the user has: threads of an honest program
OPEN_FILES = 128


def limit_all() -> None:
    """Set the limits that are the same for every process: the zygote's children have them from it."""
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_NOFILE, OPEN_FILES)
    for name in ("RLIMIT_MEMLOCK", "RLIMIT_MSGQUEUE"):
        if hasattr(resource, name):
            _limit(getattr(resource, name), 0)


def limits_on(seconds: float, memory_mb: int, output_kb: int, *, mapped: bool = True) -> list[Step]:
    """Give the steps by which a process of the submission takes the kernel's own limits upon itself.

    Args:
        seconds: Processor time; the parent measures it exactly, this is what holds if the parent cannot.
        memory_mb: What may be allocated beyond what is mapped now.
        output_kb: How long a file may grow; standard output is one. What would make it longer is an error, since
            Python ignores SIGXFSZ, and so does what it starts.
        mapped: Whether address space is limited; node reserves gigabytes of it, so its memory is watched from outside.
    """
    space = [_step(resource.RLIMIT_AS, address_space() + memory_mb * MIB + THREADS_ROOM)] if mapped else []
    return [*space, _step(resource.RLIMIT_CPU, int(seconds) + 2), _step(resource.RLIMIT_FSIZE, output_kb * 1024)]


def limit_processes(tasks: int) -> None:
    """Let the user of this process have so many tasks and some more for threads."""
    _limit(resource.RLIMIT_NPROC, tasks + PROCESSES_ROOM)


def _limit(what: int, value: int) -> None:
    take([_step(what, value)])


def _step(what: int, value: int) -> Step:
    hard = resource.getrlimit(what)[1]
    allowed = value if hard == resource.RLIM_INFINITY else min(value, hard)
    return resource.setrlimit, (what, (allowed, allowed))


@lru_cache(maxsize=1)
def address_space() -> int:
    """Tell how many bytes of address space this process had when it was first asked."""
    try:
        with open("/proc/self/statm", "rb") as statm:  # noqa: PTH123 - no pathlib in a forked child's fast path
            return int(statm.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:  # no /proc (macOS): a generous guess, since the limit must not hit an honest program
        return 512 * MIB


def count_tasks() -> int:
    """Count the processes and threads of this user, which the kernel's limit counts too."""
    count = 0
    try:
        entries = [entry for entry in os.scandir("/proc") if entry.name.isdigit()]
    except OSError:
        return 0
    for entry in entries:
        try:
            if entry.stat().st_uid == os.getuid():
                count += len(os.listdir(f"{entry.path}/task"))  # noqa: PTH208 - no pathlib in the zygote
        except OSError:
            continue  # it has ended meanwhile
    return count
