"""What in a profile should stop a job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# Past these a run is likely to learn little, or something else than was meant.
SATURATED, DEAD, TIED, FLAT, LENGTHY = 0.3, 0.3, 0.5, 0.05, 0.4
UNSCORED, IMPUTED, CONTENT_FAILED = 0.02, 0.05, 0.05
ENOUGH = 20  # rows, below which a correlation as large comes by chance
_MARGIN = 0.8  # of the time-out that a batch may take


@dataclass(frozen=True, slots=True)
class Job:
    """Say how the job will call: time-out in seconds, samples a call, samples scored at a time, rollouts in all."""

    timeout: float = 900.0
    batch: int = 64
    workers: int = 64
    rollouts: int = 0


def red_flags(figures: Mapping[str, Any], job: Job) -> list[str]:
    """Name what should stop a job, with its figure and the most that is well."""
    limits = {
        "at_floor": (SATURATED, "of the rows earn the floor: too hard, or the grader cannot read the answers"),
        "at_ceiling": (SATURATED, "of the rows earn full marks: nothing is left to learn there"),
        "zero_variance_groups": (DEAD, "of the prompts earn one value for all answers: they teach nothing"),
        "tied_pairs": (TIED, "of the pairs of one prompt are tied"),
        "unscored_share": (UNSCORED, "of the rows are unreadable: mend the data set"),
        "imputed_share": (IMPUTED, "of the rows got an imputed reward: the judge is throttled or broken"),
        "judge_content_failure_share": (CONTENT_FAILED, "of the answers kept the judge from a verdict"),
    }
    flags = [
        f"{name}: {figures[name]:.0%} {what} (at most {limit:.0%})"
        for name, (limit, what) in limits.items()
        if figures[name] is not None and figures[name] > limit
    ]
    within = figures["deviation_within_prompts"]
    if within is not None and within < FLAT:
        flags.append(f"deviation_within_prompts: {within:.3f}; below {FLAT:g} a group's advantages are mostly noise")
    length = figures["correlations"].get("length")
    if length is not None and abs(length) > LENGTHY and figures["rows"] >= ENOUGH:
        flags.append(f"length: longer answers earn {'more' if length > 0 else 'less'} (rank correlation {length:.2f})")
    batch = figures["seconds_a_batch"]
    if batch is not None and batch > job.timeout * _MARGIN:
        flags.append(f"seconds_a_batch: about {batch:.0f} s of a time-out of {job.timeout:.0f} s")
    return flags
