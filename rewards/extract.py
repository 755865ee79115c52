"""Find what a grader reads in a completion. Every search here is linear in the completion's length."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from rewards.mathematics.doubts import (
    MAX_AFTER,
    affirmed,
    alternative,
    changed_mind,
    denied,
    denied_before,
    lists_several,
    one_of_several,
    refuses,
    taken_back,
)
from rewards.mathematics.patterns import Pattern

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
    before, after = completion[max(0, marker.start() - 3) : marker.start()], completion[marker.end() : marker.end() + 3]
    left = before[-1:] if before[-1:] in _QUOTES and before != "```" else ""
    right = after[:1] if after[:1] in _QUOTES and after != "```" else ""
    return bool(left and left == right) if both else bool(left or right)


MAX_COMPLETION = 1 << 20  # characters of a completion that are searched for code, its last
PYTHON_LABELS = frozenset(
    ("python", "python3", "py", "py3", "{python}", "{.python}", "python-repl", "python3.11", "pypy3")
)
_LINES = re.compile(r"[^\n]*\n|[^\n]+")  # a form feed ends a line for str.splitlines, not for Python
_OPENING = re.compile(r"(?P<mark>`{3,}|~{3,})[ \t]*(?P<label>[^\s`]*)[^`\n]*$")
_CLOSING = re.compile(r"[ \t]*(?P<mark>`{3,}|~{3,})(?![\w{`~])")  # ```python opens a block even where one is open
_DEFINES = re.compile(r"^[ \t]*(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)|^(\w+)\b[^\n=]*=", re.MULTILINE)


def last_code_block(completion: str, names: Iterable[str] = (), labels: Collection[str] = PYTHON_LABELS) -> str | None:
    r"""Find the last fenced code block, outside reasoning blocks, that defines what the tests need.

    Labelled blocks are preferred to those without a label. A block that is never closed, as in a completion that was
    cut off, counts where there is no closed one. Blocks are never joined. A fence may share its line with text
    (`Here it is: ```python`, "``` That is all."), since models write so.

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
    blocks = list(_fenced(without_reasoning(completion[-MAX_COMPLETION:])))
    closed = [block for block in blocks if block[2]] or blocks
    labelled = [text for label, text, _ in closed if label in labels]
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
    found = _OPENING.search(line.rstrip("\r\n"))
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


# --- the final answer of a worked solution --------------------------------------------------------------------------

MAX_ANSWER = 2_500
MAX_LINE = 400
MAX_BETWEEN = 200
MAX_UNCLOSED = 50  # the last boxes without a closing brace that are mended
_BOX = Pattern(r"\\(?:boxed|fbox|framebox|beginboxed)\b(?:\[[^\]\n]{0,20}\])?\s*|(?<=\\begin)\{boxed\}\s*")
_JOINER = Pattern(
    r"(?:[\s,;:.$~*&|+{}()\[\]-]|\\[\[\](), ;:!]|\\(?:quad|qquad|text|mathrm|textbf|mbox|cup|pm|left|right)\b"
    r"|\b(?:and|or|und|et|oder|ou|y|e|o)\b|和|或|、|\uff0c)*"
)
_AND_WORDS = Pattern(r"^[^.!?\n]{0,40}\b(?:and|or)\b[^.!?\n]{0,24}$")
_NAMED_NEXT = Pattern(r"[A-Za-z](?:_\{?\w\}?)?\s*=\s*$")
_NO_JOINT = Pattern(
    r"\b(?:then|wait|no|not|actually|instead|now|so|hence|thus|therefore|but|let|check|correct|because|since|get|is)\b|[=!]",
    re.IGNORECASE,
)
_UNCLOSED = Pattern(r"\{([^$\n]{1,200}?)\s*(?:\$|\\\)|\\\])")
_OUT_OF_TURN = Pattern(
    r"<\|(?:im_start|im_end|endoftext|eot_id|start_header_id|end_of_text|user|assistant)\|?>|</s>"
    r"|\n[ \t]{0,8}(?:Human|User):"
)
_TAGGED = Pattern(r"<(answer|final_answer|ans|result)>(.*?)(?:</\1>|\Z)", re.DOTALL | re.IGNORECASE)
_HASHES = Pattern(r"^[ \t>*]*####[ \t]*(.*)$", re.MULTILINE)
_JSON = Pattern(
    r'"(?:final_answer|final answer|answer|result|solution)"\s*:\s*("(?:[^"\\]|\\.){0,400}"|[^,}\n]{1,400})'
)
_FINAL = (
    r"(?:final\s+answer|final\s+result|answer\s+(?:to\s+the\s+(?:problem|question)\s+)?"
    r"|correct\s+(?:answer|option|choice)\s*)"
)
_STATED = Pattern(
    rf"""
      \b(?:{_FINAL}|answer)\**\s*(?:(?:is|are|equals?|would\s+be|should\s+be|must\s+be|will\s+be|becomes)\b
          \s*(?:therefore|thus|simply|also|then|given\s+by|just)?\s*:?|[:=]|\n)\s*\**
    | (?:答案|最终答案|最后答案|结果|结论)\s*(?:是|为|\uff1a|:|应为|等于)\s*:?\s*
    | (?:故|应|因此|所以|答案)?选择?\s*(?:项|\uff1a|:)?\s*(?=\(?[A-H]\)?(?![A-Za-z]))
    | (?:所以|因此)\s*答案\s*(?:是|为)?\s*
    | (?:la\s+r[ée]ponse(?:\s+finale)?|le\s+r[ée]sultat)\s*(?:est|:)\s*:?\s*
    | (?:die\s+(?:endg[üu]ltige\s+)?(?:antwort|l[öo]sung)|das\s+ergebnis|(?:endergebnis|antwort|l[öo]sung))
          \s*(?:ist|lautet|beträgt|:)\s*:?\s*
    | (?:la\s+respuesta(?:\s+(?:final|correcta))?|el\s+resultado|respuesta(?:\s+final)?)\s*(?:es|:)\s*:?\s*
    | (?:a\s+resposta(?:\s+(?:final|correta))?|o\s+resultado|resposta(?:\s+final)?)\s*(?:é|e|:)\s*:?\s*
    | (?:la\s+risposta(?:\s+finale)?|risposta)\s*(?:è|:)\s*:?\s*
    | (?:答え|解答|正解|答)\s*(?:は|\uff1a|:|=)\s*
    | (?:정답|답)\s*(?:은|는|:)\s*
    | (?:ответ|otvet)\s*(?::|—|-|равен)\s*
    """,
    re.VERBOSE | re.IGNORECASE,
)
_MARKERS = ((_TAGGED, "the answer tag"), (_HASHES, "the #### line"), (_JSON, "the JSON answer"))
_SENTENCE_END = Pattern(r"(?<!\d)[.](?=\s|$)|[.](?=\s|$)|[。\uff01]|!(?=\s+[A-Z])|\n\s*\n")
_NEXT_LINE = Pattern(r"\n")
_MATH = Pattern(
    r"\$\$(.+?)\$\$|\\\[(.+?)\\\]|\\\((.+?)\\\)|(?<![\\\d])\$(?!\s*\d[\d.,]*\s+[a-z])(.+?)(?<!\\)\$", re.DOTALL
)
_BOLD = Pattern(r"\*\*([^*\n]{1,200})\*\*")


class Found(NamedTuple):
    """Hold the final answer as it stands in the text.

    Args:
        text: The answer, "" where there is none.
        where: Where it stands: "the last box", "the stated answer", "the end of the text" ...
        marked: Whether the text itself marks it as its answer.
    """

    text: str
    where: str
    marked: bool = True


NOT_FOUND = Found("", "nowhere", marked=False)


def boxes(text: str) -> list[tuple[int, int, str]]:
    r"""Find the outermost boxes: where each begins and ends, and what it holds.

    Example:
        >>> boxes(r"\boxed{\frac{1}{2}} and \fbox 3")
        [(0, 19, '\\frac{1}{2}'), (24, 31, '3')]
    """
    found: list[tuple[int, int, str]] = []
    closing: dict[int, int] | None = None
    end = 0
    openings = list(_BOX.finditer(text))
    for number, match in enumerate(openings):
        start, inside = match.start(), match.end()
        if start < end:
            continue
        if text[inside : inside + 1] != "{":
            bare = re.compile(r"\$?([^\s{}$\\]+)").match(text, inside)
            if bare is not None and not match[0].startswith("{"):
                end = bare.end()
                found.append((start, end, bare[1]))
            continue
        closing = _braces(text) if closing is None else closing
        stop = closing.get(inside)
        if stop is None:
            unclosed = _UNCLOSED.match(text, inside) if number >= len(openings) - MAX_UNCLOSED else None
            if unclosed is not None:
                end = unclosed.end()
                found.append((start, end, unclosed[1]))
        else:
            found.append((start, stop + 1, text[inside + 1 : stop]))
            end = stop + 1
    return found


def _braces(text: str) -> dict[int, int]:
    """Match every opening brace with its closing one, in one pass."""
    pairs, stack, position = {}, [], 0
    for match in re.compile(r"\\.|[{}]", re.DOTALL).finditer(text):
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
    return _joined(text, found)[2] if found else None


def _joined(text: str, found: list[tuple[int, int, str]]) -> tuple[int, int, str]:
    start, end, content = found[-1]
    parts = [content]
    for before in reversed(found[:-1][-12:]):
        between = text[before[1] : start]
        beside = len(between) <= MAX_BETWEEN and alternative(between) and taken_back(between) is None
        if not beside and (len(between) > 120 or not _joint(_NAMED_NEXT.sub("", between))):  # noqa: PLR2004
            break
        either = beside or re.search(r"\bor\b|或|oder|\bou\b|または", between)
        parts.append(r" \text{ or } " if either else " , ")
        parts.append(before[2])
        start = before[0]
    if len({part.strip() for part in parts[::2]}) == 1:
        return start, end, content
    return start, end, "".join(reversed(parts))


def _joint(between: str) -> bool:
    if _JOINER.fullmatch(between):
        return not between or re.search(r"[,;&|\uff0c、]|[a-z和或]", between) is not None
    return _AND_WORDS.match(between) is not None and not _NO_JOINT.search(between)


def final_answer(text: str, find: str = "any") -> Found:
    r"""Find the answer that a worked solution ends with.

    The last of: a box, an answer tag, a `####` line, a JSON field, "the final answer is" and its like in other
    languages. Where nothing marks an answer, the value that the text ends with.

    Args:
        text: A completion without its reasoning blocks.
        find: "boxed" reads boxes only, "marked" whatever marks an answer, "any" also a bare last value.

    Example:
        >>> final_answer("6*7=<<6*7=42>>42\n#### 42").text
        '42'
        >>> final_answer(r"So \boxed{41}. I made a mistake. The answer is 42.").text
        '42'
    """
    turn = _OUT_OF_TURN.search(text)
    if turn is not None and turn.start() > 0:
        text = text[: turn.start()]
    marks = _marks(text, find)
    if marks:
        marks.sort(key=lambda mark: mark[0])
        return _chosen(text, marks)
    if find != "any":
        return NOT_FOUND
    if refuses(text) or lists_several(text) or boxes(text) or _doubted(text):  # a box that is left was denied
        return NOT_FOUND
    last = _last_value(text)
    return NOT_FOUND if denied(last.text, stated=False) else last


def _doubted(text: str) -> bool:
    """Tell whether the last statement of an answer is doubted, or offered beside another."""
    return any(one_of_several(text, statement.start()) for statement in list(_STATED.finditer(text))[-1:])


def _marks(text: str, find: str) -> list[tuple[int, int, Found]]:
    """Find every marked answer: where it begins and ends, and what it says."""
    marks: list[tuple[int, int, Found]] = []
    found = [box for box in boxes(text) if not denied_before(text, box[0])]
    if found:
        start, end, content = _joined(text, found)
        marks.append((start, end, Found(content, "the last box")))
    if find == "boxed":
        return marks
    for pattern, where in _MARKERS:
        for match in list(pattern.finditer(text))[-1:]:
            content = _marked(match)
            if content:
                marks.append((match.start(), match.end(), Found(content, where)))
    broken = _truncated(text)
    for statement in list(_STATED.finditer(text))[-1:]:
        whole = _segment(text, statement.end())
        segment = affirmed(whole)
        if denied(segment, stated=True) or one_of_several(text, statement.start()):
            continue
        if not broken and segment.strip(" .*$\n"):
            marks.append((statement.start(), statement.end() + len(whole), Found(segment, "the stated answer")))
    return marks


def _marked(match: re.Match[str]) -> str:
    """Read what stands in a tag, after ####, or in a JSON field: the last box in it, or all of it."""
    content = next(group for group in reversed(match.groups()) if group is not None)
    return last_boxed(content) or _unquoted(content.strip(" *\n"))


def _unquoted(value: str) -> str:
    if value.startswith('"') and value.endswith('"') and len(value) > 1:
        return re.sub(r"\\([\"\\/])", r"\1", value[1:-1])
    return value.strip()


def _chosen(text: str, marks: list[tuple[int, int, Found]]) -> Found:
    """Choose among marks: the last one, but a box or tag is not undone by words around it."""
    strong = [mark for mark in marks if mark[2].where != "the stated answer"]
    chosen = strong[-1] if strong else marks[-1]
    after = text[chosen[1] :]
    if not strong:
        return _kept(chosen[2], after)
    stated = marks[-1] if marks[-1][2].where == "the stated answer" and marks[-1][0] > chosen[1] else None
    if stated is not None and (
        taken_back(after[:MAX_AFTER]) is not None or re.search(r"final\s+answer", after, re.IGNORECASE)
    ):
        return stated[2]
    return _kept(chosen[2], after)


def _kept(answer: Found, after: str) -> Found:
    """Keep an answer, or take what the text after it puts in its place."""
    later = changed_mind(answer.text) if answer.where == "the stated answer" else ""
    if not later:
        place = taken_back(after[:MAX_AFTER])
        if place is None:
            return answer
        later = after[max(0, place - 3) : place + MAX_AFTER]  # the pattern may end in the first signs of the value
    corrected = values(later)
    return Found(corrected[-1], "the correction") if corrected else NOT_FOUND


def _segment(text: str, start: int) -> str:
    """Take what a statement says: to the end of the sentence or of the displayed formula."""
    limit = min(len(text), start + MAX_ANSWER)
    displayed = re.compile(
        r"\s*\**\s*(\$\$.+?\$\$|\\\[.+?\\\]|\\\(.+?\\\)|\$[^$\n]+\$)\**\s*[.,]?\s*(?:\n|$)", re.DOTALL
    ).match(text, start, limit)
    if displayed is not None:
        return displayed[1]
    end = _sentence_end(text, start, limit)
    segment = text[start:end]
    if "\n" in segment.strip():
        lines = segment.strip().split("\n")
        segment = lines[0] if lines[0].strip(" *:$") not in ("", "\\[", "\\(") else segment
    return segment.strip()


def _sentence_end(text: str, start: int, limit: int) -> int:
    """Find the end of a sentence, outside dollar signs and not at a decimal point."""
    for match in _SENTENCE_END.finditer(text, start, limit):
        if text.count("$", start, match.start()) % 2 == 0 and text[start : match.start()].strip():
            return int(match.start())
    return limit


def _last_value(text: str) -> Found:
    """Read the value that an unmarked text ends with: all of it where it is short, else its last formula or line."""
    bare = text.strip()
    if not bare or _truncated(bare):
        return NOT_FOUND
    if len(bare) <= MAX_LINE and "\n" not in bare:
        return Found(bare, "the whole text", marked=False)
    tail = bare[-MAX_ANSWER:]
    formulas = list(_MATH.finditer(tail))[-1:]
    formula = formulas[0] if formulas else None
    if formula is not None and not re.search(r"\w", tail[formula.end() :]):
        return Found(
            next(group for group in formula.groups() if group is not None).strip(), "the last formula", marked=False
        )
    lines = [line for line in tail.split("\n") if re.search(r"[\w$]", line)]
    return Found(lines[-1].strip() if lines else "", "the last line", marked=False)


def _truncated(text: str) -> bool:
    """Tell whether a text breaks off inside a box."""
    last = list(_BOX.finditer(text))[-1:]
    return bool(last) and text[last[0].end() : last[0].end() + 1] == "{" and last[0].start() >= _end_of_boxes(text)


def _end_of_boxes(text: str) -> int:
    found = boxes(text)
    return found[-1][1] if found else 0


def values(segment: str) -> list[str]:
    """List the formulas and numbers of a sentence, in the order they stand.

    Example:
        >>> values("the two are $x+1$ and 3.5 metres")
        ['x+1', '3.5 metres']
    """
    found: list[tuple[int, str]] = []
    covered = segment
    for match in _MATH.finditer(segment):
        inside = next(group for group in match.groups() if group is not None)
        found.append((match.start(), inside.strip()))
        covered = covered[: match.start()] + "\x00" * (match.end() - match.start()) + covered[match.end() :]
    found += [(match.start(), match[0].strip()) for match in _VALUE.finditer(covered)]
    return [text for _, text in sorted(found)]


_VALUE = Pattern(
    r"(?:(?<![\w.])[-\u2212+]?\s?)?(?:\\?[$€£¥]\s?)?(?:\d{1,3}(?:[,\s]\d{3})+(?:\.\d+)?|\d+(?:[.,]\d+)?|\.\d+)(?:\s?/\s?\d+)?(?!\w|[.,]\d)"
    r"(?:\s?(?:\\?%|°|percent\b|degrees?\b|(?!(?:of|and|or|in|is|are|the|that|for|to|at|on|by|as|with|from|if|when|so|"
    r"then|times|plus|minus|because|since|which|where|not|but)\b)[a-zA-Z]{1,12}\b))?|(?<![\w.])[-\u2212]?\d[\d,]*(?:\.\d+)?[a-zA-Z²³%°]+",
    re.ASCII,
)
