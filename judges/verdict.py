"""The judge's reply -> a score, or a typed refusal to score. A score is never guessed, clamped or rescaled."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from judges.judgement import AmbiguousError, Finding, MalformedError, RefusedError, TruncatedError
from judges.prompt import Question
from judges.rivals import settled, without_rivals
from judges.rubric import WEIGHTS, Rubric
from judges.spoken import parsed, read_text

_WHOLE = frozenset({"end_turn", "tool_use", "stop_sequence"})
_REFUSED = frozenset({"guardrail_intervened", "content_filtered", "refusal"})
_CUT = frozenset({"max_tokens", "model_context_window_exceeded"})


@dataclass(frozen=True, slots=True)
class Reply:
    """Hold what a judge sent back, whatever carried it. Reasoning blocks are left out before they get here.

    Args:
        stop: Why the judge stopped, in Converse's words.
        calls: Tool name and input of each call, in order.
        texts: The text blocks, in order.
        doubled: A JSON object of the reply said a key twice.
    """

    stop: str
    calls: Sequence[tuple[str, object]] = ()
    texts: Sequence[str] = field(default_factory=tuple)
    doubled: bool = False


def read(reply: Reply, asked: Question) -> Finding:
    """Read the verdict in a reply.

    Args:
        reply: What the judge sent back.
        asked: What it was asked.

    Returns:
        The finding, its scores on the rubric's scale.

    Raises:
        ContentError: There is no verdict; the class says why.

    Example:
        >>> from judges.prompt import question
        >>> asked = question(Rubric("brief", "Be brief."), "Hi", "Yo")
        >>> read(Reply("tool_use", [("submit_score", {"rationale": "short", "score": 9})]), asked).score
        9.0
    """
    _stopped_well(reply.stop)
    if reply.doubled:
        raise AmbiguousError("a key stands twice in the reply")
    named = [given for name, given in reply.calls if name == asked.tool.name]
    if named:
        findings = [finding(given, asked.rubric) for given in named]
        if len({(found.score, *sorted(found.criteria.items())) for found in findings}) > 1:
            raise AmbiguousError(f"{len(findings)} calls of {asked.tool.name} disagree")
        return findings[0]
    if reply.calls or reply.stop == "tool_use":
        raise MalformedError(f"stopped for a tool, but {asked.tool.name} was not called")
    if reply.stop == "stop_sequence":  # nobody set one: `Score: 1` may have been going to be a 10
        raise TruncatedError("stopped at a sequence that was not asked for")
    return finding(read_text("\n".join(reply.texts), asked), asked.rubric)


def _stopped_well(stop: str) -> None:
    if stop in _REFUSED:
        raise RefusedError(f"stop reason {stop}")
    if stop in _CUT:
        raise TruncatedError(f"stop reason {stop}")
    if stop not in _WHOLE:
        raise MalformedError(f"stop reason {str(stop)[:40]!r}")


def finding(given: object, rubric: Rubric) -> Finding:
    """Read the input of the tool.

    Args:
        given: What the judge gave as the tool's input: untrusted.
        rubric: What was judged by.

    Raises:
        ContentError: It holds no verdict.
    """
    if isinstance(given, str):  # some models write the input as text
        given = parsed(given)
    if not isinstance(given, Mapping):
        raise MalformedError(f"the tool's input is {type(given).__name__}, not an object")
    if {"prompt", "answer"} <= given.keys():
        raise MalformedError("it repeats a scored example")
    return (
        _by_criteria(given, rubric)
        if rubric.criteria
        else Finding(_only_score(given, rubric), _words(given.get("rationale")))
    )


def _by_criteria(given: Mapping[Any, object], rubric: Rubric) -> Finding:
    settled(given, rubric.high)
    entries = given.get("criteria")
    if isinstance(entries, str):  # some models write a list as text
        entries = parsed(entries)
    if not isinstance(entries, list) or not all(isinstance(entry, Mapping) for entry in entries):
        raise MalformedError("criteria: not a list of objects")
    names = {criterion.name for criterion in rubric.criteria}
    scores: dict[str, float] = {}
    for entry in entries:
        name = re.sub(r"[\s-]+", "_", str(entry.get("name"))[:60].strip()).lower()
        if not isinstance(entry.get("name"), str) or name not in names:
            raise MalformedError(f"criteria: {name[:40]!r} is none of the rubric's")
        if name in scores:
            raise AmbiguousError(f"criteria: {name!r} stands twice")
        scores[name] = _only_score(entry, rubric)
    if missing := names - scores.keys():
        raise MalformedError(f"criteria: no score for {sorted(missing)}")
    words = "; ".join(f"{entry['name']}: {_words(entry.get('rationale'))}" for entry in entries)
    return Finding(_joined(scores, rubric), words, scores)


def _joined(scores: Mapping[str, float], rubric: Rubric) -> float:
    """Average the criteria's scores by their weights; the result is on the rubric's scale like each of them."""
    weighted = [(WEIGHTS[criterion.weight], scores[criterion.name]) for criterion in rubric.criteria]
    mean = sum(weight * score for weight, score in weighted) / sum(weight for weight, _ in weighted)
    return min(max(mean, rubric.low), rubric.high)  # a mean of equals may miss them by a rounding step


def _words(given: object) -> str:
    return given[:2000] if isinstance(given, str) else ""


def _only_score(given: Mapping[Any, object], rubric: Rubric) -> float:
    """Read the key `score`, and refuse where another key says another score or another scale."""
    if "score" not in given:
        raise MalformedError("no key 'score'")
    score = _score(given["score"], rubric)
    without_rivals(given, score, rubric.high)
    return score


_NUMBER = re.compile(r"\s*(10|[0-9])(?:\.(0|5)0{0,6})?\s*(?:(?:/|\bout of\b)\s*(10|[0-9])(?:\.0)?)?\s*", re.IGNORECASE)


def _score(value: object, rubric: Rubric) -> float:
    """Read one score: a whole or half point within the scale, as a number or a strictly numeric string."""
    if isinstance(value, str):
        match = _NUMBER.fullmatch(value[:40])
        if not match:
            raise MalformedError("the score is words, not a number")
        if match[3] and int(match[3]) != rubric.high:
            raise MalformedError(f"the score is out of {match[3]}, not {rubric.high}")
        value = float(f"{match[1]}.{match[2] or 0}")
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise MalformedError(f"the score is {type(value).__name__}, not a number")
    if not rubric.low <= value <= rubric.high or value * 2 % 1:
        raise MalformedError(
            f"the score {str(value)[:12]} is no whole or half point from {rubric.low} to {rubric.high}"
        )
    return float(value)
