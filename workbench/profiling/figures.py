"""What a training run will feel of a reward, computed from scored rows."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
from scipy import stats

from workbench.profiling.red_flags import Job, red_flags
from workbench.profiling.scored import MARKS, Scored

_BINS = 10
_FEW = 3


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
        "prompts": len(groups) or None,
        "group_size": float(np.mean([len(group) for group in groups])) if groups else None,
        "mean": float(values.mean()),
        "deviation": float(values.std()),
        "deviation_within_prompts": float(np.mean([np.std(group) for group in several])) if several else None,
        "at_floor": float((values <= 0).mean()),
        "at_ceiling": float((values >= 1).mean()),
        "distinct_values": len(set(values.tolist())),
        "zero_variance_groups": sum(len(set(group)) == 1 for group in several) / len(several) if several else None,
        "tied_pairs": _tied(several),
    }
    figures |= {f"{name}_share": _share(scored, name) for name in MARKS}
    figures |= _time_and_money(scored, job)
    counts, edges = np.histogram(values, bins=_BINS, range=(0, 1))
    figures["histogram"] = {f"{edges[i]:.1f}-{edges[i + 1]:.1f}": int(count) for i, count in enumerate(counts)}
    figures["correlations"] = _correlations(scored, values)
    figures["red_flags"] = red_flags(figures, job)
    return figures


def _groups(scored: Sequence[Scored]) -> list[list[float]]:
    """Gather rewards by prompt; rows that name none belong to no group."""
    groups: dict[str, list[float]] = defaultdict(list)
    for one in scored:
        if one.group:
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
    known = [one.cost for one in scored if one.cost is not None]
    mean = sum(known) / len(scored) if len(known) == len(scored) else None
    waves = math.ceil(job.batch / job.workers)
    return {
        "seconds_median": float(np.median(seconds)) if seconds else None,
        "seconds_p95": float(np.quantile(seconds, 0.95)) if seconds else None,
        "seconds_a_batch": slowest(seconds, min(job.batch, job.workers)) * waves if seconds else None,
        "cost_a_sample": mean,
        "cost_of_the_job": mean * job.rollouts if mean is not None and job.rollouts else None,
    }


def slowest(seconds: Sequence[float], together: int) -> float:
    """Expect how long the slowest of so many samples takes that are scored at a time, each as one of `seconds`.

    Example:
        >>> slowest([1.0, 3.0], 2)
        2.5
    """
    below = (np.arange(len(seconds) + 1) / len(seconds)) ** together  # chance that all are among the fastest so many
    return float(np.diff(below) @ np.sort(seconds))


def _correlations(scored: Sequence[Scored], values: np.ndarray) -> dict[str, float | None]:
    """Correlate the reward with length and with each component, and the components with each other, by rank."""
    columns: dict[str, list[float | None]] = {"length": [one.length for one in scored]}
    names = {name for one in scored for name in one.metrics} - set(MARKS)
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
