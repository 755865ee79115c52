"""Foresee what test code will ask of the submission, so that it can be asked at once instead of one by one.

Each question crosses three processes and back, in split mode it is an invocation. What can be foreseen are calls with
literal arguments, in assertions one after another that ask for nothing else: as most rows have them. Where something
else is asked than was foreseen, the examination is done once more without foresight, so it can change no verdict.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from rewards.codetests.nodes import Nodes
from rewards.codetests.testnames import bound_names

Body = Sequence[ast.stmt]
Steps = Sequence[tuple[ast.stmt, int]]


class Call(NamedTuple):
    """Hold a call that test code will make: the name of what is called, and with what."""

    name: str
    args: tuple[object, ...]
    kwargs: dict[str, object]


def foreseen(steps: Steps, names: Collection[str]) -> list[list[Call]]:
    r"""List calls that follow upon each other, group by group, the first of them those that come before all else.

    Args:
        steps: Statements of test code, each with the number of the unit that it is, -1 for none.
        names: The names that are the submission's.

    Example:
        >>> body = ast.parse("assert f(1) == 2\nassert sorted(f([2])) == []\nx = 1\nassert f(x)").body
        >>> foreseen([(statement, -1) for statement in body], ["f"])
        [[Call(name='f', args=(1,), kwargs={}), Call(name='f', args=([2],), kwargs={})]]
    """
    harmless = _harmless([statement for statement, _ in steps])
    groups: list[list[Call]] = [[]]
    for body, parameters in _bodies(steps):
        known = dict(zip(names, names, strict=True)) | {name: given for name, given in parameters if given in names}
        for statement in body:
            if call := _only_call(statement, known, harmless):
                groups[-1].append(call)
            elif not _asks_nothing(statement):
                groups.append([])
    first, *others = groups
    return [first, *(group for group in others if len(group) > 1)]


def _bodies(steps: Steps) -> Iterator[tuple[Body, list[tuple[str, str]]]]:
    """Give statements in the order in which they are run, and with them which name each parameter is given.

    A function that is a unit is none of them: where it fails at one assertion it does not come to the next.
    """
    functions = {node.name: node for node, _ in steps if isinstance(node, ast.FunctionDef)}
    for statement, unit in steps:
        call = statement.value if isinstance(statement, ast.Expr) and unit < 0 else None
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in functions:
            if call.keywords or not all(isinstance(given, (ast.Name, ast.Constant)) for given in call.args):
                yield [statement], []
            function = functions[call.func.id]
            pairs = zip(function.args.args, call.args, strict=False)
            yield function.body, [(taken.arg, given.id) for taken, given in pairs if isinstance(given, ast.Name)]
        else:
            yield [statement], []


def _harmless(body: Body) -> set[str]:
    """Name what is imported, and functions that use nothing but that, Python's own and what they are handed."""
    found = {
        alias.asname or alias.name
        for node in body
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for alias in node.names
    }
    functions = [node for node in body if isinstance(node, ast.FunctionDef)]
    for function in functions:  # one that uses another stands after it, as a rule
        nodes = Nodes([function])
        own = bound_names(nodes)[0] | found
        if all(node.id in own or hasattr(builtins, node.id) for node in nodes.of(ast.Name)):
            found.add(function.name)
    return found


def _asks_nothing(statement: ast.stmt) -> bool:
    """Tell whether a statement is certain to ask for nothing: it imports, defines a function, or names a literal."""
    if isinstance(statement, ast.FunctionDef):
        arguments = statement.args
        return not (statement.decorator_list or arguments.defaults or any(arguments.kw_defaults))
    if isinstance(statement, ast.Assign):
        named = all(isinstance(target, ast.Name) for target in statement.targets)
        return named and _literal(statement.value) is not None
    return isinstance(statement, (ast.Import, ast.ImportFrom, ast.Pass)) or (
        isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    )


def _only_call(statement: ast.stmt, known: Mapping[str, str], harmless: Collection[str]) -> Call | None:
    """Give the call that an assertion makes, if that is certain and all that it asks for."""
    if isinstance(statement, ast.Try) and len(statement.body) == 1:  # as units are wrapped
        statement = statement.body[0]
    if not isinstance(statement, ast.Assert) or (statement.msg and not _literal(statement.msg)):
        return None
    loaded = Nodes([statement]).of(ast.Name)
    ours = [node for node in loaded if node.id in known]
    if len(ours) != 1 or any(
        node.id not in known and node.id not in harmless and not hasattr(builtins, node.id) for node in loaded
    ):
        return None
    calls = (node for node in _certain(statement.test) if isinstance(node, ast.Call))
    call = next((call for call in calls if call.func is ours[0]), None)
    if call is None or any(keyword.arg is None for keyword in call.keywords):
        return None
    given = [_literal(value) for value in (*call.args, *(keyword.value for keyword in call.keywords))]
    values = [value for (value,) in filter(None, given)]
    if len(values) < len(given):
        return None
    names = [str(keyword.arg) for keyword in call.keywords]
    by_place = len(call.args)
    return Call(known[ours[0].id], tuple(values[:by_place]), dict(zip(names, values[by_place:], strict=True)))


def _literal(node: ast.expr) -> tuple[object] | None:
    """Give the value of a literal; None of anything else."""
    if isinstance(node, ast.Constant):
        return (node.value,)
    try:
        return (ast.literal_eval(node),)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None


def _certain(node: ast.AST) -> Iterator[ast.AST]:
    """Give the nodes that are evaluated once whenever this one is."""
    yield node
    if isinstance(node, ast.BoolOp):
        inner: list[ast.AST] = [node.values[0]]
    elif isinstance(node, ast.Compare):
        inner = [node.left, node.comparators[0]]
    elif isinstance(node, ast.IfExp):
        inner = [node.test]
    elif isinstance(node, (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
        inner = []
    else:
        inner = list(ast.iter_child_nodes(node))
    for child in inner:
        yield from _certain(child)
