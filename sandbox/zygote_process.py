"""P's side of one zygote: start it, have its children, end it."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
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
        # what the linker binds late it would bind, and copy memory for, in each forked child
        environment = {cleaning.TOKEN: self.token, "LD_BIND_NOW": "1"}
        with theirs:
            self.process = subprocess.Popen(  # noqa: S603 - our own interpreter and program
                command,
                env=environment,
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
