"""What a rubric file may say: its keys, their types and bounds, and the JSON Schema by which editors complete them."""

from __future__ import annotations

import json
import re
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$", description="lower-case letters, digits and _")]
Text = Annotated[str, Field(min_length=1, max_length=8000)]
Score = Annotated[float, Field(ge=1, le=10, multiple_of=0.5)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class ScaleFile(_Strict):
    """The scores a judge may give; whole and half points between them are verdicts."""

    low: int = Field(1, ge=1, le=9)
    high: int = Field(10, ge=2, le=10)
    meanings: dict[int, Text] = Field(default_factory=dict, description="what some of the scores mean")

    @model_validator(mode="after")
    def _ordered(self) -> ScaleFile:
        if self.low >= self.high:
            raise ValueError(f"low ({self.low}) must be below high ({self.high})")
        if outside := [score for score in self.meanings if not self.low <= score <= self.high]:
            raise ValueError(f"meanings outside the scale: {outside}")
        return self


class AnchorFile(_Strict):
    """A sample answer with its score and why."""

    prompt: Text
    answer: Text
    score: Score
    why: Text


class CriterionFile(_Strict):
    """One thing that the judge scores by itself."""

    name: Name
    description: Text
    weight: Literal["essential", "important", "optional", "pitfall"] = "important"


class CueFile(_Strict):
    """A sign in the text that the offline judge counts."""

    name: Annotated[str, Field(min_length=1, max_length=60)]
    pattern: Text
    points: float = Field(ge=-10, le=10)
    at_most: int = Field(1, ge=1, le=20)
    absent: bool = Field(default=False, description="count the sign once where it is not there")

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, pattern: str) -> str:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(f"not a regular expression: {error}") from error
        return pattern


class OfflineFile(_Strict):
    """What the offline judge counts; no model reads this."""

    start: Score = 5.0
    cues: list[CueFile] = Field(default_factory=list)


class JudgeFile(_Strict):
    """How a model is asked."""

    max_tokens: int = Field(400, ge=50, le=4000, description="the most a reply may take; the quota reserves it all")
    temperature: float = Field(0.0, ge=0, le=1)
    samples: int = Field(1, ge=1, le=9, description="replies asked for each answer; the score is their mean")
    resample_over: float | None = Field(None, ge=0, le=9, description="ask once more where replies differ by more")
    reference: bool = Field(default=False, description="show the judge the row's reference answer")
    ties: bool = Field(default=False, description="compare the answers of a group that earned the same score")


class GateFile(_Strict):
    """What `touchstone gate` and `touchstone attack` demand; no judge reads this, and it changes no hash."""

    bias: float | None = Field(None, gt=0, description="at most so many points kinder or stricter than people")
    mae: float | None = Field(None, gt=0, description="mean absolute error, in points: at most")
    spearman: float | None = Field(None, ge=-1, le=1, description="at least")
    kendall_within_prompts: float | None = Field(None, ge=-1, le=1, description="at least")
    weighted_kappa: float | None = Field(None, ge=-1, le=1, description="at least")
    icc: float | None = Field(None, ge=-1, le=1, description="at least")
    repeat_deviation: float | None = Field(None, ge=0, description="points, at most")
    tied_pairs: float | None = Field(None, ge=0, le=1, description="share, at most")
    dead_groups: float | None = Field(None, ge=0, le=1, description="share, at most")
    failures: float | None = Field(None, ge=0, le=1, description="share of answers without a verdict, at most")
    attack_success: float | None = Field(None, ge=0, le=1, description="share of attacks that gain, at most")
    by_interval: bool = Field(default=False, description="the worse end of an interval must hold, not its middle")


class RubricFile(_Strict):
    """The instructions to a judge."""

    instructions: Text
    scale: ScaleFile = ScaleFile()
    anchors: list[AnchorFile] = Field(default_factory=list, max_length=20)
    criteria: list[CriterionFile] = Field(default_factory=list, max_length=12)
    judge: JudgeFile = JudgeFile()
    offline: OfflineFile = OfflineFile()
    gate: GateFile = GateFile()

    @model_validator(mode="after")
    def _consistent(self) -> RubricFile:
        names = [criterion.name for criterion in self.criteria]
        if len(set(names)) < len(names):
            raise ValueError(f"two criteria share a name: {sorted(names)}")
        if self.criteria and all(criterion.weight == "pitfall" for criterion in self.criteria):
            raise ValueError("criteria need at least one that is not a pitfall")
        for anchor in self.anchors:
            if not self.scale.low <= anchor.score <= self.scale.high:
                raise ValueError(f"an anchor's score {anchor.score:g} lies outside the scale")
        return self


def schema() -> str:
    """Write the JSON Schema of a rubric file, for editors; `rubric.schema.json` beside the rubrics holds it."""
    return json.dumps(RubricFile.model_json_schema(), indent=2) + "\n"
