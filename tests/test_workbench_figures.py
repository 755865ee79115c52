"""The figures of calibration: against other people's implementations, and against simulations whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import cohen_kappa_score

from benchmarks.calibration import SETTINGS, Setting, held, simulate
from workbench.calibration import agreement as figures
from workbench.calibration.feel import dead_groups, linear_map, repeat_deviation, tied_pairs
from workbench.calibration.intervals import estimate, resamples

half_points = st.integers(2, 20).map(lambda twice: twice / 2)
pairs = st.lists(st.tuples(half_points, half_points), min_size=6, max_size=40)


@given(pairs)
def test_rank_correlation_and_kappa_are_those_of_scipy_and_scikit_learn(drawn):
    """Two other implementations, of other people, give the same numbers."""
    judge, label = (np.array(side, dtype=float) for side in zip(*drawn, strict=True))
    kappa = figures.weighted_kappa(judge[None], label[None])[0]
    whole = [(2 * side).astype(int) for side in (judge, label)]
    if len(set(whole[0].tolist() + whole[1].tolist())) > 1:
        peer = cohen_kappa_score(*whole, labels=list(range(2, 21)), weights="quadratic")
        assert kappa == pytest.approx(peer, abs=1e-9)
    rank = figures.spearman(judge[None], label[None])[0]
    if np.ptp(judge) and np.ptp(label):
        assert rank == pytest.approx(stats.spearmanr(judge, label).statistic, abs=1e-9)
        tau = figures.kendall_within(judge, label, ["one"] * len(judge)).value
        assert tau == pytest.approx(stats.kendalltau(judge, label).statistic, abs=1e-9)
    else:
        assert np.isnan(rank)


SHROUT_FLEISS = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
KINDER = [[6, 7.5], [8.5, 10], [2, 4.5], [8, 10], [4, 5.5], [4, 6], [8, 9], [6.5, 7.5]]
MIXED = [
    [9.5, 9.5],
    [5, 9],
    [6, 6],
    [3, 5.5],
    [2, 4.5],
    [9, 10],
    [5, 8],
    [4, 4.5],
    [5.5, 8.5],
    [7, 10],
    [5, 9],
    [8.5, 8.5],
]
FIVE = [
    [7, 6, 5.5, 10, 8],
    [4, 5.5, 5.5, 7, 6.5],
    [8, 7.5, 9.5, 8, 10],
    [8.5, 5, 4, 8.5, 10],
    [6.5, 6.5, 9, 8, 8.5],
    [4, 5.5, 4.5, 6, 5.5],
]


@pytest.mark.parametrize(
    ("scores", "told"),
    [
        (SHROUT_FLEISS, 0.2897637795),  # .29 in the paper's table 4
        (KINDER, 0.7676767676767676),
        (MIXED, 0.546150574223735),
        (FIVE, 0.3624385886556498),
    ],
)
def test_the_intraclass_correlation_is_that_of_its_source_and_of_pingouin(scores, told):
    """Shrout and Fleiss (1979), table 2; the others are ICC(A,1), its other name, of pingouin 0.7.0."""
    table = np.array(scores, dtype=float)
    assert figures.intraclass_of(table[None])[0] == pytest.approx(told, abs=1e-9)
    if table.shape[1] == 2:
        assert figures.intraclass(*table.T[:, None])[0] == pytest.approx(told, abs=1e-9)


@given(st.lists(st.tuples(st.integers(0, 3), half_points, half_points), min_size=2, max_size=24))
def test_tau_within_prompts_is_that_of_counting_pairs(drawn):
    """Pair by pair, those of one prompt alone, with the ties of either side in the denominator."""
    groups, judge, label = (list(side) for side in zip(*drawn, strict=True))
    pairs = [
        (np.sign(judge[i] - judge[j]), np.sign(label[i] - label[j]))
        for i in range(len(drawn))
        for j in range(i)
        if groups[i] == groups[j]
    ]
    below = np.sqrt(float(sum(x != 0 for x, _ in pairs) * sum(y != 0 for _, y in pairs)))
    told = figures.kendall_within(np.array(judge), np.array(label), [str(one) for one in groups], 0).value
    assert told == (pytest.approx(sum(x * y for x, y in pairs) / below) if below else None)


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_intervals_cover_the_truth_about_as_often_as_they_say(setting):
    """A short run of `python -m benchmarks.calibration`: 95 %, within what so few runs can tell."""
    shares = {name: count / 50 for name, count in held(setting, range(50), draws=200).items()}
    assert 0.92 <= np.mean(list(shares.values())) <= 0.99, shares
    assert min(shares.values()) >= 0.84, shares


def test_estimates_recover_the_truth_from_many_labels():
    """A judge that is known to be 0.8 points kinder, known noise and a known price of length: all is found."""
    setting = Setting("known", (40,), 100, bias=0.8, slope=1.0, noise=1.0, prompts_apart=0.0)
    made = simulate(np.random.default_rng(3), setting, rounded=False)
    found = figures.agreement(made.judge, made.label, made.groups, resamples(made.groups, 200))
    people, errs = 0.6**2, 1.0**2 + (0.5 * 0.6) ** 2
    gap, quality = stats.norm(0.8, np.sqrt(people + errs)), 8**2 / 12
    alike = quality / (quality + (people + errs) / 2 + 0.8**2 / 2)
    many = simulate(np.random.default_rng(4), setting, 2500, rounded=False)
    expected = {
        "bias": (0.8, 0.06),
        "deviation": (gap.std(), 0.04),
        "mae": (gap.expect(abs), 0.04),
        "limit_low": (gap.ppf(0.025), 0.1),
        "limit_high": (gap.ppf(0.975), 0.1),
        "weighted_kappa": (alike, 0.01),
        "icc": (alike, 0.01),
        "spearman": (stats.spearmanr(many.judge, many.label).statistic, 0.01),
        "kendall_within_prompts": (stats.kendalltau(many.judge, many.label).statistic, 0.015),
    }
    assert set(found) == set(expected)
    for name, (true, within) in expected.items():
        assert found[name].value == pytest.approx(true, abs=within), name


def test_answers_of_one_prompt_are_not_taken_for_independent():
    """A judge that misreads whole prompts is known less well: the interval must be wider than over single answers."""
    setting = Setting("misread", (8,), 10, bias=0.0, slope=1.0, noise=1.0, prompts_apart=1.5)
    made = simulate(np.random.default_rng(8), setting)
    by_prompt = estimate(figures.bias, made.judge, made.label, resamples(made.groups))
    by_answer = estimate(figures.bias, made.judge, made.label, resamples([str(place) for place in range(80)]))
    assert (by_prompt.width or 0) > 1.4 * (by_answer.width or 9)


@given(st.lists(st.lists(half_points, min_size=1, max_size=12), min_size=1, max_size=6), st.integers(2, 8))
def test_ties_and_dead_groups_agree_with_direct_simulation(by_prompt, size):
    """The exact figures are what drawing groups by hand gives."""
    generator = np.random.default_rng(1)
    shares = []
    for scores in by_prompt:
        if len(scores) > 1:
            replace = len(scores) < size
            groups = [generator.choice(scores, size, replace=replace) for _ in range(300)]
            shares.append(np.mean([len(set(group.tolist())) == 1 for group in groups]))
    told = dead_groups(by_prompt, size)
    assert (told is None) == (not shares)
    if shares:
        assert told == pytest.approx(np.mean(shares), abs=0.12)
        ties = [one == other for s in by_prompt for place, one in enumerate(s) for other in s[:place]]
        assert tied_pairs(by_prompt) == pytest.approx(np.mean(ties))


def test_the_judges_own_noise_is_found():
    """Repeats tell the deviation of a judge from itself, whatever the answers' own differences."""
    generator = np.random.default_rng(2)
    repeats = [tuple(generator.normal(mean, 0.7, 3)) for mean in generator.uniform(2, 9, 2000)]
    assert repeat_deviation(repeats) == pytest.approx(0.7, rel=0.04)
    assert repeat_deviation([(4.0,), (5.0,)]) is None


def test_the_lines_error_is_that_of_answers_it_has_not_seen():
    """Leave-one-out by formula equals leaving each out by hand."""
    generator = np.random.default_rng(4)
    judge = generator.integers(1, 11, 25).astype(float)
    label = 0.7 * judge + 1 + generator.normal(0, 1, 25)
    by_hand = []
    for out in range(25):
        rest = np.arange(25) != out
        slope, intercept = np.polyfit(judge[rest], label[rest], 1)
        by_hand.append(abs(label[out] - slope * judge[out] - intercept))
    fitted = linear_map(judge, label)
    assert fitted is not None
    assert fitted.error == pytest.approx(np.mean(by_hand))
    assert linear_map(np.full(9, 5.0), label[:9]) is None
