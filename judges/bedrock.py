"""The Bedrock client: one for the process, raw boto3, none of its own retries."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from judges import converse
from judges.judgement import ConfigurationError, ServiceFaultError
from judges.transport import Received, ThrottledError, TransientError, UnsupportedError

if TYPE_CHECKING:
    from types_boto3_bedrock_runtime.client import BedrockRuntimeClient

    from judges.ladder import Shape
    from judges.prompt import Question

READ_SECONDS = 120.0  # when a socket is given up; the scheduler's patience ends long before
_CONNECT_SECONDS = 5.0
_RETRYABLE = frozenset({408, 500, 502, 503, 504})
_CLIENT_LOCK = threading.Lock()
_clients: dict[int, BedrockRuntimeClient] = {}


def client(connections: int) -> BedrockRuntimeClient:
    """Give the process's client, made on first use.

    Endpoint, region and credentials come from the environment as boto3 reads it.

    Args:
        connections: How many may be open at once: with fewer than threads, every burst opens new ones.

    Raises:
        ConfigurationError: No region, or another fault of the environment.
    """
    with _CLIENT_LOCK:
        if connections not in _clients:
            _clients[connections] = _new_client(connections)
        return _clients[connections]


def forget_clients() -> None:
    """Drop the client: the next call reads the environment anew."""
    with _CLIENT_LOCK:
        _clients.clear()


def _new_client(connections: int) -> BedrockRuntimeClient:
    import boto3  # noqa: PLC0415 - half a second that only a model's judge pays
    from botocore.config import Config  # noqa: PLC0415 - the same
    from botocore.exceptions import BotoCoreError  # noqa: PLC0415 - the same

    config = Config(
        max_pool_connections=connections,
        connect_timeout=_CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"total_max_attempts": 1, "mode": "standard"},
        tcp_keepalive=True,
        user_agent_extra="touchstone",
    )
    try:
        made: BedrockRuntimeClient = boto3.client("bedrock-runtime", config=config)
    except (BotoCoreError, ValueError) as error:
        raise ConfigurationError(f"no Bedrock client: {error}") from error
    made.meta.events.register("before-parse.bedrock-runtime.Converse", _keep_body)
    return made


def _keep_body(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: object) -> None:
    """Keep the body as it came: the SDK's reader drops doubled keys and reads a cut body as an empty one."""
    if response_dict.get("status_code") == 200:  # noqa: PLR2004 - HTTP's OK
        customized_response_dict["Body"] = response_dict["body"]


class Bedrock:
    """Carry questions to one Bedrock model by Converse.

    Args:
        model: A model id or the ARN of an inference profile.
        connections: How many may be open at once.
    """

    def __init__(self, model: str, connections: int) -> None:
        self.model = model
        self._connections = connections

    def send(self, asked: Question, shape: Shape, max_tokens: int, seconds: float) -> Received:
        """Send once; see `Transport.send`. The scheduler holds `seconds`, as the SDK has no time limit a call."""
        import botocore.exceptions as sdk  # noqa: PLC0415 - the same
        from botocore.parsers import ResponseParserError  # noqa: PLC0415 - the same

        del seconds
        try:
            answered: Any = client(self._connections).converse(**converse.request(asked, self.model, shape, max_tokens))
        except sdk.ClientError as error:
            raise _fault(error.response) from error
        except (sdk.HTTPClientError, ResponseParserError) as error:
            raise TransientError(type(error).__name__) from error
        except (sdk.NoCredentialsError, sdk.PartialCredentialsError, sdk.ParamValidationError) as error:
            raise ServiceFaultError(f"{self.model}: {error}") from error
        except sdk.BotoCoreError as error:
            raise TransientError(type(error).__name__) from error
        return converse.response(answered.get("Body") or b"")


def _fault(response: Any) -> Exception:  # noqa: ANN401 - the SDK's error dictionary
    """Tell what an error response means: slower, again, another shape, or never."""
    code = str(response.get("Error", {}).get("Code", ""))
    message = str(response.get("Error", {}).get("Message", ""))
    status = int(response.get("ResponseMetadata", {}).get("HTTPStatusCode") or 0)
    said = f"{code} ({status}): {message[:200]}"
    if code == "ModelNotReadyException":
        return TransientError(said)
    if status == 429 or "hrottl" in code or code == "TooManyRequestsException":  # noqa: PLR2004 - HTTP's Too Many Requests
        return ThrottledError(said, tokens="token" in message.lower())
    if status in _RETRYABLE or code in _AGAIN:
        return TransientError(said)
    if code == "ModelErrorException":
        original = response.get("originalStatusCode")
        passing = not isinstance(original, int) or original >= 500  # noqa: PLR2004 - the model's own server erred
        return TransientError(said) if passing else UnsupportedError(said)
    if code == "ValidationException":
        return UnsupportedError(said)
    return ServiceFaultError(said)


_AGAIN = frozenset(
    {
        "ModelTimeoutException",
        "InternalServerException",
        "ServiceUnavailableException",
        "RequestTimeout",
        "RequestTimeoutException",
        "InternalFailure",
        "ServiceUnavailable",
    }
)
