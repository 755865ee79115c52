"""The reward for code: the share of the row's tests that the completion's program passes."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import compress
from math import fsum

from rewards.codetests.local_runner import LocalRunner
from rewards.codetests.rows import Problem, read_problem
from rewards.codetests.runner import TENANTS, Runner, runner, sandbox_function
from rewards.codetests.signals import signals
from rewards.codetests.styles import MAX_SOURCE, STATUSES, Complaint, complaints
from rewards.extract.fences import PYTHON_LABELS, last_code_block
from rewards.interface import Reward, Sample, ServiceError, Verdict

MAX_FAN_OUT = 16
FENCES = {
    "python": PYTHON_LABELS,
    "javascript": ("javascript", "js", "node"),
    "cpp": ("cpp", "c++", "cc", "cxx"),
}  # what a block of a language is labelled
TIERS = ("process", "kernel", "split")


def code_tests(sample: Sample) -> Reward:
    r"""Score the last fenced block of a completion by the row's tests.

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
    if problem.language not in FENCES:
        raise ServiceError(f"language: nothing is installed here that runs {problem.language}")
    labels = None if problem.options.fence == "any" else FENCES[problem.language]
    code = last_code_block(sample.completion, _needed(problem), labels)
    if code is None:
        return _floor(f"there is no fenced block of {problem.language} in the completion")
    if len(code) > MAX_SOURCE:
        return _floor(f"the program is longer than {MAX_SOURCE} characters")
    run = runner(sample, problem)
    wanted = os.environ.get("SANDBOX_TIER", "")
    if wanted in TIERS and _below(run.tier(), wanted):
        raise ServiceError(f"SANDBOX_TIER={wanted} is asked for, and only {run.tier()} can be had here")
    reward = _reward(problem, complaints(problem, code, run), run)
    return Reward((*reward.verdicts, *signals(code, problem.cases)))


def prepare() -> None:
    """Refuse a deployment whose isolation is weaker than what it asks for.

    Raises:
        ValueError: SANDBOX_TIER or SANDBOX_TENANTS is unknown, or a deployed function has no SANDBOX_FUNCTION and asks
            for no lower tier.
    """
    wanted = os.environ.get("SANDBOX_TIER", "")
    if wanted and wanted not in TIERS:
        raise ValueError(f"SANDBOX_TIER={wanted!r} is none of {', '.join(TIERS)}")
    tenants = os.environ.get("SANDBOX_TENANTS", "")
    if tenants and tenants not in TENANTS:
        raise ValueError(f"SANDBOX_TENANTS={tenants!r} is none of {', '.join(TENANTS)}")
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


def _reward(problem: Problem, found: Sequence[Complaint], run: Runner) -> Reward:
    weights = [case.weight for case in problem.cases] or [1.0] * len(found)
    passed = [not status for status, _ in found]
    value = fsum(compress(weights, passed)) / fsum(weights)
    counted = [ok for ok, weight in zip(passed, weights, strict=True) if weight]
    if problem.options.credit == "all_or_nothing":
        value = float(all(counted))
    first = next((f"; test {n}: {status}: {why}" for n, (status, why) in enumerate(found, 1) if status), "")
    return Reward.of(
        Verdict("code_tests", min(1.0, value), f"{sum(counted)} of {len(counted)} tests passed{first}"),
        Verdict("tests", len(found), weight=0),
        *_counts(found),
        *_visible(passed, weights),
        Verdict("sandbox_tier", float(TIERS.index(run.tier())), run.tier(), weight=0),
    )


def _counts(found: Sequence[Complaint]) -> Iterator[Verdict]:
    counts = Counter(status for status, _ in found)
    return (Verdict(f"tests_{name}", counts[name], weight=0) for name in STATUSES if counts[name])


def _visible(passed: Sequence[bool], weights: Sequence[float]) -> Iterator[Verdict]:
    shown = [ok for ok, weight in zip(passed, weights, strict=True) if not weight]
    if shown:
        yield Verdict("visible_passed", sum(shown) / len(shown), "of the tests that count nothing", weight=0)
