"""The rubrics a deployment allows: found once, by name or path, and pinned by hash."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from judges import lock
from judges.judgement import ConfigurationError
from judges.prompt import version

if TYPE_CHECKING:
    from judges.rubric import Rubric

SHIPPED = Path(__file__).parent / "rubrics"
_SHORTEST_SHA = 8
_LARGEST = 200_000  # characters of a rubric file


def default() -> Rubric:
    """Give the rubric that `RUBRIC` names (shipped, by name; any by path or s3 URI), as `RUBRIC_SHA` pins it."""
    return _pinned(_place(), 0)


def _pinned(place: str, index: int) -> Rubric:
    """Give a rubric that is among those `RUBRIC_SHA` pins, as long as it pins any.

    Args:
        place: Name, path or s3 URI.
        index: Its place in the deployment's list: one sha pins the default alone, several pin every rubric.

    Raises:
        ConfigurationError: It is not the rubric that was pinned.
    """
    rubric, known_by = _load(place)
    pins = [pin.strip().lower() for pin in os.environ.get("RUBRIC_SHA", "").split(",") if pin.strip()]
    if pins and (index == 0 or len(pins) > 1):
        right = [pin for pin in pins if len(pin) >= _SHORTEST_SHA and any(sha.startswith(pin) for sha in known_by)]
        if not right:
            told = ",".join(pins)[:200]
            raise ConfigurationError(f"RUBRIC_SHA is {told}, but rubric {rubric.name} has version {known_by[0]}")
    return rubric


def _place() -> str:
    return os.environ.get("RUBRIC", "").strip() or "support"


def _places() -> list[str]:
    """List where the deployment's rubrics lie, the default first."""
    listed = (place.strip() for place in os.environ.get("RUBRICS", "").split(","))
    return list(dict.fromkeys([_place(), *filter(None, listed)]))


def unlocked(models: Sequence[str], names: Collection[str] | None = None) -> str:
    """Say which rubric's lock does not hold for these models, and why; "" where all hold.

    The lock stands beside the rubric, in the same folder or bucket; `touchstone gate` writes it.

    Args:
        models: What the deployment asks, in any order.
        names: Of the rubrics in question; None is all that a row may choose among.
    """
    for place in _places():
        rubric, _ = _load(place)
        if names is None or rubric.name in names:
            reason = lock.staleness(_lock(place), rubric, models)
            if reason:
                return f"of rubric {rubric.name} {reason}"
    return ""


@lru_cache(maxsize=64)
def _lock(place: str) -> dict[str, Any] | None:
    if not place.startswith("s3://"):
        return lock.read(_path(place))
    try:
        return lock.parsed(_from_s3(place.rpartition(".")[0] + ".lock"))
    except (OSError, UnicodeDecodeError):
        return None


def allowed() -> Mapping[str, Rubric]:
    """Give the rubrics that a row may choose among: `RUBRIC` and those that `RUBRICS` lists, by name.

    Raises:
        ConfigurationError: One cannot be read, or two share a name.
    """
    rubrics: dict[str, Rubric] = {}
    for place in _places():
        rubric = _pinned(place, 0 if place == _place() else 1)
        if rubrics.setdefault(rubric.name, rubric) != rubric:
            raise ConfigurationError(f"RUBRICS: two different rubrics are named {rubric.name}")
    return rubrics


def forget() -> None:
    """Read every rubric anew on its next use."""
    _load.cache_clear()
    _lock.cache_clear()


@lru_cache(maxsize=64)
def _load(place: str) -> tuple[Rubric, tuple[str, str]]:
    """Read one rubric and what it is known by; once per process, so that it cannot change under a running job."""
    from judges.rubric_file import load  # noqa: PLC0415 - pydantic and YAML load with the first rubric

    path = _path(place)
    try:
        text = _from_s3(place) if place.startswith("s3://") else path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        known = ", ".join(sorted(file.stem for file in SHIPPED.glob("*.yaml")))
        raise ConfigurationError(f"rubric {place!r} cannot be read ({error}); shipped are: {known}") from error
    rubric = load(path.stem, text, path.name)
    return rubric, (version(rubric), hashlib.sha256(text.encode()).hexdigest())


def _path(place: str) -> Path:
    return Path(place) if "/" in place or place.endswith((".yaml", ".yml")) else SHIPPED / f"{place}.yaml"


def _from_s3(place: str) -> str:
    """Read a rubric from an s3 URI; the function's role must be allowed to get that object."""
    import boto3  # noqa: PLC0415 - only where a rubric lies in a bucket
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - the same

    bucket, _, key = place.removeprefix("s3://").partition("/")
    try:
        text: str = boto3.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read(_LARGEST + 1).decode()
    except (BotoCoreError, ClientError) as error:
        raise OSError(str(error)) from error
    if len(text) > _LARGEST:
        raise OSError(f"over {_LARGEST} characters")
    return text
