"""Find the fenced block of code that a completion answers with, in one pass over its lines."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

from rewards.extract.reasoning import without_reasoning
from rewards.patterns import Pattern

MAX_COMPLETION = 1 << 20  # characters of a completion that are searched for code, its last
PYTHON_LABELS = frozenset(
    ("python", "python3", "py", "py3", "{python}", "{.python}", "python-repl", "python3.11", "pypy3")
)
_LINES = Pattern(r"[^\n]*\n|[^\n]+")  # a form feed ends a line for str.splitlines, not for Python
_OPENING = Pattern(r"(?P<mark>`{3,}|~{3,})[ \t]*(?P<label>[^\s`]*)[^`\n]*$")
_CLOSING = Pattern(r"[ \t]*(?P<mark>`{3,}|~{3,})(?![\w{`~])")  # ```python opens a block even where one is open
_DEFINES = Pattern(r"^[ \t]*(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)|^(\w+)\b[^\n=]*=", re.MULTILINE)


def last_code_block(
    completion: str, names: Iterable[str] = (), labels: Collection[str] | None = PYTHON_LABELS
) -> str | None:
    r"""Find the last fenced code block, outside reasoning blocks, that defines what the tests need.

    Labelled blocks are preferred to those without a label. A block that is never closed, as in a completion that was
    cut off, counts where there is no closed one. Blocks are never joined. A fence may share its line with text
    (`Here it is: ```python`, "``` That is all."), since models write so.

    Args:
        completion: Any text.
        names: What the tests call; of several blocks the last that defines the most of them is taken.
        labels: The languages that a fence may name, in lower case; None for any.

    Returns:
        The code without its fences; None where there is no such block.

    Example:
        >>> last_code_block("```python\ndef f(): pass\n```\nand\n```python\nf()\n```", ["f"])
        'def f(): pass\n'
    """
    blocks = list(_fenced(without_reasoning(completion[-MAX_COMPLETION:])))
    closed = [block for block in blocks if block[2]] or blocks
    labelled = [text for label, text, _ in closed if labels is None or label in labels]
    candidates = labelled or [text for label, text, _ in closed if not label]
    if not candidates:
        return None
    wanted = frozenset(names)
    counts = [len(wanted & _defined(text)) for text in candidates]
    best = max(counts)
    return [text for text, count in zip(candidates, counts, strict=True) if count == best][-1]


def _fenced(text: str) -> Iterator[tuple[str, str, bool]]:
    """Give the label and the text of each fenced block, and whether it is closed."""
    mark, label, indent = "", "", 0
    body: list[str] = []
    for line in _LINES.findall(text):
        if not mark:
            opening = _opening(line)
            if opening is not None:
                mark, label, body = opening["mark"], opening["label"].lower(), []
                indent = len(line) - len(line.lstrip()) if not line[: opening.start()].strip() else 0
            continue
        rest = _before_closing(line, mark, indent)
        if rest is None:
            body.append(line[indent:] if not line[:indent].strip() else line)  # a fence in a list indents its code too
            continue
        yield label, "".join(body) + rest, True
        mark = ""
    if mark:
        yield label, "".join(body), False


def _opening(line: str) -> re.Match[str] | None:
    """Read an opening fence: at the start of a line, or after text where it names a language and nothing follows."""
    found: re.Match[str] | None = _OPENING.search(line.rstrip("\r\n"))
    if found is None or not line[: found.start()].strip():
        return found
    alone = found["label"] and line.rstrip().endswith(found["label"])
    return found if alone else None


def _before_closing(line: str, mark: str, indent: int) -> str | None:
    """Give what stands on a line before the fence that closes a block; None where no fence does."""
    closing = _CLOSING.match(line)
    if closing is not None and closing["mark"].startswith(mark) and closing.start("mark") <= indent + 3:
        return ""  # further in it belongs to the code: a quoted text, say
    code = line.rstrip()
    if code.endswith(mark) and line.count(mark) == 1:
        return code.removesuffix(mark) + "\n"
    return None


def _defined(code: str) -> set[str]:
    return {name for found in _DEFINES.finditer(code) for name in found.groups() if name}
