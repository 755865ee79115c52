"""The same tests with the submission in a function of its own, reached through Lambda's Invoke API."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest

from rewards import code_tests as module
from rewards.code_tests import code_tests
from rewards.interface import Sample, ServiceError
from sandbox.app import lambda_handler, unpack
from tests.invoke_api import Answer, invoke_api

CASES = [
    json.loads(line) for line in (Path(__file__).parent / "cases/code_tests.jsonl").read_text("utf-8").splitlines()
]


def handled(event):
    return lambda_handler(event, None)


@pytest.fixture
def deployed(monkeypatch):
    """Serve the sandbox and point the grader at it; gives the list of answers to send first."""
    answers: list[Answer] = []
    with invoke_api(handled, answers) as url:
        for name, value in {
            "SANDBOX_FUNCTION": "Sandbox",
            "AWS_ENDPOINT_URL_LAMBDA": url,
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_EC2_METADATA_DISABLED": "true",
        }.items():
            monkeypatch.setenv(name, value)
        yield answers


def scored(case):
    return code_tests(
        Sample(case["id"], case["prompt"], case["completion"], case["reference_answer"], case.get("metadata", {}))
    )


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
@pytest.mark.usefixtures("deployed")
def test_case(case):
    """Each recorded case earns what it earns next door."""
    assert scored(case).value == pytest.approx(case["expected"]), case["why"]


@pytest.mark.usefixtures("deployed")
def test_no_expected_value_is_sent(monkeypatch):
    """What goes over the wire holds code and inputs, and nothing that is expected."""
    seen = []

    def listen(event):
        seen.append(unpack(event, 1 << 20))
        return lambda_handler(event, None)

    with invoke_api(listen) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", url)
        code = "```python\ndef f(n):\n    return n\n```"
        code_tests(Sample("1", "", code, {"fn_name": "f", "tests": [{"args": [1], "expected": "very-secret"}]}))
        code_tests(Sample("1", "", code, {"test_code": "assert f(1) == 'very-secret'"}))
    assert len(seen) > 1
    assert "very-secret" not in json.dumps(seen)


FAILURES = {
    "throttle": (429, {"X-Amzn-ErrorType": "TooManyRequestsException"}, b'{"message": "Rate exceeded"}'),
    "5xx": (500, {"X-Amzn-ErrorType": "ServiceException"}, b'{"message": "down"}'),
    "import": (200, {"X-Amz-Function-Error": "Unhandled"}, b'{"errorType": "Runtime.ImportModuleError"}'),
}


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
def test_a_failing_sandbox_is_our_fault(deployed, failure, monkeypatch):
    """A throttle, a server error or a start-up failure raises ServiceError; it is never a zero."""
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    deployed.extend([failure] * 8)
    with pytest.raises(ServiceError):
        scored(CASES[0])


@pytest.mark.usefixtures("deployed")
def test_many_samples_are_scored_at_once():
    """Each has an environment of its own, so they need not wait for each other."""
    assert module.workers(64) > 1


CRASH: Answer = (200, {"X-Amz-Function-Error": "Unhandled"}, b'{"errorType": "Runtime.ExitError"}')
NONSENSE: Answer = (200, {}, b'{"runs": [{"status": "ok", "output": 7}]}')


@pytest.mark.parametrize("failure", [CRASH, NONSENSE], ids=["crash", "nonsense"])
def test_a_submission_that_crashes_the_sandbox_earns_nothing(deployed, failure):
    """Where a program known to be good runs there, the crash was the submission's: a zero, not an error."""
    deployed.extend([failure] * 2)
    assert scored(CASES[0]).value == 0.0


def test_a_crash_that_does_not_happen_again_costs_nothing(deployed):
    """What crashed the sandbox may be what ran there before, so it is asked once more."""
    deployed.append(CRASH)
    assert scored(CASES[0]).value == 1.0


def test_a_sandbox_that_crashes_on_everything_is_our_fault(deployed):
    """Where a program known to be good crashes too, no submission is blamed."""
    deployed.extend([CRASH] * 3)
    with pytest.raises(ServiceError, match="known to be good"):
        scored(CASES[0])


SLOW = "import time\ndef f(n):\n    time.sleep(0.08)\n    return n"
ENDS = "import os, time\ndef f(n):\n    time.sleep(0.08)\n    return n if n % 2 else os._exit(0)"


@pytest.mark.parametrize("where", ["deployed", "next door"])
def test_what_is_repeated_to_a_submission_is_bounded(where, request):
    """Each call is within its limit, but repeating all before it would take minutes: the calls after are late."""
    if where == "deployed":
        request.getfixturevalue("deployed")
    calls = range(1, 31)
    test = "\n".join(f"n = {n}\nassert f(n) == n" for n in calls)  # of which no call is foreseen
    reference = {"test_code": test, "limits": {"time_limit_s": 0.1}}
    code = SLOW if where == "deployed" else ENDS
    reward = code_tests(Sample("1", "", f"```python\n{code}\n```", reference))
    metrics = {verdict.name: verdict.score for verdict in reward.verdicts if not verdict.weight}
    assert metrics["tests_time"] > 5
    assert 0.1 < reward.value < 0.5


@pytest.mark.usefixtures("deployed")
def test_calls_that_are_certain_share_an_invocation(monkeypatch):
    """Thirty assertions take one invocation, which finds the names too; one that ends it, three more."""
    asked: list[int] = []

    def counted(event):
        asked.append(len(unpack(event, 1 << 20)["runs"]))
        return lambda_handler(event, None)

    reference = {"test_list": [f"assert f({n}) == {n}" for n in range(30)]}
    with invoke_api(counted) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", url)
        assert code_tests(Sample("1", "", "```python\ndef f(n):\n    return n\n```", reference)).value == 1.0
        assert asked == [31]
        asked.clear()
        code = "import os\ndef f(n):\n    return os._exit(0) if n == 7 else n"
        assert code_tests(Sample("1", "", f"```python\n{code}\n```", reference)).value == 29 / 30
        assert asked == [31, 23, 1, 22]


@pytest.mark.usefixtures("deployed")
def test_waiting_for_the_sandbox_is_no_time_of_the_submission(monkeypatch):
    """What an environment takes to start costs the submission none of its time."""

    def slowly(event):
        time.sleep(1.2)
        return lambda_handler(event, None)

    monkeypatch.setattr("rewards.codetests.allowance.REPEATS", -2)  # so half a second for each question is allowed
    reference = {"test_list": ["assert f(1) == 1"], "limits": {"time_limit_s": 0.5}}
    with invoke_api(slowly) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", url)
        assert code_tests(Sample("1", "", "```python\ndef f(n):\n    return n\n```", reference)).value == 1.0


def tenants_of(monkeypatch, *samples):
    """Score samples; gives the tenant that each invocation named."""
    tenants: list[str | None] = []
    with invoke_api(handled, tenants=tenants) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", url)
        assert [code_tests(sample).value for sample in samples] == [1.0] * len(samples)
    return tenants


def asked_for(prompt, answer="f", n=1):
    reference = {"fn_name": answer, "tests": [{"args": [n], "expected": n}]}
    return Sample("1", prompt, f"```python\ndef {answer}(n):\n    return n\n```", reference)


def asserted(prompt, n):
    return Sample(
        "1", prompt, "```python\ndef f(n):\n    return n\n```", {"test_code": f"x = f({n})\nassert f(x) == {n}"}
    )


@pytest.mark.usefixtures("deployed")
def test_every_problem_is_a_tenant_where_the_deployment_says_so(monkeypatch):
    """Each invocation names its problem: always the same for one, never the same for two, by any style of test."""
    monkeypatch.setenv("SANDBOX_TENANTS", "problem")
    told = tenants_of(monkeypatch, asked_for("Echo."), asked_for("Echo."), asked_for("Give it back."))
    assert told[0] == told[1] != told[2]
    assert all(tenant and re.fullmatch(r"[a-zA-Z0-9._:/=+@ -]{1,256}", tenant) for tenant in told)
    of_inputs = tenants_of(monkeypatch, asked_for("", n=1), asked_for("", n=2), asked_for("", "g", n=1))
    assert len(set(of_inputs)) == 3
    (*first, last), others = tenants_of(monkeypatch, asserted("a", 1)), tenants_of(monkeypatch, asserted("b", 1))
    assert first
    assert {*first, last}.isdisjoint(others)
    assert len({*first, last}) == 1


@pytest.mark.usefixtures("deployed")
def test_a_tenants_name_tells_nothing_of_what_is_expected(monkeypatch):
    """What runs in the sandbox may read it: made of expected values, it would let a guess be tried."""
    monkeypatch.setenv("SANDBOX_TENANTS", "problem")
    one, other = asked_for("Echo."), asked_for("Echo.")
    other = other._replace(reference_answer={**other.reference_answer, "tests": [{"args": [1], "expected": 1.0}]})
    assert len(set(tenants_of(monkeypatch, one, other))) == 1
    assert len(set(tenants_of(monkeypatch, asserted("Echo.", 1), asserted("Echo.", 2)))) == 1


@pytest.mark.parametrize("setting", ["", "shared"])
@pytest.mark.usefixtures("deployed")
def test_no_tenant_is_named_unless_the_deployment_says_so(monkeypatch, setting):
    """A function without tenant isolation refuses an invocation that names one."""
    monkeypatch.setenv("SANDBOX_TENANTS", setting)
    assert set(tenants_of(monkeypatch, asked_for("Echo."), asserted("Echo.", 1))) == {None}


def test_the_canary_runs_as_the_same_tenant(deployed, monkeypatch):
    """Every invocation of an isolated function must name one, that of the program known to be good too."""
    monkeypatch.setenv("SANDBOX_TENANTS", "problem")
    tenants: list[str | None] = []
    deployed.clear()
    with invoke_api(handled, [CRASH] * 2, tenants) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", url)
        assert code_tests(asked_for("Echo.")).value == 0.0
    assert len(tenants) == 3
    assert len(set(tenants)) == 1


def test_an_unknown_way_to_isolate_is_refused_at_start(monkeypatch):
    """A word that means nothing must not leave problems together in silence."""
    monkeypatch.setenv("SANDBOX_TENANTS", "samples")
    with pytest.raises(ValueError, match="SANDBOX_TENANTS"):
        module.prepare()
