"""Run programs as a person would, and servers for as long as a test needs them."""

from __future__ import annotations

import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def run(command, *, timeout=600, **options):
    """Run a command in the project's folder and give what it wrote; its words are the failure's message."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=timeout, **options)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def free_port():
    """Find a port of this machine's loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def listening(command, port, *, timeout=120, **options):
    """Run a server until the block ends; enter it once the port answers."""
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options) as server:
        try:
            started = time.monotonic()
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                except OSError:
                    assert server.poll() is None, f"{command[0]} ended with {server.returncode}"
                    assert time.monotonic() - started < timeout, f"{command[0]} did not listen within {timeout} s"
                    time.sleep(0.1)
            yield server
        finally:
            server.terminate()
