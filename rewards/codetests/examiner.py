"""J: run test code that may change its process, in one that is thrown away and that no submission shares."""

from __future__ import annotations

import socket

from rewards.codetests.asserting import Examination
from rewards.codetests.script import Script
from rewards.codetests.serving import frame_of, prepare, request_of, tell
from rewards.codetests.testrun import provided

__all__ = ["handle", "prepare"]  # what a zygote calls
ONCE = True


def handle(connection: socket.socket, _prepared: None) -> None:
    """Serve one request: test code to run against a submission elsewhere; its script follows in a frame of its own."""
    request = request_of(connection)
    script = Script.read(frame_of(connection))
    tell(connection, Examination(connection, request, script, provided()).run())
