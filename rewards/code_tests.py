"""The reward for code: the share of the row's tests that the completion's program passes."""

from __future__ import annotations

import ast
import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence

from rewards.codetests.comparison import same_output
from rewards.codetests.examination import examine, judge_calls
from rewards.codetests.rows import Problem, read_problem
from rewards.codetests.runner import LambdaRunner, LocalRunner, Result, runner, sandbox_function
from rewards.extract import last_code_block
from rewards.interface import Reward, Sample, ServiceError, Verdict, seconds_left
from sandbox.codec import dumps, encode

MAX_SOURCE = 1 << 18  # characters of a submission
MAX_TIMEOUTS = 10  # after this many tests ran out of time the rest are taken for lost too
MAX_FAN_OUT = 16
STATUSES = ("wrong", "error", "time", "memory", "output", "killed")
TIERS = ("process", "kernel", "split")


def code_tests(sample: Sample) -> Reward:
    r"""Score the last fenced Python block of a completion by the row's tests.

    Args:
        sample: Its reference answer holds the tests, in one of the shapes that `codetests.rows` reads.

    Returns:
        The fraction of tests passed, in [0, 1]; for test code, of its assertions. One metric for each way to fail that
        occurred, counted in tests, and the tier of isolation: 0 process, 1 kernel, 2 split.

    Raises:
        RowError: The row's tests cannot be read or used.
        ServiceError: The sandbox cannot be reached, or time ran out.

    Example:
        >>> row = {"inputs": ["2", "5"], "outputs": ["4", "10"]}
        >>> code_tests(Sample(1, "Double it.", "```python\nprint(2 * int(input()))\n```", row)).value
        1.0
    """
    problem = read_problem(sample)
    code = last_code_block(sample.completion, _needed(problem))
    if code is None:
        return _floor("there is no fenced Python block in the completion")
    if len(code) > MAX_SOURCE:
        return _floor(f"the program is longer than {MAX_SOURCE} characters")
    run = runner()
    wanted = os.environ.get("SANDBOX_TIER", "")
    if wanted in TIERS and _below(run.tier(), wanted):
        raise ServiceError(f"SANDBOX_TIER={wanted} is asked for, and only {run.tier()} can be had here")
    results = _RESULTS[problem.style](problem, code, run)
    return _reward(results, run)


def prepare() -> None:
    """Refuse a deployment whose isolation is weaker than what it asks for.

    Raises:
        ValueError: SANDBOX_TIER is unknown, or a deployed function has no SANDBOX_FUNCTION and asks for no lower tier.
    """
    wanted = os.environ.get("SANDBOX_TIER", "")
    if wanted and wanted not in TIERS:
        raise ValueError(f"SANDBOX_TIER={wanted!r} is none of {', '.join(TIERS)}")
    if sandbox_function():
        return
    deployed = os.environ.get("AWS_LAMBDA_FUNCTION_NAME") and not os.environ.get("AWS_SAM_LOCAL")
    if wanted == "split" or (deployed and not wanted):
        raise ValueError(
            "SANDBOX_FUNCTION names no function: set it, or ask for a lower tier with SANDBOX_TIER=process"
        )
    if wanted and _below(found := LocalRunner().tier(), wanted):
        raise ValueError(f"SANDBOX_TIER={wanted} is asked for, and only {found} can be had here")


def _below(tier: str, wanted: str) -> bool:
    return TIERS.index(tier) < TIERS.index(wanted)


def workers(count: int) -> int:
    """Say how many samples to score at once: many where each has an environment of its own, else one.

    Example:
        >>> workers(64)
        1
    """
    return max(1, min(count, MAX_FAN_OUT)) if sandbox_function() else 1


def _needed(problem: Problem) -> list[str]:
    if problem.function:
        return problem.function.split(".")[-1:]
    return sorted(set(re.findall(r"\b([A-Za-z_]\w*)\s*\(", problem.test_code)))[:500]


def _floor(why: str) -> Reward:
    return Reward.of(Verdict("code_tests", 0.0, why))


Complaints = list[tuple[str, str]]  # for each test how it failed, one of STATUSES, and why; ("", "") where it passed


def _programs(problem: Problem, code: str, run: LocalRunner | LambdaRunner) -> Complaints:
    complaints: Complaints = []
    results = run.runs("program", code, problem.limits, [case.stdin for case in problem.cases])
    for (outcome, output), case in zip(_patient(results, len(problem.cases)), problem.cases, strict=True):
        if outcome.status != "ok":
            complaints.append((outcome.status, outcome.detail))
        elif same_output(case.expected, output.decode("utf-8", "replace")):
            complaints.append(("", ""))
        else:
            complaints.append(("wrong", "the output differs from what is expected"))
    return complaints


def _calls(problem: Problem, code: str, run: LocalRunner | LambdaRunner) -> Complaints:
    questions = []
    for case in problem.cases:
        args, kwargs = [encode(arg) for arg in case.args], {name: encode(arg) for name, arg in case.kwargs.items()}
        question = {"do": "call", "target": problem.function, "args": args, "kwargs": kwargs}
        questions.append([dumps(question).decode()])
    results = list(_patient(run.runs("calls", code, problem.limits, questions), len(questions)))
    answered = [
        (case, answer) for case, (outcome, answer) in zip(problem.cases, results, strict=True) if outcome.status == "ok"
    ]
    found = iter(judge_calls(answered))
    complaints: Complaints = []
    for outcome, _ in results:
        if outcome.status != "ok":
            complaints.append((outcome.status, outcome.detail))
        else:
            why = next(found)
            complaints.append(("error" if why.startswith("it raised") else "wrong" if why else "", why))
    return complaints


def _asserts(problem: Problem, code: str, run: LocalRunner | LambdaRunner) -> Complaints:
    talk = run.talk(_with_prelude(problem, code), problem.limits)
    try:
        found = examine(problem.test_code, talk)
    finally:
        talk.close()
    return [(("wrong" if why.startswith("AssertionError") else "error") if why else "", why) for why in found]


_RESULTS = {"program": _programs, "calls": _calls, "asserts": _asserts}


def _patient(results: Iterator[Result], count: int) -> Iterator[Result]:
    """Give results until too many ran out of time; the rest are given as out of time too."""
    late, given = 0, 0
    for result in results:
        yield result
        given += 1
        late += result[0].status == "time"
        if late >= MAX_TIMEOUTS:
            break
        if given < count and seconds_left() <= 0:
            raise ServiceError("time ran out before all tests had run")
    for _ in range(count - given):
        yield result


def _with_prelude(problem: Problem, code: str) -> str:
    """Put HumanEval's prompt before the submission: it may import, and define what the tests use."""
    if not problem.prelude or len(problem.prelude) > MAX_SOURCE:
        return code
    if problem.function and not re.search(rf"^[ \t]*(?:async[ \t]+)?def[ \t]+{problem.function}\b", code, re.MULTILINE):
        return f"{problem.prelude}\n{code}"
    try:
        ast.parse(problem.prelude)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return code
    return f"{problem.prelude}\n\n{code}"


def _reward(complaints: Sequence[tuple[str, str]], run: LocalRunner | LambdaRunner) -> Reward:
    passed = sum(not status for status, _ in complaints)
    total = len(complaints)
    counts = Counter(status for status, _ in complaints if status)
    first = next((f"; test {n}: {status}: {why}" for n, (status, why) in enumerate(complaints, 1) if status), "")
    metrics = [Verdict(f"tests_{name}", counts[name], weight=0) for name in STATUSES if counts[name]]
    return Reward.of(
        Verdict("code_tests", passed / total, f"{passed} of {total} tests passed{first}"),
        Verdict("tests", total, weight=0),
        *metrics,
        Verdict("sandbox_tier", float(TIERS.index(run.tier())), run.tier(), weight=0),
    )
