"""The math grader answers within a second, whatever a completion repeats."""

import time

import pytest

from rewards.interface import Sample
from rewards.math_answer import math_answer

LENGTH = 25_000
LIMIT = 1.0  # seconds; what is linear needs a few hundredths
FILLERS = [
    *(
        "*",
        "**",
        "_",
        "`",
        "~",
        "#",
        "$",
        "$$",
        "\\",
        "\\\\",
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        "<",
        ">",
        "|",
        "=",
        "-",
        ".",
    ),
    *(" ", "\n", "\t", " \n", "\n ", "\t\n", "\r\n", " *", "* ", "# ", "> ", "--\n", "\u3000", "\u00a0", "\u200b"),
    *("1", "1,", "1 ", "1/", "1:", "1.", "1;", "1,234,", "x,", "x ", "a", "a ", "is ", "or ", "not ", "wait ", "no, "),
    *(
        "$a",
        "$1",
        "**a",
        "\\(",
        "\\[",
        "\\ ",
        "\\,",
        "\\text{",
        "\\text{a} ",
        "\\frac",
        "\\boxed",
        "\\boxed{",
        "\\begin",
    ),
    *("\\boxed{4}", "\\boxed{4} or ", "\\boxed{4} wait, ", "\\boxed{4}.", "\\boxed 4 ", "#### 4\n", "####", "<answer>"),
    *("<answer>4</answer>", '{"answer": ', '"answer": "', '"answer": "4", ', "answer: ", "The answer is ", "answer\n"),
    *(
        "答案是",
        "或",
        "不对\uff0c",
        "、",
        "。",
        "\uff0c",
        "é ",
        "½",
        "x^",
        "√",
        "<think>",
        "</think>",
        "<think>a</think>",
    ),
    *("Option 1: ", "(A) ", "(A) \\boxed{4} ", "it could be 4, ", "actually ", "I can't ", "or 4 ", "cannot be ", "<|"),
    *(
        "The answer is not ",
        "should be ",
        "the answer ",
        "I meant ",
        "la réponse ",
        "답은",
        "+-",
        "=4",
        "4 = ",
        "1 cm ",
    ),
]
SHAPES = [
    *(
        "{0}",
        "{0}4",
        r"{0}\boxed{{4}}",
        r"\boxed{{4}} {0}",
        r"\boxed{{{0}4}}",
        "The answer is {0}4",
        "{0}\nThe answer is 4",
    ),
    *("The answer is 4 {0}", "#### {0}4", "so $x{0}$ 4", r"\boxed{{4}} or {0} \boxed{{5}}"),
]


@pytest.mark.parametrize("filler", FILLERS)
def test_repeated_text_takes_no_second(filler: str) -> None:
    """A completion that repeats anything at any place is scored in a fraction of a second of this thread's own time."""
    for shape in SHAPES:
        for length in (1_500, LENGTH):
            completion = shape.format(filler * (length // len(filler)))
            start = time.thread_time()
            math_answer(Sample("s", "", completion, "3"))
            assert time.thread_time() - start < LIMIT, shape


@pytest.mark.parametrize("filler", FILLERS)
def test_repeated_reference_takes_no_second(filler: str) -> None:
    """A reference that repeats anything is compared in a fraction of a second."""
    for length in (1_500, LENGTH):
        start = time.thread_time()
        math_answer(Sample("s", "", r"\boxed{3}", filler * (length // len(filler)) + "4"))
        assert time.thread_time() - start < LIMIT, length


@pytest.mark.parametrize("length", [50, 1_999, 2_400, 2_600, 4_000, 190_000])
@pytest.mark.parametrize("letter", ["7", "a", "x+", "1,"])
def test_long_answers_are_compared_whole(letter: str, length: int) -> None:
    """Two answers that differ in their last character only are different, however long they are."""
    text = letter * (length // len(letter))
    for other in (text + "8", text[:-1] + "8"):
        assert math_answer(Sample("s", "", rf"\boxed{{{other}}}", text + "9")).value == 0.0
    assert math_answer(Sample("s", "", rf"\boxed{{{text}9}}", text + "9")).value == 1.0
