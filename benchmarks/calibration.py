"""How often calibration's 95 % intervals hold the truth: `python -m benchmarks.calibration [RUNS]`."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache

import numpy as np

from workbench.calibration.agreement import FIGURES, agreement, kendall_within, limit
from workbench.calibration.intervals import Estimate, Floats, resamples

_MANY = 200_000
_PEOPLE = 0.6  # standard deviation of a rater's error, in points


@dataclass(frozen=True, slots=True)
class Setting:
    """Describe simulated labels and judge: how many answers and prompts, and how the judge errs, in points."""

    name: str
    answers: int
    prompts: int
    bias: float
    slope: float
    noise: float
    prompts_apart: float
    rounded: bool = True


SETTINGS = (
    Setting("40 single answers", 40, 40, 0.8, 0.9, 1.2, 0.0),
    Setting("40 answers to 10 prompts", 40, 10, 0.8, 0.9, 1.2, 0.8),
    Setting("80 answers to 10 prompts", 80, 10, 0.3, 0.7, 1.8, 0.5),
    Setting("80 answers to 20 prompts", 80, 20, -1.0, 1.0, 0.6, 0.3),
)


def simulate(  # noqa: PLR0913 - one argument for each thing that is known of the truth
    generator: np.random.Generator,
    answers: int,
    prompts: int,
    *,
    bias: float = 0.0,
    slope: float = 1.0,
    noise: float = 1.0,
    prompts_apart: float = 0.0,
    rounded: bool = True,
) -> tuple[Floats, Floats, list[str]]:
    """Make up labels and a judge's scores whose truth is known; rounded to whole points, they tie."""
    groups = np.repeat(np.arange(prompts), answers // prompts)
    quality = generator.uniform(1.5, 9.5, len(groups))
    label = quality + generator.normal(0, _PEOPLE, len(groups))
    error = generator.normal(0, noise, len(groups)) + generator.normal(0, prompts_apart, prompts)[groups]
    judge = 5.5 + slope * (quality - 5.5) + bias + error
    if rounded:
        judge, label = (np.clip(np.round(side), 1, 10) for side in (judge, label))
    return judge, label, [str(group) for group in groups]


def _drawn(setting: Setting, generator: np.random.Generator, prompts: int) -> tuple[Floats, Floats, list[str]]:
    told = asdict(setting)
    told.pop("name")
    answers = told.pop("answers") // told.pop("prompts") * prompts
    return simulate(generator, answers, prompts, **told)


@cache
def _truth(setting: Setting) -> Mapping[str, float]:
    """Compute each figure over very many answers of a setting."""
    prompts = _MANY // (setting.answers // setting.prompts)
    judge, label, groups = _drawn(setting, np.random.default_rng(5), prompts)
    found = {name: float(figure(judge[None], label[None])[0]) for name, (figure, _) in FIGURES.items()}
    for name, side in (("limit_low", -1), ("limit_high", 1)):
        found[name] = limit(Estimate(found["bias"]), Estimate(found["deviation"]), side).value or 0.0
    if setting.answers > setting.prompts:
        few = _MANY // 20
        tau = kendall_within(judge[:few], label[:few], groups[:few]).value
        found |= {} if tau is None else {"kendall_within_prompts": tau}
    return found


def coverage(setting: Setting, runs: int, draws: int) -> dict[str, float]:
    """Share the runs whose interval holds the truth, for each figure."""
    truth, generator = _truth(setting), np.random.default_rng(11)
    held = dict.fromkeys(truth, 0)
    for run in range(runs):
        judge, label, groups = _drawn(setting, generator, setting.prompts)
        found = agreement(judge, label, groups, resamples(groups, draws, seed=run))
        for name, true in truth.items():
            one = found[name]
            held[name] += one.low is not None and one.high is not None and one.low <= true <= one.high
    return {name: count / runs for name, count in held.items()}


def main() -> None:
    """Print the coverage of every figure in every setting."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    print(f"coverage of calibration's 95 % intervals, {runs} simulated label sets each (wanted: 93 % to 97 %)")
    for setting in SETTINGS:
        print(f"\n{setting.name}")
        for name, share in coverage(setting, runs, draws=600).items():
            print(f"  {name:24} {share:6.1%}")


if __name__ == "__main__":
    main()
