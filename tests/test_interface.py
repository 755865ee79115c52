"""What a reward may say, and what it may not."""

from __future__ import annotations

import math
import pickle
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewards.interface import Reward, RowError, Sample, ServiceError, UnscoredError, Verdict, seconds_left, time_limit

WEIGHTED = st.builds(lambda s, w: (s, w), st.floats(0, 1), st.floats(1e-6, 1e6))


@given(st.lists(WEIGHTED, min_size=1, max_size=8), st.floats(allow_nan=False, allow_infinity=False))
def test_a_reward_lies_between_its_lowest_and_highest_verdict(weighted, metric):
    """The number is a mean of its verdicts, and a metric never moves it."""
    verdicts = [Verdict(f"v{n}", score, weight=weight) for n, (score, weight) in enumerate(weighted)]
    reward = Reward.of(*verdicts, Verdict("metric", metric, weight=0))
    scores = [score for score, _ in weighted]
    assert min(scores) - 1e-12 <= reward.value <= max(scores) + 1e-12
    assert 0 <= reward.value <= 1


@pytest.mark.parametrize("score", [math.nan, math.inf, -math.inf, True, "1", None, 1.1, -0.1])
def test_a_score_that_is_no_number_in_range_cannot_be_said(score):
    """NaN is learned as readily as 1.0; a reward that computes one fails where it is made."""
    with pytest.raises(ValueError, match="right"):
        Verdict("right", score)


@pytest.mark.parametrize("weight", [math.nan, math.inf, -1, True])
def test_a_weight_is_a_finite_number_from_0(weight):
    """A negative weight would turn a reward upside down."""
    with pytest.raises(ValueError, match="weight"):
        Verdict("right", 1.0, weight=weight)


@pytest.mark.parametrize("name", ["", None, 3])
def test_a_verdict_has_a_name(name):
    """The wire refuses metrics without one."""
    with pytest.raises(ValueError, match="name"):
        Verdict(name, 1.0)


def test_two_verdicts_of_one_name_cannot_be_told_apart():
    """A platform keeps one of them, nobody knows which."""
    with pytest.raises(ValueError, match="share a name"):
        Reward.of(Verdict("a", 1.0), Verdict("a", 0.0))


@pytest.mark.parametrize(
    "change",
    [{"score": math.nan}, {"score": 2.0}, {"weight": -1}, {"name": ""}],
    ids=["nan", "above 1", "weight", "name"],
)
def test_a_verdict_is_checked_however_it_is_made(change):
    """A copy with another score, or one from another process, may say no more than a new one."""
    verdict = Verdict("right", 0.5, "half")
    assert pickle.loads(pickle.dumps(verdict)) == verdict  # noqa: S301 - our own bytes
    assert verdict._replace(score=0.75) == Verdict("right", 0.75, "half")
    with pytest.raises(ValueError, match=r"score|weight|name"):
        verdict._replace(**change)
    with pytest.raises(ValueError, match="share a name"):
        Reward.of(verdict)._replace(verdicts=(verdict, verdict))


def test_what_is_made_is_not_changed_later():
    """A reward computes its number from its verdicts each time it is asked."""
    for made, field in (
        (Sample(1, "", ""), "completion"),
        (Verdict("v", 1), "score"),
        (Reward.of(Verdict("v", 1)), "value"),
    ):
        with pytest.raises(AttributeError):
            setattr(made, field, 1)
        with pytest.raises(AttributeError):
            setattr(made, "note", "more")  # noqa: B010 - mypy knows that it has none


def test_samples_share_no_metadata():
    """What a reward notes in one sample's metadata must not stand in the next one's."""
    assert Sample(1, "", "").metadata is not Sample(2, "", "").metadata


def test_metrics_alone_make_no_reward():
    """Without a verdict that counts there is no mean to take."""
    with pytest.raises(ValueError, match="weight"):
        Reward.of(Verdict("chars", 3, weight=0))


def test_faults_of_row_and_service_are_told_apart_and_caught_together():
    """A caller that only asks whether there is a score catches one type."""
    assert issubclass(RowError, UnscoredError)
    assert issubclass(ServiceError, UnscoredError)
    assert not issubclass(RowError, ServiceError)


def test_the_shorter_time_limit_holds_and_ends_with_its_block():
    """An outer deadline cannot be stretched from within."""
    assert seconds_left() == math.inf
    with time_limit(0.05), time_limit(60):
        assert seconds_left() <= 0.05
        time.sleep(0.06)
        assert seconds_left() == 0
    assert seconds_left() == math.inf
