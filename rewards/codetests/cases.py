"""Read the tests of a row one by one: inputs and outputs, arguments and expected values, packed or not."""

from __future__ import annotations

import binascii
import json
import pickletools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from rewards.codetests.options import weight_of
from rewards.interface import RowError
from sandbox.app import inflate

MAX_REFERENCE = 64 << 20
WHOLE = re.compile(r"-?[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class Case:
    """Hold one test of the styles `program` (stdin, expected) and `calls` (args, kwargs, expected)."""

    expected: Any
    stdin: str = ""
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    unwrap: bool = False  # `[value]` may stand for `value`, as APPS writes it
    weight: float = 1.0


def parsed(text: str, what: str) -> Any:
    """Parse JSON of a bounded length; raises RowError, which says what it is that is none."""
    if len(text) > MAX_REFERENCE:
        raise RowError(f"{what} is longer than {MAX_REFERENCE} characters")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise RowError(f"{what} is no JSON") from None


def read_cases(reference: Mapping[str, Any], function: str) -> list[Case]:
    """Read the tests of a row: of a function where one is named, else of a program.

    Raises:
        RowError: One of them cannot be read; the message names its place.
    """
    if "inputs" in reference or "outputs" in reference:
        return _paired_cases(reference, function)
    tests: list[Any] = []
    for name in ("tests", "test_cases", "public_test_cases", "private_test_cases"):
        part = reference.get(name)
        part = _packed(part, name) if isinstance(part, str) and part else part
        if part not in (None, ""):
            if not isinstance(part, list):
                raise RowError(f"{name} must be a list")
            tests += part
    if not tests:
        raise RowError("the reference answer has neither tests, inputs and outputs, nor test_code")
    return [_case(test, function, place) for place, test in enumerate(tests)]


def _packed(text: str, name: str) -> Any:
    """Read JSON text, or as LiveCodeBench publishes it: Base64 of a compressed pickle of JSON text, never unpickled."""
    if text.lstrip()[:1] in ("[", "{"):
        return parsed(text, name)
    try:
        pickled = inflate(text, MAX_REFERENCE)
        texts = [value for code, value, _ in pickletools.genops(pickled) if "UNICODE" in code.name]
    except (ValueError, binascii.Error, LookupError, UnicodeDecodeError):
        texts = []
    if len(texts) != 1 or not isinstance(texts[0], str):
        raise RowError(f"{name} is neither JSON nor LiveCodeBench's compressed form of it")
    return parsed(texts[0], name)


def _paired_cases(reference: Mapping[str, Any], function: str) -> list[Case]:
    inputs, outputs = reference.get("inputs"), reference.get("outputs")
    if not isinstance(inputs, list) or not isinstance(outputs, list) or len(inputs) != len(outputs):
        raise RowError("inputs and outputs must be lists of one length")
    weights = reference.get("weights", [1] * len(inputs))
    if not isinstance(weights, list) or len(weights) != len(inputs):
        raise RowError("weights must be a list as long as inputs")
    cases = []
    for place, (given, wanted, weight) in enumerate(zip(inputs, outputs, weights, strict=True)):
        case = (
            _with_whole_keys(_called(given, wanted, place))
            if function
            else Case(_joined(wanted, f"outputs[{place}]"), _joined(given, f"inputs[{place}]"))
        )
        cases.append(replace(case, weight=weight_of(weight, f"weights[{place}]")))
    return cases


def _with_whole_keys(case: Case) -> Case:
    """Undo, as APPS and prime_code do, what JSON makes of a first argument whose keys are all integers.

    They take what a list of one value holds for that value, too.
    """
    first = case.args[0] if case.args else None
    case = replace(case, unwrap=isinstance(case.expected, list) and len(case.expected) == 1)
    if not isinstance(first, dict) or not first or not all(WHOLE.fullmatch(key) for key in first):
        return case
    return replace(case, args=({int(key): value for key, value in first.items()}, *case.args[1:]))


def _called(given: Any, wanted: Any, place: int) -> Case:
    """Read arguments as APPS gives them, a list, or as LiveCodeBench does, a JSON value a line."""
    if isinstance(given, str):
        args = tuple(parsed(line, f"line of inputs[{place}]") for line in given.split("\n") if line.strip())
        return Case(parsed(wanted, f"outputs[{place}]") if isinstance(wanted, str) else wanted, args=args)
    args = tuple(given) if isinstance(given, list) else (given,)
    return Case(wanted, args=args)


def _case(test: object, function: str, place: int) -> Case:
    """Read one test; one that the policy was shown (`visible`) counts nothing unless it says what it weighs."""
    if not isinstance(test, Mapping):
        raise RowError(f"tests[{place}] is no object")
    case = _called_case(test, place) if function else _program_case(test, place)
    weight = test.get("weight", 0 if test.get("visible") is True else 1)
    return replace(case, weight=weight_of(weight, f"tests[{place}].weight"))


def _program_case(test: Mapping[str, Any], place: int) -> Case:
    if "input" not in test or "output" not in test:
        raise RowError(f"tests[{place}] lacks input or output, and no function is named")
    return Case(_joined(test["output"], f"tests[{place}].output"), _joined(test["input"], f"tests[{place}].input"))


def _called_case(test: Mapping[str, Any], place: int) -> Case:
    if "expected" not in test:
        if "output" in test and "input" in test:
            return _called(test["input"], test["output"], place)
        raise RowError(f"tests[{place}] lacks expected")
    args, kwargs = test.get("args", []), test.get("kwargs") or {}
    if not isinstance(args, list) or not isinstance(kwargs, Mapping):
        raise RowError(f"tests[{place}]: args must be a list and kwargs an object")
    return Case(test["expected"], args=tuple(args), kwargs=dict(kwargs))


def _joined(value: object, place: str) -> str:
    """Take a program's input or output as text, or as the list of its lines."""
    if isinstance(value, str):
        return value
    if isinstance(value, Sequence) and all(isinstance(line, str) for line in value):
        return "\n".join(value)
    if type(value) in (int, float):
        return str(value)
    raise RowError(f"{place} must be text or a list of lines")
