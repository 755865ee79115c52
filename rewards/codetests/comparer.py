"""C: decode and compare, in a process that no submission shares and that nothing changes for the next one.

It reads test code too, each row's once, and runs it where it is `plain`; what is not it hands back for J to run.
"""

from __future__ import annotations

import socket
from typing import Any

from rewards.codetests.answers import compared
from rewards.codetests.asserting import Examination
from rewards.codetests.assertions import TestCodeError
from rewards.codetests.reading import script_of
from rewards.codetests.serving import prepare, request_of, tell
from sandbox.frames import send_frame

__all__ = ["handle", "prepare"]  # what a zygote calls


def handle(connection: socket.socket, _prepared: None) -> None:
    """Serve one request: a comparison of answers to calls, or test code."""
    request = request_of(connection)
    if "cases" in request:
        tell(connection, compared(request))
    else:
        _examine(connection, request)


def _examine(connection: socket.socket, request: dict[str, Any]) -> None:
    try:
        script = script_of(request["code"], request["prelude"], request["function"])
    except TestCodeError as error:
        tell(connection, {"row": str(error)})
        return
    if script.plain:
        tell(connection, Examination(connection, request, script).run())
    else:
        send_frame(connection, b"*" + script.written())
