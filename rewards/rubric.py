"""Reward: a judge's score of the completion on a rubric, as `judges` gets it."""

from __future__ import annotations

import logging
import os
import time

from judges import bedrock, library, offline
from judges.judgement import ConfigurationError, Judgement, ServiceFaultError
from judges.panel import judge
from judges.rubric import Rubric
from rewards.interface import Reward, RowError, Sample, ServiceError, Verdict, seconds_left

_log = logging.getLogger(__name__)
_OFFLINE = "offline"
_WORKERS = 64
_MARGIN = 0.05  # seconds kept back to turn a judgement into a reward
_UNLIMITED = 600.0  # seconds a judge gets where nobody set a limit
_FEW_LETTERS = 3


def rubric(sample: Sample) -> Reward:
    """Score a completion by what a judge says of it: (score - 1) / 9 on a scale from 1 to 10.

    An answer of fewer than three letters or digits earns the floor without a judge. An answer that twice keeps the
    judge from a verdict earns the floor with metric `judge_content_failure` = 1. Metric `score`, the judge's own
    number, stands only where a verdict was obtained. With `JUDGE_MODEL=offline` no model is asked and metric
    `offline_judge` is 1: that judge counts cue words, which is for trying the plumbing and never to train on.

    Args:
        sample: Its metadata may name a `rubric` among those the deployment allows.

    Returns:
        The reward in [0, 1].

    Raises:
        RowError: The row names a rubric that is not allowed.
        ServiceError: No judge answered in time.

    Example:
        >>> from rewards.interface import Sample
        >>> rubric(Sample("a1", "My app is slow.", "...")).value
        0.0
    """
    chosen = _chosen(sample.metadata.get("rubric"))
    if _near_empty(sample.completion):
        return Reward.of(Verdict("rubric", 0.0, f"fewer than {_FEW_LETTERS} letters: nothing to judge"))
    return _reward(chosen, _judged(chosen, sample))


def prepare() -> None:
    """Read the rubrics and build the judge's client, so that a misconfigured deployment fails at start.

    Called before every batch too, where it costs nothing and says so in the log if the judge is offline.

    Raises:
        ConfigurationError: The deployment's fault.
    """
    model = _model()
    library.allowed()
    if model == _OFFLINE:
        _log.warning("offline judge: cue words are counted, no model is asked; never train on this")
    else:
        bedrock.client(_connections())


def workers(count: int) -> int:
    """Tell how many threads a batch of `count` samples needs: one each, at most `JUDGE_WORKERS` (default 64)."""
    return max(1, min(count, _connections()))


def _connections() -> int:
    text = os.environ.get("JUDGE_WORKERS", "").strip() or str(_WORKERS)
    if not text.isdecimal() or not 1 <= int(text) <= 1000:  # noqa: PLR2004 - Lambda's limit on threads
        raise ConfigurationError(f"JUDGE_WORKERS must be a number from 1 to 1000, not {text[:40]!r}")
    return int(text)


def _model() -> str:
    """Read `JUDGE_MODEL`; without it, `offline` at a desk and a fault in a deployed function."""
    model = os.environ.get("JUDGE_MODEL", "").strip()
    local = bool(os.environ.get("AWS_SAM_LOCAL"))
    if local and not set(model) & set(".:/"):
        return _OFFLINE  # sam local passes a parameter without a default as the parameter's own name
    if model:
        return model
    if os.environ.get("AWS_LAMBDA_FUNCTION_NAME"):
        raise ConfigurationError("JUDGE_MODEL is not set: name a Bedrock model or inference profile (or 'offline')")
    return _OFFLINE


def _chosen(name: object) -> Rubric:
    """Find the rubric that a row chose by name, among those the deployment allows."""
    if name is None:
        return library.default()
    rubrics = library.allowed()
    if not isinstance(name, str) or name not in rubrics:
        raise RowError(f"metadata.rubric: {str(name)[:60]!r} is not allowed here; allowed are {sorted(rubrics)}")
    return rubrics[name]


def _near_empty(completion: str) -> bool:
    """Tell whether there is less to judge than a few letters; one of a script that writes whole words counts two."""
    letters = 0
    for character in completion[:100_000]:
        letters += character.isalnum() + (character >= "\u2e80" and character.isalpha())
        if letters >= _FEW_LETTERS:
            return False
    return True


def _judged(chosen: Rubric, sample: Sample) -> Judgement:
    model = _model()
    if model == _OFFLINE:
        return offline.judge(chosen, sample.completion)
    deadline = time.monotonic() + min(seconds_left(), _UNLIMITED) - _MARGIN
    asked = (sample.prompt, sample.completion, sample.reference_answer)
    try:
        return judge(chosen, [bedrock.Bedrock(model, _connections())], asked, deadline)
    except (ServiceFaultError, ConfigurationError) as error:
        raise ServiceError(f"judge: {error}") from error


def _reward(chosen: Rubric, judgement: Judgement) -> Reward:
    if judgement.score is None:
        return Reward.of(
            Verdict("rubric", 0.0, f"no verdict because of the answer: {judgement.rationale}"),
            Verdict("judge_content_failure", 1.0, weight=0),
        )
    verdicts = [
        Verdict("rubric", chosen.reward(judgement.score), judgement.rationale),
        Verdict("score", judgement.score, f"on a scale from {chosen.low} to {chosen.high}", weight=0),
    ]
    verdicts += [Verdict(f"score_{name}", score, weight=0) for name, score in judgement.criteria.items()]
    if judgement.offline:
        verdicts.append(Verdict("offline_judge", 1.0, weight=0))
    return Reward(tuple(verdicts))
