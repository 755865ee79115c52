"""Split test code into units, the assertions and test methods that are counted, each to be run on its own."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from rewards.codetests.given import FUNCTIONS, given
from rewards.codetests.testnames import SUBMISSION_MODULES, wanted_names

MAX_UNITS = 2000
PASSED, FAILED, KIND_OF, RUN_METHOD, FINISHED = (
    "_unit_passed_",
    "_unit_failed_",
    "_kind_of_",
    "_run_method_",
    "_finished_",
)
_PLACE = {"lineno": 1, "col_offset": 0}  # of what stands in no source


class TestCodeError(Exception):
    """Say that the row's test code cannot be used."""

    __test__ = False  # pytest takes a name in Test for a test


@dataclass(slots=True)
class Plan:
    """Hold test code ready to run: its statements, how many units they hold, what it wants of the submission."""

    statements: list[ast.stmt] = field(default_factory=list)
    units: list[ast.stmt] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    classes: frozenset[str] = frozenset()
    own: list[str] = field(default_factory=list)  # classes that the row's own code defines
    modules: list[str] = field(default_factory=list)  # names under which the test code imports the submission itself


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
        >>> (len(plan.units), plan.names)
        (2, ['add'])
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise TestCodeError(f"the test code is no Python: {type(error).__name__}") from None
    plan, nodes = Plan(), list(ast.walk(tree))
    plan.names = wanted_names(nodes)
    if ours := given(tree, plan.names, prelude, function):
        tree.body[:0] = ours
        nodes = list(ast.walk(tree))
        plan.names = wanted_names(nodes)
        plan.own = sorted(node.name for node in ours if isinstance(node, ast.ClassDef))
    plan.classes = frozenset(name for name in plan.names if name.lstrip("_")[:1].isupper())
    plan.modules = [
        alias.asname or alias.name
        for node in nodes
        if isinstance(node, ast.Import)
        for alias in node.names
        if alias.name in SUBMISSION_MODULES
    ]
    if any(map(_names_type, nodes)):
        tree = _TypeCalls().visit(tree)
    _Splitter(plan, tree, nodes).split(list(_flat(tree.body)))
    if not plan.units:
        raise TestCodeError("the test code asserts nothing")
    if len(plan.units) > MAX_UNITS:
        raise TestCodeError(f"the test code has {len(plan.units)} assertions; {MAX_UNITS} are allowed")
    return plan


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


def _names_type(node: ast.AST) -> bool:
    return (isinstance(node, ast.Name) and node.id == "type") or (
        isinstance(node, ast.Attribute) and node.attr == "__class__"
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


def _asserting(nodes: Iterable[ast.AST]) -> set[str]:
    """Name the functions that assert, by themselves or through others of them."""
    functions = {node.name: node for node in nodes if isinstance(node, FUNCTIONS)}
    found: set[str] = set()
    while new := {name for name, node in functions.items() if name not in found and _asserts(node, found)}:
        found |= new
    return found


def _asserts(node: ast.AST, functions: Collection[str]) -> bool:
    return any(isinstance(inner, ast.Assert) or _names_call(inner) in functions for inner in ast.walk(node))


def _names_call(node: ast.AST) -> str:
    return node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""


class _Splitter:
    """Fill a plan with statements, those that assert wrapped so that each is counted and none hides another."""

    def __init__(self, plan: Plan, tree: ast.Module, nodes: Iterable[ast.AST]) -> None:
        self.plan = plan
        self.asserting = _asserting(nodes)
        self.calls = Counter(filter(None, map(_names_call, nodes)))
        self.classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}

    def split(self, body: list[ast.stmt]) -> None:
        functions = {s.name: s for s in body if isinstance(s, FUNCTIONS) and s.name in self.asserting}
        called = {_called(statement) for statement in body}
        once = {name for name in functions if self.calls[name] == 1 and name in called}
        for name in once:
            functions[name].body = [self._unit(s) if self._counts(s) else s for s in functions[name].body]
        for statement in body:
            self._take(statement, once)
        for name, function in functions.items():
            if name.startswith("test") and not self.calls[name] and not _needs_arguments(function):
                call = f"{FINISHED}({name}())" if isinstance(function, ast.AsyncFunctionDef) else f"{name}()"
                self.plan.statements.append(self._unit(ast.parse(call).body[0]))

    def _counts(self, statement: ast.stmt) -> bool:
        return not isinstance(statement, (*FUNCTIONS, ast.ClassDef)) and _asserts(statement, self.asserting)

    def _take(self, statement: ast.stmt, once: Collection[str]) -> None:
        if _called(statement) not in once and self._counts(statement):
            statement = self._unit(statement)
        self.plan.statements.append(statement)
        if isinstance(statement, ast.ClassDef):
            for method, own in self._test_methods(statement).items():
                call = f"{RUN_METHOD}({statement.name}, {method!r}, own={own})"
                self.plan.statements.append(self._unit(ast.parse(call).body[0]))

    def _test_methods(self, node: ast.ClassDef) -> dict[str, bool]:
        """List the tests of a class and of its bases in this code, if it is a case.

        Returns:
            With each whether its decorators and its class's name nothing of the submission's.
        """
        line = self._line(node)
        bases = [ast.unparse(base) for kind in line for base in kind.bases]
        if not (any(base.endswith("TestCase") for base in bases) or node.name.startswith("Test")):
            return {}
        decorated = [decorator for kind in line for decorator in kind.decorator_list]
        methods = {item.name: item for kind in reversed(line) for item in kind.body if isinstance(item, FUNCTIONS)}
        return {
            name: not self._loaded(decorated + method.decorator_list) & {*self.plan.names, *self.plan.modules}
            for name, method in methods.items()
            if name.startswith("test")
        }

    @staticmethod
    def _loaded(nodes: list[ast.expr]) -> set[str]:
        return {node.id for outer in nodes for node in ast.walk(outer) if isinstance(node, ast.Name)}

    def _line(self, node: ast.ClassDef) -> list[ast.ClassDef]:
        line = [node]
        for kind in line:
            bases = [self.classes.get(ast.unparse(base)) for base in kind.bases]
            line += [base for base in bases if base is not None and base not in line]
        return line

    def _unit(self, statement: ast.stmt) -> ast.stmt:
        number = len(self.plan.units)
        self.plan.units.append(statement)
        failed = ast.ExceptHandler(
            ast.Name("BaseException", ast.Load(), **_PLACE), None, [_call(FAILED, number)], **_PLACE
        )
        return ast.Try([statement], [failed], [_call(PASSED, number)], [], **_PLACE)


def _call(name: str, number: int) -> ast.stmt:
    called = ast.Name(name, ast.Load(), **_PLACE)
    return ast.Expr(ast.Call(called, [ast.Constant(number, None, **_PLACE)], [], **_PLACE), **_PLACE)


def _called(statement: ast.stmt) -> str:
    """Name the function that a statement does nothing but call; `asyncio.run` calls it too."""
    call = statement.value if isinstance(statement, ast.Expr) else None
    if isinstance(call, ast.Call) and ast.unparse(call.func) == "asyncio.run" and call.args:
        call = call.args[0]
    return _names_call(call) if call is not None else ""


def _needs_arguments(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return len(function.args.args) > len(function.args.defaults)
