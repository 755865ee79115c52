"""What a row of tests earns, for each style and shape, and whose fault is what."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import pytest

from rewards import code_tests as module
from rewards.code_tests import code_tests
from rewards.interface import RowError, Sample, ServiceError

CASES = [
    json.loads(line) for line in (Path(__file__).parent / "cases/code_tests.jsonl").read_text("utf-8").splitlines()
]


SKIPPED = (
    "import unittest\n@unittest.skip('x')\nclass T(unittest.TestCase):\n    def test_a(self):\n        assert f(1)"
)
DESCRIPTORS = Path("/proc/self/fd" if Path("/proc/self/fd").exists() else "/dev/fd")


def sample(code, reference, metadata=None):
    return Sample("1", "", f"```python\n{code}\n```", reference, metadata or {})


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_case(case):
    """Each recorded case earns what it says, for the reason it says."""
    reward = code_tests(
        Sample(case["id"], case["prompt"], case["completion"], case["reference_answer"], case.get("metadata", {}))
    )
    assert reward.value == pytest.approx(case["expected"]), (case["why"], reward.verdicts)


@pytest.mark.parametrize(
    ("reference", "field"),
    [
        (None, "reference answer"),
        ("not JSON", "reference answer"),
        ([], "neither tests"),
        (3, "a number"),
        ({}, "neither tests"),
        ({"inputs": ["1"], "outputs": []}, "one length"),
        ({"inputs": "1", "outputs": "1"}, "lists"),
        ({"tests": [{"input": "1"}]}, r"tests\[0\]"),
        ({"tests": [7]}, r"tests\[0\]"),
        ({"fn_name": "f", "tests": [{"args": [1]}]}, "expected"),
        ({"fn_name": "f", "tests": [{"args": 1, "expected": 1}]}, "args"),
        ({"fn_name": "f();g", "tests": [{"args": [1], "expected": 1}]}, "fn_name"),
        ({"fn_name": 3, "tests": [{"args": [1], "expected": 1}]}, "fn_name"),
        ({"tests": [{"input": "", "output": ""}], "limits": {"time_limit_s": 0}}, "time_limit_s"),
        ({"tests": [{"input": "", "output": ""}], "limits": {"memory_mb": "much"}}, "memory_mb"),
        ({"tests": [{"input": "", "output": ""}], "checker": "fuzzy"}, "checker"),
        ({"tests": [{"input": "", "output": ""}], "checker": {"code": "print('maybe')"}}, "checker"),
        ({"tests": [{"input": "", "output": ""}], "credit": "half"}, "credit"),
        ({"tests": [{"input": "", "output": ""}], "fence": "all"}, "fence"),
        ({"tests": [{"input": "", "output": ""}], "tolerance": -1}, "tolerance"),
        ({"tests": [{"input": "", "output": "", "weight": -1}]}, "weight"),
        ({"test_code": SKIPPED}, "skipped"),
        ({"tests": [{"input": "", "output": "", "visible": True}]}, "weight above 0"),
        ({"tests": [{"input": "", "output": ""}], "stop_at_first_failure": 1}, "stop_at_first_failure"),
        ({"public_test_cases": "[]", "private_test_cases": "eJx7v3d"}, "private_test_cases"),
        ({"test_code": "assert f(1"}, "no Python"),
        ({"test_code": "x = 1"}, "asserts nothing"),
        ({"test_code": "import no_such_module\nassert f(1)"}, "by itself"),
        ({"test_code": "undefined = 1 / 0\nassert undefined"}, "by itself"),
        ({"test_list": [1]}, "test_list"),
        ({"test_code": "class Node:\n    pass\nassert f(Node()) == 1"}, "hands over"),
        ({"test_code": "assert f(eval) == 1"}, "hands over eval"),
        ({"test_code": "import io, sys\nsys.stdin = io.StringIO('a')\nassert f() == 'a'"}, "standard input"),
        ({"test_code": "with patch('builtins.input', return_value='a'):\n    assert f() == 'a'"}, "standard input"),
        ({"test_code": "from functools import partial\nassert f(partial(getattr, 1)) == 1"}, "hands over"),
        ({"test_code": "assert f(str.format) == 1"}, "hands over"),
    ],
)
def test_a_row_without_usable_tests_is_the_rows_fault(reference, field):
    """A row at fault raises RowError that names the field; it is no zero of the completion."""
    with pytest.raises(RowError, match=field):
        code_tests(sample("def f(n):\n    return n", reference))


def test_limits_stop_at_the_maxima_of_the_function(monkeypatch):
    """A row cannot ask for more than the deployment allows."""
    monkeypatch.setenv("CODE_MAX_SECONDS", "0.2")
    reference = {"tests": [{"input": "", "output": "1"}], "limits": {"time_limit_s": 25}}
    reward = code_tests(sample("import time\ntime.sleep(20)\nprint(1)", reference))
    assert reward.value == 0.0
    assert "time" in reward.verdicts[0].reason


def test_how_tests_failed_is_told_as_metrics():
    """Every way to fail has its count, in tests."""
    code = "n = int(input())\nif n == 1:\n    1 / 0\nwhile n == 2:\n    pass\nprint(3)"
    tests = [{"input": str(n), "output": "3" if n else "4"} for n in range(4)]
    reward = code_tests(sample(code, {"tests": tests, "limits": {"time_limit_s": 0.3}}))
    metrics = {verdict.name: verdict.score for verdict in reward.verdicts if not verdict.weight}
    assert (metrics["tests"], metrics["tests_wrong"], metrics["tests_error"], metrics["tests_time"]) == (4, 1, 1, 1)


def test_a_submission_sees_no_environment(monkeypatch):
    """Neither the environment nor the arguments of the grader reach the submission."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hidden")
    reference = {"tests": [{"input": "", "output": "['HOME', 'TMPDIR'] ['solution.py']"}]}
    code = "import os, sys\nprint(sorted(set(os.environ) - {'LC_CTYPE'}), sys.argv)"
    assert code_tests(sample(code, reference)).value == 1.0


def test_no_file_of_the_project_can_be_imported():
    """A submission has no business with the grader's own modules."""
    code = "try:\n    import rewards\n    print('there')\nexcept ImportError:\n    print('absent')"
    assert code_tests(sample(code, {"tests": [{"input": "", "output": "absent"}]})).value == 1.0


def test_nothing_is_left_behind():
    """After a sample there is no child, descriptor or file more than before it."""
    row = sample("def f(n):\n    return n", {"fn_name": "f", "tests": [{"args": [1], "expected": 1}] * 3})
    code_tests(row)
    before = len(list(DESCRIPTORS.iterdir()))
    for _ in range(5):
        code_tests(row)
    after = len(list(DESCRIPTORS.iterdir()))
    assert after == before


def test_a_deployed_function_without_a_sandbox_function_refuses_to_start(monkeypatch):
    """Untrusted code runs beside the grader only where the deployment says so."""
    for name in ("AWS_SAM_LOCAL", "SANDBOX_FUNCTION", "SANDBOX_TIER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "CodeTests")
    with pytest.raises(ValueError, match="SANDBOX_FUNCTION"):
        module.prepare()
    monkeypatch.setenv("SANDBOX_TIER", "process")
    module.prepare()
    monkeypatch.setenv("SANDBOX_TIER", "split")
    with pytest.raises(ValueError, match="SANDBOX_FUNCTION"):
        module.prepare()
    monkeypatch.setenv("SANDBOX_TIER", "best")
    with pytest.raises(ValueError, match="best"):
        module.prepare()


def test_sam_local_runs_the_sandbox_in_process(monkeypatch):
    """Under `sam local` nothing needs to be configured."""
    monkeypatch.delenv("SANDBOX_FUNCTION", raising=False)
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "CodeTests")
    monkeypatch.setenv("AWS_SAM_LOCAL", "true")
    module.prepare()


def test_the_reward_is_picklable():
    """A reward can be sent to another process, and so can the function."""
    assert pickle.loads(pickle.dumps(code_tests)) is code_tests  # noqa: S301 - our own bytes


LARGE = {
    "input": (
        "print(sum(map(int, open(0).read().split())))",
        {"tests": [{"input": "7 " * 300_000, "output": "2100000"}]},
    ),
    "output": (
        "print(*range(300_000), sep='\\n')",
        {"tests": [{"input": "", "output": "\n".join(map(str, range(300_000)))}]},
    ),
    "list": (
        "def f(n):\n    return list(range(n))",
        {"fn_name": "f", "tests": [{"args": [10**5], "expected": [*range(10**5)]}]},
    ),
    "argument": (
        "def f(x):\n    return sum(x)",
        {"fn_name": "f", "tests": [{"args": [[1] * 200_000], "expected": 200_000}]},
    ),
    "integer": ("def f(n):\n    return 2 ** n", {"fn_name": "f", "tests": [{"args": [20_000], "expected": 2**20_000}]}),
}


@pytest.mark.parametrize(("code", "reference"), LARGE.values(), ids=LARGE)
def test_large_values_are_carried_whole(code, reference):
    """Size alone costs an honest program nothing."""
    assert code_tests(sample(code, reference)).value == 1.0


def test_a_language_that_is_not_installed_is_our_fault():
    """A row that asks for what is not there raises and names it: it is no zero of the completion."""
    with pytest.raises(ServiceError, match="cobol"):
        code_tests(sample("print(1)", {"language": "cobol", "tests": [{"input": "", "output": "1"}]}))


def test_static_signals_change_no_score():
    """Literal outputs of visible tests and rare imports are metrics only."""
    tests = [{"input": "", "output": "12345", "visible": True}, {"input": "", "output": "12345"}]
    reward = code_tests(sample("import gc\nprint('12345')", {"tests": tests}))
    metrics = {verdict.name: verdict.score for verdict in reward.verdicts if not verdict.weight}
    assert reward.value == 1.0
    assert (metrics["hardcoded_outputs"], metrics["imports_suspicious"]) == (1, 1)
    assert metrics["visible_passed"] == 1.0


def test_what_test_code_changes_is_gone_for_the_next_row():
    """Each row's tests run in a process of their own, which they may change as they like."""
    changes = "import math\nmath.tau = 1\nassert f() == 1 and math.tau == 1"
    for test in (changes, "import math\nassert f() == 1 and math.tau > 6", changes):
        assert code_tests(sample("def f():\n    return 1", {"test_code": test})).value == 1.0
