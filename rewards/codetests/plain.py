"""Tell test code that cannot change the process that it runs in from what might.

The first, most of it, is run where the next row's will be run; a process that is thrown away takes longer to make than
all its assertions. What is listed here computes with values and keeps nothing; whatever is not listed might.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Collection

from rewards.codetests.nodes import Nodes
from rewards.codetests.script import FAILED, KIND_OF, PASSED
from rewards.codetests.testnames import SUBMISSION_MODULES, bound_names

MODULES = frozenset(
    "math itertools operator string collections functools heapq bisect re json copy typing".split()  # noqa: SIM905 - a table in prose
)
BUILTINS = frozenset(
    """
    abs all any ascii bin bool bytearray bytes callable chr complex dict divmod enumerate filter float format frozenset
    hash hex int isinstance issubclass iter len list map max min next oct ord pow print range repr reversed round set
    slice sorted str sum tuple zip
    """.split()  # noqa: SIM905 - the same
) | {name for name, value in vars(builtins).items() if isinstance(value, type) and issubclass(value, BaseException)}
MARKS = frozenset((PASSED, FAILED, KIND_OF, "__name__"))
OURS = SUBMISSION_MODULES | {"__future__"}
FRAMES = ("_", "gi_", "tb_", "f_")  # how attributes begin that lead to other code's names
NODES = frozenset(
    getattr(ast, name)
    for name in """
    Module Assert Assign AugAssign Expr If For While Pass Break Continue FunctionDef Return Try ExceptHandler Raise With
    withitem Name Attribute Subscript Slice Constant Starred JoinedStr FormattedValue Call keyword Lambda arguments arg
    BinOp BoolOp UnaryOp Compare IfExp List Tuple Set Dict NamedExpr Import ImportFrom alias ListComp SetComp DictComp
    GeneratorExp comprehension
    """.split()  # noqa: SIM905 - the same
).union(*(kind.__subclasses__() for kind in (ast.operator, ast.boolop, ast.unaryop, ast.cmpop)))


def is_plain(nodes: Nodes, names: Collection[str]) -> bool:
    """Tell whether test code only computes.

    Args:
        nodes: All of it.
        names: What it takes from the submission.

    Example:
        >>> codes = "assert sorted(f(1)) == [1]", "import os", "assert f.x.__class__"
        >>> [is_plain(Nodes(ast.parse(code).body), ["f"]) for code in codes]
        [True, False, False]
    """
    imports, froms = nodes.of(ast.Import), [node for node in nodes.of(ast.ImportFrom) if node.module not in OURS]
    if (
        not nodes.kinds <= NODES
        or not all(alias.name in MODULES for node in imports for alias in node.names)
        or not all(node.module in MODULES and alias.name != "*" for node in froms for alias in node.names)
        or any(node.decorator_list for node in nodes.of(ast.FunctionDef))
    ):
        return False
    attributes = nodes.of(ast.Attribute)
    if any(node.attr.startswith(FRAMES) or not isinstance(node.ctx, ast.Load) for node in attributes):
        return False
    modules = {alias.asname or alias.name for node in imports for alias in node.names}
    of_modules = [node.value.id for node in attributes if isinstance(node.value, ast.Name) and node.value.id in modules]
    loaded = [node.id for node in nodes.of(ast.Name)]
    known = bound_names(nodes)[0].union(names, BUILTINS, MARKS)
    return known.issuperset(loaded) and sum(name in modules for name in loaded) == len(of_modules)
