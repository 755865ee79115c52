"""What becomes of a batch in which something goes wrong, by whose fault it was."""

from __future__ import annotations

import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewards.batch import BatchError, score_batch
from rewards.interface import Reward, RowError, Sample, ServiceError, Verdict, seconds_left, time_limit


def by_completion(sample):
    """Do what the completion says: a number is a score, anything else a fault."""
    if sample.completion == "row":
        raise RowError("reference_answer: missing")
    if sample.completion == "us":
        raise ServiceError("the judge was throttled to the end")
    if sample.completion == "bug":
        raise KeyError(sample.prompt)
    return Reward.of(Verdict("told", float(sample.completion)))


def batch(*completions, prompt="p"):
    return [Sample(n, prompt, completion) for n, completion in enumerate(completions)]


def marks(reward):
    return {verdict.name: verdict.score for verdict in reward.verdicts}


def test_a_faulty_row_gets_the_floor_and_says_so():
    """A raw row earns nothing and is countable; the batch goes on however many there are."""
    rewards = score_batch(batch("row", "row", "1"), by_completion, "told", 1)
    assert [marks(reward) for reward in rewards] == [{"told": 0, "unscored": 1}] * 2 + [{"told": 1}]
    assert rewards[0].verdicts[1].reason == "reference_answer: missing"


def test_a_defect_found_by_the_wire_never_reaches_the_reward():
    """What is no sample is not graded as an empty answer."""
    (reward,) = score_batch([Sample("a", "", "1", defect="messages: no assistant turn")], by_completion, "told", 1)
    assert marks(reward) == {"told": 0, "unscored": 1}


@pytest.mark.parametrize("fault", ["us", "bug"])
def test_our_failure_is_imputed_from_the_same_prompt(fault):
    """The mean of a prompt's scored samples has no advantage over them, so nothing is learned from our failure."""
    samples = [*batch("0", "0.5", "0.5", fault, prompt="p"), *batch("1", "1", prompt="q")]
    rewards = score_batch(samples, by_completion, "told", 1)
    assert marks(rewards[3]) == {"told": pytest.approx(1 / 3), "imputed": 1}
    assert [reward.value for reward in rewards] == [0, 0.5, 0.5, pytest.approx(1 / 3), 1, 1]


def test_a_prompt_without_a_score_is_imputed_from_the_batch():
    """With no neighbour to average, the batch stands in."""
    samples = [*batch("0", "0", "1", "1"), *batch("us", prompt="q")]
    assert marks(score_batch(samples, by_completion, "told", 1)[4]) == {"told": 0.5, "imputed": 1}


def test_a_faulty_row_does_not_lower_what_is_imputed():
    """Its floor is no evidence of what the policy can do."""
    samples = batch("1", "1", "1", "us", "row")
    assert score_batch(samples, by_completion, "told", 1)[3].value == 1


@pytest.mark.parametrize(
    ("completions", "raises"),
    [
        (["us"], True),
        (["us", "row", "row", "row", "row"], True),
        (["us", "1", "1", "1", "1"], False),
        (["us", "us", *["1"] * 7], True),
        (["us", "us", *["1"] * 8], False),
        (["bug", "bug", *["1"] * 7], True),
        (["row"], False),
        (["row"] * 5, False),
        ([], False),
    ],
)
def test_the_batch_raises_past_a_fifth_of_failures_or_when_only_we_are_to_blame(completions, raises):
    """A job should stop rather than train on means; raw rows alone never stop it."""
    samples = batch(*completions)
    if raises:
        with pytest.raises(BatchError, match=rf"of {len(completions)} samples"):
            score_batch(samples, by_completion, "told", 1)
    else:
        assert len(score_batch(samples, by_completion, "told", 1)) == len(completions)


def test_a_bug_is_named_by_its_place_and_never_by_its_message():
    """An exception's message may quote the sample; where it was raised does not."""
    with pytest.raises(BatchError, match=r"a bug: KeyError at test_batch\.py:\d+") as error:
        score_batch(batch("bug", prompt="s3cret"), by_completion, "told", 1)
    assert "s3cret" not in str(error.value)


@pytest.mark.parametrize("returned", [None, 0.5, True, [], {"score": 1}])
def test_a_reward_that_returns_no_reward_is_a_bug_of_ours(returned):
    """A forgotten `return` stops the job instead of paying the mean."""
    with pytest.raises(BatchError, match="no Reward"):
        score_batch(batch("1", "1"), lambda _sample: returned, "told", 1)


def test_a_reward_that_exits_is_a_bug_of_ours():
    """It must not take the function down with it."""

    def leave(_sample):
        raise SystemExit(0)

    with pytest.raises(BatchError, match="SystemExit"):
        score_batch(batch("1"), leave, "told", 1)


def test_samples_are_scored_in_as_many_threads_as_are_asked_for():
    """Sixteen that wait for each other meet in sixteen threads, and would never meet in fifteen."""
    barrier = threading.Barrier(16, timeout=10)

    def meet(_sample):
        barrier.wait()
        return Reward.of(Verdict("met", 1.0))

    assert {reward.value for reward in score_batch(batch(*["1"] * 16), meet, "met", 16)} == {1.0}


def test_the_time_limit_reaches_every_thread():
    """A judge can only stop in time if it knows the time."""

    def left(_sample):
        return Reward.of(Verdict("limited", 1.0), Verdict("left", seconds_left(), weight=0))

    with time_limit(5):
        assert all(0 < marks(reward)["left"] <= 5 for reward in score_batch(batch("1", "1"), left, "limited", 2))


def test_a_reward_that_overruns_is_a_failure_of_ours_and_is_not_waited_for():
    """A late answer is no answer: the batch is imputed, or raises, before the caller's patience ends."""
    release = threading.Event()

    def slow(sample):
        if sample.completion == "slow":
            release.wait(10)
        return Reward.of(Verdict("done", 1.0))

    started = time.monotonic()
    with time_limit(0.3):
        rewards = score_batch(batch(*["1"] * 9, "slow"), slow, "done", 10)
    assert marks(rewards[9]) == {"done": 1, "imputed": 1}
    assert time.monotonic() - started < 5
    release.set()


@given(st.lists(st.sampled_from(["0", "0.25", "1", "row"]), max_size=12), st.randoms())
def test_order_and_company_change_no_reward(completions, random):
    """Before imputation a sample's reward is its own."""
    samples = batch(*completions)
    alone = [score_batch([sample], by_completion, "told", 1)[0] for sample in samples]
    order = random.sample(range(len(samples)), len(samples))
    shuffled = score_batch([samples[n] for n in order], by_completion, "told", 3)
    assert shuffled == [alone[n] for n in order]
