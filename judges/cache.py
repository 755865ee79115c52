"""Verdicts kept in a DynamoDB table, so that what was judged once costs nothing again. Optional; never in the way.

`JUDGE_CACHE_TABLE` names a table with the string key `fingerprint` and TTL on `expires`; `JUDGE_CACHE_DAYS` (default
30) says how long a verdict is kept. Only verdicts are kept, never a failure. A rationale may quote the answer.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import time
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from judges.judgement import ConfigurationError, Finding

if TYPE_CHECKING:
    from types_boto3_dynamodb.client import DynamoDBClient

    from judges.prompt import Question
    from judges.rubric import Rubric

_log = logging.getLogger(__name__)
_DAY = 86_400


def fingerprint(model: str, asked: Question, index: int) -> str:
    """Hash everything that a verdict depends on: model, parameters, assembled prompt, schema, and which sample it is.

    Returns:
        64 hexadecimal digits.
    """
    settings = asked.rubric.judge
    parts = [model, settings.max_tokens, settings.temperature, asked.system, asked.user, asked.tool.schema, index]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode("utf-8", "surrogatepass")).hexdigest()


class Cache:
    """Keep verdicts in one table."""

    def __init__(self, table: str, days: float) -> None:
        self._table, self._seconds = table, days * _DAY

    def get(self, key: str, rubric: Rubric) -> Finding | None:
        """Find a verdict; None where there is none, it is too old, or the table cannot be read."""
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - only where there is a cache

        try:
            item = _client().get_item(TableName=self._table, Key={"fingerprint": {"S": key}}).get("Item")
            if not item or float(item["expires"]["N"]) < time.time():  # DynamoDB deletes days late
                return None
            kept = json.loads(item["finding"]["S"])
            found = Finding(float(kept["score"]), str(kept["rationale"]), dict(kept["criteria"]))
        except (BotoCoreError, ClientError, LookupError, ValueError, TypeError) as error:
            _log.warning("judge cache: cannot read: %s", type(error).__name__)
            return None
        return found if rubric.low <= found.score <= rubric.high else None

    def put(self, key: str, found: Finding) -> None:
        """Keep a verdict; a table that cannot be written costs a line in the log."""
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - only where there is a cache

        kept = {"score": found.score, "rationale": found.rationale, "criteria": dict(found.criteria)}
        item: Any = {
            "fingerprint": {"S": key},
            "finding": {"S": json.dumps(kept)},
            "expires": {"N": str(int(time.time() + self._seconds))},
        }
        try:
            _client().put_item(TableName=self._table, Item=item)
        except (BotoCoreError, ClientError) as error:
            _log.warning("judge cache: cannot write: %s", type(error).__name__)


def configured() -> Cache | None:
    """Give the cache that the deployment names, if it names one.

    Raises:
        ConfigurationError: JUDGE_CACHE_DAYS is no positive number.
    """
    table = os.environ.get("JUDGE_CACHE_TABLE", "").strip()
    days = os.environ.get("JUDGE_CACHE_DAYS", "").strip() or "30"
    if not table:
        return None
    try:
        kept = float(days)
    except ValueError:
        kept = 0.0
    if not 0 < kept <= 3660:  # noqa: PLR2004 - ten years
        raise ConfigurationError(f"JUDGE_CACHE_DAYS must be a number of days, not {days[:40]!r}")
    return Cache(table, kept)


@lru_cache(maxsize=1)
def _client() -> DynamoDBClient:
    import boto3  # noqa: PLC0415 - only where there is a cache
    from botocore.config import Config  # noqa: PLC0415 - the same

    retries: Any = {"total_max_attempts": 2, "mode": "standard"}
    config = Config(connect_timeout=1, read_timeout=1, max_pool_connections=64, retries=retries)
    made: DynamoDBClient = boto3.client("dynamodb", config=config)
    return made


def forget() -> None:
    """Drop the client: the next use reads the environment anew."""
    _client.cache_clear()
