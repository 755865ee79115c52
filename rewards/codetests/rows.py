"""Read a row's tests, in the shapes in which code data sets are published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rewards.codetests.cases import Case, parsed, read_cases
from rewards.codetests.options import Options, read_options
from rewards.interface import RowError, Sample

MAX_TESTS = 2000
LANGUAGES = dict.fromkeys(("", "python3", "py", "python2", "pypy", "pypy3"), "python")
LANGUAGES |= dict.fromkeys(("js", "node", "nodejs"), "javascript") | dict.fromkeys(("c++", "cc", "cxx"), "cpp")
FUNCTION_NAMES = ("fn_name", "entry_point", "func_name")
WRAPPERS = ("text", "input_output", "ground_truth", "reward_model")  # the last two are of verl's rows, so prime_code's
OWN_TESTS = frozenset(
    ("tests", "test_cases", "inputs", "outputs", "test_code", "test_list", "assert_case", "test", "public_test_cases")
)  # what makes a wrapper's inner text not the reference


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
    cases = read_cases(reference, function)
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
            reference = parsed(reference, "the reference answer")
        if isinstance(reference, list):
            reference = {"test_list": reference} if all(isinstance(i, str) for i in reference) else {"tests": reference}
        if not isinstance(reference, Mapping):
            raise RowError(f"the reference answer is {_kind(reference)}, not an object with tests")
        inner = next((reference[name] for name in WRAPPERS if name in reference), None)
        if OWN_TESTS & set(reference) or not isinstance(inner, (str, Mapping)):
            return reference
        rest = {name: value for name, value in reference.items() if name not in WRAPPERS}
        inner = parsed(inner, "the reference answer") if isinstance(inner, str) else inner
        reference = rest | dict(inner) if isinstance(inner, Mapping) else inner
    raise RowError("the reference answer is wrapped too often")


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
        described = parsed(described, "metadata")
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
