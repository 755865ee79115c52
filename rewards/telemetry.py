"""What is seen of a batch from outside: one log line a sample, one set of metrics a batch, never a sample's text."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from statistics import fmean, pstdev
from types import MappingProxyType
from typing import NamedTuple

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from rewards.interface import Reward, Sample

MAX_LOGGED_CHARS = 2000  # of each text of a sample, where LOG_SAMPLES=1 asks for them
MAX_LOGGED_ID = 200


class Answer(NamedTuple):
    """Hold a batch and what became of it: a reward for each sample, and what the reward knows of the batch."""

    samples: Sequence[Sample]
    rewards: Sequence[Reward]
    known: Mapping[str, float | str] = MappingProxyType({})


logger = Logger(service="touchstone")


@contextmanager
def observed(name: str, context: object) -> Iterator[Callable[[Answer], None]]:
    """Log, measure and trace a batch; what it yields is called with the answer once it is there.

    A batch that raises is logged with its error and counted as `BatchesFailed`.
    """
    started = time.monotonic()
    request = getattr(context, "aws_request_id", None)
    with logger.append_context_keys(reward=name, function_request_id=request), _traced(name):
        try:
            yield lambda answer: _report(name, answer, time.monotonic() - started)
        except Exception as error:
            logger.error("batch failed", extra={"error": f"{type(error).__name__}: {error}"[:MAX_LOGGED_CHARS]})  # noqa: TRY400
            _emit(name, {"BatchesFailed": 1, "Seconds": time.monotonic() - started}, {})
            raise


def _report(name: str, answer: Answer, seconds: float) -> None:
    for sample, reward in zip(answer.samples, answer.rewards, strict=True):
        logger.info("scored", extra=_line(sample, reward))
        for verdict in reward.verdicts:
            if verdict.name in ("unscored", "imputed"):
                logger.warning(verdict.name, extra={"id": str(sample.id)[:MAX_LOGGED_ID], "reason": verdict.reason})
    told = {key: value for key, value in answer.known.items() if isinstance(value, str)}
    counted = {key: value for key, value in answer.known.items() if not isinstance(value, str)}
    numbers = measures(answer.rewards) | counted | {"BatchesFailed": 0, "Seconds": round(seconds, 6)}
    logger.info("batch scored", extra={**numbers, **told})
    _emit(name, numbers, told)


def _line(sample: Sample, reward: Reward) -> dict[str, object]:
    """Write a sample's log line; `id` and `aggregate_reward_score` are what AWS's published log queries ask for."""
    metrics = {verdict.name: verdict.score for verdict in reward.verdicts}
    line = {"id": str(sample.id)[:MAX_LOGGED_ID], "aggregate_reward_score": reward.value, "metrics": metrics}
    if os.environ.get("LOG_SAMPLES") != "1":
        return line
    reasons = {verdict.name: verdict.reason[:MAX_LOGGED_CHARS] for verdict in reward.verdicts}
    texts = {"prompt": sample.prompt[:MAX_LOGGED_CHARS], "completion": sample.completion[:MAX_LOGGED_CHARS]}
    return line | texts | {"reasons": reasons}


@contextmanager
def _traced(name: str) -> Iterator[None]:
    """Wrap a batch in an X-Ray subsegment, where Lambda traces and the function's package carries the SDK.

    The SDK brings botocore along, so only functions that call AWS carry it; Lambda's own segments are there for all.
    """
    if "AWS_XRAY_DAEMON_ADDRESS" not in os.environ or find_spec("aws_xray_sdk") is None:
        yield
        return
    from aws_lambda_powertools import Tracer  # noqa: PLC0415 - it loads the SDK

    with Tracer(service="touchstone", auto_patch=False).provider.in_subsegment(f"## {name}"):
        yield


def measures(rewards: Sequence[Reward]) -> dict[str, float]:
    """Sum up a batch in the numbers that tell whether training can learn from it; a batch of none has a count only.

    Returns:
        Samples, Unscored and Imputed as counts; RewardMean, RewardStd (of the population), FloorShare and
        CeilingShare in [0, 1].

    Example:
        >>> from rewards.interface import Verdict
        >>> measures([Reward.of(Verdict("ok", 1.0)), Reward.of(Verdict("ok", 0.0))])["RewardStd"]
        0.5
    """
    names = [verdict.name for reward in rewards for verdict in reward.verdicts]
    counts = {"Samples": len(rewards), "Unscored": names.count("unscored"), "Imputed": names.count("imputed")}
    values = [reward.value for reward in rewards]
    if not values:
        return {**counts}
    return counts | {
        "RewardMean": fmean(values),
        "RewardStd": pstdev(values),
        "FloorShare": values.count(0.0) / len(values),
        "CeilingShare": values.count(1.0) / len(values),
    }


def _emit(name: str, numbers: Mapping[str, float], told: Mapping[str, str]) -> None:
    """Write a batch's metrics in CloudWatch's embedded format; off Lambda nobody would read them."""
    function = os.environ.get("AWS_LAMBDA_FUNCTION_NAME")
    if not function:
        return
    metrics = EphemeralMetrics(namespace="Touchstone", service=function)
    metrics.add_dimension("reward", name)
    for metric, number in numbers.items():
        metrics.add_metric(metric, MetricUnit.Seconds if metric == "Seconds" else MetricUnit.NoUnit, number)
    for key, text in told.items():
        metrics.add_metadata(key, text)
    metrics.flush_metrics()
