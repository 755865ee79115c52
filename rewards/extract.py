"""Find what a grader reads in a completion. Every search here is linear in the completion's length."""

from __future__ import annotations

import re

# What is known to open and close a reasoning block: DeepSeek, Qwen and most open models (think), GRPO recipes
# (reasoning, thought, thinking), Nova and OpenThoughts (<|begin_...thought|>), Mistral ([THINK]), Kimi (◁think▷),
# gpt-oss' harmony channels.
_TAG = r"(?:seed:)?(?:think|thinking|thought|thoughts|reasoning|scratchpad)"
_REASONING = re.compile(  # its first character is a set, which the engine skips to without trying each place
    rf"""[<\[◁](?:
      (?<=<) (?:
          (?P<open_tag>(?P<opened>{_TAG})(?:[ \t][^<>\n]{{0,80}})?>)
        | (?P<close_tag>/(?P<closed>{_TAG})[ \t]?>)
        | \| (?:
            (?P<open_bar>begin_(?:of_)?(?:internal_)?thought\|>)
          | (?P<close_bar>end_(?:of_)?(?:internal_)?thought\|>)
          | (?P<open_channel>channel\|>[ \t]?(?:analysis|commentary)\b[^<\n]{{0,80}}<\|message\|>)
          | (?P<final>channel\|>[ \t]?final\b[^<\n]{{0,80}}<\|message\|>|begin_of_solution\|>)
          | (?P<end>(?:end|return|call|end_of_solution|im_end|eot_id|endoftext|start)\|>(?:assistant)?)
        )
      )
    | (?<=\[) (?: (?P<open_square>THINK\]) | (?P<close_square>/THINK\]) )
    | (?<=◁) (?: (?P<open_triangle>think▷) | (?P<close_triangle>/think▷) )
    )""",
    re.VERBOSE | re.IGNORECASE,
)


def without_reasoning(completion: str) -> str:
    """Drop the reasoning blocks of a completion and the markers around its answer.

    A block that is never closed runs to the end: what is thought is not answered. A closing tag without its
    opening one ends a block that began in the prompt, so all before it goes too. Applied twice it changes
    nothing more, so a reward may call it on a sample that has been through it.

    Args:
        completion: Any text.

    Returns:
        What is left, its pieces a line break apart; the text itself where it has no marker.

    Example:
        >>> without_reasoning("<think>41? no</think>It is 42.")
        'It is 42.'
        >>> without_reasoning("<|begin_internal_thought|>41<|begin_of_solution|>42<|end_of_solution|>")
        '42'
        >>> without_reasoning("<think>it may be 42")
        ''
    """
    pieces: list[str] = []
    inside, start, marked = "", 0, False
    for marker in _REASONING.finditer(completion):
        marked = True
        action, _, kind = (marker.lastgroup or "").partition("_")
        kind = (marker["opened"] or marker["closed"] or kind).lower()
        if not inside:
            pieces.append(completion[start : marker.start()])
            if action in ("close", "final"):
                pieces.clear()
            inside = kind if action == "open" else ""
        elif action == "final" or (action, kind) == ("close", inside) or (action, inside) == ("end", "channel"):
            inside = ""
        else:
            continue
        start = marker.end()
    if not marked:
        return completion
    if not inside:
        pieces.append(completion[start:])
    return "\n".join(pieces).strip()
