"""Reach the sandbox: next door in this environment, or the Lambda function that SANDBOX_FUNCTION names."""

from __future__ import annotations

import binascii
import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

from rewards.codetests.allowance import Allowance
from rewards.interface import RowError, ServiceError
from sandbox import supervision
from sandbox.app import MAX_PACKED, inflate, pack
from sandbox.languages import LanguageMissingError
from sandbox.local import SandboxBrokenError
from sandbox.running import CANARY, Live, outcomes, tier
from sandbox.supervision import Outcome

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient

Limits = Mapping[str, float | int]
Result = tuple[Outcome, bytes]
MAX_REQUEST = 4_000_000  # bytes of inputs in one invocation, before compression
MAX_REPLY = 7_000_000
INVOCATIONS = 5.0  # seconds that one test's invocations may take beyond what runs in them
CRASHED = Outcome("killed", "it crashed the sandbox")
OURS = frozenset(
    (
        "SandboxBrokenError",
        "LanguageMissingError",
        "Runtime.ImportModuleError",
        "Runtime.HandlerNotFound",
        "Runtime.UserCodeSyntaxError",
        "Runtime.InvalidEntrypoint",
        "Runtime.MalformedHandlerName",
    )
)


class SandboxCrashedError(Exception):
    """Say that the sandbox function ended, ran out of time or memory, or answered with nonsense."""


class Talk(Protocol):
    """Hold a conversation with one loaded submission.

    Args:
        patience: Seconds that one test may go on asking.
    """

    patience: float

    def ask(self, question: bytes) -> Result:
        """Ask one question; after an ended submission the next question finds it loaded anew."""

    def close(self) -> None:
        """End the conversation."""


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
        self.patience = _limits(limits).wall
        self.allowance = Allowance(_limits(limits).time_limit_s)

    def ask(self, question: bytes) -> Result:
        self.allowance.ask()
        try:
            for earlier in [] if self.live else self.log:
                self._asked(earlier)
            outcome, answer = self._asked(question)
        except SandboxBrokenError as error:
            raise ServiceError(str(error)) from error
        if outcome.status == "ok":
            self.log.append(question)
        else:
            self.close()
        return outcome, answer

    def _asked(self, question: bytes) -> Result:
        if self.allowance.spent:
            return self.allowance.outcome, b""
        began = time.monotonic()
        self.live = self.live or Live(self.code, self.limits)
        result = self.live.ask(question)
        self.allowance.spend(time.monotonic() - began)
        return result

    def close(self) -> None:
        if self.live is not None:
            self.live.close()
            self.live = None


class LambdaRunner:
    """Run submissions in the Sandbox function: no call leaves anything there that a later call needs."""

    def __init__(self, function: str) -> None:
        self.function = function

    def runs(
        self, mode: str, code: str, limits: Limits, runs: Sequence[Any], language: str = "python"
    ) -> Iterator[Result]:
        """Run the submission once for each task, several tasks an invocation."""
        for part in _parts(runs, limits):
            request = {"mode": mode, "code": code, "limits": dict(limits), "runs": part, "language": language}
            yield from self._answered(request)

    def talk(self, code: str, limits: Limits) -> Talk:
        """Begin a conversation."""
        return _LambdaTalk(self, code, limits)

    def tier(self) -> str:
        """Tell how well the submission is kept from the rest."""
        return "split"

    def _answered(self, request: dict[str, Any]) -> list[Result]:
        """Invoke the function; twice where it crashed, since what crashed it may be what ran there before."""
        for _ in range(2):
            try:
                return self._invoked(request)
            except SandboxCrashedError:
                continue
        try:
            ((outcome, output),) = self._invoked(CANARY)
        except SandboxCrashedError as error:
            raise ServiceError(f"the sandbox function fails on a program known to be good: {error}") from error
        if (outcome.status, output) != ("ok", b"42\n"):
            raise ServiceError(f"the sandbox function fails on a program known to be good: {outcome.status}")
        return [(CRASHED, b"")] * len(request["runs"])

    def _invoked(self, request: dict[str, Any]) -> list[Result]:
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - slow, and only with a function

        payload = json.dumps(pack(request)).encode()
        if len(payload) > MAX_PACKED:
            raise RowError(f"one test is too large for an invocation: {len(payload)} bytes packed")
        try:
            reply = _client().invoke(FunctionName=self.function, Payload=payload)
            body = reply["Payload"].read(MAX_REPLY)
        except (BotoCoreError, ClientError) as error:
            raise ServiceError(f"the sandbox function cannot be invoked: {_cause(error)}") from error
        if not reply.get("FunctionError"):
            return _results(body, len(request["runs"]), request["limits"])
        kind = _error_type(body)
        if kind in OURS:
            raise ServiceError(f"the sandbox function failed: {kind} (language {request.get('language', 'python')})")
        raise SandboxCrashedError(kind)


class _LambdaTalk:
    """Send, with every question, all that was asked before it: an invocation keeps nothing."""

    def __init__(self, runner: LambdaRunner, code: str, limits: Limits) -> None:
        self.runner, self.code, self.limits = runner, code, limits
        self.log: list[str] = []
        self.patience = INVOCATIONS + 5 * _limits(limits).wall
        self.allowance = Allowance(_limits(limits).time_limit_s)

    def ask(self, question: bytes) -> Result:
        self.allowance.ask()
        if self.allowance.spent:
            return self.allowance.outcome, b""
        log = [*self.log, question.decode()]
        most = min(self.allowance.left, max(1.0, _seconds() - _limits(self.limits).wall))
        began = time.monotonic()
        ((outcome, answer),) = self.runner.runs("calls", self.code, {**self.limits, "run_s": most}, [log])
        took = time.monotonic() - began
        # waiting for Lambda is not the submission's fault, unless it brought the sandbox down
        self.allowance.spend(took if outcome == CRASHED else min(took, max(0.0, outcome.seconds)))
        if outcome.status == "ok":
            self.log = log
        return outcome, answer

    def close(self) -> None:
        self.log = []


def runner() -> LocalRunner | LambdaRunner:
    """Choose where submissions run."""
    function = sandbox_function()
    return LambdaRunner(function) if function else LocalRunner()


def sandbox_function() -> str:
    """Name the function that runs submissions, "" for none.

    Under `sam local` there is none to reach: a reference to it arrives as its logical id.
    """
    return "" if os.environ.get("AWS_SAM_LOCAL") else os.environ.get("SANDBOX_FUNCTION", "")


def _parts(runs: Sequence[Any], limits: Limits) -> Iterator[list[Any]]:
    """Split tasks so that each part fits one invocation, by its bytes and by its time."""
    most = max(1, int(_seconds() / _limits(limits).wall))
    part: list[Any] = []
    size = 0
    for task in runs:
        length = len(task) if isinstance(task, str) else sum(map(len, task))
        if part and (size + length > MAX_REQUEST or len(part) >= most):
            yield part
            part, size = [], 0
        part.append(task)
        size += length
    yield part


def _limits(limits: Limits) -> supervision.Limits:
    return supervision.Limits(**dict(limits))  # type: ignore[arg-type]  # `rows` made them of these types


def _seconds() -> float:
    """Tell how long one call of the sandbox function may take."""
    return float(os.environ.get("SANDBOX_SECONDS") or 280)


def _results(body: bytes, count: int, limits: Limits) -> list[Result]:
    """Read a reply that is not believed.

    Raises:
        SandboxCrashedError: It is malformed, as no sandbox of ours makes it that is still in its senses.
    """
    cap = int(limits.get("output_kb", 4096)) * 1024 + (1 << 17)
    try:
        answers = json.loads(body)["runs"]
        results = [
            (_outcome(answer), inflate(answer["output"], cap) if answer["output"] else b"") for answer in answers
        ]
    except (ValueError, TypeError, KeyError, RecursionError, binascii.Error):
        raise SandboxCrashedError("a malformed reply") from None
    if len(results) != count:
        raise SandboxCrashedError("a malformed reply")
    return results


def _outcome(answer: dict[str, Any]) -> Outcome:
    seconds, memory = answer["seconds"], answer["memory_mb"]
    return Outcome(str(answer["status"])[:20], str(answer["detail"])[:300], float(seconds), float(memory))


def _cause(error: Exception) -> str:
    response = getattr(error, "response", None)
    return (
        str(response["Error"]["Code"]) if isinstance(response, dict) and "Error" in response else type(error).__name__
    )


def _error_type(body: bytes) -> str:
    try:
        return str(json.loads(body)["errorType"])[:80]
    except (ValueError, TypeError, KeyError, RecursionError):
        return "unknown"


def _client() -> LambdaClient:
    place = os.environ.get("AWS_ENDPOINT_URL_LAMBDA", ""), os.environ.get("AWS_REGION", "")
    return _client_for(*place, attempts=int(os.environ.get("AWS_MAX_ATTEMPTS") or 5))


@lru_cache(maxsize=4)
def _client_for(_endpoint: str, _region: str, attempts: int) -> LambdaClient:
    import boto3  # noqa: PLC0415 - slow, and only with a function
    from botocore.config import Config  # noqa: PLC0415 - the same

    retries: Any = {"mode": "standard", "total_max_attempts": attempts}
    settings = Config(connect_timeout=5, read_timeout=900, retries=retries, max_pool_connections=64)
    client: LambdaClient = boto3.client("lambda", config=settings)
    return client
