"""What the answer-finding functions read, and that they stay linear and never raise."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewards.extract.boxes import boxes
from rewards.extract.final_answer import final_answer
from rewards.extract.joined import last_boxed
from rewards.extract.reasoning import without_reasoning
from rewards.extract.values import values

WORDS = r"\boxed{ } { #### <answer> </answer> $ $$ \[ \] 42 . or and \boxed{1} ** , \fbox \ 答案是"
PHRASES = ["the answer is ", "wait, ", "that is wrong. ", "\n", " ", "<think>", "</think>", '{"answer": ']
PIECES = st.sampled_from(WORDS.split() + PHRASES)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"\boxed{1} then \boxed{2}", "2"),
        (r"\boxed{\frac{1}{\sqrt{2}}}", r"\frac{1}{\sqrt{2}}"),
        (r"\fbox{7}", "7"),
        (r"\framebox{7}", "7"),
        (r"$\boxed 7$", "7"),
        (r"\boxed{\}}", r"\}"),
        ("no box", None),
        (r"\boxed{1", None),
    ],
)
def test_last_box(text: str, expected: object) -> None:
    """The last complete box is read, with its nested braces."""
    assert last_boxed(text) == expected


def test_boxes_joined_by_and_are_one_list() -> None:
    """Boxes with only a joining word between them are one answer; a later correction is not joined."""
    assert last_boxed(r"\boxed{1} and \boxed{2}") == "1 , 2"
    assert last_boxed(r"\boxed{1}, so instead \boxed{2}") == "2"
    assert len(boxes(r"\boxed{\boxed{1}}")) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("#### 42", "42"),
        ("<answer>42</answer>", "42"),
        ('{"final_answer": "42"}', "42"),
        ("The final answer is 42.", "42"),
        ("The answer is 3.5. Good.", "3.5"),
        ("La respuesta es 42.", "42"),
        ("答案是42。", "42"),
        ("答えは42。", "42"),
        ("Die Antwort ist 42.", "42"),
        ("A resposta é 42.", "42"),
        ("La réponse est 42.", "42"),
        (r"\boxed{41} That is wrong. The answer is 42.", "42"),
        (r"The answer is 41. \boxed{42}", "42"),
        ("\\boxed{42}<|im_end|><|im_start|>user\n\\boxed{7}", "42"),
    ],
)
def test_final_answer(text: str, expected: object) -> None:
    """Whatever marks an answer is found, in several languages; the last mark counts."""
    assert final_answer(text).text == expected


def test_strictness() -> None:
    """`boxed` reads boxes only, `marked` what is marked, `any` also a bare last value."""
    assert final_answer("The answer is 42.", "boxed").text == ""
    assert final_answer("The answer is 42.", "marked").text == "42"
    assert final_answer("so 42", "marked").text == ""
    assert final_answer("so 42", "any").text == "so 42"


def test_a_box_that_breaks_off_is_no_answer() -> None:
    """A completion cut off inside its box has not answered."""
    assert final_answer(r"so the answer is \boxed{42").text == ""
    assert final_answer(r"so $\boxed{\frac{1}{2}$ is it").text == r"\frac{1}{2}"


def test_retraction_without_a_new_answer() -> None:
    """An answer that is taken back, with nothing in its place, is none."""
    assert final_answer(r"\boxed{5} Wait, that is wrong.").text == ""


@given(st.lists(PIECES, max_size=40))
def test_any_text_is_read_without_an_error(pieces: list[str]) -> None:
    """No text makes the search raise, and reading it again gives the same."""
    text = "".join(pieces)
    for find in ("any", "marked", "boxed"):
        assert final_answer(text, find) == final_answer(text, find)
    assert isinstance(values(text[:2000]), list)


@pytest.mark.parametrize(
    "piece",
    [
        *("\\boxed{", "<answer>", "$", "\\[", "**", "{}", "the", "1,", "<think>", "("),
        *("\\boxed{1} and ", "the answer is ", "####\n", '{"answer": "', " ", "\n", "\\boxed{1} "),
        *("answer ", "the ", "wait, ", "( "),
        *(
            "<prompt>",
            "<s>",
            "[Problem]",
            "Q: x\n",
            "User: x\n",
            "\nAssistant:",
            "<|im_start|>user\n",
            "> ",
            '"',
            'said: "',
        ),
        *("if it were ", "would be ", "note: ", "it says ", "(1|", "[1, ", "]1;", "]1,"),
    ],
)
def test_long_texts_are_read_in_linear_time(piece: str) -> None:
    """A long completion of any piece costs little of this thread's own time; quadratic searches need minutes."""
    text = (piece * 200_000)[:200_000]
    start = time.thread_time()
    final_answer(without_reasoning(text))
    assert time.thread_time() - start < 2
