"""Say of answers to calls why they are wrong."""

from __future__ import annotations

from typing import Any

from rewards.codetests.comparison import Opaque, same_value
from sandbox.codec import loads
from sandbox.decoding import decode
from sandbox.rare import CodecError


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
