"""Find the verdict in a judge's text, where it could not be made to call a tool. Anchored patterns only."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from judges import strict_json
from judges.after import idle, low
from judges.before import attributed, declined, quoted
from judges.bracketed import bracketed
from judges.judgement import AmbiguousError, MalformedError, RefusedError
from judges.score_line import said, score_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from judges.prompt import Question
    from judges.rubric import Rubric

_LONGEST = 50_000
_THOUGHTS = "think|thinking|reasoning|thought"
_THINK = re.compile(rf"\A\s*<({_THOUGHTS})>.*?(?:</\1>|\Z)", re.DOTALL | re.IGNORECASE)
_CLOSED = re.compile(rf"</(?:{_THOUGHTS})>", re.IGNORECASE)
_UNSEEN = " \t\r\n\ufeff\u200b"
# How servers write a call of a tool that they did not recognise as one.
_CALL = re.compile(
    r"(?:<tool_call>(?P<tagged>.*)</tool_call>|<function=(?P<name>\w+)>(?P<function>.*)</function>"
    r"|(?:<\|python_tag\|>|\[TOOL_CALLS\])(?P<marked>.*))",
    re.DOTALL,
)
_FENCED = re.compile(r"(```|~~~)(?:[ \t]*json)?[ \t]*\n(?P<inside>.*)\n[ \t]*\1", re.DOTALL | re.IGNORECASE)
_END = re.compile(r"(?:</s>|<\|(?:im_end|eot_id|end_of_text|endoftext|end|return)\|>|<end_of_turn>)\Z")
_BRACKETED = re.compile(r"\[\[[0-9. ]{1,8}\]\]")  # how MT-bench asks for a score
_OBJECT = re.compile(r"^[ \t]*(?=\{)", re.MULTILINE)


def read_text(text: str, asked: Question) -> object:
    """Find the tool's input in a judge's text.

    What counts: the text is nothing but a JSON object, a call of the tool or (for a holistic rubric) a score; or it
    holds one JSON object with rationale and score on lines of its own, or one line that says the score, with nothing
    behind it that could take it back. A number in the prose never counts, be it the first or the last; nor does what
    stands word for word in the sample, or what the judge introduces as somebody else's words.

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
    text = _END.sub("", text.strip(_UNSEEN)).rstrip(_UNSEEN)
    found = _whole(text, asked)
    if found is None:
        text = _without_thoughts(text)
        found = _whole(text, asked)
    if not text:
        raise MalformedError("the reply holds no text")
    if found is None:
        found = _object(text, asked)
    if found is None and not asked.rubric.criteria:
        found = score_line(text, asked) or bracketed(text, asked)
    if found is None:
        if declined(text, outright=True):
            raise RefusedError("the judge declined in words")
        raise MalformedError("no verdict in the form that was asked for")
    return found


def _without_thoughts(text: str) -> str:
    text = _THINK.sub("", text)
    closings = list(_CLOSED.finditer(text))
    if len(closings) == 1:  # some begin within their thoughts, and only close them
        if attributed(text[: closings[0].start()]):
            raise AmbiguousError("what closes the thoughts is introduced as a quotation")
        text = text[closings[0].end() :]
    return text.strip(_UNSEEN)


def _whole(text: str, asked: Question) -> object | None:
    """Read a text that is nothing but a JSON object, in a fence or as the call of a tool."""
    call = _CALL.fullmatch(text)
    if call and call["name"] not in (None, asked.tool.name):
        return None
    inside = (call["tagged"] or call["function"] or call["marked"]).strip() if call else text
    fenced = _FENCED.fullmatch(inside)
    value = parsed(fenced["inside"] if fenced else inside)
    if isinstance(value, list) and not _BRACKETED.fullmatch(inside):
        if len(value) != 1 or not _is_call(value[0], asked):
            raise MalformedError("the reply is a list")
        value = value[0]
    if not isinstance(value, dict):
        return None
    if quoted(inside, asked):
        raise AmbiguousError("the verdict is a quotation of the sample")
    return _unwrapped(value, asked)


def _object(text: str, asked: Question) -> object | None:
    """Read the one JSON object that stands on lines of its own and holds a verdict."""
    found = _objects(text, asked)
    if not found:
        return None
    given, start, end = found[0]
    before, after = text[:start], text[found[-1][2] :]
    if any(other != given for other, _, _ in found) or said(before) or re.search(r'"score"\s*:', before):
        raise AmbiguousError("the text holds more than one verdict")
    if attributed(re.sub(r"```\w*\s*\Z", "", before)) or quoted(text[start:end], asked):
        raise AmbiguousError("the verdict is introduced as a quotation")
    after = _without_repetition(re.sub(r"\A\s*(?:```|~~~)", "", after), given, asked.rubric)
    if not idle(after, low=low(given.get("score"), asked.rubric)):
        raise AmbiguousError("what follows the verdict may take it back")
    return given


def _without_repetition(after: str, given: Mapping[str, object], rubric: Rubric) -> str:
    """Leave out the lines after a verdict that say its score once more, and nothing else."""
    same = {("", str(given.get("score")), ""), ("", str(given.get("score")), str(rubric.high))}
    again = [line for line in after.splitlines() if any((s.aside, s.number, s.of) in same for s in said(line))]
    return "\n".join(line for line in after.splitlines() if line not in again)


def _objects(text: str, asked: Question) -> list[tuple[dict[str, object], int, int]]:
    """List the JSON objects that hold a verdict, with where each begins and ends."""
    wanted = {"criteria"} if asked.rubric.criteria else {"rationale", "score"}
    found: list[tuple[dict[str, object], int, int]] = []
    end = 0
    for match in list(_OBJECT.finditer(text))[:200]:
        if match.end() < end:
            continue
        try:
            value, end = strict_json.first(text, match.end())
        except strict_json.DoubledKeyError as error:
            raise AmbiguousError(str(error)) from error
        except ValueError:
            continue
        given = _unwrapped(value, asked)
        if wanted <= given.keys():
            found.append((given, match.start(), end))
    return found


def _is_call(value: object, asked: Question) -> bool:
    return isinstance(value, dict) and value.get("name") == asked.tool.name


def _unwrapped(found: dict[str, object], asked: Question) -> dict[str, object]:
    """Take the input out of a tool call that was written as text."""
    if list(found) == [asked.tool.name] and isinstance(inner := found[asked.tool.name], dict):
        return inner
    if _is_call(found, asked) and "score" not in found and "criteria" not in found:
        given = [found[key] for key in ("arguments", "parameters", "input") if key in found]
        inputs = [parsed(each) if isinstance(each, str) else each for each in given]
        if len(inputs) == 1 and isinstance(inputs[0], dict):
            return inputs[0]
    return found


def parsed(text: str) -> object | None:
    """Read a text that is one JSON value; None where it is not.

    Raises:
        AmbiguousError: A key stands twice in it.
    """
    try:
        return strict_json.loads(text.strip(_UNSEEN), lines=True)  # type: ignore[no-any-return]
    except strict_json.DoubledKeyError as error:
        raise AmbiguousError(str(error)) from error
    except ValueError:
        return None
