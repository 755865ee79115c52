"""What a service's error means: slower, again, another shape, the answer's doing, or what a person has to mend."""

from __future__ import annotations

import re

from judges.judgement import JudgeError, RefusedError, ServiceFaultError
from judges.transport import ThrottledError, TransientError, UnsupportedError

_TOO_MANY = 429
_PASSING = frozenset({408, 409, 425})  # and everything from 500 up
_OF_THE_REQUEST = frozenset({400, 422})
_SERVERS = 500
_THROTTLES = re.compile(r"thrott|toomanyrequests|quota|limitexceeded|slowdown", re.IGNORECASE)
_AGAIN = frozenset({"ModelNotReadyException", "ModelTimeoutException", "InternalServerException", "InternalFailure",
                    "ServiceUnavailableException", "ServiceUnavailable", "RequestTimeout",
                    "RequestTimeoutException"})  # fmt: skip
# A filter in front of the model that answers by an error: the answer's doing, as a guardrail's stop reason is.
_FILTERED = re.compile(
    r"content[ _-]?(?:filter|management|policy|moderation)|(?:blocked|flagged|filtered) by\b|responsible ai",
    re.IGNORECASE,
)
_SIGN_IN = "sign in (`aws sso login`, or `aws configure`), or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
NO_CREDENTIALS = f"no AWS credentials were found: {_SIGN_IN}"
EXPIRED = f"the AWS credentials have expired: {_SIGN_IN}"
_UNKNOWN_KEYS = f"AWS does not accept the credentials: {_SIGN_IN}"
_DENIED = (
    "access is denied: allow bedrock:InvokeModel on this model's ARN (and on its inference profile's), and request "
    "access to the model in the Bedrock console"
)
_NO_MODEL = "there is no such model in this region: check its id and AWS_REGION"
_ADVICE = (
    (re.compile("ExpiredToken"), EXPIRED),
    (re.compile("UnrecognizedClient|InvalidClientTokenId|Signature|MissingAuthenticationToken"), _UNKNOWN_KEYS),
    (re.compile("AccessDenied|NotAuthorized|Forbidden"), _DENIED),
    (re.compile("ResourceNotFound"), _NO_MODEL),
)
# Refusals of the model, whatever the request's shape.
_NEVER = (
    (
        re.compile(r"on-demand throughput", re.IGNORECASE),
        "this model is reached through an inference profile alone: name the profile (such as us.VENDOR.MODEL) instead",
    ),
    (re.compile(r"model identifier|model id\b|inference profile (?:id|arn)", re.IGNORECASE), _NO_MODEL),
    (re.compile(r"end of (?:its )?life|retired|marked .{0,20}legacy", re.IGNORECASE), "this model has been retired"),
)


def fault(status: int, code: str, message: str, original: object = None) -> JudgeError:
    """Tell what an error response means.

    Args:
        status: HTTP's.
        code: The service's name for the error; "" where it gives none.
        message: Its words.
        original: For a model's own error, the status that the model gave.

    Returns:
        What a transport raises: ThrottledError and TransientError are worth another attempt, UnsupportedError another
        shape; RefusedError is the answer's doing; ServiceFaultError is nothing that an attempt could change.

    Example:
        >>> type(fault(503, "ServiceUnavailableException", "Come back later.")).__name__
        'TransientError'
    """
    said = f"{code or 'error'} ({status}): {message[:200]}"
    if code == "ModelErrorException" and isinstance(original, int) and original < _SERVERS:
        return fault(original, "", message) if original in (_TOO_MANY, 408) else UnsupportedError(said)
    if code in _AGAIN or code == "ModelErrorException":
        return TransientError(said)
    if status == _TOO_MANY or _THROTTLES.search(code):
        return ThrottledError(said, tokens="token" in message.lower())
    if status in _PASSING or status >= _SERVERS:
        return TransientError(said)
    return _refused(status, code, message, said)


def _refused(status: int, code: str, message: str, said: str) -> JudgeError:
    """Tell what it means that a service refuses a request, and would refuse it again."""
    advice = next((words for sign, words in _ADVICE if sign.search(code)), "")
    if not advice and status in _OF_THE_REQUEST:
        if _FILTERED.search(f"{code} {message}"):
            return RefusedError(f"the service's filter refused it: {said}")
        advice = next((words for sign, words in _NEVER if sign.search(message)), "")
        if not advice:
            return UnsupportedError(said)
    return ServiceFaultError(f"{advice} ({code or status})" if advice else said)
