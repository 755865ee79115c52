"""What `math_answer` promises: the verdict, its words, and whose fault a row is."""

import doctest
import importlib
import json
import pickle
from pathlib import Path
from typing import Any

import pytest

from rewards.interface import RowError, Sample
from rewards.math_answer import math_answer

CASE_FILE = Path(__file__).parent / "cases" / "math_answer.jsonl"
CASES = [json.loads(line) for line in CASE_FILE.read_text(encoding="utf-8").splitlines()]
ROOT = Path(__file__).parent.parent
SOURCES = [ROOT / "rewards" / "math_answer.py", ROOT / "rewards" / "patterns.py"]
SOURCES += [path for folder in ("extract", "mathematics") for path in (ROOT / "rewards" / folder).glob("[!_]*.py")]
MODULES = sorted(".".join(path.relative_to(ROOT).with_suffix("").parts) for path in SOURCES)


def score(reference: object, completion: str, prompt: str = "", **options: object) -> float:
    """Score one completion."""
    metadata = {"math": options} if options else {}
    return math_answer(Sample("s", prompt, completion, reference, metadata)).value


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_case(case: dict[str, Any]) -> None:
    """Every pair of the cases file gets the reward written beside it."""
    sample = Sample(
        case["id"], case.get("prompt", ""), case["completion"], case["reference_answer"], case.get("metadata", {})
    )
    reward = math_answer(sample)
    assert reward.value == case["expected"], reward.verdicts[0].reason


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name: str) -> None:
    """Every example in a docstring is true."""
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_reason_is_in_words() -> None:
    """The reason says what was read, where, the reference, and by how much they differ."""
    reward = math_answer(Sample("s", "", r"so \boxed{3/4}", "0.76"))
    assert reward.verdicts[0].reason == "read 3/4 from the last box; reference 0.76; differ by 1/100"
    assert reward.verdicts[0].name == "math_answer"


@pytest.mark.parametrize("field", ["final_answer", "answer", "text", "value"])
def test_reference_may_be_an_object(field: str) -> None:
    """A reference object gives its answer under any of four names."""
    assert score({field: "3/4"}, r"\boxed{0.75}") == 1.0


def test_reference_may_have_a_unit() -> None:
    """An object's unit belongs to its value: the same value in another unit is right."""
    assert score({"value": 5, "unit": "cm"}, r"\boxed{50\text{ mm}}") == 1.0
    assert score({"value": 5, "unit": "cm"}, r"\boxed{5\text{ m}}") == 0.0


def test_reference_may_be_a_worked_solution() -> None:
    """The final answer of a worked reference is what counts."""
    assert score("6*7=<<6*7=42>>42\n#### 42", "#### 42") == 1.0


@pytest.mark.parametrize("reference", [None, "", "  ", {}, {"other": 1}, [], object(), {"answer": None}, "..."])
def test_reference_that_cannot_be_read_is_the_rows_fault(reference: object) -> None:
    """An absent or empty reference answer raises RowError, so that no completion is blamed for it."""
    with pytest.raises(RowError, match="reference_answer"):
        score(reference, r"\boxed{42}")


@pytest.mark.parametrize("options", [{"find": "all"}, {"colour": 1}, {"tolerance": -1}, {"tolerance": True}, "boxed"])
def test_options_that_do_not_exist_are_the_rows_fault(options: Any) -> None:
    """A misspelt option raises RowError instead of being ignored."""
    with pytest.raises(RowError, match=r"metadata\.math"):
        math_answer(Sample("s", "", r"\boxed{42}", "42", {"math": options}))


def test_reasoning_is_not_read() -> None:
    """What stands in a reasoning block is no answer, closed or not."""
    assert score("42", r"<think>\boxed{42}</think> I cannot say.") == 0.0
    assert score("42", r"<think>\boxed{42}") == 0.0
    assert score("42", r"<think>\boxed{41}</think>\boxed{42}") == 1.0


def test_echoed_prompt_is_not_read() -> None:
    """An answer that only repeats the prompt earns nothing."""
    prompt = "Compute 6*7 and write the answer as \\boxed{42}."
    assert score("42", prompt + " I do not know.", prompt) == 0.0


def test_options_change_the_policy() -> None:
    """Each option changes what it says it changes."""
    assert score("42", "The answer is 42.", find="boxed") == 0.0
    assert score("42", "It may be 42", find="marked") == 0.0
    assert score("3.14159", r"\boxed{3.14}", tolerance=0.01) == 1.0
    assert score("3.14", r"\boxed{3.14159}", rounding=False) == 0.0
    assert score("10 cm", r"\boxed{10}", units="require") == 0.0
    assert score("10 cm", r"\boxed{10 m}", units="ignore") == 1.0
    assert score("28\\%", r"\boxed{28}", percent="strict") == 0.0
    assert score("1, 2", r"\boxed{2, 1}", order="ordered") == 0.0
    assert score("(1, 2, 3)", r"\boxed{(3, 2, 1)}", order="unordered") == 1.0
    assert score("(x+1)^2", r"\boxed{x^2+2x+1}", form="written") == 0.0
    assert score("2", r"\boxed{\log 100}", log="ten") == 1.0
    assert score("5", r"\boxed{x=5}", labels=False) == 0.0
    assert score("1.5", r"\boxed{1,5}", decimal_comma=True) == 1.0


def test_reward_can_be_pickled() -> None:
    """A reward crosses a process boundary unchanged."""
    reward = math_answer(Sample("s", "", r"\boxed{42}", "42"))
    assert pickle.loads(pickle.dumps(reward)) == reward  # noqa: S301  # it is our own
