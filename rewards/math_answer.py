"""Reward: the completion's final answer equals the reference answer."""

from __future__ import annotations

import re
from collections.abc import Mapping

from rewards.extract.final_answer import final_answer
from rewards.extract.found import Found
from rewards.extract.reasoning import without_reasoning
from rewards.interface import Reward, RowError, Sample, Verdict
from rewards.mathematics.answers import same_answer
from rewards.mathematics.finding import Finding
from rewards.mathematics.labels import contradictory
from rewards.mathematics.options import Options, options
from rewards.mathematics.reading import Answer, read, respelled
from rewards.mathematics.sentences import EXACT_PLACES, stated
from rewards.mathematics.tokens import MAX_CHARACTERS
from rewards.mathematics.words import decided, placeholder
from rewards.patterns import Pattern

MAX_COMPLETION = 200_000
_FIELDS = ("final_answer", "answer", "text", "value")
_SOLUTION = Pattern(r"\\(?:boxed|fbox|framebox)\b|####|<answer>|\b(?:answer|result) is\b", re.IGNORECASE)
_PROGRAM = Pattern(
    r"(?<![\\\w])(?:int|float|complex|Fraction|Decimal|Rational|Integer|str|repr|eval|exec|bool|bytes|sympify)\s*\("
    r"|;\s*(?:import|print|exec|os|sys)\b|\bimport\s+\w|\w\s+#\s*[a-z]"
    r"|(?<![\\\w])\w+(?:\.\w+)*\(\s*['\"]|(?<![\\\w.])[a-z]{2,}\.[a-z_]+\("
)
_NOTHING_SAID = Pattern(  # 1 = 1 is true, \\text{ans} = \\text{ans}
    r"(?<![\w.^+*/(={}-])(\w[\w.]{0,20})\s*=\s*\1(?![\w.])(?!\s*[\^+*/(=-])"
    r"|\\text\s*\{\s*(\w{1,20})\s*\}\s*=\s*\\text\s*\{\s*\2\s*\}"
)
_FREE_WORDS = Pattern(
    r"(?<![\\A-Za-z{])(?:is|are|so|since|because|therefore|then|we|the|have|get)(?![A-Za-z(}_^])", re.IGNORECASE
)
_SHOWN = 60
_TURNED = frozenset("\u202d\u202e")  # what follows is shown from one side, whatever it is


def math_answer(sample: Sample) -> Reward:
    r"""Score 1.0 where the completion's final answer equals the reference answer, else 0.0.

    Mathematics decides, not the written form. What that means, and what a row's `metadata.math` may change:

    | point | policy | option |
    |---|---|---|
    | where it stands | last box, tag, `####`, "the answer is", else the last sentence | `find`: any, marked, boxed |
    | what is not read | reasoning, echoed prompts, further tasks, comments, struck-out and hidden text | |
    | `[2, 6]`, the smaller number first | an interval, not a list of two | |
    | order | sets and bare lists have none; tuples, vectors, ratios one | `order`: auto, ordered, unordered |
    | expressions | agree on the reference's real domain, isolated removable points forgiven | `form`: any, written |
    | an answer undefined where the reference is not | wrong (2 ln x for ln x^2), in one variable | |
    | a reference with two decimal places | also what rounds to it (2/3 for 0.67) | `rounding`: true, false |
    | an exact reference | a rounded decimal is wrong, however long | `tolerance`: 0 to 1, relative |
    | a unit | may be missing; another one is converted | `units`: forgive, require, ignore |
    | a percent sign | 25% is 0.25, and 25 with the sign forgotten | `percent`: forgive, strict |
    | `x = 5`, `f(x) = ...` | equals its value; different names do not | `labels`: true, false |
    | `\log` without a base | natural | `log`: natural, ten |
    | `1,5` | a list or 3/2, as the reference has it; 1,234 a thousand | `decimal_comma`: false, true |
    | kind of the reference | seen from the reference itself | `kind`: auto, text, choice, number |
    | general solutions | compared as sets of values, whatever their constants are; + C is required where it stands | |
    | several named values | compared by name, in any order; a parameter may have any letter | |
    | a second form of the value (i.e., or, =) | must be equal to the first, else nothing | |
    | `2x + 1 = 11` for `x = 5`, `{x : x^2 < 4}` for `(-2, 2)` | the question again: nothing | |
    | several signs ± | each stands for itself, unless ∓ is among them | |
    | what is quoted, supposed, said or expected by others | no answer of the policy's: nothing | |
    | several boxes or values for one, or one for each case | a hedge: nothing; a correction counts by its last box | |

    Args:
        sample: The reference answer is a number, a text, or an object with one of `final_answer`, `answer`, `text`,
            `value` (and `unit`); `metadata.math` may hold the options of `rewards.mathematics.options`.

    Returns:
        One verdict, `math_answer`, whose reason says what was read, where, and why it counts or does not.

    Raises:
        RowError: The reference answer is absent or not readable, or an option does not exist: the row's fault.

    Example:
        >>> math_answer(Sample("a", "", r"So it is $\boxed{\frac34}$.", "0.76")).verdicts[0].reason
        'read \\frac34 from the last box; reference 0.76; differ by 1/100'
    """
    policy = options(sample.metadata.get("math"))
    reference_text = reference(sample.reference_answer)
    found = final_answer(answered(sample), policy.find)
    if not found.text:
        return _reward(0.0, f"no final answer found; reference {_short(reference_text)}")
    finding = _judge(reference_text, found, policy)
    words = f"read {_short(found.text)} from {found.where}; reference {_short(reference_text)}; {finding.why}"
    return _reward(float(finding.same), words)


def answered(sample: Sample) -> str:
    """Take what the completion answers: no reasoning, no echoed prompt, the end of a long one."""
    text = without_reasoning(sample.completion)
    prompt = sample.prompt.strip()
    if len(prompt) > 20 and prompt in text:  # noqa: PLR2004
        text = text[text.rindex(prompt) + len(prompt) :]
    return text[-MAX_COMPLETION:]


def reference(given: object) -> str:
    r"""Read the reference answer out of a row.

    Raises:
        RowError: It is absent, empty, or of a kind that holds no answer.

    Example:
        >>> reference({"value": 5, "unit": "cm"}), reference("6*7=<<6*7=42>>42\n#### 42")
        ('5 \\text{ cm}', '42')
    """
    unit = ""
    if isinstance(given, Mapping):
        unit = str(given.get("unit") or "")
        field = next((name for name in _FIELDS if given.get(name) is not None), None)
        if field is None:
            raise RowError(f"reference_answer: an object needs one of {', '.join(_FIELDS)}")
        given = given[field]
    if isinstance(given, list | tuple) and given:
        given = given[0] if len(given) == 1 else "\\{" + ", ".join(map(str, given)) + "\\}"
    if isinstance(given, bool):
        given = str(given)
    if not isinstance(given, str | int | float):
        raise RowError(f"reference_answer: expected a text or a number, not {type(given).__name__}")
    text = str(given).strip()
    if _SOLUTION.search(text) or (len(text) > 100 and "\n" in text):  # noqa: PLR2004
        text = final_answer(text).text or text
    if not text or (placeholder(text) and text != "?"):
        raise RowError("reference_answer: empty")
    return f"{text} \\text{{ {unit}}}" if unit else text


def _judge(reference_text: str, found: Found, policy: Options) -> Finding:
    """Compare the answer as it stands; where it is a sentence, then the value that the sentence states."""
    long = max(len(found.text), len(reference_text)) > MAX_CHARACTERS
    if not _TURNED.isdisjoint(found.text) or (not long and respelled(found.text) == respelled(reference_text)):
        same = _TURNED.isdisjoint(found.text)
        return Finding(same, "the same text" if same else "its signs are shown in another order than they stand")
    comma = policy.decimal_comma
    expected, answer = read(reference_text, decimal_comma=comma), read(found.text, decimal_comma=comma)
    if not answer.plain and (fault := _fault(reference_text, found, answer)):
        return Finding(same=False, why=fault)
    first = same_answer(expected, answer, policy)
    if first.same or answer.plain or long or decided(found.text) or placeholder(answer.text):
        return first
    if answer.tree is not None and (found.marked or not (_FREE_WORDS.search(found.text) or _is_more(answer, expected))):
        return first  # it was read whole
    for text in stated(found):
        other = read(text, decimal_comma=comma)
        finding = same_answer(expected, other, policy)
        if finding.same or (other.tree is not None and not _is_more(other, expected)):
            return finding
    return first


def _fault(reference_text: str, found: Found, answer: Answer) -> str:
    """Tell what makes an answer none, whatever the reference is; "" where nothing does."""
    if _PROGRAM.search(found.text[:MAX_CHARACTERS]) and not _PROGRAM.search(reference_text[:MAX_CHARACTERS]):
        return "code to be run, no answer"
    if _NOTHING_SAID.search(found.text[:MAX_CHARACTERS]) and not _NOTHING_SAID.search(reference_text[:MAX_CHARACTERS]):
        return "an equation that says nothing"
    if found.where in EXACT_PLACES and answer.tree is not None and not answer.unit and contradictory(answer.tree):
        return "its equals signs contradict each other"
    return ""


def _is_more(answer: Answer, expected: Answer) -> bool:
    """Tell whether an equation was read where a value is asked for: its right side may be that value."""
    wanted = expected.tree.op if expected.tree is not None else ""
    return answer.tree is not None and answer.tree.op == "rel" and wanted != "rel"


def _reward(score: float, reason: str) -> Reward:
    return Reward.of(Verdict("math_answer", score, reason))


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _SHOWN else flat[: _SHOWN - 1] + "…"


def prepare() -> None:
    """Load the arithmetic and compile the patterns before the first sample, so that they cost start time."""
    for reference_text, answer in _USUAL:
        math_answer(Sample("", "", f"So $x > 1$.\n\nThe answer is $\\boxed{{{answer}}}$.", reference_text))
    math_answer(Sample("", "", "so x > 1 or 3 cm", "1 + x"))


_USUAL = (  # pairs of the usual kinds that differ, so that every comparison is gone through
    ("1 + x", "x + 2"),
    ("(1, 2]", r"\left(1,\frac52\right]"),
    ("3, 5", "3, 6"),
    (r"\begin{pmatrix} 1 \\ 2 \end{pmatrix}", r"\begin{pmatrix} 1 \\ 3 \end{pmatrix}"),
    (r"\text{even}", r"\text{odd}"),
    (r"5\text{ cm}", r"\$6"),
    ("2 + 3i", "2 - 3i"),
    ("2x - 3y = 5", "x = 4"),
    (r"25\%", r"30^\circ"),
    (r"2\sqrt{3}", r"\frac{\pi}{4}"),
)
