"""Score a batch: map a reward over its samples, and decide what becomes of those that got no score."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from itertools import compress
from pathlib import Path
from statistics import fmean
from traceback import extract_tb

from rewards.interface import Reward, RewardFunction, RowError, Sample, ServiceError, Verdict, seconds_left

MAX_FAILED_SHARE = 0.2  # past this, imputed means would teach the policy more noise than its real rewards teach it

Outcome = Reward | RowError | ServiceError


class BatchError(RuntimeError):
    """Say that we failed on too much of a batch to answer it: the job retries, and stops instead of learning noise."""


def score_batch(samples: Sequence[Sample], reward: RewardFunction, name: str, workers: int) -> list[Reward]:
    """Score every sample; each gets a reward, or the whole batch raises.

    Args:
        samples: Any number, none included.
        reward: Called once a sample, in up to `workers` threads, within the context's `time_limit`.
        name: The verdict's name where no reward was had: that of the reward.
        workers: At least 1.

    Returns:
        One reward a sample, in their order. A faulty row has the floor and metric `unscored` = 1. A sample that
        we failed on has the mean of the scored members of its prompt, else of the batch, and metric `imputed` = 1:
        under group-normalised advantages that equals leaving it out.

    Raises:
        BatchError: We failed on more than `MAX_FAILED_SHARE` of the samples, or no sample was scored because of us.

    Example:
        >>> right = lambda sample: Reward.of(Verdict("right", float(sample.completion == sample.reference_answer)))
        >>> [r.value for r in score_batch([Sample(1, "", "4", "4"), Sample(2, "", "5", "4")], right, "right", 1)]
        [1.0, 0.0]
    """
    outcomes = _outcomes(samples, reward, workers)
    failed = [outcome for outcome in outcomes if isinstance(outcome, ServiceError)]
    scored = [isinstance(outcome, Reward) for outcome in outcomes]
    if failed and (len(failed) > MAX_FAILED_SHARE * len(samples) or not any(scored)):
        raise BatchError(f"{len(failed)} of {len(samples)} samples could not be scored; the first: {failed[0]}")
    means = _means(list(compress(samples, scored)), [o for o in outcomes if isinstance(o, Reward)])
    return [_settled(sample, outcome, name, means) for sample, outcome in zip(samples, outcomes, strict=True)]


def _outcomes(samples: Sequence[Sample], reward: RewardFunction, workers: int) -> list[Outcome]:
    pool = ThreadPoolExecutor(max(1, workers), thread_name_prefix="reward")
    try:
        futures = [pool.submit(copy_context().run, _attempt, reward, sample) for sample in samples]
        limit = seconds_left()
        wait(futures, None if math.isinf(limit) else limit)
        return [_finished(future) for future in futures]
    finally:  # a reward that overran its time is not waited for: its answer would come after the job's patience
        pool.shutdown(wait=False, cancel_futures=True)


def _attempt(reward: RewardFunction, sample: Sample) -> Outcome:
    if sample.defect:
        return RowError(sample.defect)
    try:
        scored = reward(sample)
    except (RowError, ServiceError) as unscored:
        return unscored
    except (Exception, SystemExit) as bug:  # noqa: BLE001 - the one outermost boundary: a bug of ours is a failure of ours
        where = extract_tb(bug.__traceback__)[-1]  # its message may quote the sample, its place does not
        return ServiceError(f"a bug: {type(bug).__name__} at {Path(where.filename).name}:{where.lineno}")
    return (
        scored if isinstance(scored, Reward) else ServiceError(f"a bug: it returned {type(scored).__name__}, no Reward")
    )


def _finished(future: Future[Outcome]) -> Outcome:
    if not future.done():
        return ServiceError("the reward did not answer within its time limit")
    return future.result()


def _means(samples: Sequence[Sample], rewards: Sequence[Reward]) -> Mapping[str | None, float]:
    """Average the rewards of each prompt, and of the batch under None."""
    groups: dict[str | None, list[float]] = {}
    for sample, reward in zip(samples, rewards, strict=True):
        groups.setdefault(sample.prompt, []).append(reward.value)
        groups.setdefault(None, []).append(reward.value)
    return {prompt: fmean(values) for prompt, values in groups.items()}


def _settled(sample: Sample, outcome: Outcome, name: str, means: Mapping[str | None, float]) -> Reward:
    if isinstance(outcome, Reward):
        return outcome
    if isinstance(outcome, RowError):
        return Reward.of(Verdict(name, 0.0, str(outcome)), Verdict("unscored", 1, str(outcome), weight=0))
    mean = means[sample.prompt if sample.prompt in means else None]
    return Reward.of(Verdict(name, mean, f"imputed: {outcome}"), Verdict("imputed", 1, str(outcome), weight=0))
