"""Find the verdict in a judge's text, where it could not be made to call a tool. Anchored patterns only."""

from __future__ import annotations

import json
import re

from judges import strict_json
from judges.judgement import AmbiguousError, MalformedError, RefusedError
from judges.prompt import Question

_LONGEST = 50_000
_THINK = re.compile(r"<(think|thinking|reasoning|thought)>.*?(?:</\1>|\Z)", re.DOTALL | re.IGNORECASE)
_THOUGHT = re.compile(r"\A.*</(?:think|thinking|reasoning|thought)>", re.DOTALL | re.IGNORECASE)
_LANGUAGE = re.compile(r"\A(?:json)?[ \t]*(?=\s)", re.IGNORECASE)
_OPENING = re.compile(r"(?:```(?:json)?[ \t]*\n)?\{", re.IGNORECASE)
_WRAPPED = re.compile(r"\s*<tool_call>(?P<inside>.*)</tool_call>\s*", re.DOTALL)
_NUMBER = r"(?P<number>[0-9]{1,2}(?:\.[0-9]{1,2})?(?:\s*(?:/|out of)\s*[0-9]{1,3})?)"
_LINE = re.compile(
    rf"[\s#>*_`-]*(?:(?:final|overall|my)\s+)?score[\s*_`]*[:=][\s*_`]*{_NUMBER}[\s*_`.]*", re.IGNORECASE
)
_BARE = re.compile(rf"[\s*_`]*{_NUMBER}[\s*_`.]*", re.IGNORECASE)
_WHY = re.compile(r"[\s*_#`-]*(?:rationale|reason|reasoning|explanation|justification)[\s*_`]*:", re.IGNORECASE)
_SECOND_THOUGHT = re.compile(
    r"[0-9]|\b(?:two|three|four|five|six|seven|eight|nine|ten|score|scoring|instead|actually|rather|revis\w+|"
    r"reflection|correct\w*|lower\w*|rais\w+|chang\w+)\b",
    re.IGNORECASE,
)
_NO = re.compile(
    r"\s*(?:i(?:'m| am) (?:sorry|unable|not able)|sorry|i (?:can't|cannot|can not|won't|will not|must decline|decline)|"
    r"as an ai\b)",
    re.IGNORECASE,
)


def read_text(text: str, asked: Question) -> object:
    """Find the tool's input in a judge's text.

    What counts: the text is nothing but a JSON object, a call of the tool or (for a holistic rubric) a score; or it
    *ends* in a JSON object with rationale and score, or in a line that says the score and nothing else. A number in
    the prose never counts, be it the first or the last; nor does an ending that stands word for word in the sample,
    for then the judge quotes it.

    Args:
        text: The judge's text blocks, joined.
        asked: What it was asked.

    Returns:
        What the tool's input would have been, yet to be checked.

    Raises:
        ContentError: There is no verdict.
    """
    if len(text) > _LONGEST:
        raise MalformedError(f"the text is over {_LONGEST} characters long")
    text = _THOUGHT.sub("", _THINK.sub("", text)).strip()  # some begin within their thoughts, and only close them
    if not text:
        raise MalformedError("the reply holds no text")
    found = _objects(text, asked)
    if found is None and not asked.rubric.criteria:
        found = _line(text, asked)
    if found is None:
        if _NO.match(text.replace("\u2019", "'")):
            raise RefusedError("the judge declined in words")
        raise MalformedError("no verdict in the form that was asked for")
    return found


def _objects(text: str, asked: Question) -> object | None:
    """Read the JSON object that the text is, or ends in."""
    whole = parsed(_inside(text))
    if isinstance(whole, dict):
        return _unwrapped(whole, asked)
    if isinstance(whole, list):
        raise MalformedError("the reply is a list")
    first = _opening(text)
    if first is not None:
        return first
    before, inside = _fenced(text)
    for start in [match.start() for match in re.finditer(r"^[ \t]*\{", inside, re.MULTILINE)][:200]:
        last = parsed(inside[start:])
        if isinstance(last, dict):
            wanted = {"criteria"} if asked.rubric.criteria else {"rationale", "score"}
            if not wanted <= set(_unwrapped(last, asked)):
                return None
            if _quoted(inside[start:], asked):
                raise AmbiguousError("the verdict at the end is a quotation of the sample")
            if re.search(r'"score"\s*:', before + inside[:start]) or _lines(before + inside[:start]):
                raise AmbiguousError("the text holds more than one verdict")
            return _unwrapped(last, asked)
    return None


def _opening(text: str) -> object | None:
    """Read the JSON object that the text begins with, where what follows it has no second thoughts."""
    start = _OPENING.match(text)
    if not start:
        return None
    try:
        found, end = json.JSONDecoder().raw_decode(text, start.end() - 1)
    except (ValueError, RecursionError):
        return None
    if _SECOND_THOUGHT.search(text[end:]) or "{" in text[end:] or not {"rationale", "score"} <= set(found):
        return None
    return parsed(text[start.end() - 1 : end])


def _inside(text: str) -> str:
    match = _WRAPPED.fullmatch(text)
    before, inside = _fenced(match["inside"].strip() if match else text)
    return inside if not before else text


def _fenced(text: str) -> tuple[str, str]:
    """Split a text that ends in a fenced block into what stands before it and in it; else nothing and the text."""
    start = text.rfind("```", 0, -3) if text.endswith("```") else -1
    return (text[:start], _LANGUAGE.sub("", text[start + 3 : -3], count=1)) if start >= 0 else ("", text)


def _unwrapped(found: dict[str, object], asked: Question) -> dict[str, object]:
    """Take the input out of a tool call that was written as text."""
    if found.get("name") == asked.tool.name and "score" not in found and "criteria" not in found:
        inputs = [found[key] for key in ("arguments", "parameters", "input") if isinstance(found.get(key), dict)]
        if len(inputs) == 1 and isinstance(inputs[0], dict):
            return inputs[0]
    return found


def parsed(text: str) -> object | None:
    """Read a text that is one JSON value; None where it is not.

    Raises:
        AmbiguousError: A key stands twice in it.
    """
    try:
        return strict_json.loads(text.strip())  # type: ignore[no-any-return]
    except strict_json.DoubledKeyError as error:
        raise AmbiguousError(str(error)) from error
    except ValueError:
        return None


def _lines(text: str) -> list[str]:
    """List what the text's whole-line scores say."""
    matches = [_LINE.fullmatch(line) for line in text.splitlines()]
    return [match["number"] for match in matches if match]


def _quoted(ending: str, asked: Question) -> bool:
    """Tell whether an ending is a piece of the sample, whatever the space in it."""
    sample = " ".join(map(str, json.loads(asked.user.split("\n", 1)[1]).values()))
    return "".join(ending.split()) in "".join(sample.split())


def _line(text: str, asked: Question) -> dict[str, object] | None:
    """Read a score that is the whole text, the last line, or the first with nothing but its reason after it."""
    bare = _BARE.fullmatch(text)
    if bare:
        return {"score": bare["number"]}
    said = _lines(text)
    if len(set(said)) > 1:
        raise AmbiguousError("the text says two scores")
    if not said:
        return None
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) > 1 and _quoted(lines[-1], asked):
        raise AmbiguousError("the score at the end is a quotation of the sample")
    ends = _LINE.fullmatch(lines[-1])
    reason = "\n".join(lines[1:])
    opens = _LINE.fullmatch(lines[0]) and _WHY.match(reason) and not _SECOND_THOUGHT.search(reason)
    return {"score": said[0]} if ends or opens else None
