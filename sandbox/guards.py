"""Take from a process what a submission must not have, before any of the submission runs in it.

Which guards there are depends on where this runs: each is tried at start in a process of its own, since a guard that
is refused may end the one that tries it. All of them together make the tier `kernel`; with fewer it is `process`.
"""

from __future__ import annotations

import os
import resource
from collections.abc import Callable
from functools import lru_cache
from types import ModuleType
from typing import TYPE_CHECKING

from sandbox import audit

if TYPE_CHECKING:
    from sandbox.kernel import Filter

MIB = 1 << 20
THREADS_ROOM = 2048 * MIB  # address space for thread stacks and arenas that no test ever touches
PROCESSES_ROOM = 400  # tasks beyond those that the user has: threads of an honest program
OPEN_FILES = 128
NOBODY = 65534


class Guards:
    """Hold what can be taken from a process here; made once, in the zygote.

    Args:
        scratch: The one folder that a submission may write to.
        tasks: How many processes and threads this user has at start.

    Attributes:
        held: The names of the guards that work here.
        rules: Landlock's descriptor, -1 without.
        user: The user to become where this one is root, -1 without.
    """

    __slots__ = ("_filters", "_kernel", "held", "rules", "scratch", "tasks", "user")

    def __init__(self, scratch: str, tasks: int = 0) -> None:
        self.scratch, self.tasks = scratch, tasks
        self.held: list[str] = []
        self.rules = self.user = -1
        self._filters: dict[str, Filter] = {}
        self._kernel: ModuleType | None = None

    @classmethod
    def found(cls, scratch: str) -> Guards:
        """Try every guard."""
        guards = cls(scratch, count_tasks())
        if works(guards.forbid_privileges):
            guards.held.append("no_new_privs")
        if works(guards.filter_calls_outside, guards.filter_calls):
            guards._filters = _filters()  # a fenced process can load nothing of ours, and should have nothing to build
            guards.held.append("seccomp")
        if works(guards.forbid_privileges, lambda: guards.fence_files(_rules(scratch))):
            guards.rules = _rules(scratch)
            guards.held.append("landlock")
        if os.getuid() == 0:
            if works(_leave_namespaces):
                guards.held.append("namespaces")
            guards.leave_root()
        if guards.tier == "process":
            import subprocess  # noqa: F401, PLC0415 - which the audit changes
        return guards

    @property
    def kernel(self) -> ModuleType:
        """Our words for the kernel, loaded only where it can be asked: they bring ctypes, which is no submission's."""
        if self._kernel is None:
            from sandbox import kernel  # noqa: PLC0415 - see above

            self._kernel = kernel
        return self._kernel

    @property
    def tier(self) -> str:
        """What these guards amount to."""
        return "kernel" if {"no_new_privs", "seccomp", "landlock"} <= set(self.held) else "process"

    def with_rules(self, rules: int) -> Guards:
        """Give the same guards with other rules about files."""
        guards = Guards(self.scratch, self.tasks)
        guards.held, guards.user, guards._filters, guards._kernel = self.held, self.user, self._filters, self._kernel
        guards.rules = rules
        return guards

    def leave_root(self) -> None:
        """Find out how to be less than root: another user where it can read Python, else root without capabilities."""
        import encodings  # noqa: PLC0415 - a module that every Python has as a file

        def read_as_nobody() -> None:
            _become(NOBODY)
            os.close(os.open(encodings.__file__, os.O_RDONLY))

        if works(read_as_nobody):
            self.user = NOBODY
            os.chown(self.scratch, NOBODY, NOBODY)
            self.held.append("unprivileged user")
        elif works(_drop_capabilities):
            self.held.append("no capabilities")

    def forbid_privileges(self) -> None:
        """Let no program that this process starts have more rights than it has."""
        self.kernel.control(self.kernel.PR_SET_NO_NEW_PRIVS, 1)

    def settle(self) -> None:
        """Take from the zygote, and so from all that comes of it, what none of them needs."""
        address_space()
        if "namespaces" in self.held:
            _leave_namespaces()
        limit_all()
        if "no capabilities" in self.held:
            _drop_capabilities()
        if "no_new_privs" in self.held:
            self.forbid_privileges()
        if "seccomp" in self.held:
            self.filter_calls_outside()

    def filter_calls_outside(self) -> None:
        """Install the filter of system calls for the zygote and all that comes of it."""
        from sandbox import seccomp  # noqa: PLC0415 - only where it is used, and only once

        self.forbid_privileges()
        self.kernel.Filter(seccomp.outer_filter(self.kernel.machine())).install()

    def filter_calls(self, *, native: bool = False) -> None:
        """Install the filter of system calls for a process of the submission; a native one becomes a program first."""
        filters = self._filters or _filters()
        filters["native" if native else "python"].install(os.getpid())

    def fence_files(self, rules: int) -> None:
        """Hold this process to Landlock's rules."""
        self.kernel.obey(rules)
        os.close(rules)

    def enter(self, *, watched: bool = True, kind: str = "python") -> None:
        """Take the rest from a process of the submission; a guard that worked at start and fails now ends it.

        Args:
            watched: Whether Python's audit events are, where the kernel does not watch.
            kind: "python"; "native", which becomes one program; "compiler", which starts several.
        """
        if self.user >= 0:
            _become(self.user)
        if self.rules >= 0:
            self.fence_files(self.rules)
        if "seccomp" in self.held and kind != "compiler":
            self.filter_calls(native=kind == "native")
        if kind == "python" and watched and self.tier == "process":
            limit_processes(self.tasks)
            audit.watch(self.scratch)


def works(*guards: Callable[[], None]) -> bool:
    """Try guards, one after another, in a process of its own."""
    pid = os.fork()
    if not pid:
        status = 1
        try:
            for guard in guards:
                guard()
            status = 0
        finally:
            os._exit(status)
    return os.waitpid(pid, 0)[1] == 0


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


def _rules(scratch: str) -> int:
    from sandbox import landlock  # noqa: PLC0415 - as above

    return landlock.make_rules(scratch)


def _leave_namespaces() -> None:
    from sandbox import kernel  # noqa: PLC0415 - as above

    kernel.leave_namespaces()


def _filters() -> dict[str, Filter]:
    from sandbox import kernel, seccomp  # noqa: PLC0415 - as above

    machine = kernel.machine()
    return {
        kind: kernel.Filter(*seccomp.inner_filter(machine, native=kind == "native")) for kind in ("python", "native")
    }


def _drop_capabilities() -> None:
    from sandbox import kernel  # noqa: PLC0415 - as above: it loads ctypes

    kernel.drop_capabilities()


def _become(user: int) -> None:
    os.setgroups([])
    os.setgid(user)
    os.setuid(user)


def limit_all() -> None:
    """Set the limits that are the same for every process: the zygote's children have them from it."""
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_NOFILE, OPEN_FILES)
    for name in ("RLIMIT_MEMLOCK", "RLIMIT_MSGQUEUE"):
        if hasattr(resource, name):
            _limit(getattr(resource, name), 0)


def limit_resources(seconds: float, memory_mb: int, output_kb: int, *, mapped: bool = True) -> None:
    """Set the kernel's own limits on this process.

    Args:
        seconds: Processor time; the parent measures it exactly, this is what holds if the parent cannot.
        memory_mb: What may be allocated beyond what is mapped now.
        output_kb: How long a file may grow; standard output is one. What would make it longer is an error, since
            Python ignores SIGXFSZ, and so does what it starts.
        mapped: Whether address space is limited; node reserves gigabytes of it, so its memory is watched from outside.
    """
    if mapped:
        _limit(resource.RLIMIT_AS, address_space() + memory_mb * MIB + THREADS_ROOM)
    _limit(resource.RLIMIT_CPU, int(seconds) + 2)
    _limit(resource.RLIMIT_FSIZE, output_kb * 1024)


def limit_processes(tasks: int) -> None:
    """Let the user of this process have so many tasks and some more for threads."""
    _limit(resource.RLIMIT_NPROC, tasks + PROCESSES_ROOM)


def _limit(what: int, value: int) -> None:
    hard = resource.getrlimit(what)[1]
    allowed = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(what, (allowed, allowed))


@lru_cache(maxsize=1)
def address_space() -> int:
    """Tell how many bytes of address space this process had when it was first asked."""
    try:
        with open("/proc/self/statm", "rb") as statm:  # noqa: PTH123 - no pathlib in a forked child's fast path
            return int(statm.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:  # no /proc (macOS): a generous guess, since the limit must not hit an honest program
        return 512 * MIB
