"""The math grader answers within a second, whatever a completion repeats."""

import time

import pytest

from rewards.interface import Sample
from rewards.math_answer import math_answer

LENGTH = 25_000
LIMIT = 1.0  # seconds; what is linear needs a few hundredths
FILLERS = [
    *(
        "<prompt>",
        'you said: "',
        "if it were ",
        "note: ",
        r"\lim_{x\to1}",
        r"(1\mid ",
        "]1;",
        "User: ",
        "[Problem] ",
        "<s>",
    ),
    *[
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
    ],
    *(" ", "\n", "\t", " \n", "\n ", "\t\n", "\r\n", " *", "* ", "# ", "> ", "--\n", "\u3000", "\u00a0", "\u200b"),
    *("1", "1,", "1 ", "1/", "1:", "1.", "1;", "1,234,", "x,", "x ", "a", "a ", "is ", "or ", "not ", "wait ", "no, "),
    *[
        r"$a",
        r"$1",
        r"**a",
        r"\(",
        r"\[",
        r"\,",
        r"\text{",
        r"\frac",
        r"\boxed",
        r"\boxed{",
        r"\begin",
        r"x^",
        r"+-",
        r"=4",
        r"<|",
        r"####",
        r"<answer>",
        r"\boxed{4}",
    ],
    *(
        "\\ ",
        "\\text{a} ",
        "\\boxed{4} or ",
        "\\boxed{4} wait, ",
        "\\boxed{4}.",
        "\\boxed 4 ",
        "#### 4\n",
        "4 = ",
        "1 cm ",
    ),
    *("<answer>4</answer>", '{"answer": ', '"answer": "', '"answer": "4", ', "answer: ", "The answer is ", "answer\n"),
    *("答案是", "或", "不对\uff0c", "、", "。", "\uff0c", "é ", "½", "√", "<think>", "</think>", "<think>a</think>"),
    *("Option 1: ", "(A) ", "(A) \\boxed{4} ", "it could be 4, ", "actually ", "I can't ", "or 4 ", "cannot be "),
    *("The answer is not ", "should be ", "the answer ", "I meant ", "la réponse ", "답은"),
    # what hides, quotes, strikes out, begins another task
    *(
        "<!--",
        "<!-- -->",
        "<del>",
        "<del>4</del>",
        "~~",
        "~~4~~ ",
        "[^1]: ",
        "% ",
        "%\\boxed{4}\n",
        "<p display:none>",
        "</del><del>",
    ),
    *(
        "```python\n",
        "```\n",
        "> 4\n",
        "\\phantom{",
        "\\cancel{4}",
        "\\textcolor{red}{",
        "\\hspace{1pt}",
        "\nQuestion: ",
        "user\n",
    ),
    *(
        "assistant\n",
        "### Response:\n",
        "### Input\n",
        "**4** ",
        "**a**: ",
        "If ",
        "(If ",
        "score: ",
        "So it is 4. ",
        "4? ",
    ),
    # what is respelt
    *(
        r"\dot{4}",
        "C_5^3",
        "C_{5}^{3} ",
        r"4\mu ",
        r"4\Omega ",
        "x_1 = 1, ",
        r"\quad x=4",
        "_{(2)}",
        "{-}",
        r"\!",
        "x \\in R, ",
        "2e-5 ",
    ),
    *(r"P(X=4)=", r"\int ", r"\begin{cases}", r"\sum_{n=1}^{\infty} ", "(t,2t), ", r"\equiv \pm 4 \pmod 5 "),
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
    *("The answer is 4 {0}", "#### {0}4", "so $x{0}$ 4", r"\boxed{{4}} or {0} \boxed{{5}}", "<p {0}> display:none 4"),
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
