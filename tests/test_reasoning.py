"""What counts as thought, and what as answered."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewards.extract.reasoning import without_reasoning

MARKERS = [
    *("<think>", "</think>", "<Thinking>", "</thinking>", "<thought>", "</thought>", "<seed:think>", "</seed:think>"),
    *("<|begin_internal_thought|>", "<|end_internal_thought|>", "<|begin_of_solution|>", "<|end_of_solution|>"),
    *("<|channel|>analysis<|message|>", "<|channel|>analysis", "<|message|>", "<|channel|>final<|message|>"),
    *("<|end|>", "<|start|>assistant", "<|return|>", "[THINK]", "[/THINK]", "◁think▷", "◁/think▷"),
    *("analysis", "assistantfinal", "\n", "```", "~~~", "'", '"', "`", "a", "x y", "<", "|", ">", "/", "think"),
]
TEXTS = st.lists(st.sampled_from(MARKERS), max_size=14).map("".join)


@pytest.mark.parametrize(
    ("completion", "answer"),
    [
        ("<think>41</think>42", "42"),
        ("<THINK>41</Think>\n\n42", "42"),
        ('<think lang="en">41</think>42', "42"),
        ("<think>41</reasoning>42", ""),
        ("<think>a</think>b<think>c</think>d", "b\n\nd"),
        ("<think>a<think>b</think>c", "c"),
        ("41</think>42", "42"),
        ("41</think>no</think>42", "42"),
        ("Sure. <think>41", "Sure."),
        ("<think>41", ""),
        ("<think>He said '41'</think>42", "42"),
        ("<think>the `</think>` tag, 41</think>42", "42"),
        ("<seed:think>41</seed:think>42", "42"),
        ("<reasoning>41</reasoning><answer>42</answer>", "<answer>42</answer>"),
        ("[THINK]41[/THINK]42", "42"),
        ("◁think▷41◁/think▷42", "42"),
        ("<|begin_of_thought|>41<|end_of_thought|><|begin_of_solution|>42<|end_of_solution|>", "42"),
        ("<|begin_internal_thought|>41<|begin_of_solution|>42", "42"),
        ("<think>41 <|begin_of_solution|>42", ""),
        ("<|channel|>analysis<|message|>41<|end|><|start|>assistant<|channel|>final<|message|>42<|return|>", "42"),
        ("<|channel|>analysis\n<|message|>41<|end|><|channel|>final\n<|message|>42", "42"),
        ("<|channel|>commentary to=functions.f<|message|>41<|call|>42", "42"),
        ("analysisIt may be 41.assistantfinal42", "42"),
        ("analysis of 42", "analysis of 42"),
    ],
)
def test_what_is_thought_is_not_answered(completion, answer):
    """In every spelling that models are known to think in, closed or not."""
    assert without_reasoning(completion) == answer


@pytest.mark.parametrize(
    "completion",
    [
        "42",
        "1 < think > 0",
        "Strip it: s.replace('<think>', '').replace(\"</think>\", '')",
        "I stop at `</think>`.",
        "std::vector<thought> v; List<Reasoning> r; Map<K, Reasoning> m;",
        "```python\n# drops <think> blocks\nprint(re.sub(r'<think>.*?</think>', '', text))\n```\nThat is all.",
        "~~~\n<think>\n~~~",
        "<answer>42</answer>",
    ],
)
def test_what_is_written_about_tags_is_text(completion):
    """A program that handles reasoning tags is no reasoning."""
    assert without_reasoning(completion) == completion


@given(TEXTS)
def test_a_second_pass_changes_nothing(completion):
    """The wire strips, and a reward that is called directly strips too."""
    once = without_reasoning(completion)
    assert without_reasoning(once) == once


@given(TEXTS, st.sampled_from(["think", "thinking", "reasoning", "scratchpad"]))
def test_nothing_from_inside_a_closed_block_is_left(before, name):
    """Whatever stands around it."""
    assert "s3cret" not in without_reasoning(f"<{name}>s3cret</{name}>{before}")


@pytest.mark.parametrize(
    "filler", ["<", "<think>", "</think>", "<think ", "<|channel|>analysis", "'<think>'", "```\n", "[THINK]"]
)
def test_a_megabyte_of_tags_is_read_in_linear_time(filler):
    """Twice the text takes about twice the steps: no place is looked at again and again."""
    assert len(without_reasoning(filler * (1_000_000 // len(filler)))) <= 1_000_000
    assert without_reasoning("analysis" + "assistantfinal" * 70_000) == ""
