"""P's side: lease a zygote, warm and used by one submission at a time, and take it back clean."""

from __future__ import annotations

import atexit
import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import Any

from sandbox import cleaning
from sandbox.zygote_process import Zygote


class SandboxBrokenError(RuntimeError):
    """Say that no process can be had to run code in: our failure, never the submission's."""


class Zygotes:
    """Hold the zygotes that serve one module: as many as are used at once, one at least kept warm.

    Args:
        module: What a forked child serves a connection with.
    """

    def __init__(self, module: str) -> None:
        self.module = module
        self._lock = threading.Lock()
        self._idle: list[Zygote] = []
        atexit.register(self.stop)

    @contextlib.contextmanager
    def lease(self) -> Iterator[socket.socket]:
        """Have a child of a zygote for oneself.

        Raises:
            SandboxBrokenError: No zygote starts.
        """
        zygote, connection = self._begin()
        failed = False
        try:
            yield connection
        except (OSError, ValueError):  # it did not answer as it should: whatever the reason, none is to inherit it
            failed = True
            raise
        finally:
            zygote.leave(connection)
            self._take_back(zygote, clean=not failed)

    def report(self) -> dict[str, Any]:
        """Tell what the zygotes find here: `tier`, "kernel" or "process", and `held`, the guards.

        Raises:
            SandboxBrokenError: No zygote starts.
        """
        with self._lock:
            if self._idle and self._idle[-1].fit():
                return self._idle[-1].report
        with self.lease():
            pass
        return self.report()

    def stop(self) -> None:
        """End the idle zygotes; the next lease starts another."""
        with self._lock:
            idle, self._idle = self._idle, []
        for zygote in idle:
            zygote.stop()

    def _begin(self) -> tuple[Zygote, socket.socket]:
        for attempt in (1, 2):
            zygote = None
            try:
                zygote = self._fit_one() or Zygote(self.module)
                return zygote, zygote.take()
            except OSError as error:
                if zygote is not None:
                    zygote.stop()
                if attempt == 2:  # noqa: PLR2004 - the second and last
                    raise SandboxBrokenError(f"the sandbox does not start: {error}") from error
        raise AssertionError("unreachable")

    def _fit_one(self) -> Zygote | None:
        cleaning.remember()
        while True:
            with self._lock:
                if not self._idle:
                    return None
                zygote = self._idle.pop()
            if zygote.free() and zygote.fit():
                return zygote
            zygote.stop()

    def _take_back(self, zygote: Zygote, *, clean: bool) -> None:
        """Take a zygote back; where a submission may have left something, look for it at once."""
        if zygote.report["tier"] == "process":
            clean = zygote.free() and clean
            clean = not cleaning.sweep(zygote.token, {zygote.process.pid}) and clean
            cleaning.restore(zygote.scratch.name)
        if clean and zygote.fit():
            with self._lock:
                self._idle.append(zygote)
        else:
            zygote.stop()


submissions = Zygotes("sandbox.submission")
