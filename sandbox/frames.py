"""Send and receive length-prefixed frames over a socket. The reader names its cap: nobody else's length is believed."""

from __future__ import annotations

import socket
import struct

_LENGTH = struct.Struct("!I")
CHUNK = 1 << 16


class FrameError(OSError):
    """Say that the other side closed the connection inside a frame, or announced one beyond the cap."""


def framed(payload: bytes) -> bytes:
    """Give one frame of up to 4 GiB as it is sent."""
    return _LENGTH.pack(len(payload)) + payload


def send_frame(connection: socket.socket, payload: bytes) -> None:
    """Send one frame of up to 4 GiB."""
    connection.sendall(framed(payload))


def receive_frame(connection: socket.socket, cap: int) -> bytes | None:
    """Receive one frame.

    Args:
        connection: A stream socket; its own time-out applies to each part.
        cap: The longest payload to accept, in bytes.

    Returns:
        The payload; None where the other side closed the connection between two frames.

    Raises:
        FrameError: The connection closed inside a frame, or the frame is longer than the cap.

    Example:
        >>> here, there = socket.socketpair()
        >>> send_frame(here, b"hello")
        >>> receive_frame(there, 10)
        b'hello'
        >>> here.close(); there.close()
    """
    head = _receive(connection, _LENGTH.size)
    if not head:
        return None
    if len(head) < _LENGTH.size:
        raise FrameError("the connection closed inside a frame")
    (length,) = _LENGTH.unpack(head)
    if length > cap:
        raise FrameError(f"a frame of {length} bytes is longer than the {cap} allowed")
    payload = _receive(connection, length)
    if len(payload) < length:
        raise FrameError("the connection closed inside a frame")
    return payload


def _receive(connection: socket.socket, count: int) -> bytes:
    received = bytearray()
    while len(received) < count:
        part = connection.recv(min(CHUNK, count - len(received)))
        if not part:
            break
        received += part
    return bytes(received)
