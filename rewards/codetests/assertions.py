"""Split test code into units, the assertions and test methods that are counted, and run each on its own."""

from __future__ import annotations

import ast
import builtins
import unittest
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

MAX_SOURCE = 4 << 20
MAX_UNITS = 2000
PASSED, FAILED = "_unit_passed_", "_unit_failed_"
SUBMISSION_MODULES = frozenset(
    ("solution", "main", "submission", "candidate", "answer", "code", "your_module", "my_module")
)
_WRAPPER = "try:\n    pass\nexcept BaseException:\n    {}({})\nelse:\n    {}({})"


class TestCodeError(Exception):
    """Say that the row's test code cannot be used."""

    __test__ = False  # pytest takes a name in Test for a test


@dataclass(slots=True)
class Plan:
    """Hold test code ready to run: its statements, how many units they hold, what it wants of the submission."""

    statements: list[ast.stmt] = field(default_factory=list)
    units: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    classes: frozenset[str] = frozenset()


def plan_tests(source: str) -> Plan:
    r"""Read test code.

    Raises:
        TestCodeError: It is no Python, or asserts nothing.

    Example:
        >>> plan = plan_tests("assert add(1, 2) == 3\nassert add(0, 0) == 0")
        >>> (len(plan.units), plan.names)
        (2, ['add'])
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise TestCodeError(f"the test code is no Python: {type(error).__name__}") from None
    plan = Plan()
    plan.names = wanted_names(tree)
    plan.classes = frozenset(name for name in plan.names if name.lstrip("_")[:1].isupper())
    _Splitter(plan).split(list(_flat(tree.body)))
    if not plan.units:
        raise TestCodeError("the test code asserts nothing")
    if len(plan.units) > MAX_UNITS:
        raise TestCodeError(f"the test code has {len(plan.units)} assertions; {MAX_UNITS} are allowed")
    return plan


def wanted_names(tree: ast.Module) -> list[str]:
    """Find the names that test code uses and neither it nor Python defines: they are the submission's.

    Where there are none, one built-in name that is called in every assertion is: a task may well ask for `sum`.
    """
    loaded: Counter[str] = Counter()
    bound: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Load):
                loaded[node.id] += 1
            else:
                bound.add(node.id)
        else:
            bound |= set(_bound(node))
    imported = [name for name in bound if name.startswith("?")]
    wanted = [
        name for name in loaded if name not in bound and not hasattr(builtins, name) and not name.startswith("__")
    ]
    wanted += [name[1:] for name in imported]
    return wanted or _shadowed(tree)


def _bound(node: ast.AST) -> Iterator[str]:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield node.name
    elif isinstance(node, ast.arg):
        yield node.arg
    elif isinstance(node, ast.ExceptHandler) and node.name:
        yield node.name
    elif isinstance(node, ast.ImportFrom) and node.module in SUBMISSION_MODULES:
        yield from (f"?{alias.name}" for alias in node.names if alias.name != "*")
    elif isinstance(node, (ast.Import, ast.ImportFrom)):
        yield from ((alias.asname or alias.name).partition(".")[0] for alias in node.names)


def _shadowed(tree: ast.Module) -> list[str]:
    called: Counter[str] = Counter()
    asserts = [node for node in ast.walk(tree) if isinstance(node, ast.Assert)]
    for node in asserts:
        calls = {c.func.id for c in ast.walk(node) if isinstance(c, ast.Call) and isinstance(c.func, ast.Name)}
        called.update(calls)
    everywhere = [name for name, count in called.items() if count == len(asserts) and hasattr(builtins, name)]
    return everywhere if len(everywhere) == 1 else []


def _flat(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Give the statements of a module that is run as the main one, less its imports of the submission."""
    for statement in body:
        if isinstance(statement, ast.If) and "__name__" in ast.unparse(statement.test):
            yield from _flat(statement.body)
        elif isinstance(statement, ast.ImportFrom) and statement.module in (*SUBMISSION_MODULES, "__future__"):
            aliased = [alias for alias in statement.names if alias.asname]
            yield from ast.parse("\n".join(f"{alias.asname} = {alias.name}" for alias in aliased)).body
        elif not (isinstance(statement, ast.Import) and statement.names[0].name in SUBMISSION_MODULES):
            yield statement


def _asserts(node: ast.AST) -> bool:
    return any(isinstance(inner, ast.Assert) for inner in ast.walk(node))


class _Splitter:
    """Fill a plan with statements, those that assert wrapped so that each is counted and none hides another."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    def split(self, body: list[ast.stmt]) -> None:
        functions = {s.name: s for s in body if isinstance(s, ast.FunctionDef) and _asserts(s)}
        calls = Counter(name for s in body if (name := _called(s)) in functions)
        for name, function in functions.items():
            if calls[name] == 1:
                function.body = [self._unit(s) if _asserts(s) else s for s in function.body]
        for statement in body:
            self._take(statement, functions, calls)
        for name, function in functions.items():
            if name.startswith("test") and not calls[name] and not _needs_arguments(function):
                self.plan.statements.append(self._unit(ast.parse(f"{name}()").body[0]))

    def _take(self, statement: ast.stmt, functions: dict[str, ast.FunctionDef], calls: Counter[str]) -> None:
        name = _called(statement)
        if name in functions and calls[name] > 1:
            statement = self._unit(statement)
        elif isinstance(statement, ast.Expr) and ast.unparse(statement).startswith("unittest.main"):
            return
        elif not isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and _asserts(statement):
            statement = self._unit(statement)
        self.plan.statements.append(statement)
        if isinstance(statement, ast.ClassDef):
            for method in _test_methods(statement):
                self.plan.statements.append(
                    self._unit(ast.parse(f"_run_method_({statement.name}, {method!r})").body[0])
                )

    def _unit(self, statement: ast.stmt) -> ast.stmt:
        number = len(self.plan.units)
        self.plan.units.append(ast.unparse(statement)[:200])
        wrapper = ast.parse(_WRAPPER.format(FAILED, number, PASSED, number)).body[0]
        assert isinstance(wrapper, ast.Try)  # noqa: S101 - for mypy
        wrapper.body = [statement]
        return ast.fix_missing_locations(wrapper)


def _called(statement: ast.stmt) -> str:
    call = statement.value if isinstance(statement, ast.Expr) else None
    return call.func.id if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) else ""


def _needs_arguments(function: ast.FunctionDef) -> bool:
    return len(function.args.args) > len(function.args.defaults)


def _test_methods(node: ast.ClassDef) -> list[str]:
    is_case = any(ast.unparse(base).endswith("TestCase") for base in node.bases) or node.name.startswith("Test")
    methods = [item.name for item in node.body if isinstance(item, ast.FunctionDef)]
    return [name for name in methods if is_case and name.startswith("test")]


def run_method(case: type, name: str) -> None:
    """Run one test method of a class, with its set-up and tear-down, so that its failure is raised."""
    if not issubclass(case, unittest.TestCase):
        getattr(case(), name)()
        return
    result = unittest.TestResult()
    suite = unittest.TestSuite([case(name)])
    suite.run(result)
    if result.errors or result.failures or not result.testsRun or result.unexpectedSuccesses:
        told = [trace for _, trace in (*result.errors, *result.failures)] or ["it did not run"]
        raise AssertionError(told[0].strip().splitlines()[-1][:200])


def run_plan(
    plan: Plan, namespace: dict[str, Any], marks: tuple[Callable[[int], None], ...], refresh: Callable[[], None]
) -> str:
    """Run test code statement by statement.

    Args:
        plan: Its statements.
        namespace: What they run in; holds the submission's names.
        marks: What a unit that failed calls with its number, and what one that passed calls.
        refresh: Called before each statement.

    Returns:
        What a statement outside the units raised first, or "".
    """
    namespace |= {FAILED: marks[0], PASSED: marks[1], "_run_method_": run_method}
    trouble = ""
    for statement in plan.statements:
        code = compile(ast.Module([statement], []), "tests", "exec", dont_inherit=True)
        try:
            refresh()
            exec(code, namespace)  # noqa: S102 - the row's test code, in a process of its own
        except Exception as error:  # noqa: BLE001 - whatever test code raises; the units after it may still hold
            trouble = trouble or f"{type(error).__name__}: {error}"[:200]
    return trouble
