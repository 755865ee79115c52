"""Take from a process what a submission must not have, before any of the submission runs in it.

Which guards there are depends on where this runs: each is tried at start in a process of its own, since a guard that
is refused may end the one that tries it. All of them together make the tier `kernel`; with fewer it is `process`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING

from sandbox import audit
from sandbox.limits import address_space, count_tasks, limit_all, limit_processes
from sandbox.steps import Step, take

if TYPE_CHECKING:
    from sandbox.kernel import Filter

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
        if works(guards.filter_calls_outside, lambda: take(guards.filter_calls())):
            guards._filters = _filters()  # a fenced process can load nothing of ours, and should have nothing to build
            guards.held.append("seccomp")
        if works(guards.forbid_privileges, lambda: take(guards.fence_files(_rules(scratch)))):
            guards.rules = _rules(scratch)
            guards.held.append("landlock")
        if os.getuid() == 0:
            if works(_leave_namespaces):
                guards.held.append("namespaces")
            guards.leave_root()
        if guards.tier == "process":
            audit.load()
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
        take([self.kernel.Filter(seccomp.outer_filter(self.kernel.machine())).step()])

    def filter_calls(self, *, native: bool = False) -> list[Step]:
        """Give the step that filters the calls of a process of the submission; a native one becomes a program first."""
        filters = self._filters or _filters()
        return [filters["native" if native else "python"].step()]

    def fence_files(self, rules: int) -> list[Step]:
        """Give the step that holds a process to Landlock's rules."""
        return [self.kernel.step_to_obey(rules)]

    def enter(self, *, watched: bool = True) -> None:
        """Take from this process what it does not need; a guard that worked at start and fails now ends it.

        Args:
            watched: As for `steps`.
        """
        take(self.steps(watched=watched))
        if self.rules >= 0:
            os.close(self.rules)

    def steps(self, *, watched: bool = True, kind: str = "python") -> list[Step]:
        """Give the steps that take the rest from a process of the submission; where one fails now it has to end.

        Args:
            watched: Whether Python's audit events are, where the kernel does not watch.
            kind: "python"; "native", which becomes one program; "compiler", which starts several.
        """
        steps: list[Step] = []
        if self.user >= 0:
            steps.append((_become, (self.user,)))
        if self.rules >= 0:
            steps += self.fence_files(self.rules)
        if "seccomp" in self.held and kind != "compiler":
            steps += self.filter_calls(native=kind == "native")
        if kind == "python" and watched and self.tier == "process":
            steps += [(limit_processes, (self.tasks,)), (audit.watch, (self.scratch,))]
        return steps


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
