"""The laws that every reward keeps, for every reward that there is: a new one is collected by being there."""

from __future__ import annotations

import copy
import json
import pickle
import random
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rewards import app
from rewards.batch import score_batch
from rewards.interface import Sample, UnscoredError

CASES = Path(__file__).parent / "cases"
REWARDS = app.reward_names()
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=8,
)


@cache
def cases(name):
    """Read a reward's cases as (sample, expected reward) pairs."""
    rows = [json.loads(line) for line in (CASES / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]
    return [
        (
            Sample(
                row["id"],
                row.get("prompt", ""),
                row["completion"],
                row.get("reference_answer"),
                row.get("metadata", {}),
            ),
            row["expected"],
        )
        for row in rows
    ]


@pytest.fixture(params=REWARDS)
def name(request, monkeypatch):
    """Name one reward after the other, set up as at the desk."""
    monkeypatch.setenv("JUDGE_MODEL", "offline")
    return request.param


@pytest.fixture
def reward(name):
    """Serve the reward of that name."""
    return getattr(app.serve(name), name)


def test_every_case_is_scored_as_it_says(name, reward):
    """A wrong reward found once is a case for ever; and there is something to earn, and to miss."""
    wrong = [
        (sample.id, expected, scored.value, scored.verdicts[0].reason)
        for sample, expected in cases(name)
        if (scored := reward(sample)).value != pytest.approx(expected, abs=1e-9)
    ]
    assert not wrong
    assert max(expected for _, expected in cases(name)) > min(expected for _, expected in cases(name))


@settings(max_examples=40)
@given(completion=st.text() | st.text("`\\boxed{}python#0123456789 \n<think>/$", max_size=80), pick=st.integers(0, 9))
@pytest.mark.parametrize("name", REWARDS)
def test_any_text_scores_between_0_and_1(name, completion, pick):
    """No completion raises, and none is worth more than the right answer or less than nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUDGE_MODEL", "offline")
        sample, _ = cases(name)[pick % len(cases(name))]
        reward = getattr(app.serve(name), name)
        scored = reward(Sample("x", sample.prompt, completion, sample.reference_answer, sample.metadata))
    assert 0 <= scored.value <= 1
    assert all(verdict.reason for verdict in scored.verdicts if verdict.weight), "a reward says why"


@settings(max_examples=40)
@given(reference=JSON, metadata=st.dictionaries(st.sampled_from(["limits", "math", "rubric", "unit"]), JSON))
@pytest.mark.parametrize("name", REWARDS)
def test_any_row_is_scored_or_called_unscorable(name, reference, metadata):
    """What a dataset holds may be nonsense; it costs its own row and is never an exception of another kind."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUDGE_MODEL", "offline")
        sample, _ = cases(name)[0]
        try:
            scored = getattr(app.serve(name), name)(Sample("x", "", sample.completion, reference, metadata))
        except UnscoredError as error:
            assert str(error)  # noqa: PT017 - both outcomes are right
        else:
            assert 0 <= scored.value <= 1


def test_company_and_order_change_no_reward(name, reward):
    """A sample is worth the same alone, in a batch, in another order, in other threads."""
    samples = [sample for sample, _ in cases(name)][:24]
    alone = [reward(sample).value for sample in samples]
    order = random.Random(7).sample(range(len(samples)), len(samples))  # noqa: S311 - a shuffle
    shuffled = score_batch([samples[n] for n in order], reward, name, 4)
    assert [scored.value for scored in shuffled] == [alone[n] for n in order]


def test_a_reward_can_be_pickled(reward):
    """Trainers send reward functions to worker processes."""
    assert pickle.loads(pickle.dumps(reward)) is reward  # noqa: S301 - our own bytes


def test_an_event_is_not_changed(name, load_event):
    """The caller may send the same object again."""
    event = load_event(name, "bedrock")
    before = copy.deepcopy(event)
    app.answer(event, name)
    assert event == before
