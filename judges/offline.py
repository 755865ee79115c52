"""Score without a model: count the cues that a rubric file names. For trying the plumbing, and as a floor.

It reads words, not meaning: whoever trains on it trains a policy to write its cue words.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from judges.judgement import Judgement

if TYPE_CHECKING:
    from judges.rubric import Rubric

_LONGEST = 6000  # characters read; patterns come from the deployment, but the text does not


def judge(rubric: Rubric, completion: str) -> Judgement:
    """Score an answer by the rubric's cues.

    Returns:
        A score on the rubric's scale in half points: where it starts, plus the points of each cue found (as often as
        counts), held inside the scale. The rationale lists what was found.

    Example:
        >>> from judges.rubric import Cue, Offline, Rubric
        >>> asks = Cue("asks", r"[?]", points=2)
        >>> judge(Rubric("support", "Run diagnostics.", offline=Offline(5.0, (asks,))), "Since when?").score
        7.0
    """
    text = re.sub(r"[ \t]+", " ", completion[:_LONGEST].replace("\u2019", "'"))
    total, found = rubric.offline.start, []
    for cue in rubric.offline.cues:
        matches = sum(1 for _ in _pattern(cue.pattern).finditer(text))
        count = int(not matches) if cue.absent else min(matches, cue.at_most)
        if count:
            total += cue.points * count
            found.append(f"{cue.name} {cue.points * count:+g}")
    score = min(max(round(total * 2) / 2, rubric.low), rubric.high)
    return Judgement(score, "cues found: " + (", ".join(found) or "none"), offline=True)


@lru_cache(maxsize=256)
def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.MULTILINE)
