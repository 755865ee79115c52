"""How often calibration's 95 % intervals hold the truth: `python -m benchmarks.calibration [RUNS [FIRST]]`."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from workbench.calibration.agreement import agreement, bias, gains, spearman
from workbench.calibration.intervals import Estimate, Floats, Resamples, estimate, resamples

_MANY = 60_000  # answers, whose figures are taken for the truth: a thirtieth of the error of so few as below
_PEOPLE = 0.6  # standard deviation of a rater's error, in points
_OTHER = 1.6  # of another judge's, on top of the first one's quality of reading
_DRAWS = 600


@dataclass(frozen=True, slots=True)
class Setting:
    """Describe simulated labels and judge.

    Args:
        name: What it is.
        sizes: Answers to each prompt, over and over until there are `prompts`.
        prompts: How many.
        bias: What the judge adds, in points.
        slope: How far it spreads the scale.
        noise: Deviation of its error, answer by answer.
        prompts_apart: Deviation of its error, prompt by prompt.
    """

    name: str
    sizes: tuple[int, ...]
    prompts: int
    bias: float
    slope: float
    noise: float
    prompts_apart: float


SETTINGS = (
    Setting("40 single answers", (1,), 40, 0.8, 0.9, 1.2, 0.0),
    Setting("40 answers to 10 prompts", (4,), 10, 0.8, 0.9, 1.2, 0.8),
    Setting("80 answers to 10 prompts", (8,), 10, 0.3, 0.7, 1.8, 0.5),
    Setting("80 answers to 20 prompts", (4,), 20, -1.0, 1.0, 0.6, 0.3),
    Setting("72 answers to 18 prompts, 1 to 8 each", (1, 3, 8), 18, 0.8, 0.9, 1.2, 0.5),
    Setting("84 answers to 24 prompts, most of them single", (1, 1, 1, 11), 24, 0.3, 0.7, 1.8, 0.3),
)


@dataclass(frozen=True, slots=True)
class Made:
    """Hold made-up scores, an entry an answer: two judges', people's, the answers' lengths, and their prompts."""

    judge: Floats
    label: Floats
    other: Floats
    lengths: Floats
    groups: Sequence[str]


def simulate(generator: np.random.Generator, setting: Setting, prompts: int = 0, *, rounded: bool = True) -> Made:
    """Make up labels and judges' scores whose truth is known; rounded to whole points, they tie.

    Args:
        generator: Draws them.
        setting: What is known of them.
        prompts: So many instead of the setting's.
        rounded: To the points of the scale.
    """
    prompts = prompts or setting.prompts
    groups = np.repeat(np.arange(prompts), np.resize(setting.sizes, prompts))
    quality = generator.uniform(1.5, 9.5, len(groups))
    lengths = np.exp(generator.normal(6, 0.6, len(groups)))
    paid = 0.5 * (np.log(lengths) - 6)  # by the judge, for length
    label = quality + generator.normal(0, _PEOPLE, len(groups))
    error = generator.normal(0, setting.noise, len(groups))
    error += generator.normal(0, setting.prompts_apart, prompts)[groups] if setting.prompts_apart else 0
    judge = 5.5 + setting.slope * (quality - 5.5) + setting.bias + error + paid
    other = quality + error / 2 + generator.normal(0, _OTHER, len(groups))
    if rounded:
        judge, label, other = (np.clip(np.round(side), 1, 10) for side in (judge, label, other))
    return Made(judge, label, other, lengths, [str(group) for group in groups])


def estimates(made: Made, drawn: Resamples) -> dict[str, Estimate]:
    """Estimate every figure that has an interval anywhere: agreement, length bias, and one judge against another."""
    found = agreement(made.judge, made.label, made.groups, drawn)
    found["length_bias"] = estimate(spearman, made.judge - made.label, made.lengths, drawn, "ranks")
    found["shift"] = estimate(bias, made.other, made.judge, drawn)
    return found | gains(made.judge, made.other, made.label, drawn)


@cache
def truth(setting: Setting) -> Mapping[str, float]:
    """Compute each figure over very many answers of a setting; what it has none of, such as pairs, is left out."""
    made = simulate(np.random.default_rng(5), setting, _MANY // sum(setting.sizes) * len(setting.sizes))
    found = estimates(made, resamples(made.groups, 0))
    return {name: one.value for name, one in found.items() if one.value is not None}


def held(setting: Setting, runs: range, draws: int = _DRAWS) -> Counter[str]:
    """Count the runs whose interval holds the truth, for each figure; a run's number seeds it."""
    true, counted = truth(setting), Counter[str]()
    for run in runs:
        made = simulate(np.random.default_rng([11, run]), setting)
        found = estimates(made, resamples(made.groups, draws, seed=run))
        for name, value in true.items():
            low, high = found[name].low, found[name].high
            counted[name] += low is not None and high is not None and low <= value <= high
    return counted


def main() -> None:
    """Print the coverage of every figure in every setting."""
    runs, first = (int(given) for given in (sys.argv[1:] + ["1000", "0"][len(sys.argv) - 1 :]))
    print(f"coverage of calibration's 95 % intervals, {runs} simulated label sets each (wanted: 93 % to 97 %)")
    for setting in SETTINGS:
        print(f"\n{setting.name}")
        for name, count in held(setting, range(first, first + runs)).items():
            print(f"  {name:24} {count / runs:6.1%}")


if __name__ == "__main__":
    main()
