"""The one Lambda handler of every reward function; the environment variable REWARD names the reward it serves."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import rewards
from rewards import rft
from rewards.batch import score_batch
from rewards.interface import time_limit
from rewards.telemetry import Answer, observed

MAX_SECONDS = 840.0  # where the context has no clock: Lambda's 15 minutes less a margin


def lambda_handler(event: object, context: object) -> Any:  # noqa: ANN401 - JSON
    """Answer one event of an RFT job.

    Args:
        event: Any of the shapes that `rft.parse` accepts.
        context: Lambda's context; anything without a clock will do, such as the SDK's pre-flight `{}`.

    Returns:
        The response in the mode that the environment variable RESPONSE names (default `list`).

    Raises:
        EventError: The event is no RFT batch.
        BatchError: We failed on too much of the batch; the job should retry.
        ValueError: The deployment is misconfigured.
    """
    name = os.environ.get("REWARD", "")
    with observed(name, context) as observe:
        mode = rft.response_mode(event, os.environ.get("RESPONSE", "list"))
        answered = answer(event, name, _seconds(context))
        observe(answered)
    return rft.respond(answered.samples, answered.rewards, mode)


def answer(event: object, name: str, seconds: float = MAX_SECONDS) -> Answer:
    """Score the samples of an event by the reward of a name, within `seconds`: the handler less its wire and logs.

    Raises:
        EventError, BatchError, ValueError: As `lambda_handler` does.

    Example:
        >>> row = {"messages": [{"role": "assistant", "content": "#### 42"}], "reference_answer": "42"}
        >>> [reward.value for reward in answer([row], "math_answer").rewards]
        [1.0]
    """
    samples = rft.parse(event)
    module = serve(name)
    workers = getattr(module, "workers", lambda _count: 1)  # graders hold Python's lock: one thread serves them best
    with time_limit(seconds), getattr(module, "batch", _alone)(samples) as known:
        rewards = score_batch(samples, getattr(module, name), name, workers(len(samples)))
    return Answer(samples, rewards, known)


def _alone(_samples: object) -> AbstractContextManager[dict[str, float | str]]:
    return nullcontext({})


def serve(name: str) -> ModuleType:
    """Find the module of a reward, `rewards/name.py` with a function `name`, ready to serve.

    A module may define `prepare()`, which raises where the deployment is misconfigured and costs nothing where
    nothing changed; `workers(count)`, how many threads a batch of `count` samples is scored in (default 1); and
    `batch(samples)`, a context manager around the scoring of a batch, which yields a mapping of what is known of the
    batch as a whole: numbers for the metrics, texts for the log.

    Raises:
        ValueError: There is no such reward, or its `prepare` refuses the deployment.

    Example:
        >>> serve("math_answer").math_answer.__name__
        'math_answer'
    """
    module = _module(name)
    getattr(module, "prepare", lambda: None)()
    return module


def _module(name: str) -> ModuleType:
    module = import_module(f"rewards.{name}") if name.isidentifier() and find_spec(f"rewards.{name}") else None
    if module is None or not callable(getattr(module, name, None)):
        raise ValueError(f"REWARD={name!r} names no reward; there are {', '.join(reward_names())}")
    return module


def reward_names() -> list[str]:
    """List the rewards: the files of this folder that define a function of their own name.

    Example:
        >>> reward_names()
        ['code_tests', 'math_answer', 'rubric']
    """
    files = sorted(Path(rewards.__path__[0]).glob("*.py"))  # AWS's verifier runs this file's text, without __file__
    return [file.stem for file in files if f"\ndef {file.stem}(" in file.read_text(encoding="utf-8")]


def _seconds(context: object) -> float:
    """Leave a tenth of what Lambda still gives us, 0.25 to 2 seconds, to write the answer."""
    clock = getattr(context, "get_remaining_time_in_millis", None)
    if not callable(clock):
        return MAX_SECONDS
    left = float(clock()) / 1000
    return max(0.0, min(MAX_SECONDS, left - min(2.0, max(0.25, left / 10))))


if os.environ.get("REWARD"):  # fail at start; and in Lambda, where start-up has a whole processor, prepare there too
    (serve if "AWS_LAMBDA_FUNCTION_NAME" in os.environ else _module)(os.environ["REWARD"])
