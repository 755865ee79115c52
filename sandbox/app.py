"""The Sandbox function's Lambda handler: one submission an invocation, and no expected value ever."""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any

from sandbox.running import outcomes

MAX_PACKED = 5_500_000  # bytes; Lambda carries 6 MB either way
MAX_UNPACKED = 256 << 20


def lambda_handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Run a packed request and pack what came of it.

    Raises:
        ValueError, TypeError: The event is no packed request.
        SandboxBrokenError: Nothing runs here.
    """
    answers: list[dict[str, Any]] = []
    room = MAX_PACKED
    for outcome, output in outcomes(unpack(event, MAX_UNPACKED)):
        text = base64.b64encode(zlib.compress(output, 1)).decode()
        answer = outcome._asdict() | {"output": text}
        if len(text) > room:
            answer |= {"status": "output", "detail": "more output than one reply carries", "output": ""}
        room -= len(answer["output"]) + 200
        answers.append(answer)
    return {"runs": answers}


def pack(request: dict[str, Any]) -> dict[str, str]:
    """Compress a request.

    Example:
        >>> unpack(pack({"code": "print(1)"}), 100)
        {'code': 'print(1)'}
    """
    return {"packed": base64.b64encode(zlib.compress(json.dumps(request).encode(), 1)).decode()}


def unpack(event: dict[str, Any], cap: int) -> dict[str, Any]:
    """Read what `pack` wrote, of at most `cap` bytes.

    Raises:
        ValueError, TypeError: It is something else.
    """
    packed = event.get("packed") if isinstance(event, dict) else None
    if not isinstance(packed, str):
        raise TypeError("the event is no request to the sandbox: it has no text under `packed`")
    request = json.loads(inflate(packed, cap))
    if not isinstance(request, dict):
        raise TypeError("the packed request is no JSON object")
    return request


def inflate(text: str, cap: int) -> bytes:
    """Decompress Base64 text to at most `cap` bytes.

    Raises:
        ValueError: It is no compressed text, or longer.
    """
    stream = zlib.decompressobj()
    try:
        plain = stream.decompress(base64.b64decode(text, validate=True), cap)
    except zlib.error as error:
        raise ValueError(f"not compressed text: {error}") from None
    if stream.unconsumed_tail or not stream.eof:
        raise ValueError(f"compressed text of more than {cap} bytes")
    return plain
