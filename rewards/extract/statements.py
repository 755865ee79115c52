"""Find where a worked solution states its answer in words, and how far the statement goes."""

from __future__ import annotations

import re

from rewards.patterns import Pattern

MAX_ANSWER = 2_500
_FINAL = (
    r"(?:final\s+answer|final\s+result|answer\s+(?:to\s+the\s+(?:problem|question)\s+)?"
    r"|correct\s+(?:answer|option|choice)\s*)"
)
STATED = Pattern(
    rf"""
      \b(?:{_FINAL}|answer)\**\s*(?:[-\u2013\u2014]\s+(?=\S)|(?:is|are|equals?|would\s+be|should\s+be|must\s+be|will\s+be|becomes)\b
          \s*(?:therefore|thus|simply|also|then|given\s+by|just)?\s*:?|[:=]|\n|\.\*\*(?=[ \t]*\S))\s*\**
    | \bans\.?\s*[:=]\s* | 【(?:答え|答案|解答|解|정답)】\s*
    | (?:答案|最终答案|最后答案|结果|结论)\s*(?:是|为|\uff1a|:|应为|等于)\s*:?\s*
    | (?:故|应|因此|所以|答案)?选择?\s*(?:项|\uff1a|:)?\s*(?=\(?[A-H]{{1,4}}\)?(?![A-Za-z]))
    | (?:所以|因此)\s*答案\s*(?:是|为)?\s*
    | (?:la\s+r[ée]ponse(?:\s+finale)?|le\s+r[ée]sultat)\s*(?:est|:)\s*:?\s*
    | (?:die\s+(?:endg[üu]ltige\s+)?(?:antwort|l[öo]sung)|das\s+ergebnis|(?:endergebnis|antwort|l[öo]sung))
          \s*(?:ist|lautet|beträgt|:)\s*:?\s*
    | (?:la\s+respuesta(?:\s+(?:final|correcta))?|el\s+resultado|respuesta(?:\s+final)?)\s*(?:es|:)\s*:?\s*
    | (?:a\s+resposta(?:\s+(?:final|correta))?|o\s+resultado|resposta(?:\s+final)?)\s*(?:é|e|:)\s*:?\s*
    | (?:la\s+risposta(?:\s+finale)?|risposta)\s*(?:è|:)\s*:?\s*
    | (?:答え|解答|正解|答)\s*(?:は|\uff1a|:|=)\s*
    | (?:정답|답)\s*(?:은|는|:)\s*
    | (?:ответ|otvet)\s*(?::|—|-|равен)\s*
    """,
    re.VERBOSE | re.IGNORECASE,
)
_SENTENCE_END = Pattern(r"(?<!\d)[.](?=\s|$)|[.](?=\s|$)|[。\uff01]|!(?=\s+[A-Z])|\n\s*\n")


def segment_after(text: str, start: int) -> str:
    """Take what a statement says: to the end of the sentence or of the displayed formula."""
    limit = min(len(text), start + MAX_ANSWER)
    displayed = re.compile(
        r"\s*\**\s*(\$\$.+?\$\$|\\\[.+?\\\]|\\\(.+?\\\)|\$[^$\n]+\$)\**\s*[.,]?\s*(?:\n|$)", re.DOTALL
    ).match(text, start, limit)
    if displayed is not None:
        return displayed[1]
    end = _sentence_end(text, start, limit)
    segment = text[start:end]
    if "\n" in segment.strip():
        lines = segment.strip().split("\n")
        segment = lines[0] if lines[0].strip(" *:$") not in ("", "\\[", "\\(") else segment
    return segment.strip()


def _sentence_end(text: str, start: int, limit: int) -> int:
    """Find the end of a sentence, outside dollar signs and not at a decimal point."""
    for match in _SENTENCE_END.finditer(text, start, limit):
        if text.count("$", start, match.start()) % 2 == 0 and text[start : match.start()].strip():
            return int(match.start())
    return limit
