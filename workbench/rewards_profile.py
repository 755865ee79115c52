"""What a training run will feel of a reward, computed from scored rows."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

from workbench.rows import InputError, rows

# Past these a run is likely to learn little, or something else than was meant.
SATURATED, DEAD, TIED, FLAT, LENGTHY = 0.3, 0.3, 0.5, 0.05, 0.4
UNSCORED, IMPUTED, CONTENT_FAILED = 0.02, 0.05, 0.05
_MARGIN = 0.8  # of the time-out that a batch may take
_BINS = 10
_FEW = 3


@dataclass(frozen=True, slots=True)
class Job:
    """Say how the job will call: time-out in seconds, samples a call, samples scored at a time, rollouts in all."""

    timeout: float = 900.0
    batch: int = 64
    workers: int = 64
    rollouts: int = 0


@dataclass(frozen=True, slots=True)
class Scored:
    """Hold one scored row: its reward in [0, 1], the prompt's name, the response's length, and what else it tells."""

    reward: float
    group: str
    length: int | None = None
    seconds: float | None = None
    cost: float | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)


def read_scored(file: Path) -> list[Scored]:
    """Read scored rows: `reward` or `aggregate_reward_score`, `prompt` or `prompt_id`, and what else stands there.

    Raises:
        InputError: A row has no reward in [0, 1]; names file and line.
    """
    found = [_scored(row, f"{file}:{number}") for number, row in rows(file)]
    if not found:
        raise InputError(f"{file}: no rows")
    return found


def _scored(row: Mapping[str, object], where: str) -> Scored:
    reward = _number(row.get("reward", row.get("aggregate_reward_score")))
    if reward is None or not 0 <= reward <= 1:
        raise InputError(f"{where}: reward: expected a number from 0 to 1")
    text = next((row[key] for key in ("response", "completion", "answer") if isinstance(row.get(key), str)), None)
    group = row.get("prompt_id") or row.get("prompt") or row.get("group") or ""
    length = len(text) if isinstance(text, str) else None
    return Scored(reward, str(group), length, _number(row.get("seconds")), _number(row.get("cost")), _metrics(row))


def _metrics(row: Mapping[str, object]) -> dict[str, float]:
    """Gather components from the wire's metrics_list, from `metrics` and `criteria`, and marks at the top level."""
    found: dict[str, object] = {}
    listed = row.get("metrics_list")
    for entry in listed if isinstance(listed, list) else []:
        if isinstance(entry, dict):
            found[str(entry.get("name"))] = entry.get("value")
    for key in ("metrics", "criteria"):
        inner = row.get(key)
        found |= inner if isinstance(inner, dict) else {}
    found |= {key: row[key] for key in ("unscored", "imputed", "judge_content_failure") if key in row}
    return {str(name): number for name, value in found.items() if (number := _number(value)) is not None}


def _number(value: object) -> float | None:
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    return float(value) if isinstance(value, bool | int | float) and math.isfinite(value) else None


def profiled(scored: Sequence[Scored], job: Job) -> dict[str, Any]:
    """Compute the profile.

    Returns:
        What JSON can carry; a figure that the rows do not tell is None. `red_flags` lists what should stop a job.

    Example:
        >>> rows = [Scored(0.0, "p"), Scored(1.0, "p"), Scored(1.0, "q"), Scored(1.0, "q")]
        >>> profiled(rows, Job())["zero_variance_groups"]
        0.5
    """
    values = np.array([one.reward for one in scored])
    groups = _groups(scored)
    several = [group for group in groups if len(group) > 1]
    figures: dict[str, Any] = {
        "rows": len(scored),
        "prompts": len(groups),
        "group_size": float(np.mean([len(group) for group in groups])),
        "mean": float(values.mean()),
        "deviation": float(values.std()),
        "deviation_within_prompts": float(np.mean([np.std(group) for group in several])) if several else None,
        "at_floor": float((values <= 0).mean()),
        "at_ceiling": float((values >= 1).mean()),
        "distinct_values": len(set(values.tolist())),
        "zero_variance_groups": sum(len(set(group)) == 1 for group in several) / len(several) if several else None,
        "tied_pairs": _tied(several),
    }
    figures |= {f"{name}_share": _share(scored, name) for name in ("unscored", "imputed", "judge_content_failure")}
    figures |= _time_and_money(scored, job)
    counts, edges = np.histogram(values, bins=_BINS, range=(0, 1))
    figures["histogram"] = {f"{edges[i]:.1f}-{edges[i + 1]:.1f}": int(count) for i, count in enumerate(counts)}
    figures["correlations"] = _correlations(scored, values)
    figures["red_flags"] = list(_red_flags(figures, job))
    return figures


def _groups(scored: Sequence[Scored]) -> list[list[float]]:
    groups: dict[str, list[float]] = defaultdict(list)
    for one in scored:
        groups[one.group].append(one.reward)
    return list(groups.values())


def _tied(groups: Sequence[Sequence[float]]) -> float | None:
    """Share the pairs of one prompt that earn the same: between them training feels no difference."""
    pairs = sum(math.comb(len(group), 2) for group in groups)
    tied = sum(math.comb(count, 2) for group in groups for count in Counter(group).values())
    return tied / pairs if pairs else None


def _share(scored: Sequence[Scored], name: str) -> float:
    return sum(one.metrics.get(name, 0) > 0 for one in scored) / len(scored)


def _time_and_money(scored: Sequence[Scored], job: Job) -> dict[str, float | None]:
    seconds = [one.seconds for one in scored if one.seconds is not None]
    costs = [one.cost for one in scored]
    known = [cost for cost in costs if cost is not None]
    mean = sum(known) / len(known) if known and len(known) == len(costs) else None
    slow = float(np.quantile(seconds, 0.95)) if seconds else None
    return {
        "seconds_median": float(np.median(seconds)) if seconds else None,
        "seconds_p95": slow,
        "seconds_a_batch": None if slow is None else slow * math.ceil(job.batch / job.workers),
        "cost_a_sample": mean,
        "cost_of_the_job": mean * job.rollouts if mean is not None and job.rollouts else None,
    }


def _correlations(scored: Sequence[Scored], values: np.ndarray) -> dict[str, float | None]:
    """Correlate the reward with length and with each component, and the components with each other, by rank."""
    columns: dict[str, list[float | None]] = {"length": [one.length for one in scored]}
    names = {name for one in scored for name in one.metrics} - {"unscored", "imputed", "judge_content_failure"}
    columns |= {name: [one.metrics.get(name) for one in scored] for name in sorted(names)[:20]}
    found = {name: _rank_correlation(values.tolist(), column) for name, column in columns.items()}
    for one, other in combinations(sorted(set(columns) - {"length"}), 2):
        found[f"{one} ~ {other}"] = _rank_correlation(columns[one], columns[other])
    return found


def _rank_correlation(one: Sequence[float | None], other: Sequence[float | None]) -> float | None:
    pairs = [(x, y) for x, y in zip(one, other, strict=True) if x is not None and y is not None]
    if len(pairs) < _FEW or any(len(set(side)) == 1 for side in zip(*pairs, strict=True)):
        return None
    return float(stats.spearmanr([x for x, _ in pairs], [y for _, y in pairs]).statistic)


def _red_flags(figures: Mapping[str, Any], job: Job) -> list[str]:
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
    if length is not None and abs(length) > LENGTHY:
        flags.append(f"length: longer answers earn {'more' if length > 0 else 'less'} (rank correlation {length:.2f})")
    batch = figures["seconds_a_batch"]
    if batch is not None and batch > job.timeout * _MARGIN:
        flags.append(f"seconds_a_batch: about {batch:.0f} s of a time-out of {job.timeout:.0f} s")
    return flags
