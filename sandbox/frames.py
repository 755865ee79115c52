"""Send and receive length-prefixed frames over a socket. The reader names its cap: nobody else's length is believed."""

from __future__ import annotations

import socket
import struct
from collections import deque
from collections.abc import Iterable

_LENGTH = struct.Struct("!I")
CHUNK = 1 << 16


class FrameError(OSError):
    """Say that the other side closed the connection inside a frame, or announced one beyond the cap."""


def framed(payload: bytes) -> bytes:
    """Give one frame of up to 4 GiB as it is sent."""
    return _LENGTH.pack(len(payload)) + payload


def packed(payloads: Iterable[bytes]) -> bytes:
    """Put several payloads into one."""
    return b"".join(map(framed, payloads))


def unpacked(payload: bytes) -> list[bytes]:
    """Take apart what `packed` put together.

    Raises:
        FrameError: It is something else.

    Example:
        >>> unpacked(packed([b"one", b"two"]))
        [b'one', b'two']
    """
    found, at = [], 0
    while at < len(payload):
        begin = at + _LENGTH.size
        at = begin + _length(payload[at:begin], len(payload) - begin)
        found.append(payload[begin:at])
    return found


def send_frame(connection: socket.socket, payload: bytes) -> None:
    """Send one frame of up to 4 GiB."""
    connection.sendall(framed(payload))


def receive_frame(connection: socket.socket, cap: int) -> bytes | None:
    """Receive one frame, and nothing after it.

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
    length = _length(head, cap)
    payload = _receive(connection, length)
    if len(payload) < length:
        raise FrameError("the connection closed inside a frame")
    return payload


class Frames:
    """Receive frames that come close upon each other, as many at once as have come.

    Args:
        connection: A stream socket; its own time-out applies to each part.
        cap: The longest payload to accept, in bytes.

    Attributes:
        come: The payloads that have come and were not received yet.

    Example:
        >>> here, there = socket.socketpair()
        >>> here.sendall(framed(b"one") + framed(b"two"))
        >>> frames = Frames(there, 10)
        >>> frames.receive(), list(frames.come), frames.receive()
        (b'one', [b'two'], b'two')
        >>> here.close(); there.close()
    """

    def __init__(self, connection: socket.socket, cap: int) -> None:
        self.come: deque[bytes] = deque()
        self._connection, self._cap = connection, cap
        self._part = bytearray()

    @property
    def empty(self) -> bool:
        """Whether nothing has come that was not received yet, not even a part."""
        return not (self.come or self._part)

    def more(self) -> bool:
        """Take in what has come meanwhile, or wait for it; False where the other side has closed the connection.

        Raises:
            FrameError: As for `receive_frame`.
        """
        part = self._connection.recv(CHUNK)
        if not self._part and len(part) > _LENGTH.size and self._end(part, 0) == len(part):
            self.come.append(part[_LENGTH.size :])  # one frame, as nearly always
            return True
        self._part += part
        begin, end = 0, self._end(self._part, 0)
        with memoryview(self._part) as view:
            while end <= len(view):
                self.come.append(bytes(view[begin + _LENGTH.size : end]))
                begin, end = end, self._end(self._part, end)
        del self._part[:begin]
        return bool(part)

    def _end(self, come: bytes | bytearray, begin: int) -> int:
        """Tell where the frame ends that begins here; past all that has come while its length has not come."""
        if len(come) - begin < _LENGTH.size:
            return len(come) + 1
        (length,) = _LENGTH.unpack_from(come, begin)
        if length > self._cap:
            if self.come:
                return len(come) + 1  # told once what came before it has been received
            raise _too_long(length, self._cap)
        return begin + _LENGTH.size + int(length)

    def receive(self) -> bytes | None:
        """Receive one frame; as `receive_frame`."""
        while not self.come:
            if not self.more():
                if self._part:
                    raise FrameError("the connection closed inside a frame")
                return None
        return self.come.popleft()


def _length(head: bytes, cap: int) -> int:
    if len(head) < _LENGTH.size:
        raise FrameError("the connection closed inside a frame")
    (length,) = _LENGTH.unpack(head)
    if length > cap:
        raise _too_long(length, cap)
    return int(length)


def _too_long(length: int, cap: int) -> FrameError:
    return FrameError(f"a frame of {length} bytes is longer than the {cap} allowed")


def _receive(connection: socket.socket, count: int) -> bytes:
    received = bytearray()
    while len(received) < count:
        part = connection.recv(min(CHUNK, count - len(received)))
        if not part:
            break
        received += part
    return bytes(received)
