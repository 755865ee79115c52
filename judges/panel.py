"""Ask the judges of a deployment about one answer, and join what they say."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, replace
from statistics import fmean
from typing import TYPE_CHECKING

from judges import known, prices
from judges.asking import Tally
from judges.cache import fingerprint
from judges.judgement import ContentError, Finding, Judgement, ServiceFaultError, TruncatedError, Usage
from judges.scheduler import reply
from judges.verdict import read

if TYPE_CHECKING:
    from collections.abc import Sequence

    from judges.cache import Cache
    from judges.memo import Memo
    from judges.prompt import Question
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


@dataclass(frozen=True, slots=True)
class Panel:
    """Hold the judges and what spares them work.

    Args:
        transports: What carries questions to each judge.
        deadline: By `time.monotonic`, when an answer no longer helps.
        memo: What this batch has asked already.
        cache: What was asked at any time.
    """

    transports: Sequence[Transport]
    deadline: float
    memo: Memo[Asked] | None = None
    cache: Cache | None = None

    def judge(self, asked: Question) -> Judgement:
        """Get the judgement on one answer: the mean of all judges and samples that gave a verdict.

        Raises:
            ServiceFaultError: No judge gave a verdict, and for one of them at least that is our fault.
        """
        settings = asked.rubric.judge
        outcomes = self._ask_all(asked, range(settings.samples))
        if settings.resample_over is not None and _spread(outcomes) > settings.resample_over:
            outcomes += self._ask_all(asked, range(settings.samples, settings.samples + 1))
        return _joined(outcomes)

    def _ask_all(self, asked: Question, indices: range) -> list[Asked]:
        """Ask every judge for the samples of these indices, all at the same time."""
        tasks = [(transport, index) for transport in self.transports for index in indices]
        outcomes = [Asked(fault="not asked")] * len(tasks)

        def one(place: int) -> None:
            outcomes[place] = self._once(*tasks[place], asked)

        threads = [threading.Thread(target=one, args=(place,), daemon=True) for place in range(1, len(tasks))]
        for thread in threads:
            thread.start()
        one(0)
        for thread in threads:
            thread.join()  # each ends by the deadline
        return outcomes

    def _once(self, transport: Transport, index: int, asked: Question) -> Asked:
        """Ask one judge, unless this batch or the cache knows the answer."""
        key = fingerprint(transport.model, asked, index)
        if self.memo is None:
            return self._cached(transport, key, asked)
        asker = False

        def first() -> Asked:
            nonlocal asker
            asker = True
            return self._cached(transport, key, asked)

        try:
            outcome = self.memo.once(key, first, self.deadline - time.monotonic())
        except ServiceFaultError as error:
            return Asked(fault=str(error))
        return outcome if asker else replace(outcome, usage=_NOTHING)

    def _cached(self, transport: Transport, key: str, asked: Question) -> Asked:
        found = self.cache.get(key, asked.rubric) if self.cache else None
        if found:
            return Asked(found)
        outcome = ask(transport, asked, self.deadline)
        if self.cache and outcome.finding:
            self.cache.put(key, outcome.finding)
        return outcome


def ask(transport: Transport, asked: Question, deadline: float) -> Asked:
    """Ask one judge, and once more where its reply holds no verdict.

    Args:
        transport: What carries the question.
        asked: The question.
        deadline: By `time.monotonic`, when an answer no longer helps.
    """
    started, usage, tally = time.monotonic(), Usage(), Tally()
    max_tokens, outcome, again = asked.rubric.judge.max_tokens, Asked(), asked
    for _ in range(2):
        try:
            received = reply(transport, again, max_tokens, deadline, tally)
            usage += received.usage
            outcome = Asked(read(received.reply, asked))
            break
        except ServiceFaultError as error:
            outcome = Asked(fault=f"{transport.model}: {error}")
            break
        except ContentError as error:
            outcome = Asked(failure=f"{type(error).__name__.removesuffix('Error').lower()}: {error}")
            again = replace(asked, again=True)
            if isinstance(error, TruncatedError):
                max_tokens *= 2  # the same room would be overrun in the same way
    if not outcome.fault and not known.about(transport.model).decided(verdict=outcome.finding is not None):
        outcome = Asked(fault=f"{transport.model} has never given a verdict: {outcome.failure}")
    usage += known.about(transport.model).collect_late()
    seconds, price = time.monotonic() - started, prices.cost(transport.model, usage)
    counted = replace(usage, calls=tally.calls, retries=max(0, tally.calls - 1), seconds=seconds, cost=price)
    return replace(outcome, usage=counted)


def _spread(outcomes: Sequence[Asked]) -> float:
    scores = [outcome.finding.score for outcome in outcomes if outcome.finding]
    return max(scores) - min(scores) if scores else 0.0


def _joined(outcomes: Sequence[Asked]) -> Judgement:
    findings = [outcome.finding for outcome in outcomes if outcome.finding]
    usage = sum((outcome.usage for outcome in outcomes), _NOTHING)
    if not findings:
        if faults := [outcome.fault for outcome in outcomes if outcome.fault]:
            raise ServiceFaultError(faults[0])
        return Judgement(None, outcomes[0].failure, content_failure=True, answered=0, usage=usage)
    return Judgement(
        score=fmean(found.score for found in findings),
        rationale=findings[0].rationale,
        criteria={name: fmean(found.criteria[name] for found in findings) for name in findings[0].criteria},
        spread=_spread(outcomes) if len(outcomes) > 1 else None,
        answered=len(findings),
        usage=usage,
    )
