"""Find what test code uses that is the row's or Python's to give, and never the submission's.

A submission that may give `math`, or the helper that the row's prompt defines, decides by it what the test compares.
"""

from __future__ import annotations

import ast
import math
import re
import sys
from collections.abc import Iterator, Sequence
from importlib import import_module

from sandbox.warm import USUAL

ALIASES = {"np": "numpy", "pd": "pandas"}
COMPARING = frozenset(("isclose", "isnan", "isinf", "isfinite", "pi", "inf", "nan"))  # of math, in no task's name
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
Binding = tuple[str, ast.stmt]


def given(tree: ast.Module, wanted: Sequence[str], prelude: str, function: str) -> list[ast.stmt]:
    """List the statements that bind names on the trusted side, to stand before test code.

    Args:
        tree: The test code.
        wanted: The names that it uses and does not bind.
        prelude: The row's own code before the submission, HumanEval's `prompt`; "" without.
        function: The name of the function that the row asks for; "" where it does not say.

    Example:
        >>> tests = ast.parse("assert math.isclose(area(1), pi)")
        >>> [ast.unparse(statement) for statement in given(tests, ["math", "area", "pi"], "", "")]
        ['import math', 'from math import pi']
    """
    helpers = _helpers(wanted, prelude, function) if function else []
    rest = [name for name in wanted if name not in {name for name, _ in helpers} and name != function]
    ours = {name: line for name in rest if (line := _import_of(tree, name))}
    if function or len(ours) < len(rest):  # else the names in question are all that is tested
        return [*ast.parse("\n".join(ours.values())).body, *(statement for _, statement in helpers)]
    return []


def _import_of(tree: ast.Module, name: str) -> str:
    """Write the import that a name stands for where test code uses it as what that import binds; "" for others."""
    if name in COMPARING:
        called = any(isinstance(node, ast.Call) and _is_name(node.func, name) for node in ast.walk(tree))
        return f"from math import {name}" if called == callable(getattr(math, name)) else ""
    if name not in ALIASES and name not in USUAL:
        return ""
    used = {node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == name}
    attributes = [node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.value in used]
    if len(attributes) != len(used):
        return ""
    if name in ALIASES:
        return f"import {ALIASES[name]} as {name}"
    return f"import {name}" if all(hasattr(sys.modules.get(name), attribute) for attribute in attributes) else ""


def _is_name(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _helpers(wanted: Sequence[str], prelude: str, function: str) -> list[Binding]:
    """Take from the prelude, in its order, what binds the wanted names and the names that this needs in turn."""
    bindings = list(_bindings(prelude, function))
    known = {name for name, _ in bindings}
    needed = set(wanted) & known
    while more := {name for bound, node in bindings if bound in needed for name in _loaded(node)} & known - needed:
        needed |= more
    return [(name, statement) for name, statement in bindings if name in needed]


def _bindings(prelude: str, function: str) -> Iterator[Binding]:
    """Give what a prelude binds, less the function asked for and what it leaves to be written.

    Of classes those that hold data: test code hands instances of them over, by what they hold.
    """
    for statement in _parsed(prelude):
        yield from ((name, statement) for name in _bound_by(statement, function))


def _bound_by(statement: ast.stmt, function: str) -> Iterator[str]:
    if isinstance(statement, FUNCTIONS):
        if statement.name != function and not _is_stub(statement):
            yield statement.name
    elif isinstance(statement, ast.ClassDef):
        if _holds_data(statement, function):
            yield statement.name
    elif isinstance(statement, (ast.Import, ast.ImportFrom)):
        for alias in statement.names:
            yield from _public(statement) if alias.name == "*" else [(alias.asname or alias.name).partition(".")[0]]
    elif isinstance(statement, (ast.Assign, ast.AnnAssign)):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        yield from (target.id for target in targets if isinstance(target, ast.Name))


def _public(statement: ast.Import | ast.ImportFrom) -> list[str]:
    """List what an import of everything binds, from the usual modules alone: another may do anything when loaded."""
    name = statement.module if isinstance(statement, ast.ImportFrom) else None
    if name not in USUAL:
        return []
    module = import_module(str(name))
    return list(getattr(module, "__all__", None) or [public for public in vars(module) if not public.startswith("_")])


def _parsed(prelude: str) -> list[ast.stmt]:
    for source in (prelude, f"{prelude}\n    pass"):  # a prompt may end with the line of a `def`
        try:
            return ast.parse(source).body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    return []


def _holds_data(kind: ast.ClassDef, function: str) -> bool:
    """Tell whether a class is complete, of special methods alone, no other's, and not itself what the row asks for.

    One with methods of its own the submission may be asked to extend: tests use it as they use the submission's.
    """
    methods = [statement for statement in kind.body if isinstance(statement, FUNCTIONS)]
    apart = not kind.keywords and all(isinstance(base, ast.Name) and base.id == "object" for base in kind.bases)
    special = all(method.name.startswith("__") and not _is_stub(method) for method in methods)
    return apart and special and kind.name not in re.findall(r"\w+", function)


def _is_stub(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return all(
        isinstance(statement, (ast.Pass, ast.Raise))
        or (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant))
        for statement in function.body
    )


def _loaded(statement: ast.stmt) -> set[str]:
    return {node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
