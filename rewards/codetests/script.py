"""Hold test code ready to run, and run it statement by statement, so that no assertion that fails hides another."""

from __future__ import annotations

import marshal
from collections.abc import Callable
from types import CodeType
from typing import Any, NamedTuple, Self

PASSED, FAILED, KIND_OF, RUN_METHOD, FINISHED = (
    "_unit_passed_",
    "_unit_failed_",
    "_kind_of_",
    "_run_method_",
    "_finished_",
)


class Script(NamedTuple):
    """Hold test code ready to run.

    Args:
        steps: Its statements, each with the number of the unit that it is, -1 for none.
        units: How many units there are.
        names: What it takes from the submission.
        own: Classes that the row's own code defines.
        modules: Names under which it imports the submission itself.
        groups: Questions that it is certain to ask, group by group; the first begins with that for the names, and
            holds what is asked before anything else.
        plain: Whether running it cannot change the process that it runs in.
        stops: Whether it speaks of StopIteration, which a call may raise then: `all(map(f, ...))` holds for it.
    """

    steps: list[tuple[CodeType, int]]
    units: int
    names: list[str]
    own: list[str]
    modules: list[str]
    groups: list[list[bytes]]
    plain: bool
    stops: bool

    @property
    def classes(self) -> frozenset[str]:
        """Those of the names that are classes."""
        return frozenset(name for name in self.names if name.lstrip("_")[:1].isupper())

    def written(self) -> bytes:
        """Write it for another process of ours."""
        return marshal.dumps(tuple(self))

    @classmethod
    def read(cls, written: bytes) -> Self:
        """Read what `written` wrote."""
        return cls(*marshal.loads(written))  # noqa: S302 - as our own process wrote it


class NotCountedError(BaseException):
    """Say that a test decided nothing: it was skipped, or its failure is expected.

    Args:
        own: Whether its decorators say so and are the row's own to decide; None where it came out as it ran.
    """

    def __init__(self, own: bool | None) -> None:  # noqa: FBT001 - of three values
        super().__init__("AssertionError: it was skipped for what the submission is or does")
        self.own = own


def run(
    script: Script,
    namespace: dict[str, Any],
    marks: tuple[Callable[[int], None], ...],
    refresh: Callable[[], None],
) -> Exception | None:
    """Run test code.

    Args:
        script: What to run.
        namespace: What it runs in; holds the submission's names.
        marks: What is called with the number of a unit that failed, and of one that passed.
        refresh: Called before each statement.

    Returns:
        What a statement outside the units raised first.
    """
    namespace |= {FAILED: marks[0], PASSED: marks[1]}
    trouble: Exception | None = None
    for code, unit in script.steps:
        try:
            refresh()
            if unit < 0:
                exec(code, namespace)  # noqa: S102 - the row's test code, on the trusted side
            else:
                _run_unit(code, unit, namespace, marks)
        except SystemExit:
            break
        except Exception as error:  # noqa: BLE001 - whatever test code raises; the units after it may still hold
            trouble = trouble or error
    return trouble


def _run_unit(code: CodeType, unit: int, namespace: dict[str, Any], marks: tuple[Callable[[int], None], ...]) -> None:
    failed, passed = marks
    try:
        exec(code, namespace)  # noqa: S102 - as above
    except BaseException:  # noqa: BLE001 - whatever an assertion raises
        failed(unit)
    else:
        passed(unit)
