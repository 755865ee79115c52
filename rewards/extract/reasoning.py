"""Tell what a completion answers from what its policy was thinking, in one pass over the text."""

from __future__ import annotations

import re

from rewards.patterns import Pattern

# What is known to open and close a reasoning block: DeepSeek, Qwen and most open models (think), GRPO recipes
# (reasoning, thought, thinking), Nova and OpenThoughts (<|begin_...thought|>), Mistral ([THINK]), Kimi (◁think▷),
# gpt-oss' harmony channels.
_NAMES = r"(?:seed:)?(?:think|thinking|thought|thoughts|reasoning|scratchpad)"
_MARKER = Pattern(  # its first character is a set, which the engine skips to without trying each place
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
_FENCE_LINE = Pattern(r"^[ \t]*(?:```|~~~)", re.MULTILINE)
_FENCE_HERE = Pattern(r"[ \t]*(?:```|~~~)")
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
    before, after = completion[max(0, marker.start() - 3) : marker.start()], completion[marker.end() : marker.end() + 3]
    left = before[-1:] if before[-1:] in _QUOTES and before != "```" else ""
    right = after[:1] if after[:1] in _QUOTES and after != "```" else ""
    return bool(left and left == right) if both else bool(left or right)
