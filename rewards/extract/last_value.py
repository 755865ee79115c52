"""Find the value that a text ends with where nothing marks its answer: its bold text, its last formula or sentence."""

from __future__ import annotations

import re

from rewards.extract.boxes import boxes, truncated
from rewards.extract.conclusion import SENTENCES, conclusion, without_rejected
from rewards.extract.doubts import denied
from rewards.extract.found import NOT_FOUND, Found
from rewards.extract.phrases import AND, OR
from rewards.extract.statements import MAX_ANSWER
from rewards.extract.values import FORMULA, values
from rewards.extract.withdrawn import taken_back
from rewards.patterns import Pattern

MAX_LINE = 400
FEW_WORDS = 4  # fewer are a value, not a sentence
_SIGN = Pattern(r"\w")
_HOLDS = Pattern(r"[\w$\\∅∞½-⅞]")
_BOLD = Pattern(r"\*\*([^*\n]{1,200})\*\*|__([^_\n]{1,200})__")
_NAMING = Pattern(
    r".*:\s*|(?:(?:the|my)\s+)?(?:final\s+)?(?:answer|result|solution)\.?\s*", re.IGNORECASE
)  # **Answer.**
_LABELLED = Pattern(r"^[A-Za-z][A-Za-z ]{0,40}:\s*(?=\S)")
_VALUE_LIKE = Pattern(r"[\d$\\∞∅π√½-⅞]|^[A-H]$|^\([A-H]\)$")
_GOES_ON = Pattern(r"\b(?:is|are|get|gives?|equals?|=|yields?)\b[^.]{0,40}\d", re.IGNORECASE)
_JOINED = Pattern(rf"^[^.]{{0,40}}\b(?:{OR}|{AND})\b[^.]{{0,20}}$|^\s*[,/;]\s*$")
# The sentence breaks off: at a comma, or at a word or an operator that asks for another.
_BROKEN = Pattern(
    r"(?:[,:;]|\b(?:is|are|was|be|to|the|an?|of|and|or|that|which|whether|if|from|by|with|for|we|in|at|on|as|then|so|must"
    r"|need|because|since|where|when|than|equals?|gives?|into|using|first|next|also))\s*$"
    r"|\b(?:now|next)\b[^.]{0,40}\b(?:we|let)\b[^.]*[a-z]$"
    r"|(?:\\(?:cdot|times|div|[dt]?frac|sqrt|pm|mp|left|cup|cap|in|leq?|geq?|approx|equiv|text|mathrm|log|ln)|[-+/=^_({\\])\s*$",
    re.IGNORECASE,
)
_ENDED = Pattern(r"[.!?。\uff01\uff1f)\]}$*\"'`%°∞]\s*$")
_MANY_WORDS = Pattern(r"\d[^\d]*?(?:\s+[A-Za-z]{2,}\W*){4,}$")
_PARTS = Pattern(r"^\W*\(?[a-h1-9][).]\s+\S")
_BULLET = Pattern(r"^\s*[-*•]\s+(?=\S)")
_ENVIRONMENT = Pattern(
    r"(?:\$\$|\\\[)?\s*\\begin\{(align|aligned|gather|gathered|equation|eqnarray|split)\*?\}(.*?)\\end\{\1\*?\}\s*(?:\$\$|\\\])?",
    re.DOTALL,
)
_COMMITTED = Pattern(
    r"^\W*(?:yes|no|true|false|\(?[A-H]\)?)\W*(?:[.,;:!\u2014-]|$)", re.IGNORECASE
)  # said at once, then explained
_FILLER = Pattern(r"^[\d\s,.…]*$")
# Words of a grader's own, in a text that has no answer: a score that the policy gives itself.
_GIVEN = Pattern(
    r"^\W{0,8}(?:ground[\s_-]?truth|reference|expected|target|gold)(?:[\s_-]\w{1,20})?\s{0,4}[:=]", re.IGNORECASE
)
_RULED_OUT = Pattern(
    r"\b(?:we|i|can)\s+(?:rule\s+out|eliminate|exclude|reject)\b[^.\n]{0,30}\.?\s*$|\b(?:everything|all)\s+but\b[^.\n]{0,20}\.?\s*$",
    re.IGNORECASE,
)
_OBJECT = Pattern(r"\A\{\s*\"\w+\"\s*:.*\}\Z", re.DOTALL)  # of JSON, none of whose fields is an answer
_SELF_GRADED = Pattern(
    r"(?<![A-Za-z])(?:score|reward|grade|verdict|correct|rating|confidence|step)\b[\"']?\s*[:=>]", re.IGNORECASE
)


def last_value(text: str) -> Found:
    r"""Read the value that an unmarked text ends with.

    What the policy asks, supposes, breaks off or gives itself as a score is no answer.

    Example:
        >>> last_value("The conic is an **ellipse**.").text, last_value("Then there are 5 cases, of which").text
        ('ellipse', '')
    """
    bare = conclusion(text)
    if not bare or _OBJECT.search(bare) or truncated(bare, boxes(bare)) or _is_broken(bare) or _is_self_graded(bare):
        return NOT_FOUND
    if _GIVEN.match(bare) is not None or _RULED_OUT.search(bare[-MAX_LINE:]) is not None:
        return NOT_FOUND
    found = _last(without_rejected(bare))
    if denied(found.text, stated=False) or _withdrawn(found.text):
        return NOT_FOUND
    return found


def _is_self_graded(text: str) -> bool:
    """Tell whether a text only grades itself: none of its lines is free of a score, or its last one is none."""
    lines = [line for line in text.split("\n") if line.strip()]
    graded = [_SELF_GRADED.search(line) is not None for line in lines]
    return any(graded) and (graded[-1] or _BOLD.fullmatch(lines[-1].strip()) is None)


def _is_broken(text: str) -> bool:
    if _is_cut(text):
        return True
    if len(text.split()) < FEW_WORDS:
        return False
    if _BROKEN.search(text):
        return True
    several = SENTENCES.search(text) is not None
    return several and _ENDED.search(text) is None and _MANY_WORDS.search(text[-MAX_LINE:]) is not None


def _is_cut(text: str) -> bool:
    r"""Tell whether a text breaks off inside a formula: so it is $\frac{5."""
    dollars = text.count("$") - text.count("\\$")
    tail = text.rpartition("$")[2] if dollars % 2 else text[max(text.rfind("\\("), 0) :] if "\\(" in text else ""
    return "\\)" not in tail and tail.count("{") > tail.count("}")


def _withdrawn(text: str) -> bool:
    """Tell whether a sentence says of its own value that it is wrong: "42 is wrong."."""
    found = values(text)[-1:]
    return bool(found) and taken_back(text[text.rfind(found[0]) + len(found[0]) :]) is not None


def _last(bare: str) -> Found:
    if _FILLER.match(bare) and len(bare.split()) > FEW_WORDS:
        return NOT_FOUND
    if len(bare) <= MAX_LINE and "\n" not in bare and "\\begin{" not in bare:
        *_, sentence = (piece.strip() for piece in SENTENCES.split(bare))
        if _COMMITTED.match(bare):
            return _bold(bare) or Found(bare, "the whole text", marked=False)
        return _bold(sentence) or Found(
            sentence if _HOLDS.search(sentence) else bare,
            "the last sentence" if sentence != bare else "the whole text",
            marked=False,
        )
    tail = bare[-MAX_ANSWER:]
    if (listed := _listed(tail)) is not None:
        return listed
    tail = _ENVIRONMENT.sub(_last_row, tail)
    formulas = list(FORMULA.finditer(tail))[-1:]
    formula = formulas[0] if formulas else None
    if formula is not None and not _SIGN.search(tail, formula.end()):
        inside = next(group for group in formula.groups() if group is not None)
        return _bold(_line(tail)) or Found(inside.strip(), "the last formula", marked=False)
    line = _line(tail)
    return _bold(line) or Found(SENTENCES.split(line)[-1].strip(), "the last line", marked=False)


def _last_row(environment: re.Match[str]) -> str:
    """Take the last line of an aligned calculation, as a formula of its own."""
    rows = [row.replace("&", " ").strip() for row in environment[2].split("\\\\") if row.strip()]
    return f"\n\\[{rows[-1]}\\]\n" if rows else ""


def _listed(tail: str) -> Found | None:
    """Read the items of a list that a text ends with: its parts (a), (b), or the bullets after a colon."""
    lines = [line.strip() for line in tail.split("\n") if line.strip()]
    for mark, joint, needs_colon in ((_PARTS, "; ", False), (_BULLET, ", ", True)):
        count = 0
        while count < len(lines) and mark.search(lines[-1 - count]):
            count += 1
        before = lines[-1 - count] if count < len(lines) else ":"
        if count > 1 and (before.endswith(":") or not needs_colon):
            items = [_BULLET.sub("", line) for line in lines[-count:]]
            return Found(joint.join(items), "the last list", marked=False)
    return None


def _line(tail: str) -> str:
    lines = [line for line in tail.split("\n") if _HOLDS.search(line)]
    return lines[-1].strip() if lines else ""


def _bold(line: str) -> Found | None:
    """Read the last bold text of a line, where it is a value or ends the line; None where it is only emphasis."""
    found = [match for match in _BOLD.finditer(line) if _NAMING.fullmatch(match[1] or match[2]) is None]
    if not found:
        return None
    last = found[-1]
    text = _LABELLED.sub("", (last[1] or last[2]).strip())
    after = line[last.end() :]
    opens = not line[: last.start()].strip(" -*>#")
    if not (_VALUE_LIKE.search(text) or not _SIGN.search(after) or opens) or _GOES_ON.search(after):
        return None
    if len(found) > 1 and _JOINED.search(line[found[-2].end() : last.start()]):
        return None
    return Found(text, "the bold text")
