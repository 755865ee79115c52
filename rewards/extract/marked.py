"""Find the answers that are marked by a form of their own: a tag, a `####` line, a field of JSON."""

from __future__ import annotations

import json
import re
from typing import NamedTuple

from rewards.extract.found import Found
from rewards.extract.joined import last_boxed
from rewards.patterns import Pattern

_TAGGED = Pattern(r"<(answer|final_answer|ans|result)>(.*?)(?:</\1>|\Z)", re.DOTALL | re.IGNORECASE)
_HASHES = Pattern(
    r"^[ \t>*]*####[ \t]*(?:(?:final[ \t]+)?answer[ \t]*:?[ \t]*\n\s*)?(.*)$", re.MULTILINE | re.IGNORECASE
)
_JSON = Pattern(
    r'"(?:final_answer|final answer|answer|result|solution)"\s*:\s*'
    r'("(?:[^"\\]|\\.){0,400}"|\[[^\[\]\n]{0,400}\]|\{[^{}\n]{0,400}\}|[^,}\n]{1,400})'
)
_ALTERNATIVES = Pattern(  # a second answer beside the first, in JSON or between #### lines
    r'"(?:alternative|alt|second|other|backup|fallback)\w{0,10}"\s*:\s*[-"\d]|"answer_?[2-9b]"\s*:|"answer"\s*:[^{}]{1,60}\}\s*\{\s*"answer"'
    r"|^####[^\n]{1,60}\n\s*or\s*\n####",
    re.MULTILINE | re.IGNORECASE,
)
_MARKERS = (  # what to look for, what must stand in a text that has it, what to call it
    (_TAGGED, "<", "the answer tag"),
    (_HASHES, "####", "the #### line"),
    (_JSON, '"', "the JSON answer"),
)
_ESCAPED = Pattern(r"\\([\"\\/])")


class Mark(NamedTuple):
    """Hold a marked answer: where it begins and ends, and what it says."""

    start: int
    end: int
    found: Found


def marked(text: str) -> list[Mark]:
    r"""Find the last answer of each form.

    Example:
        >>> [mark.found.text for mark in marked('#### 5\n{"answer": [1, 2]}')]
        ['5', '\\{1, 2\\}']
    """
    found = (
        (match, where)
        for pattern, sign, where in _MARKERS
        for match in (list(pattern.finditer(text))[-1:] if sign in text else ())
    )
    return [
        Mark(match.start(), match.end(), Found(content, where))
        for match, where in found
        if (content := _content(match))
    ]


def several(text: str) -> bool:
    """Tell whether a text marks a second answer beside the first: in another field of JSON, behind "or"."""
    return ('"' in text or "####" in text) and _ALTERNATIVES.search(text) is not None


def _content(match: re.Match[str]) -> str:
    """Read what stands in a tag, after ####, or in a JSON field: the last box in it, or all of it."""
    content = next(group for group in reversed(match.groups()) if group is not None)
    if match[0].startswith('"') and content[:1] in ("[", "{"):
        return _of_json(content)
    return last_boxed(content) or unquoted(content.strip(" *\n"))


def _of_json(content: str) -> str:
    """Read what a field of JSON holds: the items of a list, or the one value of an object."""
    try:
        held = json.loads(content)
    except ValueError:
        return content
    if isinstance(held, dict):
        return str(next(iter(held.values()))) if len(held) == 1 else ""
    return "\\{" + ", ".join(map(str, held)) + "\\}" if len(held) != 1 else str(held[0])


def unquoted(value: str) -> str:
    r"""Take the quotation marks off a text that stands in them.

    Example:
        >>> unquoted('"2 cm"'), unquoted("2 cm")
        ('2 cm', '2 cm')
    """
    if value.startswith('"') and value.endswith('"') and len(value) > 1:
        return str(_ESCAPED.sub(r"\1", value[1:-1]))
    return value.strip()
