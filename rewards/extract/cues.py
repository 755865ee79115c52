"""Look for single words before a long expression is tried: most texts hold none, and a set of words answers at once."""

from __future__ import annotations

import string

_BLANKS = str.maketrans(dict.fromkeys(string.punctuation + "\u201c\u201d\u2018\u2019\u2014", " "))  # (if ... is " if "


class Cues:
    """Hold words of which one stands in every text that an expression finds.

    Args:
        words: Whole words, in lower case, with blanks between them.
        signs: What may stand anywhere, in lower case, with blanks between them.
    """

    def __init__(self, words: str, signs: str = "") -> None:
        self._words = frozenset(words.split())
        self._signs = tuple(sign for sign in signs.split() if sign.isascii())
        self._foreign = tuple(sign for sign in signs.split() if not sign.isascii())

    def within(self, text: str) -> bool:
        """Tell whether one of them stands in a text.

        Example:
            >>> Cues("if suppose", "若").within("(If so, 5"), Cues("if suppose", "若").within("Iffy")
            (True, False)
        """
        lowered = text.lower()
        if not self._words.isdisjoint(lowered.translate(_BLANKS).split()):
            return True
        if any(sign in lowered for sign in self._signs):
            return True
        return not text.isascii() and any(sign in lowered for sign in self._foreign)
