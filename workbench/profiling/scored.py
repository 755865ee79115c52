"""Scored rows, as `touchstone score` writes them or a function answers them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from workbench.rows import InputError, rows

MARKS = ("unscored", "imputed", "judge_content_failure")


@dataclass(frozen=True, slots=True)
class Scored:
    """Hold one scored row: its reward in [0, 1], its prompt or "", the response's length, and what else it tells."""

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
        raise InputError(f"{where}: reward: expected a number from 0 to 1, as `touchstone score` writes it")
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
    found |= {key: row[key] for key in MARKS if key in row}
    return {str(name): number for name, value in found.items() if (number := _number(value)) is not None}


def _number(value: object) -> float | None:
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    return float(value) if isinstance(value, bool | int | float) and math.isfinite(value) else None
