"""Run submissions in the Sandbox function, through Lambda's Invoke API; what it answers is not believed."""

from __future__ import annotations

import binascii
import json
import os
import time
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from rewards.codetests.allowance import Allowance
from rewards.codetests.conversation import Limits, Result, Talk, limits_of
from rewards.interface import RowError, ServiceError
from sandbox.app import MAX_PACKED, inflate, pack
from sandbox.outcome import Outcome
from sandbox.running import CANARY

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient

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


class LambdaRunner:
    """Run submissions in the Sandbox function: no call leaves anything there that a later call needs.

    Args:
        function: Its name or ARN.
        tenant: Whose environments it runs in, where it isolates tenants; "" where it does not.
    """

    def __init__(self, function: str, tenant: str = "") -> None:
        self.function = function
        self.isolated: Any = {"TenantId": tenant} if tenant else {}

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
            reply = _client().invoke(FunctionName=self.function, Payload=payload, **self.isolated)
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
        self.patience = INVOCATIONS + 5 * limits_of(limits).wall
        self.allowance = Allowance(limits_of(limits).time_limit_s)

    def ask(self, question: bytes) -> Result:
        self.allowance.ask()
        if self.allowance.spent:
            return self.allowance.outcome, b""
        log = [*self.log, question.decode()]
        most = min(self.allowance.left, max(1.0, _seconds() - limits_of(self.limits).wall))
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


def _parts(runs: Sequence[Any], limits: Limits) -> Iterator[list[Any]]:
    """Split tasks so that each part fits one invocation, by its bytes and by its time."""
    most = max(1, int(_seconds() / limits_of(limits).wall))
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
