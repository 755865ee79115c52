"""Hold a conversation with a submission that runs in the Sandbox function, which keeps nothing of it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence

from rewards.codetests.allowance import Allowance
from rewards.codetests.conversation import Limits, Result, answered, limits_of
from sandbox.outcome import Outcome

MAX_AHEAD = 51  # questions of one invocation: the names, and fifty calls
INVOCATIONS = 5.0  # seconds that one test's invocations may take beyond what runs in them
CRASHED = Outcome("killed", "it crashed the sandbox")
Calls = Callable[[Limits, Sequence[str], Sequence[str]], list[Result]]  # within limits, after these, asks those


class LambdaTalk:
    """Send, with every question, all that was asked before it: an invocation keeps nothing.

    Args:
        calls: Asks one process of the submission.
        limits: The row's.
    """

    def __init__(self, calls: Calls, limits: Limits) -> None:
        self._calls, self.limits = calls, limits
        self.log: list[str] = []
        self.patience = INVOCATIONS + 5 * limits_of(limits).wall
        self.allowance = Allowance(limits_of(limits).time_limit_s)

    def ask(self, questions: Sequence[bytes]) -> Iterator[list[Result]]:
        """Ask questions, as many as one invocation takes; as every `Talk`."""
        yield self._some(questions[:MAX_AHEAD])

    def _some(self, questions: Sequence[bytes]) -> list[Result]:
        for _ in questions:
            self.allowance.ask()
        if self.allowance.spent:
            return [(self.allowance.outcome, b"")]
        runs = [question.decode() for question in questions]
        most = min(self.allowance.left, max(1.0, sandbox_seconds() - limits_of(self.limits).wall))
        began = time.monotonic()
        results = self._asked({**self.limits, "run_s": most}, runs)
        took = time.monotonic() - began
        # waiting for Lambda is not the submission's fault, unless it brought the sandbox down
        seconds = sum(max(0.0, outcome.seconds) for outcome, _ in results)
        self.allowance.spend(took if results[-1][0] == CRASHED else min(took, seconds))
        self.log += [question for question, (outcome, _) in zip(runs, results, strict=False) if outcome.status == "ok"]
        return results

    def _asked(self, limits: Limits, runs: list[str]) -> list[Result]:
        """Ask; one of several that ended the process, perhaps for being one of several, is asked once more alone."""
        results = answered(self._calls(limits, self.log, runs))
        if len(runs) > 1 and results[-1][0].status != "ok":
            return results[:-1] or answered(self._calls(limits, self.log, runs[:1]))
        return results

    def close(self) -> None:
        """Forget what was asked."""
        self.log = []


def sandbox_seconds() -> float:
    """Tell how long one call of the sandbox function may take."""
    return float(os.environ.get("SANDBOX_SECONDS") or 280)
