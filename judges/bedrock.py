"""The Bedrock client: one for the process, raw boto3, none of its own retries."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from judges import converse
from judges.faults import EXPIRED, NO_CREDENTIALS, fault
from judges.judgement import ConfigurationError, JudgeError, ServiceFaultError
from judges.transport import Received, TransientError

if TYPE_CHECKING:
    from botocore.exceptions import BotoCoreError
    from types_boto3_bedrock_runtime.client import BedrockRuntimeClient

    from judges.ladder import Shape
    from judges.prompt import Question

READ_SECONDS = 120.0  # when a socket is given up; the scheduler's patience ends long before
_CONNECT_SECONDS = 5.0
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
    from botocore.exceptions import BotoCoreError, NoRegionError, ProfileNotFound  # noqa: PLC0415 - the same

    config = Config(
        max_pool_connections=connections,
        connect_timeout=_CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"total_max_attempts": 1, "mode": "standard"},
        tcp_keepalive=True,
        parameter_validation=False,  # a request of ours is checked by our tests; this costs a tenth of a call
        user_agent_extra="touchstone",
    )
    try:
        made: BedrockRuntimeClient = boto3.Session().client("bedrock-runtime", config=config)
    except NoRegionError as error:
        raise ConfigurationError("no AWS region is set: set AWS_REGION to where the judge's model is") from error
    except ProfileNotFound as error:
        raise ConfigurationError("AWS_PROFILE names a profile that is not in ~/.aws/config") from error
    except (BotoCoreError, ValueError) as error:
        raise ConfigurationError(f"the AWS settings cannot be used: {error}") from error
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
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - the same
        from botocore.parsers import ResponseParserError  # noqa: PLC0415 - the same

        del seconds
        try:
            answered: Any = client(self._connections).converse(**converse.request(asked, self.model, shape, max_tokens))
        except ClientError as error:
            raise _fault(error.response) from error
        except ResponseParserError as error:
            raise TransientError("the service's error cannot be read") from error
        except BotoCoreError as error:
            raise _way_there(error) from error
        return converse.response(answered.get("Body") or b"")


def _fault(response: Any) -> JudgeError:  # noqa: ANN401 - the SDK's error dictionary
    said = response.get("Error", {})
    status = int(response.get("ResponseMetadata", {}).get("HTTPStatusCode") or 0)
    return fault(status, str(said.get("Code", "")), str(said.get("Message", "")), response.get("originalStatusCode"))


def _way_there(error: BotoCoreError) -> JudgeError:
    """Tell what it means that no response came."""
    import botocore.exceptions as sdk  # noqa: PLC0415 - the same

    if isinstance(error, (sdk.SSOError, sdk.TokenRetrievalError)):
        return ServiceFaultError(EXPIRED)
    if isinstance(error, (sdk.NoCredentialsError, sdk.PartialCredentialsError, sdk.CredentialRetrievalError)):
        return ServiceFaultError(NO_CREDENTIALS)
    if isinstance(error, (sdk.EndpointConnectionError, sdk.ConnectTimeoutError, sdk.ProxyConnectionError)):
        return TransientError("Bedrock cannot be reached: check the network, AWS_REGION and any proxy")
    return TransientError(f"the connection to Bedrock failed ({type(error).__name__})")
