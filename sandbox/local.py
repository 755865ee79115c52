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

MAX_REPORT = 1 << 16
START_SECONDS = 30.0
END_SECONDS = 5.0  # how long a supervisor may take to end once its caller has what it wanted
ROOT = Path(__file__).resolve().parent.parent
START = """
import sys
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

    def fork(self) -> socket.socket:
        """Have the zygote fork a child of our own; returns the socket to it."""
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                socket.send_fds(self.control, [b"."], [theirs.fileno()])
            except OSError:
                ours.close()
                raise
        return ours

    def stop(self) -> None:
        """End the zygote and all that came of it."""
        self.control.close()
        if self.owner != os.getpid():
            return
        self.process.kill()
        with contextlib.suppress(OSError):
            self.process.wait()
        cleaning.sweep(self.token, set())
        cleaning.live.discard(self.token)
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
        ended = failed = False
        try:
            with connection:
                try:
                    yield connection
                except (
                    OSError,
                    ValueError,
                ):  # it did not answer as it should: whatever the reason, none is to inherit it
                    failed = True
                    raise
                finally:
                    ended = _ended(connection)
        finally:
            self._end(zygote, clean=ended and not failed)

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
                return zygote, zygote.fork()
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
            if zygote.fit():
                return zygote
            zygote.stop()

    def _end(self, zygote: Zygote, *, clean: bool) -> None:
        """Take a zygote back; where a submission may have left something, look for it."""
        if zygote.report["tier"] == "process":
            strays = cleaning.sweep(zygote.token, {zygote.process.pid})
            cleaning.restore(zygote.scratch.name)
            clean = clean and not strays
        if clean and zygote.fit():
            with self._lock:
                self._idle.append(zygote)
        else:
            zygote.stop()


def _ended(connection: socket.socket) -> bool:
    """Wait until the child has ended: what it still says is not wanted."""
    connection.settimeout(END_SECONDS)
    try:
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(1 << 16):
            pass
    except OSError as error:
        return isinstance(error, ConnectionResetError)
    return True


submissions = Zygotes("sandbox.submission")
