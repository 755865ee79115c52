"""Find what a grader reads in a completion. Every search here is linear in the completion's length."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

# What is known to open and close a reasoning block: DeepSeek, Qwen and most open models (think), GRPO recipes
# (reasoning, thought, thinking), Nova and OpenThoughts (<|begin_...thought|>), Mistral ([THINK]), Kimi (◁think▷),
# gpt-oss' harmony channels.
_NAMES = r"(?:seed:)?(?:think|thinking|thought|thoughts|reasoning|scratchpad)"
_MARKER = re.compile(  # its first character is a set, which the engine skips to without trying each place
    rf"""[<\[◁](?:
      (?<=<) (?:
          (?P<open_tag>(?P<opened>{_NAMES})(?:[ \t][^<>\n]{{0,80}})?>)
        | (?P<close_tag>/(?P<closed>{_NAMES})[ \t]?>)
        | \| (?:
            (?P<open_bar>begin_(?:of_)?(?:internal_)?thought\|>)
          | (?P<close_bar>end_(?:of_)?(?:internal_)?thought\|>)
          | (?P<final_bar>begin_of_solution\|>)
          | (?P<open_channel>channel\|>[ \t]?(?:analysis|commentary)\b[^<\n]{{0,80}}\n?<\|message\|>)
          | (?P<final_channel>channel\|>[ \t]?final\b[^<\n]{{0,80}}\n?<\|message\|>)
          | (?P<end_channel>(?:end|return|call|end_of_solution|im_end|eot_id|endoftext|start)\|>(?:assistant)?)
        )
      )
    | (?<=\[) (?: (?P<open_square>THINK\]) | (?P<close_square>/THINK\]) )
    | (?<=◁) (?: (?P<open_triangle>think▷) | (?P<close_triangle>/think▷) )
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_ENDS = {("final", "bar"), ("final", "channel"), ("end", "channel")}  # what ends a block of its family without its name
_FENCE_LINE = re.compile(r"^[ \t]*(?:```|~~~)", re.MULTILINE)
_FENCE_HERE = re.compile(r"[ \t]*(?:```|~~~)")
_QUOTES = frozenset("'\"`")
_STRIPPED_FINAL = "assistantfinal"  # what is left of harmony's last marker where decoding left special tokens out


def without_reasoning(completion: str) -> str:
    """Drop the reasoning blocks of a completion and the markers around its answer.

    A block that is never closed runs to the end: what is thought is not answered. A closing tag without its
    opening one ends a block that began in the prompt, so all before it goes too. A tag in quotes, an opening tag in a
    fenced block and a type such as `List<Thought>` are text like any other. Applied twice it changes nothing more,
    so a reward may call it on a sample that has been through it.

    Args:
        completion: Any text.

    Returns:
        What is left, its pieces an empty line apart; the text itself where it has no marker.

    Example:
        >>> without_reasoning("<think>41? no</think>It is 42.")
        'It is 42.'
        >>> without_reasoning("<|begin_internal_thought|>41<|begin_of_solution|>42<|end_of_solution|>")
        '42'
        >>> without_reasoning("<think>it may be 42")
        ''
        >>> without_reasoning("Write s.replace('<think>', '').")
        "Write s.replace('<think>', '')."
    """
    if _is_stripped_harmony(completion):
        completion = completion[completion.rindex(_STRIPPED_FINAL) + len(_STRIPPED_FINAL) :]
    pieces: list[str] = []
    inside: tuple[str, str] | None = None  # family and name of the open block
    start = scanned = fences = 0
    marked = False
    for marker in _MARKER.finditer(completion):
        action, _, family = (marker.lastgroup or "").partition("_")
        name = (marker["opened"] or marker["closed"] or family).lower()
        if inside:
            named = action == "close" and (family, name) == inside and not _quoted(completion, marker, both=True)
            if not named and not ((action, family) in _ENDS and family == inside[0]):
                continue
            inside = None
        else:
            fences += sum(1 for _ in _FENCE_LINE.finditer(completion, scanned, marker.start()))
            scanned = marker.start()
            if _is_text(completion, start, marker, action, name) or (action == "open" and fences % 2):
                continue
            pieces.append(completion[start : marker.start()])
            if action in ("close", "final"):
                pieces.clear()
                fences = 0
            inside = (family, name) if action == "open" else None
        marked = True
        start = scanned = marker.end()
        fences += not inside and _FENCE_HERE.match(completion, start) is not None
    if not marked:
        return completion
    if not inside:
        pieces.append(completion[start:])
    answer = "\n\n".join(pieces).strip()
    return without_reasoning(answer) if _is_stripped_harmony(answer) else answer


def _is_stripped_harmony(text: str) -> bool:
    return text.startswith("analysis") and _STRIPPED_FINAL in text


def _is_text(completion: str, start: int, marker: re.Match[str], action: str, name: str) -> bool:
    """Tell a tag that the answer writes about from one that the policy thinks in."""
    if action == "open":
        before = completion[max(start, marker.start() - 1) : marker.start()]
        return before in _QUOTES or (name not in ("think", "thinking") and (before.isalnum() or before == "_"))
    return action == "close" and _quoted(completion, marker, both=False)


def _quoted(completion: str, marker: re.Match[str], *, both: bool) -> bool:
    before, after = completion[marker.start() - 1 : marker.start()], completion[marker.end() : marker.end() + 1]
    return (before in _QUOTES and before == after) if both else (before in _QUOTES or after in _QUOTES)


_FENCE = re.compile(r"^[ \t]{0,12}(?P<mark>`{3,}|~{3,})[ \t]*(?P<label>[^\s`]*)[^\n`]*$", re.MULTILINE)
PYTHON_LABELS = frozenset(
    ("python", "python3", "py", "py3", "{python}", "{.python}", "python-repl", "python3.11", "pypy3")
)


def last_code_block(completion: str, names: Iterable[str] = (), labels: Collection[str] = PYTHON_LABELS) -> str | None:
    r"""Find the last fenced code block, outside reasoning blocks, that defines what the tests need.

    Labelled blocks are preferred to those without a label. A block that is never closed, as in a completion that was
    cut off, counts where there is no closed one. Blocks are never joined.

    Args:
        completion: Any text.
        names: What the tests call; of several blocks the last that defines the most of them is taken.
        labels: The languages that a fence may name, in lower case.

    Returns:
        The code without its fences; None where there is no such block.

    Example:
        >>> last_code_block("```python\ndef f(): pass\n```\nand\n```python\nf()\n```", ["f"])
        'def f(): pass\n'
    """
    blocks = list(_fenced(without_reasoning(completion)))
    closed = [block for block in blocks if block[2]] or blocks
    labelled = [text for label, text, _ in closed if label in labels]
    candidates = labelled or [text for label, text, _ in closed if not label]
    if not candidates:
        return None
    counts = [_defined(text, names) for text in candidates]
    best = max(counts)
    return [text for text, count in zip(candidates, counts, strict=True) if count == best][-1]


def _fenced(text: str) -> Iterator[tuple[str, str, bool]]:
    """Give the label and the text of each fenced block, and whether it is closed."""
    opened: re.Match[str] | None = None
    for fence in _FENCE.finditer(text):
        if opened is None:
            opened = fence
        elif fence["mark"].startswith(opened["mark"]) and not fence["label"]:
            yield opened["label"].lower(), _inside(text, opened, fence.start()), True
            opened = None
    if opened is not None:
        yield opened["label"].lower(), _inside(text, opened, len(text)), False


def _inside(text: str, opened: re.Match[str], end: int) -> str:
    """Take a block's lines, less the indent of its fence: a fence in a list item is indented with its code."""
    body = text[opened.end() + 1 : end]
    indent = len(opened[0]) - len(opened[0].lstrip())
    if not indent:
        return body
    return "".join(line[indent:] if not line[:indent].strip() else line for line in body.splitlines(keepends=True))


def _defined(code: str, names: Iterable[str]) -> int:
    count = 0
    for name in map(re.escape, names):
        pattern = rf"^[ \t]*(?:async[ \t]+)?(?:def|class)[ \t]+{name}\b|^{name}\b[^\n=]*="
        count += re.search(pattern, code, re.MULTILINE) is not None
    return count
