"""Read a score that stands on a line of its own in a judge's text, such as `**Score:** 7/10`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from judges.after import idle, low, remarks
from judges.before import attributed, declined, introduces, quoted, unquoted
from judges.judgement import AmbiguousError, MalformedError, RefusedError

if TYPE_CHECKING:
    from judges.prompt import Question
    from judges.rubric import Rubric

_OUT_OF = r"\s*(?:/|\b(?:out of|von|sur|de|di|su|из)\b)\s*"
_NUMBER = (
    rf"(?:(?P<marked>\[\[)|\\boxed\{{)?(?P<number>[0-9]{{1,2}}(?:\.[0-9]{{1,2}}|\u00bd|,5(?={_OUT_OF}10\b))?)"
    rf"(?:{_OUT_OF}(?P<of>[0-9]{{1,3}}))?(?:\]\]|\}})?"
    r"(?:\s*(?:(?:points?|pts)\b|[分点점]))?"
)
_SCALE = r"(?:[(\[]\s*(?:(?P<low>[0-9]{1,3})\s*(?:-|\u2013|to)\s*|out of\s+|/\s*)(?P<high>[0-9]{1,3})\s*[)\]])?"
# What says "score" in several languages; and what may say it, where the scale stands beside the number.
_SURE = (
    r"(?P<sure>score|punktzahl|puntuaci[oó]n|pontua[cç][aã]o|punteggio|puan|ocena|"
    r"(?:最终|最後|最后|总)?(?:得分|评分|評分|分数|分數)|スコア|点数|점수|оценка|الدرجة|التقييم|अंक|स्कोर)"
)
_LOOSE = r"(?:rating|grade|verdict|judge?ment|overall|note|nota|bewertung|[eé]valuation)"
_LABEL = rf"(?:(?:final|overall|my)\s+)?(?:{_SURE}|{_LOOSE})(?:\s+finale?)?"
_IS = r"(?:[:=\uff1a\u2192]|->|\s[\u2013\u2014]\s)"
_GAP = r"[\s*_`]*"
_MARK = r"(?P<mark>[\s#>*_`\u2b50\U0001f300-\U0001faff-]*(?:[0-9]{1,2}[.)]\s[\s*_`]*)?)"
_ASIDE = (
    r"[\s*_`.]*(?P<aside>\([^()]*\)|[-\u2013\u2014]\s[^\n]*|\.(?:\s+\w[\w'-]*[,;]?){3}[^\n]*"
    r"|,?\s(?:because|since|as it|given|due to)\b[^\n]*)?[\s*_`.]*"
)
_BARE = re.compile(rf"{_GAP}{_NUMBER}[\s*_`.]*", re.IGNORECASE)
_LINES = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_MARK}{_LABEL}{_GAP}{_SCALE}{_GAP}{_IS}{_GAP}{_NUMBER}{_ASIDE}",
        rf"\|{_GAP}{_LABEL}{_GAP}\|{_GAP}{_NUMBER}{_GAP}\|\s*",
        rf"\s*<(?P<tag>(?P<sure>(?:final_|overall_)?(?:score|rating|grade)|answer))>\s*{_NUMBER}\s*</(?P=tag)>\s*",
    )
]
_HEADING = re.compile(rf"{_MARK}{_LABEL}{_GAP}{_SCALE}{_GAP}[:\uff1a]?{_GAP}", re.IGNORECASE)
_CONFIDENCE = re.compile(
    rf"{_MARK}(?:my )?confidence(?: level)?{_GAP}[:=]{_GAP}"
    r"(?:[0-9.]{1,4}\s*(?:%|/\s*[0-9]{1,3})?|[a-z]{1,20})[\s*_`.]*",
    re.IGNORECASE,
)
_EMPHASIS = re.compile(r"(\*{1,3})(?=[^\s*])([^*]*[^\s*])\1")
_FOOTNOTE = re.compile(r"[0-9\u00bd)\]]\s?\*")
_STRUCK = re.compile(r"~~|<(?:s|del|strike)>", re.IGNORECASE)
_TURN = re.compile(r"<\|(?!end_of_text)\w{2,20}\|>|<(?:start|end)_of_turn>")
_LONGEST = 500  # characters of a line that says a score
_TAGGED = re.compile(
    r"<(rationale|reason|reasoning|justification|explanation|feedback|comments?)>\s*([^<]*?)\s*</\1>", re.IGNORECASE
)
_CLOSING = re.compile(
    r"\s*</?(?:results?|evaluation|judge?ment|verdict|assessment|output|review|grading|rating|score|feedback|"
    r"final_?(?:answer|score|verdict)|response|xml)>\s*",
    re.IGNORECASE,
)
_SCALE_ASIDE = re.compile(r"\(\s*(?:out of|/)\s*([0-9]{1,3})\s*\)", re.IGNORECASE)


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
    line = _plain(line)
    for pattern in _LINES if len(line) <= _LONGEST else ():
        if match := pattern.fullmatch(line):
            has = dict.fromkeys(("high", "low", "of", "aside", "sure", "mark", "marked"), "") | {
                name: value for name, value in match.groupdict().items() if value
            }
            aside, of = has["aside"], has["of"] or has["high"]
            if scale := _SCALE_ASIDE.fullmatch(aside):
                aside, of = "", of or scale[1]
            if has["high"] and has["of"] not in ("", has["high"]):
                of = "?"
            sure = bool(has["sure"] or has["marked"] or of)
            return Said(_point(match["number"]), of, sure, aside, ">" not in has["mark"], has["low"])
    return None


def _plain(line: str) -> str:
    """Take emphasis off a line; a star that is left behind a number is a footnote's, and the line says no score."""
    line = re.sub(r"\s{2,}", " ", line[: _LONGEST + 1])
    for _ in range(3):
        line = _EMPHASIS.sub(r"\2", line)
    return "" if _FOOTNOTE.search(line) else line


def _point(number: str) -> str:
    return number.replace("\u00bd", ".5").replace(",", ".")


def _lines(text: str) -> list[str]:
    """List the lines that speak of the score, a heading joined to the number under it."""
    lines: list[str] = []
    for line in text.splitlines():
        plain = _plain(line)
        if not line.strip() or _CLOSING.fullmatch(line) or _CONFIDENCE.fullmatch(plain):
            continue
        if lines and _BARE.fullmatch(plain) and _HEADING.fullmatch(_plain(lines[-1])):
            lines[-1] = lines[-1].rstrip(" *_`:\uff1a") + ": " + line.strip(" *_`")
        else:
            lines.append(line)
    return lines


def score_line(text: str, asked: Question) -> dict[str, object] | None:
    """Read a score that is the whole text, its last line, or its first with nothing but its reason after it.

    Raises:
        ContentError: Two lines differ, it is a quotation, or it is out of another scale.
    """
    if bare := _BARE.fullmatch(_plain(text)):
        return {"score": _of(bare)}
    if _STRUCK.search(text):
        raise AmbiguousError("part of the text is struck out")
    if _TURN.search(text):
        raise AmbiguousError("the text runs on into another turn")
    head, _, reason = text.partition("\n")
    bare = _BARE.fullmatch(_plain(head))
    if bare and idle(unquoted(reason, asked), low=low(bare["number"], asked.rubric)):
        return {"score": _of(bare)}
    lines = _lines(_TAGGED.sub(r"\1: \2", text))
    found = {place: each for place, line in enumerate(lines) if (each := _said(line))}
    if any(each.own for each in found.values()):  # block quotations of the sample say nothing beside the judge's own
        found = {
            place: each for place, each in found.items() if each.own or not quoted(lines[place].strip(" >"), asked)
        }
    if not _agree(list(found.values())):
        return None
    first, place = min(found), max(found)
    rest = unquoted("\n".join(line for at, line in enumerate(lines) if at > first and at not in found), asked)
    opens = (first == 0 or introduces("\n".join(lines[:first]))) and idle(
        rest, low=low(found[first].number, asked.rubric)
    )
    if not (place == len(lines) - 1 or opens) or not found[place].own or not remarks(found[place].aside):
        return None
    if declined(text):
        raise RefusedError("the judge declined in words")
    if quoted(lines[place], asked) or attributed("\n".join(lines[:place])):
        raise AmbiguousError("the score is a quotation")
    return {"score": _written(list(found.values()), asked.rubric)}


def _of(bare: re.Match[str]) -> str:
    number = _point(bare["number"])
    return f"{number}/{bare['of']}" if bare["of"] else number


def _agree(found: list[Said]) -> bool:
    """Tell whether lines that hold a score say the judge's own; raise where they differ."""
    if len({float(each.number) for each in found}) > 1 or len({each.of for each in found} - {""}) > 1:
        raise AmbiguousError("the text says two scores")
    return any(each.sure and each.own for each in found)


def _written(found: list[Said], rubric: Rubric) -> str:
    """Write the score with the scale that any of the lines says."""
    number = found[-1].number
    if any(each.low not in ("", str(rubric.low)) for each in found):
        raise MalformedError("the score is on another scale")
    of = next((each.of for each in found if each.of), "")
    return f"{number}/{of}" if of else number
