"""Name the callables that test code may hand to a submission, which calls them and sees nothing else of them.

What runs text, opens files or reads attributes by name is none of them: the submission chooses the arguments, and the
call is made where the expected values are.
"""

from __future__ import annotations

import builtins
import functools
import operator
import sys
import types

CALLED: tuple[type, ...] = (
    type,
    types.FunctionType,
    types.BuiltinFunctionType,
    types.MethodType,
    types.MethodWrapperType,
    types.MethodDescriptorType,
    types.WrapperDescriptorType,
    functools.partial,
    type(functools.lru_cache(abs)),
    operator.itemgetter,
    operator.attrgetter,
    operator.methodcaller,
)

_NEVER = """
    eval exec compile open __import__ getattr setattr delattr vars globals locals input breakpoint help
    __build_class__ exit quit
""".split()  # noqa: SIM905 - a table in prose
NEVER = (*(vars(builtins).get(name) for name in _NEVER), str.format, str.format_map, object.__getattribute__)


def may_be_handed_over(value: object) -> bool:
    """Tell whether the submission may call this.

    Example:
        >>> may_be_handed_over(len), may_be_handed_over(eval), may_be_handed_over(functools.partial(getattr, 1))
        (True, False, False)
    """
    while isinstance(value, functools.partial):
        value = value.func
    mocked = isinstance(value, getattr(sys.modules.get("unittest.mock"), "Mock", ()))  # slow to load, rarely there
    return (mocked or isinstance(value, CALLED)) and callable(value) and not any(value is never for never in NEVER)
