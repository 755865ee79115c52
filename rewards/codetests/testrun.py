"""Run test methods and coroutines of test code one by one, whoever else it would have run them."""

from __future__ import annotations

import inspect
import unittest
from typing import Any

from rewards.codetests.script import FINISHED, RUN_METHOD, NotCountedError

MARKS = ("__unittest_skip__", "__unittest_expecting_failure__")  # what unittest's decorators leave


def run_method(case: type, name: str, *, own: bool) -> None:
    """Run one test method of a class, with its set-up and tear-down, so that its failure is raised.

    Args:
        case: The class.
        name: The method's.
        own: Whether the decorators of both are the row's own to decide: they name nothing of the submission's.
    """
    if not issubclass(case, unittest.TestCase):
        finished(getattr(case(), name)())
        return
    result = unittest.TestResult()
    unittest.TestSuite([case(name)]).run(result)
    marked = [getattr(of, mark, False) for of in (case, getattr(case, name)) for mark in MARKS]
    if result.skipped or any(marked):
        raise NotCountedError(own if any(marked) else None)
    if result.errors or result.failures or not result.testsRun:
        told = [trace for _, trace in (*result.errors, *result.failures)] or ["it did not run"]
        raise AssertionError(told[0].strip().splitlines()[-1][:200])


def finished(value: object) -> None:
    """Run a test that is a coroutine to its end."""
    if inspect.iscoroutine(value):
        import asyncio  # noqa: PLC0415 - as large as the rest of this process, and rarely needed

        asyncio.run(value)


def leave_to_us(*_arguments: object, **_named: object) -> unittest.TestResult:
    """Stand for what runs tests: each of them is run by itself."""
    return unittest.TestResult()


def provided() -> dict[str, Any]:
    """Give what test code is made to call, and leave what it calls to have its tests run to us."""
    unittest.main = leave_to_us  # type: ignore[assignment]
    unittest.TextTestRunner.run = leave_to_us  # type: ignore[method-assign,assignment]
    return {RUN_METHOD: run_method, FINISHED: finished}
