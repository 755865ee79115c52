"""Run submissions next door: in processes of this environment."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any

from rewards.codetests.allowance import Allowance
from rewards.codetests.conversation import Limits, Result, Talk, answered, limits_of
from rewards.interface import ServiceError
from sandbox.languages import LanguageMissingError
from sandbox.local import SandboxBrokenError
from sandbox.running import Live, outcomes, tier


class LocalRunner:
    """Run submissions in this environment."""

    def runs(
        self, mode: str, code: str, limits: Limits, runs: Sequence[Any], language: str = "python"
    ) -> Iterator[Result]:
        """Run the submission once for each task, in a process of its own."""
        if language != "python" and self.tier() != "kernel":
            raise ServiceError(f"language: {language} runs in tier kernel or split only: it is native code")
        request = {"mode": mode, "code": code, "limits": dict(limits), "runs": list(runs), "language": language}
        try:
            yield from outcomes(request)
        except (SandboxBrokenError, LanguageMissingError) as error:
            raise ServiceError(str(error)) from error

    def talk(self, code: str, limits: Limits) -> Talk:
        """Begin a conversation."""
        return _LocalTalk(code, limits)

    def tier(self) -> str:
        """Tell how well the submission is kept from the rest."""
        try:
            return tier()
        except SandboxBrokenError as error:
            raise ServiceError(str(error)) from error


class _LocalTalk:
    """Keep one process loaded; where it ended, load another and repeat to it what the one before was asked."""

    def __init__(self, code: str, limits: Limits) -> None:
        self.code, self.limits = code, dict(limits)
        self.log: list[bytes] = []
        self.live: Live | None = None
        self.patience = limits_of(limits).wall
        self.allowance = Allowance(limits_of(limits).time_limit_s)

    def ask(self, questions: Sequence[bytes]) -> list[Result]:
        for _ in questions:
            self.allowance.ask()
        try:
            for earlier in [] if self.live else self.log:
                self._asked([earlier])
            results = self._asked(questions)
        except SandboxBrokenError as error:
            raise ServiceError(str(error)) from error
        told = zip(questions, results, strict=False)
        self.log += [question for question, (outcome, _) in told if outcome.status == "ok"]
        if results[-1][0].status != "ok":
            self.close()
        return results

    def _asked(self, questions: Sequence[bytes]) -> list[Result]:
        if self.allowance.spent:
            return [(self.allowance.outcome, b"")]
        began = time.monotonic()
        self.live = self.live or Live(self.code, self.limits)
        results = answered(self.live.ask(questions))
        self.allowance.spend(time.monotonic() - began)
        return results

    def close(self) -> None:
        if self.live is not None:
            self.live.close()
            self.live = None
