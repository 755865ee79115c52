"""List the formulas and numbers of a sentence."""

from __future__ import annotations

import re

from rewards.patterns import Pattern

FORMULA = Pattern(
    r"\$\$(.+?)\$\$|\\\[(.+?)\\\]|\\\((.+?)\\\)|(?<![\\\d])\$(?!\s*\d[\d.,]*\s+[a-z])(.+?)(?<!\\)\$", re.DOTALL
)
_VALUE = Pattern(
    r"(?:(?<![\w.])[-\u2212+]?\s?)?(?:\\?[$€£¥]\s?)?(?:\d{1,3}(?:[,\s]\d{3})+(?:\.\d+)?|\d+(?:[.,]\d+)?|\.\d+)(?:\s?/\s?\d+)?(?!\w|[.,]\d)"
    r"(?:\s?(?:\\?%|°|percent\b|degrees?\b|(?!(?:of|and|or|in|is|are|the|that|for|to|at|on|by|as|with|from|if|when|so|"
    r"then|times|plus|minus|because|since|which|where|not|but)\b)[a-zA-Z]{1,12}\b))?|(?<![\w.])[-\u2212]?\d[\d,]*(?:\.\d+)?[a-zA-Z²³%°]+",
    re.ASCII,
)


def values(segment: str) -> list[str]:
    """List the formulas and numbers of a sentence, in the order they stand.

    Example:
        >>> values("the two are $x+1$ and 3.5 metres")
        ['x+1', '3.5 metres']
    """
    found: list[tuple[int, str]] = []
    covered = segment
    for match in FORMULA.finditer(segment):
        inside = next(group for group in match.groups() if group is not None)
        found.append((match.start(), inside.strip()))
        covered = covered[: match.start()] + "\x00" * (match.end() - match.start()) + covered[match.end() :]
    found += [(match.start(), match[0].strip()) for match in _VALUE.finditer(covered)]
    return [text for _, text in sorted(found)]
