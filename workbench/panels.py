"""The judges of a run: Bedrock models, an OpenAI-compatible endpoint, recorded replies, or the offline judge."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from judges import bedrock, openai_compatible
from judges.judgement import ConfigurationError
from judges.prompt import version
from workbench.recording import Recorder, Replayer, models_in
from workbench.terminal import say

if TYPE_CHECKING:
    from judges.rubric import Rubric
    from judges.transport import Transport

OFFLINE = "offline"
WORKERS = 16  # answers that are with a model at a time
_PROFILE = re.compile(r"(?:us|eu|apac|global|us-gov|jp|au|ca)\.|.*:(?:application-)?inference-profile/")


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

    @property
    def workers(self) -> int:
        """How many answers are judged at a time: one where nothing is waited for, so that all comes in order."""
        return 1 if all(isinstance(one, Replayer) for one in self.transports) else WORKERS


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
    if record and replay:
        raise ConfigurationError("--record and --replay exclude each other")
    names = named(models) or (tuple(models_in(replay)) if replay else (OFFLINE,))
    if OFFLINE in names:
        if len(names) > 1:
            raise ConfigurationError("the offline judge sits on no panel: name it alone")
        if record:
            raise ConfigurationError("the offline judge has no replies to record: name a model with --judge")
        return Panel((OFFLINE,))
    return Panel(names, tuple(_transport(name, record, replay) for name in names))


def named(models: str) -> tuple[str, ...]:
    """List the models that --judge or else JUDGE_MODEL names; () where neither says anything.

    Raises:
        ConfigurationError: There is something, but no name.
    """
    wanted = models.strip() or os.environ.get("JUDGE_MODEL", "").strip()
    names = tuple(name.strip() for name in wanted.split(",") if name.strip())
    if wanted and not names:
        raise ConfigurationError(f"{wanted!r} names no judge")
    return names


def _transport(name: str, record: Path | None, replay: Path | None) -> Transport:
    if replay:
        return Replayer(name, replay)
    inner: Transport
    if name.startswith(openai_compatible.PREFIX):
        openai_compatible.client()  # what the environment lacks shows before the first question
        inner = openai_compatible.OpenAICompatible(name)
    else:
        try:
            bedrock.client(WORKERS)
        except ConfigurationError as error:
            hint = "; or name --judge offline" if "region" in str(error) else ""
            raise ConfigurationError(f"{error}{hint}") from error
        inner = bedrock.Bedrock(name, WORKERS)
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


def warn_offline(judges: Panel) -> None:
    """Say so on stderr where no model is asked."""
    if judges.models == (OFFLINE,):
        say("offline judge: it counts cue words and judges nothing; name a model with --judge")
