"""The one place where the workbench asks judges: any of them, recorded or replayed, many answers at a time."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from judges import bedrock, offline, openai_compatible
from judges.judgement import ConfigurationError, Judgement, ServiceFaultError
from judges.panel import Panel as Judges
from judges.prompt import question, version
from judges.rubric_file import load
from workbench.recording import Recorder, Replayer, models_in

if TYPE_CHECKING:
    from judges.rubric import Rubric
    from judges.transport import Transport

OFFLINE = "offline"
SHIPPED = Path(bedrock.__file__).parent / "rubrics"
_WORKERS = 16
_SECONDS = 300.0  # for one answer, all its replies and retries
_LARGEST_RUBRIC = 1_000_000


@dataclass(frozen=True, slots=True)
class Answer:
    """Hold one answer to be judged.

    Args:
        id: Names it in every output.
        prompt: What the policy saw.
        text: What it wrote.
        reference: The row's reference answer: shown only where the rubric says so.
        earlier: A score that came along with it, on any scale: spreads the order of labelling, and is never shown.
    """

    id: str
    prompt: str
    text: str
    reference: object = None
    earlier: float | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """Hold what came of judging one answer.

    Args:
        answer: What was judged.
        score: The mean of the repeats on the rubric's scale; None without a verdict.
        repeats: The score of each repeat that got a verdict.
        rationale: The judge's words in the first repeat; without a verdict, what was wrong.
        failed: The answer kept the judge from a verdict.
        fault: Why a verdict is missing because of us, in any repeat; "" otherwise.
        judgement: The first repeat's judgement; None after a fault.
        seconds: How long the first repeat took.
    """

    answer: Answer
    score: float | None
    repeats: tuple[float, ...] = ()
    rationale: str = ""
    failed: bool = False
    fault: str = ""
    judgement: Judgement | None = None
    seconds: float = 0.0
    criteria: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Panel:
    """Hold the judges of a run: what asks, and under what name.

    Args:
        models: Model ids, or `offline` alone.
        transports: One a model; none for the offline judge.
    """

    models: tuple[str, ...]
    transports: tuple[Transport, ...] = ()

    @property
    def name(self) -> str:
        """The models, comma-separated."""
        return ", ".join(self.models)


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
            text = file.read(_LARGEST_RUBRIC)
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


def panel(models: str = "", record: Path | None = None, replay: Path | None = None) -> Panel:
    """Make the judges of a run.

    Args:
        models: Bedrock models, comma-separated; `openai:MODEL` for an endpoint that speaks OpenAI's interface;
            `offline` for no model. "" takes JUDGE_MODEL, else the models of `replay`, else `offline`.
        record: Append each reply to this file.
        replay: Answer from this file alone, with no account and no network.

    Raises:
        ConfigurationError: No such judge, or both files are given.

    Example:
        >>> panel("offline").name
        'offline'
    """
    wanted = models.strip() or os.environ.get("JUDGE_MODEL", "").strip()
    wanted = wanted or (",".join(models_in(replay)) if replay else OFFLINE)
    names = tuple(name.strip() for name in wanted.split(",") if name.strip())
    if record and replay:
        raise ConfigurationError("--record and --replay exclude each other")
    if OFFLINE in names:
        if len(names) > 1:
            raise ConfigurationError("the offline judge sits on no panel: name it alone")
        if record:
            raise ConfigurationError("the offline judge has no replies to record: name a model with --judge")
        return Panel((OFFLINE,))
    return Panel(names, tuple(_transport(name, record, replay) for name in names))


def _transport(name: str, record: Path | None, replay: Path | None) -> Transport:
    if replay:
        return Replayer(name, replay)
    inner: Transport
    if name.startswith(openai_compatible.PREFIX):
        openai_compatible.client()  # what the environment lacks shows before the first question
        inner = openai_compatible.OpenAICompatible(name)
    else:
        try:
            bedrock.client(_WORKERS)
        except ConfigurationError as error:
            hint = "; set AWS_REGION, or name --judge offline" if "region" in str(error) else ""
            raise ConfigurationError(f"{error}{hint}") from error
        inner = bedrock.Bedrock(name, _WORKERS)
    return Recorder(inner, record) if record else inner


def fingerprint(rubric: Rubric, judges: Panel) -> str:
    """Hash what a score depends on, the answer aside: the assembled prompt and the models."""
    return f"{version(rubric)[:16]}/{judges.name}"


def profiles(judges: Panel) -> dict[str, list[str]]:
    """Resolve inference profiles to the models behind them, as far as this account may ask; {} otherwise."""
    found: dict[str, list[str]] = {}
    for model in judges.models:
        transport = next((one for one in judges.transports if one.model == model), None)
        if _PROFILE.match(model) and not isinstance(transport, Replayer):
            found[model] = _behind(model)
    return {model: behind for model, behind in found.items() if behind}


_PROFILE = re.compile(r"(?:us|eu|apac|global|us-gov|jp|au|ca)\.|.*:(?:application-)?inference-profile/")


def _behind(model: str) -> list[str]:
    import boto3  # noqa: PLC0415 - half a second that only a lock pays
    from botocore.config import Config  # noqa: PLC0415 - the same
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - the same

    config = Config(connect_timeout=3, read_timeout=5, retries={"total_max_attempts": 1})
    try:
        answered: Any = boto3.client("bedrock", config=config).get_inference_profile(inferenceProfileIdentifier=model)
    except (BotoCoreError, ClientError):
        return []
    return sorted(str(one.get("modelArn")) for one in answered.get("models", []))


def judge_all(
    rubric: Rubric,
    judges: Panel,
    answers: Sequence[Answer],
    *,
    repeats: int = 1,
    seen: Callable[[Judged], None] = lambda _judged: None,
) -> list[Judged]:
    """Judge many answers, several at a time; one that fails keeps no other from its score.

    Args:
        rubric: What is judged by.
        judges: Who judges.
        answers: In any number.
        repeats: How often each is judged, at least once.
        seen: Called in this thread with each answer of each round as it is done.

    Returns:
        One for each answer, in order.
    """
    rounds: list[list[Judged]] = []
    with ThreadPoolExecutor(1 if judges.models == (OFFLINE,) else _WORKERS) as pool:
        for _ in range(max(1, repeats)):
            rounds.append([])
            for judged in pool.map(lambda answer: judge_one(rubric, judges, answer), answers):
                rounds[-1].append(judged)
                seen(judged)
    return [_joined(list(same)) for same in zip(*rounds, strict=True)]


def judge_one(rubric: Rubric, judges: Panel, answer: Answer) -> Judged:
    """Judge one answer once. A fault of ours is told in the result, never as a score."""
    started = time.monotonic()
    try:
        if judges.models == (OFFLINE,):
            judgement = offline.judge(rubric, answer.text)
        else:
            asked = question(rubric, answer.prompt, answer.text, answer.reference)
            judgement = Judges(judges.transports, started + _SECONDS).judge(asked)
    except ServiceFaultError as error:
        return Judged(answer, None, fault=str(error), seconds=time.monotonic() - started)
    seconds = time.monotonic() - started
    scores = () if judgement.score is None else (judgement.score,)
    return Judged(
        answer,
        judgement.score,
        scores,
        judgement.rationale,
        failed=judgement.score is None,
        judgement=judgement,
        seconds=seconds,
        criteria=judgement.criteria,
    )


def _joined(rounds: Sequence[Judged]) -> Judged:
    scores = tuple(score for judged in rounds for score in judged.repeats)
    best: Iterator[Judged] = (judged for judged in rounds if judged.score is not None)
    first = next(best, rounds[0])
    fault = next((judged.fault for judged in rounds if judged.fault), "")
    return replace(first, score=sum(scores) / len(scores) if scores else None, repeats=scores, fault=fault)
