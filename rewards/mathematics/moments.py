"""Times of day and dates, in the spellings people use."""

from __future__ import annotations

import re

from rewards.patterns import Pattern

_TIME = Pattern(
    r"(\d{1,2})(?::([0-5]\d))?(?::([0-5]\d))?\s*(?:(a|p)\.?\s?m\.?|(noon|midnight|o'clock|h))?", re.IGNORECASE
)
_MONTHS = {
    name: number
    for number, names in enumerate(
        "january jan,february feb,march mar,april apr,may,june jun,july jul,august aug,september sep sept,october oct,"
        "november nov,december dec".split(","),
        1,
    )
    for name in names.split()
}
_DAYS = Pattern(r"^(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day)\s*,?\s*")
_NAMED = Pattern(r"([a-z]+)\.?\s+(\d{1,2})(?:st|nd|rd|th)?(?:\s*,?\s*(\d{4}))?")
_DAY_FIRST = Pattern(r"(?:the\s+)?(\d{1,2})(?:st|nd|rd|th)?\s+(?:of\s+)?([a-z]+)\.?(?:\s*,?\s*(\d{4}))?")
_ISO = Pattern(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})")
_NUMERIC = Pattern(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_STYLE = Pattern(r"\\(?:text(?:bf|rm|it)?|mathrm|mbox)\s*\{([^{}]*)\}|\\[,;:! ]|[$~{}]")


def time_of_day(text: str) -> tuple[int, bool] | None:
    """Read a time: the seconds since midnight, and whether it says which half of the day is meant.

    Example:
        >>> time_of_day("8:34 p.m."), time_of_day("20:34"), time_of_day("7")
        ((74040, True), (74040, True), None)
    """
    bare = " ".join(_STYLE.sub(lambda found: f" {found[1] or ''} ", text).split()).strip(" .")
    match = _TIME.fullmatch(bare if not bare.lower().endswith((" m", "p.m", "a.m")) else bare + ".")
    if match is None or not (match[2] or match[4] or match[5]):
        return None
    hour, minute, second = int(match[1]), int(match[2] or 0), int(match[3] or 0)
    half = (match[4] or "").lower()
    if match[5] and match[5].lower() in ("noon", "midnight"):
        half = "p" if match[5].lower() == "noon" else "a"
    if hour > 24 or (half and not 1 <= hour <= 12):
        return None
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return (hour * 60 + minute) * 60 + second, bool(half) or hour > 12 or hour == 0


def same_time(first: str, second: str) -> bool | None:
    """Compare two times; None where one of the texts is no time. A missing a.m. or p.m. is forgiven.

    Example:
        >>> same_time("12:00", "1:00"), same_time("8:34 PM", "20:34"), same_time("3:30", "3:30 pm")
        (False, True, True)
    """
    one, other = time_of_day(first), time_of_day(second)
    if one is None or other is None:
        return None
    if one[1] and other[1]:
        return one[0] == other[0]
    return one[0] % 43200 == other[0] % 43200


def date(text: str) -> tuple[int, int, int] | None:
    """Read a date: year (0 where none stands there), month, day.

    Example:
        >>> date("July 4th, 1776"), date("4 July 1776"), date("1776-07-04"), date("4/7")
        ((1776, 7, 4), (1776, 7, 4), (1776, 7, 4), None)
    """
    bare = " ".join(_STYLE.sub(lambda found: f" {found[1] or ''} ", text).split()).strip(" .").lower()
    bare = _DAYS.sub("", bare)
    if match := _ISO.fullmatch(bare):
        year, month, day = int(match[1]), int(match[2]), int(match[3])
    elif (match := _NAMED.fullmatch(bare)) and match[1] in _MONTHS:
        year, month, day = int(match[3] or 0), _MONTHS[match[1]], int(match[2])
    elif (match := _DAY_FIRST.fullmatch(bare)) and match[2] in _MONTHS:
        year, month, day = int(match[3] or 0), _MONTHS[match[2]], int(match[1])
    elif match := _NUMERIC.fullmatch(bare):
        year, month, day = int(match[3]), int(match[1]), int(match[2])
    else:
        return None
    return (year, month, day) if 1 <= day <= 31 and 1 <= month <= 31 else None


def same_date(first: str, second: str) -> bool | None:
    """Compare two dates; None where one of the texts is none. A missing year is forgiven."""
    one, other = date(first), date(second)
    if one is None or other is None:
        return None
    return one[1:] == other[1:] and (one[0] == other[0] or not one[0] or not other[0])
