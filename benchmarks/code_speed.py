"""Time the code grader: `python benchmarks/code_speed.py`."""

from __future__ import annotations

import time

from rewards.code_tests import code_tests
from rewards.interface import Sample

TESTS = 50


def main() -> None:
    """Print milliseconds a test for each style, all tests of one submission together."""
    fence = "```python\n{}\n```"
    rows = {
        "stdin": ("print(int(input()) * 2)", {"inputs": ["4"] * TESTS, "outputs": ["8"] * TESTS}),
        "function": ("def f(x):\n    return x * 2", {"fn_name": "f", "tests": [{"args": [4], "expected": 8}] * TESTS}),
        "asserts": ("def f(x):\n    return x * 2", {"test_list": ["assert f(4) == 8"] * TESTS}),
    }
    for name, (code, row) in rows.items():
        sample = Sample(1, "", fence.replace("{}", code), row)
        code_tests(sample)
        started = time.perf_counter()
        code_tests(sample)
        print(f"{name:10}{(time.perf_counter() - started) * 1000 / TESTS:8.2f} ms a test")


if __name__ == "__main__":
    main()
