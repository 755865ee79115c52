"""Look at all nodes of Python code once: by their kind is how they are asked for."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable
from typing import TypeVar

Node = TypeVar("Node", bound=ast.AST)
LEAVES = (ast.Name, ast.Constant)


class Nodes:
    """Hold all nodes that stand below some, with these, by kind.

    Example:
        >>> nodes = Nodes(ast.parse("assert f(1) == f(2)").body)
        >>> [call.func.id for call in nodes.of(ast.Call)], ast.Lambda in nodes.kinds
        (['f', 'f'], False)
    """

    def __init__(self, roots: Iterable[ast.AST]) -> None:
        found: defaultdict[type, list[ast.AST]] = defaultdict(list)
        waiting = list(roots)
        for node in waiting:  # which grows meanwhile: the standard library's walk takes four times as long
            kind = type(node)
            found[kind].append(node)
            if kind in LEAVES:
                continue
            for value in vars(node).values():
                if type(value) is list:
                    waiting += [inner for inner in value if isinstance(inner, ast.AST)]
                elif isinstance(value, ast.AST) and not isinstance(value, ast.expr_context):
                    waiting.append(value)
        self._found = dict(found)
        self.kinds = self._found.keys()

    def of(self, kind: type[Node]) -> list[Node]:
        """List the nodes of one kind."""
        return self._found.get(kind, [])  # type: ignore[return-value]  # they are listed by their type
