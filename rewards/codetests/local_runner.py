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
        """Begin a conversation: the submission is loaded while its tests are read."""
        talk = _LocalTalk(code, limits)
        talk.begin()
        return talk

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

    def begin(self) -> None:
        """Have a process loaded."""
        try:
            self.live = Live(self.code, self.limits)
        except SandboxBrokenError as error:
            raise ServiceError(str(error)) from error

    def ask(self, questions: Sequence[bytes]) -> Iterator[list[Result]]:
        for _ in questions:
            self.allowance.ask()
        try:
            for earlier in [] if self.live else self.log:
                list(self._asked([earlier]))
            yield from self._logged(questions)
        except SandboxBrokenError as error:
            raise ServiceError(str(error)) from error

    def _logged(self, questions: Sequence[bytes]) -> Iterator[list[Result]]:
        """Ask, and note what was answered."""
        done, left_out = 0, False
        for results in self._asked(questions):
            told = [] if left_out else answered(results, least=0 if done else 1)
            left_out = left_out or len(told) < len(results)
            good = len(told) - (told[-1:] != [] and told[-1][0].status != "ok")
            self.log += questions[done : done + good]
            done += len(told)
            if told:
                yield told
            if good < len(told):
                self.close()

    def _asked(self, questions: Sequence[bytes]) -> Iterator[list[Result]]:
        if self.allowance.spent:
            yield [(self.allowance.outcome, b"")]
            return
        began = time.monotonic()
        self.live = self.live or Live(self.code, self.limits)
        for results in self.live.ask(questions):
            self.allowance.spend(time.monotonic() - began)
            yield results
            began = time.monotonic()

    def close(self) -> None:
        if self.live is not None:
            self.live.close()
            self.live = None
