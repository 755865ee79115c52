"""What honest replies write around a box changes no score."""

import json
from pathlib import Path

import pytest

from rewards.extract.boxes import boxes
from rewards.interface import RowError, Sample
from rewards.math_answer import math_answer

CASES = Path(__file__).parent / "cases" / "math_answer.jsonl"
REPLIES = [
    "Suppose that $n$ is even; then there is a contradiction. So $n$ is odd.\n\nTherefore the answer is $\\boxed{@}$.",
    "**Step 1.** Write it down.\n\n**Step 2.** Note that both are positive.\n\n**Final Answer**\n\n$$\\boxed{@}$$",
    "Some students forget the second case. Counting it too, we get $\\boxed{@}$.",
    "If we let $t=x^2$, the equation becomes quadratic. Solving it gives $\\boxed{@}$.",
    "The problem says that all numbers are distinct. Hence\n\\[\n\\boxed{@}\n\\]\n\nThis matches a check by hand.",
    "I first thought of another value, but that was wrong: it leaves out a case. The correct one is $\\boxed{@}$.",
    "Wait, let me look again. Yes. So the answer is $\\boxed{@}$.\n\n(Induction would do as well.)",
    "Nach kurzer Rechnung: Das Ergebnis lautet $\\boxed{@}$.\n\nProbe: stimmt.",
    "En resumen, la respuesta es $\\boxed{@}$.\n\nNota: hay otra manera de verlo.",
    "Donc la réponse est $\\boxed{@}$. On peut le vérifier facilement.",
    "Portanto, a resposta final é $\\boxed{@}$.\n\nEspero ter ajudado!",
    "因此,答案是 $\\boxed{@}$。",
    "よって、答えは $\\boxed{@}$ です。",
    "<think>Maybe \\boxed{99999}? no.</think>\n\nThe answer is $\\boxed{@}$.",
    "It is not clear at once, but a short argument shows that it equals $\\boxed{@}$.",
    "The answer is $\\boxed{@}$.\n\n**Verification:** both sides agree, so the solution is correct.",
    "The answer is $\\boxed{@}$. Note that a common mistake is to forget the minus sign.",
    "Could it be larger? No, because the sequence is bounded. Hence $\\boxed{@}$.",
    "The teacher asked for the exact value. It is $\\boxed{@}$.",
    "$\\boxed{@}$ is the answer, as the figure shows.",
    "So our answer would be $\\boxed{@}$.",
    'As the problem states, "the order does not matter". So we get $\\boxed{@}$.',
]


def _bare() -> list[tuple[str, str]]:
    """List every twentieth of the cases that are little more than a box: the reference and what the box holds."""
    found = []
    for line in CASES.read_text("utf-8").splitlines():
        case = json.loads(line)
        reference, completion = case["reference_answer"], case["completion"]
        held = boxes(completion)
        if isinstance(reference, str) and len(held) == 1 and not case.get("metadata"):
            start, end, content = held[0]
            if len(completion) - (end - start) < 60 and "think" not in completion:
                found.append((reference, content))
    return found[::20]


def _score(reference: str, completion: str) -> float | None:
    try:
        return math_answer(Sample("", "", completion, reference)).value
    except RowError:
        return None


@pytest.mark.parametrize("reply", REPLIES)
def test_what_stands_around_a_box_changes_no_score(reply: str) -> None:
    """Reasoning, remarks and courtesies in seven languages, with words that elsewhere put an answer in doubt."""
    bare = _bare()
    assert len(bare) > 50
    for reference, content in bare:
        alone = _score(reference, f"The answer is $\\boxed{{{content}}}$.")
        assert _score(reference, reply.replace("@", content)) == alone, content


STATEMENTS = [
    *("The final answer is $@$.", "**Answer:** $@$", "#### $@$", "So the answer is:\n$$@$$", "<answer>@</answer>"),
    *("La respuesta final es $@$.", "答案是 $@$.", "Die Antwort ist $@$.", "La réponse est $@$.", "A resposta é $@$."),
    *("答えは $@$ です。", "First we expand, then we simplify.\n\n**Final answer: $@$**", "### Final Answer\n$@$"),
    *("We expand.\n\nTherefore, $@$.", "Thus the result is $@$, as required.", "We conclude that\n\\[ @ \\]"),
]


@pytest.mark.parametrize("reply", STATEMENTS)
def test_a_value_is_read_without_a_box_as_with_one(reply: str) -> None:
    """What is stated in words, of values that hold none of their own."""
    bare = [(reference, content) for reference, content in _bare() if "text" not in content and content.strip("x")]
    for reference, content in bare:
        alone = _score(reference, f"The answer is $\\boxed{{{content}}}$.")
        if alone == 1:
            assert _score(reference, reply.replace("@", content)) == 1, content
