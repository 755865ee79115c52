"""Foresee what test code will ask of the submission, so that it can be asked at once instead of one by one.

Each question crosses three processes and back, in split mode it is an invocation. What can be foreseen are calls with
literal arguments, in assertions one after another that ask for nothing else: as most rows have them. Where something
else is asked than was foreseen, the examination is done once more without foresight, so it can change no verdict.
"""

from __future__ import annotations

import ast
import builtins
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

Body = Sequence[ast.stmt]
MAX_AHEAD = 50  # questions that are asked at once


class Call(NamedTuple):
    """Hold a call that test code will make: the name of what is called, and with what."""

    name: str
    args: tuple[object, ...]
    kwargs: dict[str, object]


class ForesightError(BaseException):
    """Say that something else was asked than was foreseen."""


def foreseen(statements: Body, names: Collection[str]) -> list[list[Call]]:
    r"""List calls that follow upon each other, group by group.

    Args:
        statements: Test code, its units wrapped or not.
        names: The names that are the submission's.

    Example:
        >>> body = ast.parse("assert f(1) == 2\nassert sorted(f([2])) == []\nx = 1\nassert f(x)").body
        >>> foreseen(body, ["f"])
        [[Call(name='f', args=(1,), kwargs={}), Call(name='f', args=([2],), kwargs={})]]
    """
    imports = [node for node in statements if isinstance(node, ast.Import)]
    harmless = {alias.asname or alias.name for node in imports for alias in node.names}
    groups: list[list[Call]] = []
    for body, parameters in _bodies(statements):
        known = dict(zip(names, names, strict=True)) | {name: given for name, given in parameters if given in names}
        groups.append([])
        for statement in body:
            if call := _only_call(statement, known, harmless):
                groups[-1].append(call)
            elif not isinstance(statement, (ast.Import, ast.FunctionDef)):
                groups.append([])
    return [group for group in groups if len(group) > 1]


def _bodies(statements: Body) -> Iterator[tuple[Body, list[tuple[str, str]]]]:
    """Give statements in the order in which they are run, and with them which name each parameter is given."""
    functions = {node.name: node for node in statements if isinstance(node, ast.FunctionDef)}
    body: list[ast.stmt] = []
    for statement in statements:
        call = statement.value if isinstance(statement, ast.Expr) else None
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in functions:
            function = functions[call.func.id]
            yield body, []
            pairs = zip(function.args.args, call.args, strict=False)
            yield function.body, [(taken.arg, given.id) for taken, given in pairs if isinstance(given, ast.Name)]
            body = []
        else:
            body.append(statement)
    yield body, []


def _only_call(statement: ast.stmt, known: Mapping[str, str], harmless: Collection[str]) -> Call | None:
    """Give the call that an assertion makes, if that is certain and all that it asks for."""
    if isinstance(statement, ast.Try) and len(statement.body) == 1:  # as units are wrapped
        statement = statement.body[0]
    if not isinstance(statement, ast.Assert) or statement.msg is not None:
        return None
    loaded = [node for node in ast.walk(statement) if isinstance(node, ast.Name)]
    ours = [node for node in loaded if node.id in known]
    others = {node.id for node in loaded} - set(known)
    if len(ours) != 1 or not all(name in harmless or hasattr(builtins, name) for name in others):
        return None
    calls = (node for node in _certain(statement.test) if isinstance(node, ast.Call))
    call = next((call for call in calls if call.func is ours[0]), None)
    if call is None or any(keyword.arg is None for keyword in call.keywords):
        return None
    try:
        args = tuple(ast.literal_eval(argument) for argument in call.args)
        kwargs = {str(keyword.arg): ast.literal_eval(keyword.value) for keyword in call.keywords}
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None
    return Call(known[ours[0].id], args, kwargs)


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


class Questions:
    """Ask questions, those that are foreseen together.

    Args:
        exchange: Sends questions and returns the replies, as many as were asked.

    Attributes:
        lost: Whether something else was asked than was foreseen.
    """

    def __init__(self, exchange: Callable[[list[bytes]], list[bytes]]) -> None:
        self._exchange = exchange
        self._coming: list[list[bytes]] = []  # what is foreseen, group by group
        self._told: deque[tuple[bytes, bytes]] = deque()  # what was asked before its time, and the replies
        self.lost = False

    def expect(self, groups: Sequence[list[bytes]]) -> None:
        """Foresee groups of questions, in this order."""
        self._coming += groups

    def known(self, question: bytes) -> bytes | None:
        """Give the reply to a question that was asked before its time; None where none was.

        Raises:
            ForesightError: Another was.
        """
        if self.lost or (self._told and self._told[0][0] != question):
            self.lost = True  # a test's bare `except` may hide what is raised
            raise ForesightError
        return self._told.popleft()[1] if self._told else None

    def ask(self, question: bytes) -> bytes:
        """Ask a question, with those that are foreseen to follow it."""
        place = next((n for n, group in enumerate(self._coming) if group and group[0] == question), None)
        if place is None:
            return self._exchange([question])[0]
        del self._coming[:place]
        questions = self._coming[0][:MAX_AHEAD]
        replies = self._exchange(questions)
        del self._coming[0][: len(replies)]
        self._told.extend(zip(questions[1:], replies[1:], strict=False))
        return replies[0]
