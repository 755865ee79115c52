"""Put outside text into a request as data: whole, exact, visible, and unable to close what holds it."""

from __future__ import annotations

import json
import re

LONGEST = 24_000  # characters of an answer that a judge reads: about 6,000 tokens of English
_SWELLS = 2  # times that many characters may stand for them in the request
_HEAD = 0.6  # most answers conclude at the end, but what they promise stands at the start

# What a reader cannot see, and what reorders what they see: JSON writes each as \uXXXX, which a judge can read.
# Joiners are left alone where a script or an emoji needs them.
HIDDEN = re.compile(
    "(?<![\u0600-\u0dff])[\u200c\u200d](?<![\u2190-\u2bff\ufe0f\U0001f000-\U0001faff]\u200d)"
    "|(?<![#*0-9\u00a9\u00ae\u200d\u203c-\u3299\U0001f000-\U0001faff])\ufe0f"
    "|[\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\u2800\u3164\ufe00-\ufe0e\ufeff\uffa0\ufff0-\uffff\ud800-\udfff\ue000-\uf8ff]"
    "|[\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U0010ffff]"
)
# Markers that some servers read as the end of a turn wherever they stand; and our own, forged.
_CONTROL = re.compile(
    r"\[(?=\.\.\. ?[0-9]{1,12} characters left out)"
    r"|<(?=[|\uff5c]|/?s>|</?SYS|(?:start|end)_of_turn|/?tool_)|\[(?=/?(?:INST|SYSTEM_PROMPT|TOOL_CALLS|TOOL_RESULTS)\])"
)


def quote(text: str, longest: int = LONGEST) -> str:
    r"""Write text as one JSON string: what is invisible or steers a model's turn stands as an escape.

    Args:
        text: Any text, lone surrogates too.
        longest: Characters kept; beyond that the middle is left out, and a marker says how much.

    Returns:
        A JSON string that reads back as the text (or its head, the marker and its tail).

    Example:
        >>> print(quote('7" \u202e <|end|>'))
        "7\" \u202e \u003c|end|>"
    """
    kept, most = longest, _SWELLS * longest + 2
    while len(written := _cut(text, kept)) > most and kept > 1:  # escapes take six characters for one
        kept //= 2
    return written


def _cut(text: str, longest: int) -> str:
    """Write head and tail of a text that is longer than `longest` characters, with a marker between them."""
    if len(text) <= longest:
        return f'"{_encoded(text)}"'
    head = int(longest * _HEAD)
    tail = longest - head
    marker = f"\\n[... {len(text) - longest} characters left out ...]\\n"
    return f'"{_encoded(text[:head])}{marker}{_encoded(text[-tail:])}"'


def _encoded(text: str) -> str:
    encoded = json.dumps(text, ensure_ascii=False)[1:-1]
    return _CONTROL.sub(_escape, HIDDEN.sub(_escape, encoded))


def _escape(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i] << 8 | units[i + 1]:04x}" for i in range(0, len(units), 2))
