"""Split test code into units, the assertions and test methods that are counted, each to be run on its own."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Collection

from rewards.codetests.given import FUNCTIONS
from rewards.codetests.nodes import Nodes
from rewards.codetests.script import FAILED, FINISHED, PASSED, RUN_METHOD

_PLACE = {"lineno": 1, "col_offset": 0}  # of what stands in no source


class Splitter:
    """List the statements of test code, each with the number of the unit that it is, -1 for none.

    Args:
        tree: The test code.
        nodes: All of it.
        far: Names that are the submission's.
    """

    def __init__(self, tree: ast.Module, nodes: Nodes, far: Collection[str]) -> None:
        self.far = frozenset(far)
        self.asserting = _asserting(nodes)
        self.calls = Counter(filter(None, map(_names_call, nodes.of(ast.Call))))
        self.classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
        self.steps: list[tuple[ast.stmt, int]] = []
        self.units = 0

    def split(self, body: list[ast.stmt]) -> None:
        """Take the statements of the test code."""
        functions = {s.name: s for s in body if isinstance(s, FUNCTIONS) and s.name in self.asserting}
        called = {_called(statement) for statement in body}
        once = {name for name in functions if self.calls[name] == 1 and name in called}
        for name in once:
            functions[name].body = [self._wrapped(s) if self._counts(s) else s for s in functions[name].body]
        for statement in body:
            self._take(statement, once)
        for name, function in functions.items():
            if name.startswith("test") and not self.calls[name] and not _needs_arguments(function):
                self._add(f"{FINISHED}({name}())" if isinstance(function, ast.AsyncFunctionDef) else f"{name}()")

    def _counts(self, statement: ast.stmt) -> bool:
        return not isinstance(statement, (*FUNCTIONS, ast.ClassDef)) and _asserts(statement, self.asserting)

    def _take(self, statement: ast.stmt, once: Collection[str]) -> None:
        counts = _called(statement) not in once and self._counts(statement)
        self.steps.append((statement, self._number() if counts else -1))
        if isinstance(statement, ast.ClassDef):
            for method, own in self._test_methods(statement).items():
                self._add(f"{RUN_METHOD}({statement.name}, {method!r}, own={own})")

    def _add(self, call: str) -> None:
        self.steps.append((ast.parse(call).body[0], self._number()))

    def _number(self) -> int:
        self.units += 1
        return self.units - 1

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
            name: self.far.isdisjoint(name.id for name in Nodes(decorated + method.decorator_list).of(ast.Name))
            for name, method in methods.items()
            if name.startswith("test")
        }

    def _line(self, node: ast.ClassDef) -> list[ast.ClassDef]:
        line = [node]
        for kind in line:
            bases = [self.classes.get(ast.unparse(base)) for base in kind.bases]
            line += [base for base in bases if base is not None and base not in line]
        return line

    def _wrapped(self, statement: ast.stmt) -> ast.stmt:
        """Have a statement of a function counted where it stands."""
        number = self._number()
        failed = ast.ExceptHandler(
            ast.Name("BaseException", ast.Load(), **_PLACE), None, [_call(FAILED, number)], **_PLACE
        )
        return ast.Try([statement], [failed], [_call(PASSED, number)], [], **_PLACE)


def _asserting(nodes: Nodes) -> set[str]:
    """Name the functions that assert, by themselves or through others of them."""
    functions: dict[str, ast.AST] = {node.name: node for node in nodes.of(ast.FunctionDef)}
    functions |= {node.name: node for node in nodes.of(ast.AsyncFunctionDef)}
    found: set[str] = set()
    while new := {name for name, node in functions.items() if name not in found and _asserts(node, found)}:
        found |= new
    return found


def _asserts(node: ast.AST, functions: Collection[str]) -> bool:
    if isinstance(node, ast.Assert):
        return True
    inner = Nodes([node])
    return ast.Assert in inner.kinds or any(_names_call(call) in functions for call in inner.of(ast.Call))


def _names_call(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _call(name: str, number: int) -> ast.stmt:
    called = ast.Name(name, ast.Load(), **_PLACE)
    return ast.Expr(ast.Call(called, [ast.Constant(number, None, **_PLACE)], [], **_PLACE), **_PLACE)


def _called(statement: ast.stmt) -> str:
    """Name the function that a statement does nothing but call; `asyncio.run` calls it too."""
    call = statement.value if isinstance(statement, ast.Expr) else None
    if isinstance(call, ast.Call) and ast.unparse(call.func) == "asyncio.run" and call.args:
        call = call.args[0]
    return _names_call(call) if isinstance(call, ast.Call) else ""


def _needs_arguments(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return len(function.args.args) > len(function.args.defaults)
