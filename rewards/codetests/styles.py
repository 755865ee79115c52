"""Run a problem's tests in its style; say of each how it failed."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Sequence

from rewards.codetests.cases import Case
from rewards.codetests.comparison import same_floats, same_output, same_tokens
from rewards.codetests.conversation import Result
from rewards.codetests.examination import examine, judge_calls
from rewards.codetests.local_runner import LocalRunner
from rewards.codetests.options import Options
from rewards.codetests.rows import Problem
from rewards.codetests.runner import Runner
from rewards.interface import RowError, ServiceError, seconds_left
from sandbox.codec import dumps, encode

MAX_SOURCE = 1 << 18  # characters of a submission
MAX_TIMEOUTS = 10  # after this many tests ran out of time the rest are taken for lost too
STATUSES = ("wrong", "error", "time", "memory", "output", "killed")
NOT_RUN = ("wrong", "not run: an earlier test failed")

Complaint = tuple[str, str]  # how a test failed, one of STATUSES, and why; ("", "") where it passed
PASSED = ("", "")


def complaints(problem: Problem, code: str, run: Runner) -> list[Complaint]:
    """Run a submission against a problem's tests.

    Raises:
        RowError: The tests cannot be used.
        ServiceError: They cannot be run, or time ran out.
    """
    return {"program": _programs, "calls": _calls, "asserts": _asserts}[problem.style](problem, code, run)


def _programs(problem: Problem, code: str, run: Runner) -> list[Complaint]:
    found: list[Complaint] = []
    stdins = [case.stdin for case in problem.cases]
    results = run.runs("program", code, problem.options.limits, stdins, problem.language)
    for (outcome, output), case in zip(_patient(results, len(problem.cases)), problem.cases, strict=True):
        if outcome.status != "ok":
            found.append((outcome.status, outcome.detail))
        elif _accepted(problem.options, case, output.decode("utf-8", "replace")):
            found.append(PASSED)
        else:
            found.append(("wrong", "the output differs from what is expected"))
        if problem.options.stop and found[-1] != PASSED:
            return found + [NOT_RUN] * (len(problem.cases) - len(found))
    return found


def _accepted(options: Options, case: Case, output: str) -> bool:
    if options.checker == "tokens":
        return same_tokens(case.expected, output)
    if options.checker == "floats":
        return same_floats(case.expected, output, options.tolerance)
    if options.checker == "program":
        return _checked(options, case, output)
    return same_output(case.expected, output)


def _checked(options: Options, case: Case, output: str) -> bool:
    """Have the row's checker decide, in a sandbox beside the grader, where expected values may be."""
    given = json.dumps({"input": case.stdin, "expected": case.expected, "output": output})
    ((outcome, said),) = LocalRunner().runs("program", options.checker_code, options.limits, [given])
    words = said.decode("utf-8", "replace").split()
    if outcome.status != "ok" or words[-1:] not in (["accepted"], ["rejected"]):
        raise RowError(f"checker: it said neither accepted nor rejected: {outcome.status} {outcome.detail[:100]}")
    return words[-1] == "accepted"


def _calls(problem: Problem, code: str, run: Runner) -> list[Complaint]:
    questions = [_question(problem.function, case) for case in problem.cases]
    results = _patient(run.runs("session", code, problem.options.limits, questions), len(questions))
    if not problem.options.stop:
        return _judged(problem.cases, list(results))
    found: list[Complaint] = []
    for case, result in zip(problem.cases, results, strict=True):
        found += _judged([case], [result])
        if found[-1] != PASSED:
            return found + [NOT_RUN] * (len(problem.cases) - len(found))
    return found


def _question(function: str, case: Case) -> str:
    args, kwargs = [encode(arg) for arg in case.args], {name: encode(arg) for name, arg in case.kwargs.items()}
    return dumps({"do": "call", "target": function, "args": args, "kwargs": kwargs, "only": "value"}).decode()


def _judged(cases: Sequence[Case], results: Sequence[Result]) -> list[Complaint]:
    answered = [
        (case, answer) for case, (outcome, answer) in zip(cases, results, strict=True) if outcome.status == "ok"
    ]
    verdicts = iter(judge_calls(answered))
    found: list[Complaint] = []
    for outcome, _ in results:
        if outcome.status != "ok":
            found.append((outcome.status, outcome.detail))
        else:
            why = next(verdicts)
            found.append(("error" if why.startswith("it raised") else "wrong" if why else "", why))
    return found


def _asserts(problem: Problem, code: str, run: Runner) -> list[Complaint]:
    found = _examined(problem, code, run, foresee=True)
    if found is None:
        found = _examined(problem, code, run, foresee=False) or []
    return [(_status(why), why) for why in found]


def _examined(problem: Problem, code: str, run: Runner, *, foresee: bool) -> list[str] | None:
    talk = run.talk(_with_prelude(problem, code), problem.options.limits)
    try:
        return examine(problem, talk, foresee=foresee)
    finally:
        talk.close()


def _status(why: str) -> str:
    named = why.partition(":")[0]
    if not why or named in STATUSES:
        return named
    return "wrong" if named == "AssertionError" else "error"


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
    future = re.compile(r"^from __future__ import .*$", re.MULTILINE)  # stands at the top or is an error
    return "\n".join((*future.findall(code), problem.prelude, "", future.sub("", code)))
