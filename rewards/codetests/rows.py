"""Read a row's tests, in the shapes in which code data sets are published."""

from __future__ import annotations

import binascii
import json
import pickletools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from rewards.codetests.options import Options, read_options, weight_of
from rewards.interface import RowError, Sample
from sandbox.app import inflate

MAX_REFERENCE = 64 << 20
MAX_TESTS = 2000
LANGUAGES = dict.fromkeys(("", "python3", "py", "python2", "pypy", "pypy3"), "python")
LANGUAGES |= dict.fromkeys(("js", "node", "nodejs"), "javascript") | dict.fromkeys(("c++", "cc", "cxx"), "cpp")
WHOLE = re.compile(r"-?[0-9]{1,18}")
FUNCTION_NAMES = ("fn_name", "entry_point", "func_name")
WRAPPERS = ("text", "input_output", "ground_truth", "reward_model")  # the last two are of verl's rows, so prime_code's
OWN_TESTS = frozenset(
    ("tests", "test_cases", "inputs", "outputs", "test_code", "test_list", "assert_case", "test", "public_test_cases")
)  # what makes a wrapper's inner text not the reference


@dataclass(frozen=True, slots=True)
class Case:
    """Hold one test of the styles `program` (stdin, expected) and `calls` (args, kwargs, expected)."""

    expected: Any
    stdin: str = ""
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    unwrap: bool = False  # `[value]` may stand for `value`, as APPS writes it
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Problem:
    """Hold what a row asks: its style (`program`, `calls`, `asserts`), its tests and how they are run and counted."""

    style: str
    options: Options
    cases: tuple[Case, ...] = ()
    function: str = ""
    test_code: str = ""
    prelude: str = ""
    language: str = "python"


def read_problem(sample: Sample) -> Problem:
    """Read the tests of a sample's row.

    Args:
        sample: Its reference answer is an object or JSON text of one, perhaps under `text`; README has the table.

    Raises:
        RowError: There are no tests in it that can be run; the message names the field.

    Example:
        >>> row = Sample(1, "", "", '{"inputs": ["2"], "outputs": ["4"]}')
        >>> read_problem(row).cases[0].stdin
        '2'
    """
    reference = _object(sample.reference_answer)
    options = read_options(reference, sample.metadata)
    language = _language(reference)
    function = _function(reference, sample.metadata)
    code = _test_code(reference, function)
    if language != "python" and (function or code):
        raise RowError(f"language: {language} is graded by standard input and output only")
    if code:
        return Problem("asserts", options, function=function, test_code=code, prelude=_text(reference, "prompt"))
    cases = _cases(reference, function)
    if not cases:
        raise RowError("the reference answer holds no tests")
    if len(cases) > MAX_TESTS:
        raise RowError(f"the reference answer holds {len(cases)} tests; {MAX_TESTS} are allowed")
    if not any(case.weight for case in cases):
        raise RowError("no test of the reference answer has a weight above 0")
    return Problem("calls" if function else "program", options, tuple(cases), function, language=language)


def _object(reference: object) -> Mapping[str, Any]:
    for _ in range(3):
        if isinstance(reference, str):
            reference = _parsed(reference, "the reference answer")
        if isinstance(reference, list):
            reference = {"test_list": reference} if all(isinstance(i, str) for i in reference) else {"tests": reference}
        if not isinstance(reference, Mapping):
            raise RowError(f"the reference answer is {_kind(reference)}, not an object with tests")
        inner = next((reference[name] for name in WRAPPERS if name in reference), None)
        if OWN_TESTS & set(reference) or not isinstance(inner, (str, Mapping)):
            return reference
        rest = {name: value for name, value in reference.items() if name not in WRAPPERS}
        inner = _parsed(inner, "the reference answer") if isinstance(inner, str) else inner
        reference = rest | dict(inner) if isinstance(inner, Mapping) else inner
    raise RowError("the reference answer is wrapped too often")


def _parsed(text: str, what: str) -> Any:
    if len(text) > MAX_REFERENCE:
        raise RowError(f"{what} is longer than {MAX_REFERENCE} characters")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise RowError(f"{what} is no JSON") from None


def _kind(value: object) -> str:
    return {type(None): "null", str: "text", list: "a list", bool: "a boolean"}.get(type(value), "a number")


def _language(reference: Mapping[str, Any]) -> str:
    asked = reference.get("language")
    name = asked.strip().lower() if isinstance(asked, str) else "python"
    return LANGUAGES.get(name, name[:20])


def _function(reference: Mapping[str, Any], metadata: Mapping[str, Any]) -> str:
    places = [reference, metadata]
    described = reference.get("metadata")  # LiveCodeBench: JSON text of an object with `func_name`
    if isinstance(described, str) and described:
        described = _parsed(described, "metadata")
    places += [described] if isinstance(described, Mapping) else []
    for place in places:
        for name in FUNCTION_NAMES:
            value = place.get(name)
            if value in (None, ""):
                continue
            value = value.replace("()", "") if isinstance(value, str) else value
            if not isinstance(value, str) or not all(part.isidentifier() for part in value.split(".")):
                raise RowError(f"{name} must be a Python name")
            return value.removeprefix("Solution.")
    return ""


def _text(reference: Mapping[str, Any], name: str) -> str:
    value = reference.get(name)
    return value if isinstance(value, str) else ""


def _test_code(reference: Mapping[str, Any], function: str) -> str:
    """Join what the row gives as test code: `test_code`, MBPP's lists, HumanEval's `test` and `entry_point`."""
    parts = [_lines(reference, name) for name in ("test_imports", "test_setup_code")]
    main = _lines(reference, "test_code") or "\n".join(
        filter(None, (_lines(reference, name) for name in ("test_list", "assert_case", "challenge_test_list")))
    )
    if not main and (main := _lines(reference, "test")) and function and "check" in main:
        main += f"\n\ncheck({function})\n"
    return "\n".join(filter(None, (*parts, main))) if main else ""


def _lines(reference: Mapping[str, Any], name: str) -> str:
    value = reference.get(name)
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        return "\n".join(value)
    if value is not None and not isinstance(value, str):
        raise RowError(f"{name} must be text or a list of texts")
    return value or ""


def _cases(reference: Mapping[str, Any], function: str) -> list[Case]:
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
        return _parsed(text, name)
    try:
        pickled = inflate(text, MAX_REFERENCE)
        texts = [value for code, value, _ in pickletools.genops(pickled) if "UNICODE" in code.name]
    except (ValueError, binascii.Error, LookupError, UnicodeDecodeError):
        texts = []
    if len(texts) != 1 or not isinstance(texts[0], str):
        raise RowError(f"{name} is neither JSON nor LiveCodeBench's compressed form of it")
    return _parsed(texts[0], name)


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
        args = tuple(_parsed(line, f"line of inputs[{place}]") for line in given.split("\n") if line.strip())
        return Case(_parsed(wanted, f"outputs[{place}]") if isinstance(wanted, str) else wanted, args=args)
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
