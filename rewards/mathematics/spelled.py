"""Read numbers that are spelled out: forty-two, minus two and a half, three quarters."""

from __future__ import annotations

from fractions import Fraction

from rewards.mathematics.words import words
from rewards.patterns import Pattern

_BETWEEN = Pattern(r"[\s-]+")
_NUMBERS = {
    name: value
    for value, name in enumerate(
        """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
        seventeen eighteen nineteen""".split()
    )
}
_TENS = {
    name: 10 * value for value, name in enumerate("_ _ twenty thirty forty fifty sixty seventy eighty ninety".split())
}
_THOUSANDS = {"thousand": 10**3, "million": 10**6}
_LARGE_AFTER = ("", "hundred", "thousand", "and")  # what twelve or sixty may follow
_SMALL_AFTER = (*_LARGE_AFTER, "tens")
_FRACTIONS = {
    name + plural: parts
    for parts, name in enumerate("third quarter fifth sixth seventh eighth ninth tenth".split(), 3)
    for plural in ("", "s")
} | {"half": 2, "halves": 2}


def spelled(text: str) -> Fraction | None:
    """Read a small number that is spelled out.

    Example:
        >>> spelled("forty-two"), spelled("minus two and a half"), spelled("cat")
        (Fraction(42, 1), Fraction(-5, 2), None)
    """
    bare = _BETWEEN.sub(" ", words(text))
    sign, _, size = bare.partition(" ")
    if sign in ("minus", "negative"):
        number = _size(size)
        return None if number is None else -number
    return _size(bare)


def _size(bare: str) -> Fraction | None:
    whole, _, rest = bare.rpartition(" and ")
    for head, part in ((whole, rest), ("", bare)):
        count, _, name = part.rpartition(" ")
        share = Fraction(1, _FRACTIONS[name]) if name in _FRACTIONS and (count or name == "half") else None
        times = Fraction(1) if count in ("", "a") else _counted(count)
        before = _counted(head) if head else Fraction(0)
        if share is not None and times is not None and before is not None:
            return before + times * share
    return _counted(bare)


def _counted(text: str) -> Fraction | None:
    """Read a whole number in words."""
    total, current, last = 0, 0, ""
    for word in text.split():
        if word in _NUMBERS and last in (_SMALL_AFTER if _NUMBERS[word] < 10 else _LARGE_AFTER):
            current, last = current + _NUMBERS[word], "number"
        elif word in _TENS and last in _LARGE_AFTER:
            current, last = current + _TENS[word], "tens"
        elif word == "hundred" and last == "number":
            current, last = current * 100, word
        elif word in _THOUSANDS and last not in ("", "and"):
            total, current, last = total + current * _THOUSANDS[word], 0, "thousand"
        elif word == "and" and last in ("hundred", "thousand"):
            last = word
        else:
            return None
    return Fraction(total + current) if last not in ("", "and") else None
