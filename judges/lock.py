"""The lock beside a rubric: what `touchstone gate` measured, and whether it holds for a deployment."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from judges.prompt import version

if TYPE_CHECKING:
    from judges.rubric import Rubric

_LARGEST = 1_000_000


def path_for(rubric_file: Path) -> Path:
    """Name the lock of a rubric file: beside it, with `.lock` for its ending."""
    return rubric_file.with_suffix(".lock")


def read(rubric_file: Path) -> dict[str, Any] | None:
    """Read a rubric's lock; None where there is none, or none that can be read."""
    try:
        with path_for(rubric_file).open(encoding="utf-8") as file:
            kept = json.loads(file.read(_LARGEST))
    except (OSError, ValueError, RecursionError):
        return None
    return kept if isinstance(kept, dict) else None


def staleness(kept: dict[str, Any] | None, rubric: Rubric, models: Sequence[str]) -> str:
    """Say why a lock does not hold for a deployment; "" where it does.

    Args:
        kept: As `read` gave it.
        rubric: What the deployment judges by.
        models: The models it asks, in any order.

    Example:
        >>> from judges.rubric import Rubric
        >>> staleness(None, Rubric("brief", "Be brief."), ["vendor.model"])
        'there is no lock'
    """
    if kept is None:
        return "there is no lock"
    if kept.get("passed") is not True:
        return "the judge fell short of its gate when it was measured"
    if kept.get("prompt") != version(rubric):
        return "the rubric or what is made of it has changed since it was measured"
    locked = kept.get("models")
    if not isinstance(locked, list) or sorted(map(str, locked)) != sorted(models):
        return f"it was measured with {locked}, not with {sorted(models)}"
    return ""
