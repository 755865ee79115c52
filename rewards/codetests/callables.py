"""Name the callables that test code may hand to a submission, which calls them and sees nothing else of them."""

from __future__ import annotations

import functools
import operator
import types
from unittest import mock

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
    mock.Mock,
)
