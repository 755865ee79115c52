r"""Take what a reader sees of a completion in its own turn: nothing struck out or hidden, no quoted prompt.

Bound: every pattern is linear in the text; what it may hold between its ends is at most `MAX_HIDDEN` characters.
"""

from __future__ import annotations

import re

from rewards.patterns import Pattern

MAX_HIDDEN = 2_000
_HIDDEN = Pattern(
    r"<!--.*?(?:-->|\Z)"  # a comment of HTML
    r"|^\[(?://|comment)\]:\s*#[^\n]*$"  # a comment of Markdown
    r"|^[ \t]*%[^\n]*$|(?<![\\\d])(?<!\d[ \t])%(?=[^\n]*\\(?:boxed|fbox))[^\n]*$"  # a comment of LaTeX
    r"|\\iffalse\b.{0,2000}?(?:\\fi\b|\Z)|\\verb\*?(?:\|[^|\n]{0,200}\||![^!\n]{0,200}!|\+[^+\n]{0,200}\+)"
    r"|\\begin\{(?:comment|verbatim)\}.{0,2000}?(?:\\end\{(?:comment|verbatim)\}|\Z)"
    r"|<(del|strike)>.{0,300}?</\1>|~~[^~\n]{1,400}~~"  # struck out
    r"|<(\w{1,12})\b[^<>]{0,200}(?:\bhidden(?=[\s>])|display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*0(?![.\d])|font-size\s*:\s*0"
    r"|color\s*[:=]\s*[\"']?(?:white|transparent|#fff(?:fff)?)\b)[^<>]{0,200}>.{0,300}?</\2>"
    r"|^\[\^\w{1,20}\]:[^\n]*$",  # a footnote
    re.DOTALL | re.MULTILINE | re.IGNORECASE,
)
_HIDDEN_SIGNS = (
    *("<!--", "%", "</del>", "</strike>", "~~", "none", "hidden", "opacity", "font-size", "color"),
    *("[^", "[//]", "[comment]", "\\iffalse", "\\verb", "{comment}", "{verbatim}"),
)
_EMPHASIS = Pattern(r"</?(?:b|u|i|em|strong|mark|sub|sup|span|p|div|br)\s?/?>", re.IGNORECASE)
_INVISIBLE = Pattern(
    r"\\(?:[hv]?phantom|[bx]?cancel|sout|st)\s*(?=\{)"
    r"|\\(?:text)?color\s*(?:\[\w{1,10}\])?\s*\{\s*(?:white|transparent|[fF]{6})\s*\}\s*"
)
_SPACE = Pattern(
    r"\\(?:hspace|vspace|hskip|kern|mspace|mkern)\*?\s*\{[^{}\n]{0,30}\}|\\(?:label|tag\*?)\s*\{[^{}\n]{0,60}\}"
)
_COLOUR = Pattern(
    r"\\textcolor\s*(?:\[\w{1,10}\])?\s*\{[^{}\n]{1,30}\}|\\color\s*(?:\[\w{1,10}\])?\s*\{[^{}\n]{1,30}\}"
)
_CODE = Pattern(
    r"^[ \t]*(```|~~~)[ \t]*(?:\{?\.?(?:python|py|pycon|javascript|js|java|c|cpp|c\+\+|ruby|r|rust|go|sh|bash"
    r"|matlab|sage|mathematica|wolfram|julia|sympy|lean|haskell|sql|typescript|ts)\d?\}?)\b"
    r"[^\n]*\n.*?(?:^[ \t]*\1[ \t]*$|\Z)",
    re.DOTALL | re.MULTILINE | re.IGNORECASE,
)
_FENCE = Pattern(r"^[ \t]*(?:```|~~~)\w{0,12}[ \t]*$", re.MULTILINE)
_QUOTED_FIRST = Pattern(r"\A(?:[ \t]*>[^\n]*(?:\n|\Z))+\s*(?=\S)")
_ROLES = Pattern(r"\A\s*(?:system\n.{0,4000}?\n)?user\n.*\n(?:assistant|model)(?:\n|\Z)", re.DOTALL)
_RESPONSE = Pattern(r"^#{2,4}[ \t]*(?:Response|Output|Assistant)[ \t]*:?[ \t]*$|^#{2,4}[ \t]*Response:", re.MULTILINE)
_INSTRUCTION = Pattern(r"^#{2,4}[ \t]*(?:Instruction|Input|Example|Problem|Question)\b", re.MULTILINE)
_OUT_OF_TURN = Pattern(
    r"<\|(?:im_start|im_end|endoftext|eot_id|start_header_id|end_of_text|user|assistant)\|?>|</s>"
    r"|\n[ \t]{0,8}(?:Human|User):"
)
_NEXT_TASK = Pattern(
    r"\n[ \t]{0,8}(?:#{1,4}[ \t]*)?(?:\*\*)?(?:Question|Q|Problem|Exercise|Input|Instruction|Human|User)"
    r"(?:[ \t]*\d{1,3})?(?:\*\*)?[ \t]*:"
)
_ANSWERED = Pattern(
    r"\\boxed|####|\b(?:answer|result)\b[^\n]{0,30}(?:is|:|=)|</answer>|\A\s*[^\n]{1,60}\s*\Z", re.IGNORECASE
)


def visible(text: str) -> str:
    r"""Drop what a reader does not see or what is not the policy's own turn.

    Args:
        text: A completion without its reasoning blocks.

    Example:
        >>> visible("It is 4.<!-- 5 --> ~~6~~")
        'It is 4. '
        >>> visible("Answer: 8\n\nQuestion: what is 1 + 1?\nAnswer: 2")
        'Answer: 8\n'
    """
    text = _own_turn(text)
    if "```" in text or "~~~" in text:
        text = _FENCE.sub("", _CODE.sub("\n", text))
    if any(sign in text for sign in _HIDDEN_SIGNS):
        text = _HIDDEN.sub("", text)
    if ">" in text:
        text = _EMPHASIS.sub("", _QUOTED_FIRST.sub("", text))
    if "\\" in text:
        if _INVISIBLE.search(text):
            text = _without_invisible(text)
        text = _COLOUR.sub("", _SPACE.sub(" ", text))
    return text


def _own_turn(text: str) -> str:
    """Begin after an echoed prompt's last marker, and end where another task or another speaker begins."""
    role = _ROLES.match(text)
    if role is not None:
        text = text[role.end() :]
    if _INSTRUCTION.search(text):
        answers = list(_RESPONSE.finditer(text))
        if answers and _INSTRUCTION.search(text, 0, answers[-1].start()):
            text = text[answers[-1].end() :]
    turn = _OUT_OF_TURN.search(text)
    if turn is not None and turn.start() > 0:
        text = text[: turn.start()]
    task = _NEXT_TASK.search(text)
    if task is not None and _ANSWERED.search(text[: task.start()]):
        text = text[: task.start()]
    return text


def _without_invisible(text: str) -> str:
    r"""Drop what \phantom hides, \cancel strikes out and white ink writes, its braces counted.

    What follows \color{white} without braces is white to the end of its group.
    """
    kept, position = [], 0
    for match in _INVISIBLE.finditer(text):
        if match.start() < position:
            continue
        depth, end = 0, match.end()
        while end < min(len(text), match.end() + MAX_HIDDEN):
            char = text[end]
            end += 2 if char == "\\" else 1
            depth += (char == "{") - (char == "}")
            if depth == 0 and text[match.end()] == "{":
                break
            if depth < 0:
                end -= 1
                break
        kept.append(text[position : match.start()])
        position = end
    return "".join((*kept, text[position:]))
