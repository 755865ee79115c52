r"""Take what a reader sees of a completion in its own turn: nothing struck out or hidden, no quoted prompt.

Bound: every pattern is linear in the text; what it may hold between its ends is at most `MAX_HIDDEN` characters.
"""

from __future__ import annotations

import re

from rewards.extract.turns import own_turn
from rewards.patterns import Pattern

MAX_HIDDEN = 2_000
_HIDDEN = Pattern(
    r"<!--.*?(?:-->|\Z)"  # a comment of HTML
    r"|^\[(?://|comment)\]:\s*#[^\n]*$"  # a comment of Markdown
    r"|^[ \t]*%[^\n]*$|(?<![\\\d])(?<!\d[ \t])%(?=[^\n]*\\(?:boxed|fbox))[^\n]*$"  # a comment of LaTeX
    r"|\\iffalse\b.{0,2000}?(?:\\fi\b|\Z)|\\verb\*?(?:\|[^|\n]{0,200}\||![^!\n]{0,200}!|\+[^+\n]{0,200}\+)"
    r"|\\begin\{(?:comment|verbatim)\}.{0,2000}?(?:\\end\{(?:comment|verbatim)\}|\Z)"
    r"|<(del|strike)>.{0,300}?</\1>|~~[^~\n]{1,400}~~"  # struck out
    r"|<(prompt|question|problem|task|instruction|context|system|user)>.{0,2000}?</\2>"  # what was asked
    r"|<(\w{1,12})\b[^<>]{0,200}(?:\bhidden(?=[\s>])|display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*0(?![.\d])|font-size\s*:\s*0"
    r"|color\s*[:=]\s*[\"']?(?:white|transparent|#fff(?:fff)?)\b)[^<>]{0,200}>.{0,300}?</\3>"
    r"|^\[\^\w{1,20}\]:[^\n]*$",  # a footnote
    re.DOTALL | re.MULTILINE | re.IGNORECASE,
)
_HIDDEN_SIGNS = (
    *("<!--", "%", "</del>", "</strike>", "~~", "none", "hidden", "opacity", "font-size", "color"),
    *("</prompt>", "</question>", "</problem>", "</task>", "</instruction>", "</context>", "</system>", "</user>"),
    *("[^", "[//]", "[comment]", "\\iffalse", "\\verb", "{comment}", "{verbatim}"),
)
_STRUCK = Pattern(
    r"<s>[^<]{1,300}</s>(?=\s*[^\s<])|<s>[^<\s]{1,60}</s>", re.IGNORECASE
)  # elsewhere </s> is where a model's turn ends
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
    if "</s>" in text:
        text = _STRUCK.sub("", text)
    text = own_turn(text)
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
