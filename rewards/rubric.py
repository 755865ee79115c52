"""Reward: a judge's score of the completion on a rubric, as `judges` gets it."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from judges import batch as together
from judges import library, models, offline, prompt
from judges.judgement import ConfigurationError, JudgeError, Judgement
from judges.quoting import HIDDEN
from judges.rubric import Rubric
from rewards.interface import Reward, RowError, Sample, ServiceError, Verdict, seconds_left

_log = logging.getLogger(__name__)
MARGIN = 0.2  # seconds kept back to turn a judgement into a reward
_UNLIMITED = 600.0  # seconds a judge gets where nobody set a limit
_FEW_LETTERS = 3
NEAR_EMPTY = f"fewer than {_FEW_LETTERS} letters: nothing to judge"


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
    if near_empty(sample.completion):
        return Reward.of(Verdict("rubric", 0.0, NEAR_EMPTY))
    return _reward(chosen, _judged(chosen, sample))


def prepare() -> None:
    """Read the rubrics and build the judge's client, so that a misconfigured deployment fails at start.

    Called before every batch too, where it costs nothing and says so in the log if the judge is offline.

    Raises:
        ConfigurationError: The deployment's fault.
    """
    library.allowed()
    models.prepare()
    reason = library.unlocked(models.names()) if _lock_required() else ""
    if reason:
        raise ConfigurationError(f"REQUIRE_LOCK=1, but {reason}: run touchstone gate, and ship the lock it writes")
    if models.names() == [models.OFFLINE]:
        _log.warning("offline judge: cue words are counted, no model is asked; never train on this")


def _lock_required() -> bool:
    asked = os.environ.get("REQUIRE_LOCK", "").strip()
    if asked not in {"", "0", "1"}:  # "true", taken for no, would open what was meant to be shut
        raise ConfigurationError(f"REQUIRE_LOCK: expected 0 or 1, not {asked[:40]!r}")
    return asked == "1"


def workers(count: int) -> int:
    """Tell how many threads a batch of `count` samples needs: one each, at most `JUDGE_WORKERS` (default 64).

    Where every sample is judged several times at once, there are as many fewer.
    """
    asked_at_once = max(1, len(models.names()) * library.default().judge.samples)
    return max(1, min(count, models.workers() // asked_at_once))


@contextmanager
def batch(samples: Sequence[Sample]) -> Iterator[dict[str, float | str]]:
    """Hold what the samples of a batch share, while `rubric` scores them inside.

    Within it, identical questions are asked once, a rubric with `ties` compares the answers of a group, and every
    `JUDGE_CANARY`-th batch judges the rubric's own anchors too. The context belongs to the thread: a pool hands it
    on by `copy_context().run`.

    Yields:
        What is known of the batch as a whole, filled in when it ends: numbers for the metrics, strings (rubric,
        version of the assembled prompt, judges) for the log.
    """
    chosen = library.default()
    known: dict[str, float | str] = {
        "rubric": chosen.name,
        "rubric_version": prompt.version(chosen),
        "judges": ",".join(models.names()),
    }
    shared = together.Batch()
    for sample in samples:
        named = sample.metadata.get("rubric")
        shared.groups[named if isinstance(named, str) else chosen.name, sample.prompt].append(sample.completion)
    used = {name for name, _ in shared.groups} or {chosen.name}
    known["rubric_locked"] = float(not library.unlocked(models.names(), used))
    token = together.current.set(shared)
    canary = together.canary(chosen, _deadline())
    try:
        yield known
    finally:
        together.current.reset(token)
        if canary:
            known |= canary.figures()


def _chosen(name: object) -> Rubric:
    """Find the rubric that a row chose by name, among those the deployment allows."""
    if name is None:
        return library.default()
    rubrics = library.allowed()
    if not isinstance(name, str) or name not in rubrics:
        raise RowError(f"metadata.rubric: {str(name)[:60]!r} is not allowed here; allowed are {sorted(rubrics)}")
    return rubrics[name]


def near_empty(completion: str) -> bool:
    """Tell whether there is less to judge than a few letters; one of a script that writes whole words counts two."""
    letters = 0
    for character in HIDDEN.sub("", completion[:100_000]):
        letters += character.isalnum() + (character >= "\u2e80" and character.isalpha())
        if letters >= _FEW_LETTERS:
            return False
    return True


def _deadline() -> float:
    return time.monotonic() + min(seconds_left(), _UNLIMITED) - MARGIN


def _judged(chosen: Rubric, sample: Sample) -> Judgement:
    if models.names() == [models.OFFLINE]:
        return offline.judge(chosen, sample.completion)
    asked = (sample.prompt, sample.completion, sample.reference_answer)
    try:
        return together.judge(chosen, asked, _deadline())
    except JudgeError as error:
        raise ServiceError(f"judge: {error}") from error


def _reward(chosen: Rubric, judgement: Judgement) -> Reward:
    spent = _spent(judgement)
    if judgement.score is None:
        return Reward.of(
            Verdict("rubric", 0.0, f"no verdict because of the answer: {judgement.rationale}"),
            Verdict("judge_content_failure", 1.0, weight=0),
            *spent,
        )
    verdicts = [
        Verdict("rubric", chosen.reward(judgement.score), judgement.rationale),
        Verdict("score", judgement.score, f"on a scale from {chosen.low} to {chosen.high}", weight=0),
    ]
    verdicts += [Verdict(f"score_{name}", score, weight=0) for name, score in judgement.criteria.items()]
    if judgement.spread is not None:
        verdicts.append(Verdict("judge_spread", judgement.spread, weight=0))
    if judgement.offline:
        verdicts.append(Verdict("offline_judge", 1.0, weight=0))
    return Reward.of(*verdicts, *spent)


def _spent(judgement: Judgement) -> list[Verdict]:
    """List what judging cost; nothing where no model was asked, and no price where none is known."""
    usage = judgement.usage
    if judgement.offline:
        return []
    figures = {
        "judge_calls": usage.calls,
        "judge_retries": usage.retries,
        "judge_input_tokens": usage.input_tokens,
        "judge_output_tokens": usage.output_tokens,
        "judge_cached_tokens": usage.cached_tokens,
        "judge_seconds": round(usage.seconds, 3),
    }
    if usage.cost is not None:
        figures["judge_cost_usd"] = usage.cost
    return [Verdict(name, figure, weight=0) for name, figure in figures.items()]
