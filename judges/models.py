"""Which judges a deployment asks: `JUDGE_MODEL`, one name or several separated by commas."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import TYPE_CHECKING

from judges import bedrock, openai_compatible
from judges.judgement import ConfigurationError

if TYPE_CHECKING:
    from judges.transport import Transport

OFFLINE = "offline"
_WORKERS = 64


def workers() -> int:
    """Read `JUDGE_WORKERS`: how many requests may be under way at once, in this process (default 64).

    Raises:
        ConfigurationError: It is no number from 1 to 500.
    """
    text = os.environ.get("JUDGE_WORKERS", "").strip() or str(_WORKERS)
    if not text.isdecimal() or not 1 <= int(text) <= 500:  # noqa: PLR2004 - each may need two of Lambda's 1,024 threads
        raise ConfigurationError(f"JUDGE_WORKERS must be a number from 1 to 500, not {text[:40]!r}")
    return int(text)


def names() -> list[str]:
    """Read `JUDGE_MODEL`; without it, `offline` at a desk and a fault in a deployed function.

    Raises:
        ConfigurationError: A deployed function names no judge, or `offline` beside others.
    """
    told = [name.strip() for name in os.environ.get("JUDGE_MODEL", "").split(",") if name.strip()]
    if os.environ.get("AWS_SAM_LOCAL") and not set("".join(told)) & set(".:/"):
        return [OFFLINE]  # sam local passes a parameter without a default as the parameter's own name
    if not told and os.environ.get("AWS_LAMBDA_FUNCTION_NAME"):
        raise ConfigurationError("JUDGE_MODEL is not set: name a Bedrock model or inference profile (or 'offline')")
    if OFFLINE in told and len(told) > 1:
        raise ConfigurationError("JUDGE_MODEL: 'offline' cannot sit on a panel with models")
    return told or [OFFLINE]


def transports() -> list[Transport]:
    """Give what carries questions to each judge; empty for the offline judge.

    Raises:
        ConfigurationError: A client cannot be made.
    """
    return [] if names() == [OFFLINE] else [_transport(name, workers() + workers() // 4) for name in names()]


@lru_cache(maxsize=64)
def _transport(name: str, connections: int) -> Transport:
    """Make a transport; with some more connections than workers, for requests that are asked twice."""
    if name.startswith(openai_compatible.PREFIX):
        return openai_compatible.OpenAICompatible(name)
    return bedrock.Bedrock(name, connections)


def prepare() -> None:
    """Make the clients that the judges need, so that what the environment lacks is said at start."""
    for name in names():
        if name.startswith(openai_compatible.PREFIX):
            openai_compatible.client()
        elif name != OFFLINE:
            bedrock.client(workers() + workers() // 4)
