"""Ask the judges of a deployment about one answer, and join what they say."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, replace
from statistics import fmean
from typing import TYPE_CHECKING

from judges import known
from judges.judgement import (
    ContentError,
    Finding,
    Judgement,
    ServiceFaultError,
    TruncatedError,
    Usage,
)
from judges.prompt import question
from judges.scheduler import Tally, reply
from judges.verdict import read

if TYPE_CHECKING:
    from collections.abc import Sequence

    from judges.prompt import Question
    from judges.rubric import Rubric
    from judges.transport import Transport


_NOTHING = Usage()


@dataclass(frozen=True, slots=True)
class Asked:
    """Hold what came of asking one judge once: a finding, or why there is none.

    Args:
        finding: What it decided; None without a verdict.
        failure: Why there is none because of the answer.
        fault: Why there is none because of us.
        usage: What it cost, failed attempts included.
    """

    finding: Finding | None = None
    failure: str = ""
    fault: str = ""
    usage: Usage = _NOTHING


def ask(transport: Transport, asked: Question, deadline: float) -> Asked:
    """Ask one judge, and once more where its reply holds no verdict.

    Args:
        transport: What carries the question.
        asked: The question.
        deadline: By `time.monotonic`, when an answer no longer helps.
    """
    started, usage, tally = time.monotonic(), Usage(), Tally()
    max_tokens, outcome = asked.rubric.judge.max_tokens, Asked()
    for _ in range(2):
        try:
            received = reply(transport, asked, max_tokens, deadline, tally)
        except ServiceFaultError as error:
            outcome = Asked(fault=f"{transport.model}: {error}")
            break
        usage += received.usage
        try:
            outcome = Asked(read(received.reply, asked))
            break
        except ContentError as error:
            outcome = Asked(failure=f"{type(error).__name__.removesuffix('Error').lower()}: {error}")
            if isinstance(error, TruncatedError):
                max_tokens *= 2  # the same room would be overrun in the same way
    seconds = time.monotonic() - started
    if not outcome.fault and not known.about(transport.model).decided(verdict=outcome.finding is not None):
        outcome = Asked(fault=f"{transport.model} has never given a verdict: {outcome.failure}")
    usage = replace(usage, calls=tally.calls, retries=max(0, tally.calls - 1), seconds=seconds)
    return replace(outcome, usage=usage)


def judge(
    rubric: Rubric, transports: Sequence[Transport], sample: tuple[str, str, object], deadline: float
) -> Judgement:
    """Get the judgement on one answer: the mean of all judges and samples that gave a verdict.

    Args:
        rubric: What is judged by; it says how many samples are asked of each judge.
        transports: What carries the question to each judge.
        sample: Prompt, completion, reference answer.
        deadline: By `time.monotonic`.

    Raises:
        ServiceFaultError: No judge gave a verdict, and for one of them at least that is our fault.
    """
    asked = question(rubric, *sample)
    outcomes = _ask_all([transport for transport in transports for _ in range(rubric.judge.samples)], asked, deadline)
    findings = [outcome.finding for outcome in outcomes if outcome.finding]
    over = rubric.judge.resample_over
    if over is not None and len(findings) > 1 and _spread(findings) > over:
        outcomes += _ask_all(list(transports), asked, deadline)
        findings = [outcome.finding for outcome in outcomes if outcome.finding]
    usage = sum((outcome.usage for outcome in outcomes), Usage())
    if not findings:
        if faults := [outcome.fault for outcome in outcomes if outcome.fault]:
            raise ServiceFaultError(faults[0])
        return Judgement(None, outcomes[0].failure, content_failure=True, answered=0, usage=usage)
    return Judgement(
        score=fmean(found.score for found in findings),
        rationale=findings[0].rationale,
        criteria={name: fmean(found.criteria[name] for found in findings) for name in findings[0].criteria},
        spread=_spread(findings) if len(findings) > 1 else None,
        answered=len(findings),
        usage=usage,
    )


def _spread(findings: Sequence[Finding]) -> float:
    scores = [found.score for found in findings]
    return max(scores) - min(scores)


def _ask_all(transports: Sequence[Transport], asked: Question, deadline: float) -> list[Asked]:
    """Ask all at the same time; the first in this thread."""
    outcomes = [Asked(fault="not asked")] * len(transports)

    def one(place: int) -> None:
        outcomes[place] = ask(transports[place], asked, deadline)

    threads = [threading.Thread(target=one, args=(place,), daemon=True) for place in range(1, len(transports))]
    for thread in threads:
        thread.start()
    one(0)
    for thread in threads:
        thread.join()  # ends by the deadline, as `one` does
    return outcomes
