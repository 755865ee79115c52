"""Plan how to run test code: statement by statement, with what it takes from the submission."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from rewards.codetests.given import given
from rewards.codetests.nodes import Nodes
from rewards.codetests.script import KIND_OF
from rewards.codetests.testnames import SUBMISSION_MODULES, wanted_names
from rewards.codetests.units import Splitter

MAX_UNITS = 2000


class TestCodeError(Exception):
    """Say that the row's test code cannot be used."""

    __test__ = False  # pytest takes a name in Test for a test


class Plan(NamedTuple):
    """Hold how to run test code.

    Args:
        steps: Its statements, each with the number of the unit that it is, -1 for none.
        units: How many there are.
        names: What it takes from the submission.
        own: Classes that the row's own code defines.
        modules: Names under which it imports the submission itself.
        nodes: All of it.
    """

    steps: list[tuple[ast.stmt, int]]
    units: int
    names: list[str]
    own: list[str]
    modules: list[str]
    nodes: Nodes


def plan_tests(source: str, prelude: str = "", function: str = "") -> Plan:
    r"""Read test code.

    Args:
        source: The test code.
        prelude: The row's own code, whose helpers and imports are the tests' too.
        function: The name of the function that the row asks for, "" where it does not say.

    Raises:
        TestCodeError: It is no Python, or asserts nothing.

    Example:
        >>> plan = plan_tests("assert add(1, 2) == 3\nassert add(0, 0) == 0")
        >>> (plan.units, plan.names)
        (2, ['add'])
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise TestCodeError(f"the test code is no Python: {type(error).__name__}") from None
    nodes = Nodes([tree])
    names, own = wanted_names(nodes), list[str]()
    if ours := given(tree, names, prelude, function):
        tree.body[:0] = ours
        nodes = Nodes([tree])
        names = wanted_names(nodes)
        own = sorted(node.name for node in ours if isinstance(node, ast.ClassDef))
    aliases = [alias for node in nodes.of(ast.Import) for alias in node.names]
    modules = [alias.asname or alias.name for alias in aliases if alias.name in SUBMISSION_MODULES]
    if _names_type(nodes):
        tree = _TypeCalls().visit(tree)
        nodes = Nodes([tree])
    if _replaces_input(nodes):
        raise TestCodeError("the test code replaces standard input, which the submission has elsewhere")
    splitter = Splitter(tree, nodes, [*names, *modules])
    splitter.split(list(_flat(tree.body)))
    if not splitter.units:
        raise TestCodeError("the test code asserts nothing")
    if splitter.units > MAX_UNITS:
        raise TestCodeError(f"the test code has {splitter.units} assertions; {MAX_UNITS} are allowed")
    return Plan(splitter.steps, splitter.units, names, own, modules, nodes)


def _flat(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Give the statements of a module that is run as the main one, less its imports of the submission."""
    for statement in body:
        if isinstance(statement, ast.If) and "__name__" in ast.unparse(statement.test):
            yield from _flat(statement.body)
        elif isinstance(statement, ast.ImportFrom) and statement.module in (*SUBMISSION_MODULES, "__future__"):
            aliased = [alias for alias in statement.names if alias.asname]
            yield from ast.parse("\n".join(f"{alias.asname} = {alias.name}" for alias in aliased)).body
        elif isinstance(statement, ast.Import):
            statement.names = [alias for alias in statement.names if alias.name not in SUBMISSION_MODULES]
            if statement.names:
                yield statement
        else:
            yield statement


def _replaces_input(nodes: Nodes) -> bool:
    stored = any(node.attr == "stdin" and isinstance(node.ctx, ast.Store) for node in nodes.of(ast.Attribute))
    return stored or any(node.value in ("sys.stdin", "builtins.input") for node in nodes.of(ast.Constant))


def _names_type(nodes: Nodes) -> bool:
    return any(node.id == "type" for node in nodes.of(ast.Name)) or any(
        node.attr == "__class__" for node in nodes.of(ast.Attribute)
    )


class _TypeCalls(ast.NodeTransformer):
    """Have test code ask for the class of the submission's objects where it asks for that of a stand-in."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id == "type" and len(node.args) == 1 and not node.keywords:
            node.func.id = KIND_OF
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        if node.attr != "__class__" or not isinstance(node.ctx, ast.Load):
            return node
        call = ast.Call(ast.Name(KIND_OF, ast.Load()), [node.value], [])
        return ast.fix_missing_locations(ast.copy_location(call, node))
