"""What was found in a completion, and where."""

from __future__ import annotations

from typing import NamedTuple


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
