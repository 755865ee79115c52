"""P's side: reach the zygote of this process, started when first needed and kept warm."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

from sandbox.frames import FrameError, receive_frame

MAX_REPORT = 1 << 16
START_SECONDS = 30.0
START = """
import sys
sys.path.insert(0, sys.argv[1])
from sandbox.zygote import main
main(sys.argv[2], int(sys.argv[3]), sys.argv[4])
"""


class SandboxBrokenError(RuntimeError):
    """Say that no process can be had to run code in: our failure, never the submission's."""


class Zygote:
    """Hold one zygote process: what it serves, and the socket on which it takes connections."""

    def __init__(self, module: str) -> None:
        self.module = module
        self._lock = threading.Lock()
        self._control: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._scratch: tempfile.TemporaryDirectory[str] | None = None
        self._report: dict[str, Any] = {}
        self._owner = 0

    def report(self) -> dict[str, Any]:
        """Tell what the zygote found here: `tier`, "kernel" or "process", and `held`, its guards.

        Raises:
            SandboxBrokenError: The zygote does not start.
        """
        with self._lock:
            try:
                self._running()
            except OSError as error:
                raise SandboxBrokenError(f"the sandbox does not start: {error}") from error
            return self._report

    def connect(self) -> socket.socket:
        """Have the zygote fork a child of our own; returns the socket to it.

        Raises:
            SandboxBrokenError: The zygote does not start.
        """
        with self._lock:
            for attempt in (1, 2):
                try:
                    return self._hand_over(self._running())
                except OSError as error:
                    self._stop()
                    if attempt == 2:  # noqa: PLR2004 - the second and last
                        raise SandboxBrokenError(f"the sandbox does not start: {error}") from error
        raise AssertionError("unreachable")

    def _hand_over(self, control: socket.socket) -> socket.socket:
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                socket.send_fds(control, [b"."], [theirs.fileno()])
            except OSError:
                ours.close()
                raise
        return ours

    def _running(self) -> socket.socket:
        if self._control is not None and self._owner == os.getpid():
            if self._process is not None and self._process.poll() is None:
                return self._control
            self._stop()
        return self._start()

    def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        root = str(Path(__file__).resolve().parent.parent)
        self._scratch = tempfile.TemporaryDirectory(prefix="sandbox-", ignore_cleanup_errors=True)
        command = [sys.executable, "-I", "-c", START, root, self.module, str(theirs.fileno()), self._scratch.name]
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and program
                command, env={}, cwd="/", stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()], start_new_session=True
            )
        self._control, self._owner = ours, os.getpid()
        ours.settimeout(START_SECONDS)
        report = receive_frame(ours, MAX_REPORT)
        if report is None:
            raise FrameError("the zygote ended at its start")
        self._report = json.loads(report)
        return ours

    def _stop(self) -> None:
        control, process = self._control, self._process
        self._control = self._process = None
        if control is not None:
            control.close()
        if self._scratch is not None and self._owner == os.getpid():
            self._scratch.cleanup()
            self._scratch = None
        if process is not None and self._owner == os.getpid():
            process.kill()
            with contextlib.suppress(OSError):
                process.wait()

    def stop(self) -> None:
        """End the zygote; the next connection starts another."""
        with self._lock:
            self._stop()


submissions = Zygote("sandbox.submission")
atexit.register(submissions.stop)
