"""Find the names that test code takes from the submission."""

from __future__ import annotations

import ast
import builtins
from collections import Counter

from rewards.codetests.nodes import Nodes

SUBMISSION_MODULES = frozenset(
    ("solution", "main", "submission", "candidate", "answer", "code", "your_module", "my_module")
)


def wanted_names(nodes: Nodes) -> list[str]:
    """Find the names that test code uses and neither it nor Python defines: they are the submission's.

    Where there are none, one built-in name that is called in every assertion is: a task may well ask for `sum`.

    Args:
        nodes: All of the test code.
    """
    bound, imported = bound_names(nodes)
    loaded = dict.fromkeys(node.id for node in nodes.of(ast.Name))  # what is assigned to is bound
    wanted = [name for name in loaded if name not in bound and not hasattr(builtins, name) and name[:2] != "__"]
    return list(dict.fromkeys([*wanted, *imported])) or _shadowed(nodes)


def bound_names(nodes: Nodes) -> tuple[set[str], list[str]]:
    """Name what test code binds, and what it imports from the submission."""
    bound = {node.id for node in nodes.of(ast.Name) if not isinstance(node.ctx, ast.Load)}
    bound |= {node.name for node in nodes.of(ast.FunctionDef)} | {node.name for node in nodes.of(ast.ClassDef)}
    bound |= {node.name for node in nodes.of(ast.AsyncFunctionDef)}
    bound |= {node.arg for node in nodes.of(ast.arg)}
    bound |= {node.name for node in nodes.of(ast.ExceptHandler) if node.name}
    bound |= {node.name for node in nodes.of(ast.MatchAs) if node.name}
    imports = nodes.of(ast.ImportFrom)
    ours = [alias for node in imports if node.module in SUBMISSION_MODULES for alias in node.names]
    others = [alias for node in imports if node.module not in SUBMISSION_MODULES for alias in node.names]
    others += [alias for node in nodes.of(ast.Import) for alias in node.names]
    bound |= {alias.asname for alias in ours if alias.asname}
    bound |= {(alias.asname or alias.name).partition(".")[0] for alias in others}
    return bound, [alias.name for alias in ours if alias.name != "*"]


def _shadowed(nodes: Nodes) -> list[str]:
    called: Counter[str] = Counter()
    asserts = nodes.of(ast.Assert)
    for node in asserts:
        calls = {call.func.id for call in Nodes([node]).of(ast.Call) if isinstance(call.func, ast.Name)}
        called.update(calls)
    everywhere = [name for name, count in called.items() if count == len(asserts) and hasattr(builtins, name)]
    return everywhere if len(everywhere) == 1 else []
