"""Run test code statement by statement, so that no assertion that fails hides another."""

from __future__ import annotations

import ast
import inspect
import unittest
from collections.abc import Callable
from typing import Any

from rewards.codetests.assertions import FAILED, FINISHED, PASSED, RUN_METHOD, Plan

MARKS = ("__unittest_skip__", "__unittest_expecting_failure__")  # what unittest's decorators leave


class NotCountedError(BaseException):
    """Say that a test decided nothing: it was skipped, or its failure is expected.

    Args:
        own: Whether its decorators say so and are the row's own to decide; None where it came out as it ran.
    """

    def __init__(self, own: bool | None) -> None:  # noqa: FBT001 - of three values
        super().__init__("AssertionError: it was skipped for what the submission is or does")
        self.own = own


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


def run_plan(
    plan: Plan, namespace: dict[str, Any], marks: tuple[Callable[[int], None], ...], refresh: Callable[[], None]
) -> Exception | None:
    """Run test code statement by statement.

    Args:
        plan: Its statements.
        namespace: What they run in; holds the submission's names.
        marks: What a unit that failed calls with its number, and what one that passed calls.
        refresh: Called before each statement.

    Returns:
        What a statement outside the units raised first.
    """
    namespace |= {FAILED: marks[0], PASSED: marks[1], RUN_METHOD: run_method, FINISHED: finished}
    unittest.main = leave_to_us  # type: ignore[assignment]
    unittest.TextTestRunner.run = leave_to_us  # type: ignore[method-assign,assignment]
    trouble: Exception | None = None
    for statement in plan.statements:
        code = compile(ast.Module([statement], []), "tests", "exec", dont_inherit=True)
        try:
            refresh()
            exec(code, namespace)  # noqa: S102 - the row's test code, in a process of its own
        except SystemExit:
            break
        except Exception as error:  # noqa: BLE001 - whatever test code raises; the units after it may still hold
            trouble = trouble or error
    return trouble
