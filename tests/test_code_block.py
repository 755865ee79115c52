"""Which code of a completion is run."""

from __future__ import annotations

import pytest

from rewards.extract.fences import last_code_block


@pytest.mark.parametrize(
    "completion",
    [
        "```python\nprint(1)\n```",
        "```py\nprint(1)\n```",
        "``` Python\nprint(1)\n```",
        '```python title="a.py"\nprint(1)\n```',
        "~~~python\nprint(1)\n~~~",
        "```\nprint(1)\n```",
        "````python\nprint(1)\n````",
        "Here is the code: ```python\nprint(1)\n```",
        "<answer>```python\nprint(1)\n```</answer>",
        "```python\nprint(1)\n``` This works.",
        "```python\nprint(1)```",
        "- first\n  ```python\n  print(1)\n  ```",
        "```python\nprint(2)\n```\nbetter:\n```python\nprint(1)\n```",
        "```python\nprint(1)\n```\n```text\n1\n```",
        "```python\nprint(1)\n```\nthen\n```python\nprint(2)",
        "<think>```python\nprint(2)\n```</think>```python\nprint(1)\n```",
        "```python\nprint(1)\n",
    ],
)
def test_the_last_closed_python_block_is_found(completion):
    """However the fences stand, since models write them in many ways."""
    assert last_code_block(completion) == "print(1)\n"


@pytest.mark.parametrize(
    "completion",
    ["", "print(1)", "use ```print(1)``` here", "```text\nprint(1)\n```", "<think>```python\nprint(1)\n```</think>"],
)
def test_without_a_block_nothing_is_run(completion):
    """Prose is not guessed to be code."""
    assert last_code_block(completion) is None


def test_the_block_that_defines_what_the_tests_call_wins_over_its_usage():
    """An example of use often follows the solution."""
    completion = "```python\ndef f(x):\n    return x\n```\nUse it so:\n```python\nprint(f(1))\n```"
    assert last_code_block(completion, ["f"]) == "def f(x):\n    return x\n"


@pytest.mark.parametrize("code", ["print('a\x0cb')\r\nprint(2)\r\n", "print('''\n    ``` not at its end ``` x\n''')\n"])
def test_code_is_taken_as_it_stands(code):
    """Line ends, form feeds and quoted fences are the program's own."""
    assert last_code_block(f"```python\n{code}```") == code
