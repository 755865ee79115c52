r"""Find the boxes of a worked solution: \boxed, \fbox and their like, in one pass over the text."""

from __future__ import annotations

import re

from rewards.patterns import Pattern

MAX_BEFORE = 60  # characters around a box that may be of its formula
MAX_UNCLOSED = 50  # the last boxes without a closing brace that are mended
_BOX = Pattern(r"\\(?:boxed|fbox|framebox|beginboxed)\b(?:\[[^\]\n]{0,20}\])?\s*|(?<=\\begin)\{boxed\}\s*")
_BARE = Pattern(r"\$?([^\s{}$\\]+)")
_BRACE = Pattern(r"\\.|[{}]", re.DOTALL)
_UNCLOSED = Pattern(r"\{([^$\n]{1,200}?)\s*(?:\$|\\\)|\\\])")
# What makes of a box a part of a formula that says something else: \\boxed{41}^2, \\frac{\\boxed{41}}{2}, 4\\boxed{41}.
_GOES_ON = Pattern(
    r"^(?:\s{0,2}\^(?!\s*\{?\s*(?:\\circ|\u00b0))|\s{0,2}[+/]\s{0,2}(?!C\b)[\d\\(a-z]|\s{0,2}-\s{0,2}\d|\s{0,2}\\(?:cdot|times|div|sqrt|d?frac|pi)\b"
    r"|\.?\d|\s{0,2}(?:!=|\\neq?\b|\\not\s?=)"
    r"|[\s$]{0,4}(?:million|billion|thousand|hundred|Million|Mill|millones|milh)\w{0,4}\b|[\s$]{0,2}[\u4e07\u4ebf])"
)
_ENDS = "$. \n"
_EQUALS_NEXT = Pattern(r"^[^$\n.]{0,40}=")
_COMES_BEFORE = Pattern(
    r"(?:\\(?:sqrt|d?frac)\s*\{\s*|\d\.?|\d\s{0,2}\\(?:cdot|times)\s{0,2}|[a-zA-Z]\s+!=\s*|\\not\s*=\s*)\Z"
)


Box = tuple[int, int, str]  # where it begins and ends, and what it holds


def boxes(text: str) -> list[Box]:
    r"""Find the outermost boxes: where each begins and ends, and what it holds.

    Example:
        >>> boxes(r"\boxed{\frac{1}{2}} and \fbox 3")
        [(0, 19, '\\frac{1}{2}'), (24, 31, '3')]
    """
    found: list[Box] = []
    closing: dict[int, int] | None = None
    end = 0
    openings = list(_BOX.finditer(text)) if "box" in text else []
    for number, match in enumerate(openings):
        start, inside = match.start(), match.end()
        if start < end:
            continue
        if text[inside : inside + 1] != "{":
            bare = _BARE.match(text, inside)
            if bare is not None and not match[0].startswith("{"):
                end = bare.end()
                found.append((start, end, bare[1]))
            continue
        stop = _closed(text, inside) if closing is None else closing.get(inside)
        if stop is None and closing is None:  # it is left open: a text full of such boxes is read once for all of them
            closing = _braces(text)
        if stop is None:
            unclosed = _UNCLOSED.match(text, inside) if number >= len(openings) - MAX_UNCLOSED else None
            if unclosed is not None:
                end = unclosed.end()
                found.append((start, end, unclosed[1]))
        else:
            found.append((start, stop + 1, text[inside + 1 : stop]))
            end = stop + 1
    return found


def _closed(text: str, opening: int) -> int | None:
    """Find the brace that closes the one at `opening`."""
    depth = 0
    for match in _BRACE.finditer(text, opening):
        if match[0] == "{":
            depth += 1
        elif match[0] == "}":
            depth -= 1
            if not depth:
                return int(match.start())
    return None


def _braces(text: str) -> dict[int, int]:
    """Match every opening brace with its closing one, in one pass."""
    pairs, stack, position = {}, [], 0
    for match in _BRACE.finditer(text):
        position = match.start()
        if match[0] == "{":
            stack.append(position)
        elif match[0] == "}" and stack:
            pairs[stack.pop()] = position
    return pairs


def truncated(text: str, found: list[Box]) -> bool:
    """Tell whether a text breaks off inside a box, given the boxes that it has."""
    last = list(_BOX.finditer(text))[-1:] if "box" in text else []
    end = found[-1][1] if found else 0
    return bool(last) and text[last[0].end() : last[0].end() + 1] == "{" and last[0].start() >= end


def part_of_more(text: str, box: Box) -> bool:
    r"""Tell whether a box is a part of a formula, in which it is not what the formula comes to.

    Example:
        >>> part_of_more(r"\boxed{41}+2", (0, 10, "41")), part_of_more(r"$\boxed{41}$ cm", (1, 11, "41"))
        (True, False)
    """
    before, after = text[max(0, box[0] - MAX_BEFORE) : box[0]], text[box[1] : box[1] + MAX_BEFORE]
    if before[-1:] in "$\n" and not after.strip(_ENDS):  # as most answers stand: $\\boxed{41}$.
        return False
    if _EQUALS_NEXT.match(after):  # 3 + \boxed{4} = 7: a blank that is filled in
        return False
    return _GOES_ON.match(after) is not None or _COMES_BEFORE.search(before) is not None
