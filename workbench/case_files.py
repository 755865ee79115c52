"""`*.reward.yaml`: cases of a reward or a rubric, read and checked. `workbench.plugin` runs them as tests."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from workbench.rows import InputError

_LARGEST = 5_000_000
_ORDER = re.compile(r"\s*(>=|>|=)\s*")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Case(_Strict):
    """One case: what is scored, and what is expected of it.

    `completion` is scored against `score`, `at_least`, `at_most`; `completions` name several, which `order` ranks. Of a
    reward the numbers lie in 0..1, of a rubric on its scale.
    """

    name: Annotated[str, Field(min_length=1, max_length=120)]
    why: str = ""
    prompt: str = ""
    completion: str | None = None
    completions: dict[str, str] = Field(default_factory=dict)
    reference_answer: Any = None
    metadata: dict[str, Any] = Field(default_factory=dict)
    row: dict[str, Any] | None = Field(None, description="a whole row as a job sends it, instead of the fields above")
    score: float | None = None
    within: float = Field(0.001, ge=0)
    at_least: float | None = None
    at_most: float | None = None
    order: str = Field("", description="best > partial >= bad = gaming, the names of `completions`")
    deterministic: bool | int = Field(default=False, description="scored again (so often) it earns the same")
    malformed: Literal["row", "completion"] | None = Field(
        None, description="row: refused as unscored; completion: it earns the floor, with a reason"
    )

    @model_validator(mode="after")
    def _says_something(self) -> Case:
        scored = [self.completion is not None, bool(self.completions), self.row is not None]
        if sum(scored) != 1:
            raise ValueError("give one of completion, completions and row")
        expected = self.score, self.at_least, self.at_most, self.malformed
        if all(one is None for one in expected) and not (self.order or self.deterministic):
            raise ValueError("expects nothing: give score, at_least, at_most, order, deterministic or malformed")
        if bool(self.order) != bool(self.completions):
            raise ValueError("completions and order belong together")
        if self.order and set(self.ranks[::2]) != set(self.completions):
            raise ValueError(f"order names {sorted(self.ranks[::2])}, completions {sorted(self.completions)}")
        return self

    @property
    def ranks(self) -> list[str]:
        """The order, as names with > >= or = between them."""
        return _ORDER.split(self.order.strip())


class CaseFile(_Strict):
    """A file of cases: of a `reward` by its name, or of a `rubric` by its name or a path beside the file."""

    reward: str = ""
    rubric: str = ""
    judge: str = Field(
        "offline", description="for a rubric: the judge; a model needs `replay` where there is no account"
    )
    replay: str = Field("", description="recorded replies, a path beside the file")
    environment: dict[str, str] = Field(default_factory=dict, description="settings while a reward is scored")
    cases: Annotated[list[Case], Field(min_length=1)]

    @model_validator(mode="after")
    def _consistent(self) -> CaseFile:
        if bool(self.reward) == bool(self.rubric):
            raise ValueError("name either a reward or a rubric")
        names = [case.name for case in self.cases]
        if doubled := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"two cases share a name: {sorted(doubled)}")
        if self.rubric and any(case.row is not None or case.malformed == "row" for case in self.cases):
            raise ValueError("a row is a reward's input: a rubric's cases have none")
        return self


def read_cases(path: Path) -> CaseFile:
    """Read a file of cases.

    Raises:
        InputError: It cannot be read; names file and field.
    """
    try:
        with path.open(encoding="utf-8") as file:
            return CaseFile.model_validate(yaml.safe_load(file.read(_LARGEST)))
    except RecursionError as error:
        raise InputError(f"{path}: nested too deeply") from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError(f"{path}: {error}") from error
    except ValidationError as error:
        faults = [
            f"{'.'.join(map(str, fault['loc'])) or 'file'}: {fault['msg'].removeprefix('Value error, ')}"
            for fault in error.errors(include_url=False, include_input=False)
        ]
        raise InputError(f"{path}: " + "; ".join(faults)) from error
