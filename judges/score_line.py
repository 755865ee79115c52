"""Read a score that stands on a line of its own in a judge's text, such as `**Score:** 7/10`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from judges.around import attributed, changes, idle, quoted
from judges.judgement import AmbiguousError, MalformedError

if TYPE_CHECKING:
    from judges.prompt import Question
    from judges.rubric import Rubric

_NUMBER = (
    r"(?:\[\[|\\boxed\{)?(?P<number>[0-9]{1,2}(?:\.[0-9]{1,2})?)"
    r"(?:\s*(?:/|\b(?:out of|von|sur|de|di|su|из)\b)\s*(?P<of>[0-9]{1,3}))?(?:\]\]|\})?"
    r"(?:\s*(?:(?:points?|pts)\b|[分点점]))?"
)
_SCALE = r"(?:\(\s*(?:(?P<low>[0-9]{1,3})\s*(?:-|\u2013|to)\s*|out of\s+|/\s*)(?P<high>[0-9]{1,3})\s*\))?"
# What says "score" in several languages; and what may say it, where the scale stands beside the number.
_SURE = (
    r"(?P<sure>score|punktzahl|puntuaci[oó]n|pontua[cç][aã]o|punteggio|"
    r"得分|评分|評分|分数|分數|スコア|点数|점수|оценка)"
)
_LOOSE = r"(?:rating|grade|verdict|overall|note|nota|bewertung|[eé]valuation)"
_LABEL = rf"(?:(?:final|overall|my)\s+)?(?:{_SURE}|{_LOOSE})"
_GAP = r"[\s*_`]*"
_ASIDE = r"[\s*_`.]*(?P<aside>\([^()]*\)|[-\u2013\u2014]\s[^\n]*)?[\s*_`.]*"
_BARE = re.compile(rf"{_GAP}{_NUMBER}[\s*_`.]*", re.IGNORECASE)
_LINES = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?P<mark>[\s#>*_`-]*){_LABEL}{_GAP}{_SCALE}{_GAP}[:=\uff1a]{_GAP}{_NUMBER}{_ASIDE}",
        rf"\|{_GAP}{_LABEL}{_GAP}\|{_GAP}{_NUMBER}{_GAP}\|\s*",
        rf"\s*<(?P<sure>score)>\s*{_NUMBER}\s*</score>\s*",
    )
]
_LONGEST = 500  # characters of a line that says a score
_CLOSING = re.compile(r"\s*</?[a-z_]{1,20}>\s*", re.IGNORECASE)
_OUT_OF = re.compile(r"\(\s*(?:out of|/)\s*([0-9]{1,3})\s*\)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Said:
    """Hold what one line says.

    Args:
        number: As it was written.
        of: The scale's highest score, where the line says one.
        sure: The line says "score", or out of how much.
        aside: What else stands on the line.
        own: It is no block quotation.
        low: The scale's lowest score, where the line says one.
    """

    number: str
    of: str
    sure: bool
    aside: str
    own: bool
    low: str


def said(text: str) -> list[Said]:
    """List what the lines of a text say that hold a score and nothing but a remark."""
    return [found for line in text.splitlines() if (found := _said(line))]


def _said(line: str) -> Said | None:
    line = re.sub(r"\s{2,}", " ", line)
    for pattern in _LINES if len(line) <= _LONGEST else ():
        if match := pattern.fullmatch(line):
            has = {"high": "", "low": "", "of": "", "aside": "", "sure": "", "mark": ""} | {
                name: value for name, value in match.groupdict().items() if value
            }
            aside, of = has["aside"], has["of"] or has["high"]
            if scale := _OUT_OF.fullmatch(aside):
                aside, of = "", of or scale[1]
            if has["high"] and has["of"] not in ("", has["high"]):
                of = "?"
            return Said(match["number"], of, bool(has["sure"] or of), aside, ">" not in has["mark"], has["low"])
    return None


def score_line(text: str, asked: Question) -> dict[str, object] | None:
    """Read a score that is the whole text, its last line, or its first with nothing but its reason after it.

    Raises:
        ContentError: Two lines differ, it is a quotation, or it is out of another scale.
    """
    if bare := _BARE.fullmatch(text):
        return {"score": f"{bare['number']}/{bare['of']}" if bare["of"] else bare["number"]}
    lines = [line for line in text.splitlines() if line.strip() and not _CLOSING.fullmatch(line)]
    found = [(place, each) for place, line in enumerate(lines) if (each := _said(line))]
    if len({float(each.number) for _, each in found}) > 1 or len({each.of for _, each in found} - {""}) > 1:
        raise AmbiguousError("the text says two scores")
    if not found or not any(each.sure and each.own for _, each in found):
        return None
    (first, _), (place, last) = found[0], found[-1]
    opens = first == 0 and idle("\n".join(line for at, line in enumerate(lines) if at not in dict(found)))
    if not (place == len(lines) - 1 or opens) or not last.own or changes(last.aside):
        return None
    if quoted(lines[place], asked) or attributed("\n".join(lines[:place])):
        raise AmbiguousError("the score is a quotation")
    return {"score": _written(found, asked.rubric)}


def _written(found: list[tuple[int, Said]], rubric: Rubric) -> str:
    """Write the score with the scale that any of the lines says."""
    number = found[-1][1].number
    if any(each.low not in ("", str(rubric.low)) for _, each in found):
        raise MalformedError("the score is on another scale")
    of = next((each.of for _, each in found if each.of), "")
    return f"{number}/{of}" if of else number
