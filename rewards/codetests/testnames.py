"""Find the names that test code takes from the submission."""

from __future__ import annotations

import ast
import builtins
from collections import Counter
from collections.abc import Iterator, Sequence

SUBMISSION_MODULES = frozenset(
    ("solution", "main", "submission", "candidate", "answer", "code", "your_module", "my_module")
)


def wanted_names(nodes: Sequence[ast.AST]) -> list[str]:
    """Find the names that test code uses and neither it nor Python defines: they are the submission's.

    Where there are none, one built-in name that is called in every assertion is: a task may well ask for `sum`.

    Args:
        nodes: All nodes of the test code.
    """
    loaded: Counter[str] = Counter()
    bound: set[str] = set()
    for node in nodes:
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
    return wanted or _shadowed(nodes)


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


def _shadowed(nodes: Sequence[ast.AST]) -> list[str]:
    called: Counter[str] = Counter()
    asserts = [node for node in nodes if isinstance(node, ast.Assert)]
    for node in asserts:
        calls = {c.func.id for c in ast.walk(node) if isinstance(c, ast.Call) and isinstance(c.func, ast.Name)}
        called.update(calls)
    everywhere = [name for name, count in called.items() if count == len(asserts) and hasattr(builtins, name)]
    return everywhere if len(everywhere) == 1 else []
