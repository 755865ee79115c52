"""What else a verdict says beside its score: another score, another scale, or that it is none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from judges.judgement import AmbiguousError, MalformedError

_RIVAL = re.compile(r"score|rating|grade|points|verdict", re.IGNORECASE)
_MAYBE_RIVAL = re.compile(  # rivals where a number stands there
    r"final|revis|correct|actual|overall|total|value|result|adjust|true|real|new|updat|judg|mark|stars", re.IGNORECASE
)
_BOUND = re.compile(r"max|out_?of|scale|range|highest|denominator|possible|unit", re.IGNORECASE)
_UNDONE = re.compile(  # what says that the score is none, or not yet the last word
    r"refus|declin|error|unable|invalid|example|provisional|tentative|draft|placeholder|penal|deduct|bonus|subtract|"
    r"percent|pending|fail|abort|cannot|can_not|abstain|skip|do_?not|don_t|withh|void|ignore|discard|disregard|dummy|fake",
    re.IGNORECASE,
)
_STANDS = re.compile(r"valid|final|complete|confirmed|applicable|usable|success", re.IGNORECASE)
_NO = re.compile(r"\W*(?:none|null|no|false|n/a|0(?:\.0)?|)\W*", re.IGNORECASE)
_STATE = re.compile(r"status|state|outcome|decision", re.IGNORECASE)
_COUNTLESS = re.compile(r"\bmin|lowest|criteri|ration|reason|name", re.IGNORECASE)
_SHOULD_BE = re.compile(
    r"\b(?:score|rating|grade|mark)\b[^.\n]{0,20}\b(?:should|must|ought\s+to)\s+(?:have\s+been|be)\s+(?:an?\s+)?"
    r"([0-9]{1,3}(?:\.[0-9]{1,3})?)",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,6})?")


def without_rivals(given: Mapping[Any, object], score: float, high: int) -> None:
    """Pass where no other key of a verdict speaks against its score.

    Args:
        given: The verdict's object.
        score: What its key `score` says.
        high: The scale's highest score.

    Raises:
        ContentError: A key says another score or another scale, or takes the score back.

    Example:
        >>> without_rivals({"score": 7, "confidence": 0.3}, 7, 10)
    """
    settled(given, high)
    for key, value in _others(given):
        if _BOUND.search(key):
            continue
        words = _shown(value)
        numbers, said = _numbers(words), _SHOULD_BE.search(words)
        if said is not None and float(said[1]) != score:
            raise AmbiguousError(f"{key[:40]!r} says what the score should be")
        if (_RIVAL.search(key) and not numbers) or (_is_rival(key, value) and numbers and numbers[0] != score):
            raise AmbiguousError(f"'score' and {key[:40]!r} disagree")


def settled(given: Mapping[Any, object], high: int) -> None:
    """Pass where no key of an object takes the scores in it back, or says another scale.

    Raises:
        ContentError: One does.
    """
    for key, value in _others(given):
        words = _shown(value)
        if _takes_back(key, value, words):
            raise AmbiguousError(f"{key[:40]!r} takes the score back")
        numbers = _numbers(words)
        if _BOUND.search(key) and ((numbers and numbers[-1] != high) or re.search("%|percent|star", words)):
            raise MalformedError(f"{key[:40]!r} speaks of another scale")


def _others(given: Mapping[Any, object]) -> Iterator[tuple[str, object]]:
    """List the keys that may speak of the score, and what they say; blanks and dashes stand as underscores."""
    for key, value in given.items():
        if isinstance(key, str) and key != "score" and not _COUNTLESS.search(key):
            yield re.sub(r"\W", "_", key[:60]), value


def _numbers(words: str) -> list[float]:
    return [float(number) for number in _NUMBER.findall(words)]


def _takes_back(key: str, value: object, words: str) -> bool:
    if _UNDONE.search(key):
        return not _NO.fullmatch(words)
    if _STATE.search(key) and _UNDONE.search(words):
        return True
    return bool(_STANDS.search(key) and isinstance(value, (bool, str)) and words.strip() and _NO.fullmatch(words))


def _is_rival(key: str, value: object) -> bool:
    inside = isinstance(value, Mapping) and any(isinstance(each, str) and each.lower() == "score" for each in value)
    return inside or bool(_RIVAL.search(key) or _MAYBE_RIVAL.search(key))


def _shown(value: object) -> str:
    """Write what a value says, one level deep: what a judge nested deeper was not asked for."""
    if isinstance(value, Mapping):
        value = sorted(value.items(), key=lambda item: str(item[0]).lower() != "score")
        value = [each for _, each in value]
    if isinstance(value, list):
        return " ".join(str(each)[:50] for each in value[:10] if isinstance(each, (str, int, float)))
    return str(value)[:200]
