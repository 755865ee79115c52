r"""Find the boxes of a worked solution: \boxed, \fbox and their like, in one pass over the text."""

from __future__ import annotations

import re

from rewards.extract.hedges import alternative
from rewards.extract.phrases import AND, AND_UNSPACED, OR, OR_UNSPACED
from rewards.extract.withdrawn import taken_back
from rewards.patterns import Pattern

MAX_BETWEEN = 200
MAX_BESIDE = 12  # boxes that are read together with the last one
MAX_UNCLOSED = 50  # the last boxes without a closing brace that are mended
_BOX = Pattern(r"\\(?:boxed|fbox|framebox|beginboxed)\b(?:\[[^\]\n]{0,20}\])?\s*|(?<=\\begin)\{boxed\}\s*")
_JOINER = Pattern(
    r"(?:[\s,;:.$~*&|+/{}()\[\]-]|\\[\[\](), ;:!]|\\(?:quad|qquad|text|mathrm|textbf|mbox|cup|pm|left|right)\b"
    rf"|\b(?:{OR}|{AND})(?!\w)|{OR_UNSPACED}|{AND_UNSPACED}|、|\uff0c|か)*"
)
_SAID = Pattern(rf"[,;&|/\uff0c、かa-z]|{OR_UNSPACED}|{AND_UNSPACED}")
_OR = Pattern(rf"\b(?:{OR})(?!\w)|{OR_UNSPACED}|か")
_AND_WORDS = Pattern(r"^[^.!?\n]{0,40}\b(?:and|or)\b[^.!?\n]{0,24}$")
# If ..., \\boxed{1}. Otherwise \\boxed{2}: an answer for each case is none.
_IF = Pattern(
    r"(?:^|[.!?;:\n])[\s*\u2022-]*(?:and\s+|but\s+)?(?:if|when|in\s+case|assuming|suppos(?:e|ing)|provided)\b[^.!?\n]{0,120}$",
    re.IGNORECASE,
)
_IF_NOT = Pattern(
    r"[\s$*.;,:)\\\]}\u2022-]{0,8}(?:[^.!?\n;,]{0,40}[.;,]\s+)?(?:(?:and|but|or)\s+)?"
    r"(?:if|when|otherwise|else|in\s+case|assuming|suppos(?:e|ing)|provided)\b[^.!?\n]{0,120}",
    re.IGNORECASE,
)
# \\boxed{1} if ..., \\boxed{2} if ...; \\boxed{1} (with ...) / \\boxed{2} (without ...).
_IF_SO = Pattern(
    r"[\s$*\\)\]]{0,4}(?:(?:if|when|for)\b[^.!?\n]{0,60}[,;]\s*(?:and|or|but)?[\s$*]*|\([^()\n]{1,60}\)\s*/\s[^.!?\n]{0,20})",
    re.IGNORECASE,
)
_NAMED_NEXT = Pattern(r"[A-Za-z](?:_\{?\w\}?)?\s*=\s*$")
# Words around several boxes that leave the choice between them to the reader.
_ONE_OF = Pattern(
    r"\b(?:one|either|any)\s+of\s+(?:these|those|them|which|the\s+(?:above|following|two|three|answers|boxes))\b[^.!?\n]{0,40}"
    r"\b(?:right|correct|match(?:es)?|works?|answer|be|fits?|true)\b"
    r"|\b(?:candidate|possible)\s+(?:answers|solutions\s+ranked)\b|\b(?:two|both|three|several)\s+(?:readings|interpretations|possibilities)\b|\bdepending\s+on\b",
    re.IGNORECASE,
)
# The first root is \\boxed{-1}. The second root is \\boxed{4}: together they are the roots.
_NEXT_ROOT = Pattern(
    r"^[\s$.,;)]{0,6}(?:and\s+)?(?:the\s+)?(?:second|third|other|next)\s+(?:root|solution|zero)\s+is\s*[\s$]{0,4}$",
    re.IGNORECASE,
)
_NAMED = Pattern(r"\s*([a-z])\s*=(?!.*=)")
_NO_JOINT = Pattern(
    r"\b(?:then|wait|no|not|actually|instead|now|so|hence|thus|therefore|but|let|check|correct|because|since|get|is)\b|[=!]",
    re.IGNORECASE,
)
_BARE = Pattern(r"\$?([^\s{}$\\]+)")
_BRACE = Pattern(r"\\.|[{}]", re.DOTALL)
_UNCLOSED = Pattern(r"\{([^$\n]{1,200}?)\s*(?:\$|\\\)|\\\])")


def boxes(text: str) -> list[tuple[int, int, str]]:
    r"""Find the outermost boxes: where each begins and ends, and what it holds.

    Example:
        >>> boxes(r"\boxed{\frac{1}{2}} and \fbox 3")
        [(0, 19, '\\frac{1}{2}'), (24, 31, '3')]
    """
    found: list[tuple[int, int, str]] = []
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


def last_boxed(text: str) -> str | None:
    r"""Read the last box; boxes that follow one another with only "and", "or" or commas between are one list.

    Example:
        >>> last_boxed(r"first \boxed{1}, no: \boxed{\frac{2}{3}}.")
        '\\frac{2}{3}'
        >>> last_boxed(r"\boxed{1} or \boxed{2}")
        '1 \\text{ or } 2'
    """
    found = boxes(text)
    return joined(text, found)[2] if found else None


def joined(text: str, found: list[tuple[int, int, str]]) -> tuple[int, int, str]:
    """Read the last of some boxes with those beside it: where they begin, where they end, what they say."""
    start, end, content = found[-1]
    parts = [content]
    if len(found) < 2:  # noqa: PLR2004
        return start, end, content
    offered = _ONE_OF.search(text, max(0, found[0][0] - MAX_BETWEEN), end + MAX_BETWEEN) is not None
    for before in reversed(found[:-1][-MAX_BESIDE:]):
        between = text[before[1] : start]
        beside = len(between) <= MAX_BETWEEN and (offered or alternative(between)) and taken_back(between) is None
        beside = beside or (
            _IF_NOT.fullmatch(between) and _IF.search(text[max(0, before[0] - MAX_BETWEEN) : before[0]])
        )
        beside = beside or _IF_SO.fullmatch(between)
        if not beside and _other_name(before[2], parts[-1]) and len(between) <= 120 and taken_back(between) is None:  # noqa: PLR2004
            parts += [" , ", before[2]]
            start = before[0]
            continue
        if not beside and (len(between) > 120 or not _joint(_NAMED_NEXT.sub("", between))):  # noqa: PLR2004
            break
        either = beside or "/" in between or _OR.search(between)
        parts.append(r" \text{ or } " if either else " , ")
        parts.append(before[2])
        start = before[0]
    if len({part.strip() for part in parts[::2]}) == 1:
        return start, end, content
    return start, end, "".join(reversed(parts))


def _other_name(first: str, second: str) -> bool:
    """Tell whether two boxes hold the values of two letters: x = 2, then y = -1."""
    names = [_NAMED.match(content) for content in (first, second)]
    return names[0] is not None and names[1] is not None and names[0][1] != names[1][1]


def _joint(between: str) -> bool:
    if _NEXT_ROOT.search(between):
        return True
    if _JOINER.fullmatch(between):
        return not between.strip(" \t\n$") or _SAID.search(between) is not None
    return _AND_WORDS.match(between) is not None and not _NO_JOINT.search(between)


def truncated(text: str, found: list[tuple[int, int, str]]) -> bool:
    """Tell whether a text breaks off inside a box, given the boxes that it has."""
    last = list(_BOX.finditer(text))[-1:] if "box" in text else []
    end = found[-1][1] if found else 0
    return bool(last) and text[last[0].end() : last[0].end() + 1] == "{" and last[0].start() >= end
