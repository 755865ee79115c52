"""J for calls: decode and compare in a process that is thrown away, and never shared with a submission."""

from __future__ import annotations

import json
import os
import resource
import socket
import sys
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from rewards.codetests.comparison import Opaque, same_value
from sandbox.codec import decode, loads
from sandbox.frames import FrameError, receive_frame, send_frame
from sandbox.guards import Guards
from sandbox.limits import address_space
from sandbox.rare import CodecError

MAX_FRAME = 256 << 20
MAX_SECONDS = 120


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
    frame = receive_frame(connection, MAX_FRAME)
    if frame is None:
        raise FrameError("the caller left")
    request: dict[str, Any] = json.loads(frame)
    room = address_space() + (request["memory_mb"] << 20)
    resource.setrlimit(resource.RLIMIT_AS, (room, resource.RLIM_INFINITY))
    return request


def handle(connection: socket.socket, _prepared: None) -> None:
    """Serve one request: a comparison of answers."""
    send_frame(connection, b"!" + json.dumps(compared(request_of(connection))).encode())


def compared(request: dict[str, Any]) -> list[str]:
    """Say of each answer why it is wrong; "" where it is right."""
    return [_complaint(case, case["answer"]) for case in request["cases"]]


def _complaint(case: dict[str, Any], frame: str) -> str:
    try:
        answer = loads(frame.encode())
        if isinstance(answer, dict) and "raised" in answer:
            return f"it raised {str(answer['raised'][0])[:80]}: {str(answer.get('message'))[:200]}"
        actual = decode(answer["value"], _stand_in)
        expected = decode(case["expected"])
        right = same_value(expected, actual) or bool(case["unwrap"] and same_value(expected[0], actual))
    except (CodecError, TypeError, KeyError, IndexError, RecursionError) as error:
        return f"it returned no value: {type(error).__name__}"
    return "" if right else f"it returned {_short(actual)}"


def _stand_in(node: list[Any]) -> Any:
    return decode(node[4], _stand_in) if len(node) > 4 else Opaque([str(name) for name in node[3]])  # noqa: PLR2004 - see `Session`


def _short(value: object) -> str:
    try:
        text = repr(value)
    except (ValueError, RecursionError):
        text = f"a {type(value).__name__}"
    return text if len(text) <= 80 else f"{text[:77]}..."  # noqa: PLR2004 - a line's worth
