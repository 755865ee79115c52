"""Read test code: compile it statement by statement, and find what it is certain to ask. Runs none of it."""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Sequence
from functools import lru_cache
from types import CodeType

from rewards.codetests.assertions import Plan, TestCodeError, plan_tests
from rewards.codetests.foresight import Call, foreseen
from rewards.codetests.plain import is_plain
from rewards.codetests.questions import names_question, written
from rewards.codetests.script import Script
from sandbox.codec import encode
from sandbox.rare import CodecError
from sandbox.tables import Table

KEPT = 32  # rows whose scripts are kept: what is asked of one policy comes group by group


@lru_cache(maxsize=KEPT)
def script_of(source: str, prelude: str = "", function: str = "") -> Script:
    r"""Make test code ready to run; arguments and errors as for `plan_tests`.

    Example:
        >>> made = script_of("assert add(1, 2) == 3\nassert add(0, 0) == 0")
        >>> made.units, made.plain, [len(group) for group in made.groups]
        (2, True, [3])
    """
    plan = plan_tests(source, prelude, function)
    try:
        steps = [(_compiled(statement), unit) for statement, unit in plan.steps]
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise TestCodeError(f"the test code is no Python: {error}"[:200]) from None
    plain = is_plain(plan.nodes, plan.names)
    stops = any(node.id == "StopIteration" for node in plan.nodes.of(ast.Name))
    return Script(steps, plan.units, plan.names, plan.own, plan.modules, _groups(plan), plain, stops)


def _compiled(statement: ast.stmt) -> CodeType:
    return compile(ast.Module([statement], []), "tests", "exec", dont_inherit=True)


def _groups(plan: Plan) -> list[list[bytes]]:
    """Write what is certain to be asked: the names, which are numbered in their order as they are told, and calls."""
    numbers = {name: number for number, name in enumerate(plan.names)}
    first, *others = foreseen(plan.steps, plan.names)
    groups = [_written(group, numbers, plan.own) for group in others]
    if plan.names:
        groups.insert(0, [names_question(plan.names), *_written(first, numbers, plan.own)])
    return [group for group in groups if len(group) > 1]


def _written(group: Sequence[Call], numbers: dict[str, int], own: Sequence[str]) -> list[bytes]:
    questions: list[bytes] = []
    with contextlib.suppress(CodecError):  # what cannot cross the test code will say itself
        for name, args, kwargs in group:
            asked = {"do": "call", "target": numbers[name]}
            questions.append(written(asked, (args, kwargs), encode, own, Table({})))
    return questions
