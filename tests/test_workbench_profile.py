"""The profile's figures, each against the plainest way to get it."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.test_workbench_cli import touchstone, write_rows
from workbench.profiling.figures import profiled, slowest
from workbench.profiling.red_flags import ENOUGH, Job
from workbench.profiling.scored import Scored

tenths = st.integers(0, 10).map(lambda whole: whole / 10)


@given(st.lists(st.tuples(st.integers(0, 3), tenths), min_size=1, max_size=30))
def test_groups_ties_and_ends_are_counted_as_by_hand(drawn):
    """Pair by pair and prompt by prompt; a prompt with one answer tells nothing of groups."""
    told = profiled([Scored(reward, f"p{prompt}") for prompt, reward in drawn], Job())
    groups = [[r for p, r in drawn if p == prompt] for prompt in {p for p, _ in drawn}]
    several = [group for group in groups if len(group) > 1]
    pairs = [one == other for group in groups for one, other in combinations(group, 2)]
    assert told["tied_pairs"] == (pytest.approx(np.mean(pairs)) if pairs else None)
    dead = [len(set(group)) == 1 for group in several]
    assert told["zero_variance_groups"] == (pytest.approx(np.mean(dead)) if dead else None)
    assert told["at_floor"] == pytest.approx(np.mean([r == 0 for _, r in drawn]))
    assert told["at_ceiling"] == pytest.approx(np.mean([r == 1 for _, r in drawn]))
    assert sum(told["histogram"].values()) == len(drawn)


def test_rows_that_name_no_prompt_are_no_group():
    """What a function answers holds no prompts: ties across all of them would mean nothing, and raise no flag."""
    told = profiled([Scored(0.5, "") for _ in range(30)], Job())
    for name in ("prompts", "group_size", "tied_pairs", "zero_variance_groups", "deviation_within_prompts"):
        assert told[name] is None
    assert told["red_flags"] == []


@given(st.lists(st.floats(0.01, 50), min_size=1, max_size=20), st.integers(1, 64))
def test_the_slowest_of_a_batch_is_that_of_drawing_batches(seconds, together):
    """A batch is as slow as its slowest sample: the exact mean is what drawing many batches gives."""
    drawn = np.random.default_rng(3).choice(seconds, (4000, together)).max(axis=1)
    assert slowest(seconds, together) == pytest.approx(drawn.mean(), rel=0.1)
    assert max(seconds) + 1e-9 >= slowest(seconds, together) >= min(seconds) - 1e-9


def test_a_correlation_of_a_few_rows_is_no_flag():
    """Three rows in order of length correlate perfectly by chance one time in three."""
    rows = [Scored(place / 30, f"p{place}", length=place) for place in range(1, 30)]
    assert not any("length" in flag for flag in profiled(rows[: ENOUGH - 1], Job())["red_flags"])
    assert any("length" in flag for flag in profiled(rows, Job())["red_flags"])


def test_the_terminal_shows_shares_in_percent(tmp_path):
    """A person reads 50.0%, not 0.5; what the rows do not tell is unknown."""
    rows = [{"prompt": "p", "reward": reward} for reward in (0, 1, 1, 0.5)]
    shown = touchstone("profile", write_rows(tmp_path / "s.jsonl", *rows)).stdout
    told = {line[:28].strip(): line[28:].strip() for line in shown.splitlines()}
    assert (told["at ceiling"], told["tied pairs"], told["mean"]) == ("50.0%", "16.7%", "0.625")
    assert (told["unscored share"], told["cost a sample"]) == ("0.0%", "unknown")
