"""Take off what is only wrapped around an answer: dollar signs, emphasis, a box around all of it, a full stop."""

from __future__ import annotations

import re

from rewards.patterns import Pattern

STYLED = Pattern(r"\\(?:text|mathrm|mathtt|texttt)\s*\{([^{}]*)\}")  # words set as text
_ENVELOPE = Pattern(
    r"^(?:\\\[|\\\(|\$|\*\*|__|`|\s|~|\\[ ,;:!])++|(?:\\\]|\\\)|\$|\*\*|__|`|\s|~|(?<!\\)\\)++$"  # never retried
)
_WRAPPER = Pattern(r"^\\(?:boxed|fbox|framebox|text|textbf|mathbf|mathrm|mbox|bm|boldsymbol)\s*\{(.*)\}$", re.DOTALL)
_LONE_MONEY = Pattern(r"^\s*\\?\$\s?[\d.,]+\s*$")


def unwrapped(text: str) -> str:
    """Take off dollar signs, emphasis, a box around all of it, and a full stop."""
    for _ in range(4):
        before = text
        if "$" not in text or not _LONE_MONEY.match(text):
            text = _ENVELOPE.sub("", text)
        if text.endswith((".", ",", ";", "。", ":")) and not text.endswith(".."):
            text = text[:-1]
        match = _WRAPPER.match(text)
        if match is not None and _balanced(match[1]):
            text = match[1]
        if text == before:
            break
    return _singly_bracketed(text) if text.startswith("((") and text.endswith("))") else text


def _singly_bracketed(text: str) -> str:
    """Take off the brackets of ((((5)))) that say nothing, all but one pair."""
    count = min(len(text) - len(text.lstrip("(")), len(text) - len(text.rstrip(")")))
    depth = lowest = 0
    for char in text[count:-count]:
        depth += (char == "(") - (char == ")")
        lowest = min(lowest, depth)
    spare = count - 1 if depth == lowest == 0 else 0
    return text[spare : len(text) - spare]


def _balanced(text: str) -> bool:
    depth = 0
    for char in text:
        depth += (char == "{") - (char == "}")
        if depth < 0:
            return False
    return depth == 0
