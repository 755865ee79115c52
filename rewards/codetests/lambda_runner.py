"""Run submissions in the Sandbox function, through Lambda's Invoke API; what it answers is not believed."""

from __future__ import annotations

import binascii
import json
import os
from collections.abc import Iterator, Sequence
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from rewards.codetests.conversation import Limits, Result, Talk, limits_of
from rewards.codetests.lambda_talk import CRASHED, LambdaTalk, sandbox_seconds
from rewards.interface import RowError, ServiceError
from sandbox.app import MAX_PACKED, inflate, pack
from sandbox.outcome import Outcome
from sandbox.running import CANARY

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient

MAX_REQUEST = 4_000_000  # bytes of inputs in one invocation, before compression
MAX_REPLY = 7_000_000
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

    def calls(self, code: str, limits: Limits, before: Sequence[str], runs: Sequence[str]) -> list[Result]:
        """Ask one process questions, after those that it was asked before."""
        request = {"mode": "calls", "code": code, "limits": dict(limits), "before": list(before), "runs": list(runs)}
        return self._answered(request)

    def talk(self, code: str, limits: Limits) -> Talk:
        """Begin a conversation."""
        return LambdaTalk(partial(self.calls, code), limits)

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


def _parts(runs: Sequence[str], limits: Limits) -> Iterator[list[str]]:
    """Split tasks so that each part fits one invocation, by its bytes and by its time."""
    most = max(1, int(sandbox_seconds() / limits_of(limits).wall))
    part: list[str] = []
    size = 0
    for task in runs:
        length = len(task)
        if part and (size + length > MAX_REQUEST or len(part) >= most):
            yield part
            part, size = [], 0
        part.append(task)
        size += length
    yield part


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
