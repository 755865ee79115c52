"""Serve whoever decides: processes of the trusted side that read what a submission answered, within limits."""

from __future__ import annotations

import json
import os
import resource
import socket
import sys
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from sandbox.frames import FrameError, receive_frame, send_frame
from sandbox.guards import Guards
from sandbox.limits import address_space

MAX_FRAME = 256 << 20
MAX_SECONDS = 120  # of processor time for one process


def prepare(guards: Guards) -> AbstractContextManager[None]:
    """Take from this process what deciding does not need."""
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_SECONDS, MAX_SECONDS))
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # numpy's threads would reserve more memory than a comparison may have
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (1, 2):  # what tests print is nobody's to log
        os.dup2(null, stream)
    guards.enter(watched=False)
    return nullcontext()


def request_of(connection: socket.socket) -> dict[str, Any]:
    """Receive a request, and take no more memory from here on than it allows.

    Raises:
        FrameError: The caller has left.
    """
    sys.setrecursionlimit(10_000)
    request: dict[str, Any] = json.loads(frame_of(connection))
    room = address_space() + (request["memory_mb"] << 20)
    resource.setrlimit(resource.RLIMIT_AS, (room, resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_SECONDS, MAX_SECONDS))
    return request


def frame_of(connection: socket.socket) -> bytes:
    """Receive a frame.

    Raises:
        FrameError: The caller has left.
    """
    frame = receive_frame(connection, MAX_FRAME)
    if frame is None:
        raise FrameError("the caller left")
    return frame


def tell(connection: socket.socket, told: object) -> None:
    """Tell what came of a request."""
    send_frame(connection, b"!" + json.dumps(told).encode())
