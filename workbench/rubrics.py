"""Find and read rubrics at the desk: a file by its path, a shipped one by its name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from judges import bedrock
from judges.judgement import ConfigurationError
from judges.rubric_file import load
from judges.rubric_form import GateFile, RubricFile

if TYPE_CHECKING:
    from judges.rubric import Rubric

SHIPPED = Path(bedrock.__file__).parent / "rubrics"
_LARGEST = 1_000_000


def read_rubric(place: str) -> Rubric:
    """Read a rubric by path, or a shipped one by name; anew each time, for it is edited here.

    Raises:
        ConfigurationError: It cannot be read; names file and line.

    Example:
        >>> read_rubric("support").name
        'support'
    """
    path = rubric_path(place)
    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(_LARGEST)
    except FileNotFoundError as error:
        shipped = ", ".join(sorted(one.stem for one in SHIPPED.glob("*.yaml")))
        hint = f"shipped are: {shipped}; a rubric of your own is named by its path, like ./{path.name}"
        raise ConfigurationError(f"there is no rubric {place!r}; {hint}") from error
    except OSError as error:
        raise ConfigurationError(f"rubric {place!r} cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"rubric {place!r} is no UTF-8 text") from error
    return load(path.stem, text, path.name)


def rubric_path(place: str) -> Path:
    """Find a rubric's file: a path, or the name of a shipped one."""
    if "/" in place or place.endswith((".yaml", ".yml")):
        return Path(place)
    return SHIPPED / f"{place}.yaml"


def demands(file: Path) -> GateFile:
    """Read the thresholds of a rubric file, which `read_rubric` has found sound.

    Raises:
        ConfigurationError: It cannot be read.
    """
    try:
        return RubricFile.model_validate(yaml.safe_load(file.read_text(encoding="utf-8"))).gate
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{file}: {error}") from error
