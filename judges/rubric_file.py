"""Read a rubric file: YAML in, a checked `Rubric` out, every fault with its line."""

from __future__ import annotations

import json
import re
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from judges.judgement import ConfigurationError
from judges.rubric import Anchor, Criterion, Cue, Offline, Rubric, Settings

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


def load(name: str, text: str, source: str) -> Rubric:
    """Read one rubric file.

    Args:
        name: The rubric's name.
        text: The YAML.
        source: Where it came from, for messages.

    Raises:
        ConfigurationError: The deployment's fault; names the file, the line and the key.

    Example:
        >>> load("brief", "instructions: Be brief.", "brief.yaml").high
        10
    """
    try:
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
        _refuse_doubled_keys(tree)
        data = yaml.safe_load(text)
    except RecursionError as error:
        raise ConfigurationError(f"{source}: nested too deeply") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        raise ConfigurationError(f"{source}{line}: {getattr(error, 'problem', None) or error}") from error
    try:
        return _rubric(name, RubricFile.model_validate(data))
    except ValidationError as error:
        faults = [
            f"{source}:{_line(tree, fault['loc'])}: {'.'.join(map(str, fault['loc'])) or 'rubric'}: {_message(fault)}"
            for fault in error.errors(include_url=False)
        ]
        raise ConfigurationError("\n".join(faults)) from error


def line_of(text: str, path: tuple[int | str, ...]) -> int:
    r"""Find the line, from 1, where a part of a sound rubric file stands.

    Example:
        >>> line_of("instructions: Ask.\nscale:\n  low: 1\n", ("scale", "low"))
        3
    """
    return _line(yaml.compose(text, Loader=yaml.SafeLoader), path)


def _message(fault: object) -> str:
    assert isinstance(fault, dict)  # noqa: S101 - pydantic types its error as a TypedDict
    if fault["type"] == "extra_forbidden":
        return "unknown key"
    if fault["type"] == "model_type":
        return "expected keys with values, `instructions` at least"
    return str(fault["msg"]).removeprefix("Value error, ")


def _refuse_doubled_keys(tree: yaml.Node | None) -> None:
    """Raise where a mapping says the same key twice: YAML would silently keep the last."""
    left, met = [tree], set[int]()
    while left:
        node = left.pop()
        if id(node) in met:  # what an alias names stands there again: a few lines can stand for billions
            continue
        met.add(id(node))
        if isinstance(node, yaml.MappingNode):
            seen: set[str] = set()
            for key, value in node.value:
                if not isinstance(key, yaml.ScalarNode):
                    raise yaml.MarkedYAMLError(problem="a key is a word", problem_mark=key.start_mark)
                if key.value in seen:
                    raise yaml.MarkedYAMLError(problem=f"key {key.value!r} stands twice", problem_mark=key.start_mark)
                seen.add(key.value)
                left.append(value)
        elif isinstance(node, yaml.SequenceNode):
            left.extend(node.value)


def _line(node: yaml.Node | None, path: tuple[int | str, ...]) -> int:
    """Find the line, from 1, of the deepest part of `path` that stands in the file."""
    line = node.start_mark.line + 1 if node else 1
    for step in path:
        if isinstance(node, yaml.MappingNode):
            found = [(key, value) for key, value in node.value if key.value == str(step)]
            if not found:
                break
            line, node = found[0][0].start_mark.line + 1, found[0][1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line + 1
        else:
            break
    return line


def _rubric(name: str, file: RubricFile) -> Rubric:
    return Rubric(
        name=name,
        instructions=file.instructions.strip(),
        low=file.scale.low,
        high=file.scale.high,
        meanings=tuple(sorted((score, meaning.strip()) for score, meaning in file.scale.meanings.items())),
        anchors=tuple(Anchor(a.prompt, a.answer, a.score, a.why) for a in file.anchors),
        criteria=tuple(Criterion(c.name, c.description.strip(), c.weight) for c in file.criteria),
        judge=Settings(**file.judge.model_dump()),
        offline=Offline(file.offline.start, tuple(Cue(**cue.model_dump()) for cue in file.offline.cues)),
    )
