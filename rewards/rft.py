"""The wire between a reinforcement fine-tuning (RFT) job and the rewards: events in, responses out.

Nothing in an event says which platform sent it, and platforms differ in the envelope they want back, so the
response mode is the deployment's choice; README's table "Which response mode" says which job wants which.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypedDict, cast, get_args

from pydantic_core import SchemaValidator, ValidationError
from pydantic_core import core_schema as cs

from rewards.extract import without_reasoning
from rewards.interface import Reward, Sample

ResponseMode = Literal["list", "envelope", "envelope-list"]
RESPONSE_MODES: tuple[ResponseMode, ...] = get_args(ResponseMode)

_WRAPPERS = ("body", "input", "batch", "samples", "trajectories")
_MAX_WRAPPERS = 4  # {"body": "{\"batch\": [...]}"} is the deepest that was seen; a longer chain is no event
_SAMPLE_FIELDS = ("messages", "prompt", "model_response", "reward_model")
_OWN_FIELDS = {"id", *_SAMPLE_FIELDS, "metadata", "query", "reference_answer", "processor_config"}
_ASSISTANTS = {"assistant", "nova_assistant"}
_TEXT_PARTS = {None, "text", "input_text", "output_text"}
_MAX_ID_BITS = 256  # far past any counter, far below the 4,300 digits that Python refuses to write
_ACCEPTED = (
    "a list of samples; an object with such a list under body, input, batch, samples or trajectories; or one sample "
    "with messages, prompt and reward_model, or model_response"
)


class EventError(ValueError):
    """Say that an event is no RFT batch, what was seen instead, and what is accepted: the caller's fault."""


def _text(content: object) -> str | None:
    """Read a turn's content: a string, a part, or a list of either; parts that are not text are passed over."""
    if content is None or isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else [content]
    texts: list[str] = []
    for number, part in enumerate(parts):
        text = part.get("text") if isinstance(part, dict) and part.get("type") in _TEXT_PARTS else part
        if isinstance(text, str):
            texts.append(text)
        elif not isinstance(part, dict) or (text is not None and text is not part):
            raise ValueError(f"expected text, an object with text, or a list of them; part {number} is {_kind(text)}")
    return "\n".join(texts)


class _Turn(TypedDict, total=False):
    role: str
    content: str | None


class _Row(TypedDict, total=False):
    """The fields of a row that we read, in every spelling; what else it has is its metadata."""

    messages: list[_Turn] | None
    prompt: str | list[_Turn] | None
    model_response: str | None
    query: str | None
    metadata: dict[str, object] | None
    reward_model: dict[str, object] | None


def _fields(**fields: cs.CoreSchema) -> dict[str, cs.TypedDictField]:
    return {name: cs.typed_dict_field(cs.nullable_schema(field), required=False) for name, field in fields.items()}


# pydantic's engine without its model layer, whose import alone takes longer than all else that a cold start does.
_text_schema = cs.no_info_plain_validator_function(_text)
_object_schema = cs.dict_schema(cs.str_schema(strict=True))
_turn_schema = cs.typed_dict_schema(
    {"role": cs.typed_dict_field(cs.str_schema(strict=True))} | _fields(content=_text_schema)
)
_turns_schema = cs.list_schema(_turn_schema, strict=True)
_row = SchemaValidator(
    cs.typed_dict_schema(
        _fields(
            messages=_turns_schema,
            prompt=cs.union_schema([(cs.str_schema(strict=True), "text"), (_turns_schema, "turns")]),
            model_response=_text_schema,
            query=_text_schema,
            metadata=_object_schema,
            reward_model=_object_schema,
        )
    )
)


def parse(event: object) -> list[Sample]:
    """Read the samples of an event, one for each row, in the event's order.

    A row that cannot be read becomes a sample with a `defect` that names its field; the others are not touched.

    Args:
        event: What Lambda hands over, any JSON value. It is not changed.

    Raises:
        EventError: The event is no RFT batch at all.

    Source:
        Amazon Bedrock user guide, "Setting up reward functions"; sagemaker-train 1.x, `rlvr_reward_verifier.py`;
        sagemaker-hyperpod-recipes, `nova_lite_2_0_p5_gpu_lora_rft.yaml`.

    Example:
        >>> parse([{"id": "a", "messages": [{"role": "assistant", "content": "42"}], "reference_answer": "42"}])
        [Sample(id='a', prompt='', completion='42', reference_answer='42', metadata={}, defect='')]
    """
    return [_sample(row, index) for index, row in enumerate(_rows(event))]


def response_mode(event: object, configured: str) -> ResponseMode:
    """Choose the response mode of an event: the configured one, but `envelope` for a custom scorer's event.

    Raises:
        ValueError: The configured mode is none of `RESPONSE_MODES`: the deployment's fault.

    Example:
        >>> response_mode([{"id": "9f2c", "model_response": "42"}], "list")
        'envelope'
    """
    if configured not in RESPONSE_MODES:
        raise ValueError(f"RESPONSE={configured!r}: expected one of {', '.join(RESPONSE_MODES)}")
    if any(isinstance(row, dict) and "model_response" in row for row in _rows(event)):
        return "envelope"
    return configured


def respond(samples: Sequence[Sample], rewards: Sequence[Reward], mode: ResponseMode) -> Any:  # noqa: ANN401 - JSON
    """Write the response: one result a sample, in order, with its id unchanged.

    Args:
        samples: As `parse` read them.
        rewards: One for each sample.
        mode: `list`: the bare list of results. `envelope`: {statusCode, headers, body} with body a JSON string.
            `envelope-list`: the same with body the list.

    Returns:
        What JSON can carry, always; never NaN, infinity or a partial list.

    Example:
        >>> from rewards.interface import Verdict
        >>> respond([Sample("a", "", "42")], [Reward.of(Verdict("ok", 1.0))], "list")
        [{'id': 'a', 'aggregate_reward_score': 1.0, 'metrics_list': [{'name': 'ok', 'value': 1.0, 'type': 'Reward'}]}]
    """
    results = [_result(sample, reward) for sample, reward in zip(samples, rewards, strict=True)]
    body = json.dumps(results, allow_nan=False)
    if mode == "list":
        return results
    headers = {"Content-Type": "application/json"}
    return {"statusCode": 200, "headers": headers, "body": body if mode == "envelope" else results}


def _result(sample: Sample, reward: Reward) -> dict[str, object]:
    metrics = [
        {"name": verdict.name, "value": verdict.score, "type": "Reward" if verdict.weight else "Metric"}
        for verdict in reward.verdicts
    ]
    return {"id": sample.id, "aggregate_reward_score": reward.value, "metrics_list": metrics}


def _rows(event: object) -> list[object]:
    """Unwrap an event down to its list of rows."""
    seen = event
    for _ in range(_MAX_WRAPPERS):
        if isinstance(seen, list):
            if seen and not any(isinstance(row, dict) for row in seen):
                raise EventError(f"a list of {_kind(seen[0])} is no RFT batch; accepted: {_ACCEPTED}")
            return seen
        if not isinstance(seen, dict):
            break
        _refuse_multi_turn(seen)
        if any(field in seen for field in _SAMPLE_FIELDS):
            return [seen]
        wrapper = next((key for key in _WRAPPERS if key in seen), None)
        if wrapper is None:
            break
        seen = _decoded(seen[wrapper], wrapper)
    raise EventError(f"{_kind(seen)} is no RFT batch; accepted: {_ACCEPTED}")


def _decoded(value: object, wrapper: str) -> object:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError) as error:
        raise EventError(
            f"{wrapper} is text of {len(value)} characters that is no JSON; accepted: {_ACCEPTED}"
        ) from error


def _refuse_multi_turn(event: Mapping[str, object]) -> None:
    metadata = event.get("metadata")
    if "inferenceParams" in event or (isinstance(metadata, dict) and "rolloutId" in metadata):
        raise EventError(
            "this is a multi-turn forwarder's event (prompt, metadata with rolloutId, inferenceParams): it asks for a "
            f"rollout, not for a reward. Use a single-turn (RLVR) job; accepted: {_ACCEPTED}"
        )


def _sample(row: object, index: int) -> Sample:
    placeholder = f"sample-{index}"
    if not isinstance(row, dict):
        return Sample(placeholder, "", "", defect=f"{placeholder} is {_kind(row)}, expected an object")
    identity, defect = _identity(row.get("id"), placeholder)
    try:
        read = cast("_Row", _row.validate_python(row))
    except ValidationError as error:
        return Sample(identity, "", "", defect=_named(error))
    prompt, completion = _conversation(read)
    if completion is None:
        defect = defect or "messages: no assistant turn to score"
    metadata = {key: value for key, value in row.items() if key not in _OWN_FIELDS} | (read.get("metadata") or {})
    return Sample(identity, prompt, _scored(completion or ""), _reference(row, read), metadata, defect)


def _identity(value: object, placeholder: str) -> tuple[object, str]:
    """Echo an id that can be echoed; a row without one gets a placeholder, since the SDK's pre-flight sends none."""
    if value is None or value == "":
        return placeholder, ""
    short = not isinstance(value, int) or value.bit_length() <= _MAX_ID_BITS
    finite = not isinstance(value, float) or math.isfinite(value)
    if isinstance(value, str | int | float) and short and finite and _encodes(value):
        return value, ""
    return placeholder, f"id is {_kind(value)}, expected a string"


def _conversation(row: _Row) -> tuple[str, str | None]:
    """Split a row into what the policy saw and what it wrote last, None where it wrote nothing yet."""
    answer, prompt = row.get("model_response"), row.get("prompt")
    if answer is not None:
        return row.get("query") or "", answer
    shown = prompt if isinstance(prompt, list) else []
    turns = row.get("messages")
    turns = shown if turns is None else turns
    written = [index for index, turn in enumerate(turns) if turn["role"].strip().lower() in _ASSISTANTS]
    last = written[-1] if written else len(turns)
    before = _dialogue(turns[:last]) or (prompt if isinstance(prompt, str) else _dialogue(shown))
    return before, (turns[last].get("content") or "") if written else None


def _dialogue(turns: Sequence[_Turn]) -> str:
    if len(turns) == 1:
        return turns[0].get("content") or ""
    return "\n\n".join(f"{turn['role']}: {turn.get('content') or ''}" for turn in turns)


def _scored(completion: str) -> str:
    """Keep what is scored, as text that can be encoded: half a surrogate pair becomes U+FFFD."""
    if not _encodes(completion):
        completion = completion.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return without_reasoning(completion)


def _encodes(value: object) -> bool:
    if not isinstance(value, str) or value.isascii():
        return True
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _reference(row: Mapping[str, object], read: _Row) -> object:
    """Find the reference answer; where several stand in one row the first of this order wins.

    AWS's documents and samples put it at the top or under metadata; verl under reward_model. A custom scorer's
    `response` is the reference, never the answer. Open-weight jobs probably wrap a string as {"text": ...}.
    """
    metadata, reward_model = read.get("metadata") or {}, read.get("reward_model") or {}
    candidates = [
        row.get("reference_answer"),
        metadata.get("reference_answer"),
        reward_model.get("ground_truth"),
        metadata.get("ground_truth"),
        row.get("ground_truth"),
        row.get("response") if "model_response" in row else None,
    ]
    found = next((value for value in candidates if value is not None and value != ""), None)
    while isinstance(found, dict) and found.keys() == {"text"}:
        found = found["text"]
    return found


def _named(error: ValidationError) -> str:
    """Say which fields of a row are wrong, at most three of them, without quoting what they hold."""
    problems = error.errors(include_url=False, include_context=False)
    lines = {f"{_path(problem['loc'])}: {problem['msg']} (seen {_kind(problem['input'])})" for problem in problems[:3]}
    return "; ".join(sorted(lines))


def _path(location: tuple[int | str, ...]) -> str:
    path = ""
    for step in location:
        path += f"[{step}]" if isinstance(step, int) else f".{step}"
    return path.lstrip(".")


def _kind(value: object) -> str:
    """Name what was seen by its JSON type and the names of its fields, never by its content."""
    if isinstance(value, dict):
        keys = [str(key)[:40] for key in cast("Mapping[object, object]", value)]
        return f"an object with fields {keys[:10]}" if keys else "an empty object"
    names = {type(None): "null", bool: "a boolean", int: "a number", float: "a number", str: "a string", list: "a list"}
    return names.get(type(value), f"a {type(value).__name__}")
