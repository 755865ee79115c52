"""P's side: lease a zygote, warm and used by one submission at a time, and take it back clean."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sandbox import cleaning
from sandbox.frames import FrameError, receive_frame
from sandbox.scratch import empty

MAX_REPORT = 1 << 16
START_SECONDS = 30.0
END_SECONDS = 5.0  # how long a supervisor may take to end once its caller has what it wanted
ROOT = Path(__file__).resolve().parent.parent
# The hooks that modules would have run in every forked child mend locks held by other threads; there are none here, and
# they take as long as the rest of a fork.
START = """
import os, sys
os.register_at_fork = lambda **hooks: None
sys.path[:0] = [sys.argv[1]]
sys.path += sys.argv[5:]
import site
site.setquit()  # exit() and quit(), which contest programs end with
from sandbox.zygote import main
main(sys.argv[2], int(sys.argv[3]), sys.argv[4])
"""


class SandboxBrokenError(RuntimeError):
    """Say that no process can be had to run code in: our failure, never the submission's."""


def _packages() -> list[str]:
    """List the folders of installed packages, which a submission may import.

    In a Lambda function's environment they lie beside this code, or in a layer's /opt/python; where the graders' code
    lies there too, that folder is none of a submission's business.
    """
    found = [entry for entry in sys.path if entry.endswith(("site-packages", "dist-packages", "/opt/python"))]
    if cleaning.owns_environment() and not (ROOT / "rewards").exists():
        found.append(str(ROOT))
    return list(dict.fromkeys(found))


class Zygote:
    """Hold one running zygote: its process, the socket on which it takes connections, and what it found here.

    Raises:
        OSError: It does not start.
    """

    def __init__(self, module: str) -> None:
        self.owner = os.getpid()
        self.token = secrets.token_hex(16)
        cleaning.live.add(self.token)
        self.scratch = tempfile.TemporaryDirectory(prefix="sandbox-", ignore_cleanup_errors=True)
        self.control, theirs = socket.socketpair()
        # -S: a .pth file of site-packages may lead to this project, whose code is none of a submission's business
        options = [sys.executable, "-I", "-S", "-c", START]
        command = [*options, str(ROOT), module, str(theirs.fileno()), self.scratch.name, *_packages()]
        with theirs:
            self.process = subprocess.Popen(  # noqa: S603 - our own interpreter and program
                command,
                env={cleaning.TOKEN: self.token},
                cwd="/",
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        self.last: socket.socket | None = None  # to the child that may still be about to end
        self.control.settimeout(START_SECONDS)
        try:
            report = receive_frame(self.control, MAX_REPORT)
            if report is None:
                raise FrameError("the zygote ended at its start")
        except OSError:
            self.stop()
            raise
        self.report: dict[str, Any] = json.loads(report)

    def fit(self) -> bool:
        """Tell whether it still runs, and belongs to this process."""
        return self.owner == os.getpid() and self.process.poll() is None

    def take(self) -> socket.socket:
        """Have a child of the zygote for oneself; returns the socket to it."""
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                socket.send_fds(self.control, [b"."], [theirs.fileno()])
            except OSError:
                ours.close()
                raise
        return ours

    def leave(self, connection: socket.socket) -> None:
        """Tell the child to end, and remember it until it has."""
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_WR)
        self.last = connection

    def free(self) -> bool:
        """Wait until the last child has ended, which it does as soon as its caller has left; False where it does not.

        What it still says is not wanted.
        """
        if self.last is None:
            return True
        with self.last as connection:
            self.last = None
            connection.settimeout(END_SECONDS)
            try:
                while connection.recv(1 << 16):
                    pass
            except OSError as error:
                return isinstance(error, ConnectionResetError)
        return True

    def stop(self) -> None:
        """End the zygote and all that came of it."""
        self.control.close()
        if self.last is not None:
            self.last.close()
        if self.owner != os.getpid():
            return
        self.process.kill()
        with contextlib.suppress(OSError):
            self.process.wait()
        cleaning.sweep(self.token, set())
        cleaning.live.discard(self.token)
        with contextlib.suppress(OSError):
            empty(self.scratch.name)  # which may be too deep for the standard library
        self.scratch.cleanup()


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
