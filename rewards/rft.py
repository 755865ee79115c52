"""The wire between a reinforcement fine-tuning (RFT) job and the rewards: events in, responses out.

Nothing in an event says which platform sent it, and platforms differ in the envelope they want back, so the
response mode is the deployment's choice; README's table "Which response mode" says which job wants which.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NotRequired, TypedDict, cast, get_args

from pydantic_core import SchemaValidator, ValidationError
from pydantic_core import core_schema as cs

from rewards.extract.reasoning import without_reasoning
from rewards.interface import Reward, Sample

ResponseMode = Literal["list", "envelope", "envelope-list"]
RESPONSE_MODES: tuple[ResponseMode, ...] = get_args(ResponseMode)

_WRAPPERS = ("body", "input", "batch", "samples", "trajectories")
_MAX_WRAPPERS = 4  # {"body": "{\"batch\": [...]}"} is the deepest that was seen; a longer chain is no event
_SAMPLE_FIELDS = ("messages", "prompt", "model_response", "reward_model")
_CONSUMED = {"id", "messages", "model_response", "metadata", "reference_answer"}
_ASSISTANTS = {"assistant", "nova_assistant"}
_TEXT_PARTS = (None, "text", "input_text", "output_text")
_MAX_ID_BITS = 256  # far past any counter, far below the 4,300 digits that Python refuses to write
_ACCEPTED = (
    "a list of samples; an object with such a list under body, input, batch, samples or trajectories; or one sample "
    "with messages, prompt and reward_model, or model_response"
)


class EventError(ValueError):
    """Say that an event is no RFT batch, what was seen instead, and what is accepted: the caller's fault."""


class RowDefectError(ValueError):
    """Say which field of a row cannot be read: it never leaves this module but as a sample's `defect`."""


class _Turn(TypedDict):
    role: str
    content: NotRequired[object]


# pydantic's engine without its model layer, whose import alone takes longer than all else that a cold start does.
# It stops at the first turn that is none: a million wrong ones must not become a million error objects.
_turns = SchemaValidator(
    cs.list_schema(
        cs.typed_dict_schema(
            {
                "role": cs.typed_dict_field(cs.str_schema(strict=True)),
                "content": cs.typed_dict_field(cs.any_schema(), required=False),
            }
        ),
        strict=True,
        fail_fast=True,
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
    rows = _rows(event)
    return "envelope" if rows and all(_is_custom_scorers(row) for row in rows) else configured


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


def _is_custom_scorers(row: object) -> bool:
    """Tell a custom scorer's row from one whose data set has a column `model_response`."""
    return isinstance(row, dict) and "model_response" in row and "messages" not in row


def _sample(row: object, index: int) -> Sample:
    placeholder = f"sample-{index}"
    if not isinstance(row, dict):
        return Sample(placeholder, "", "", defect=f"{placeholder} is {_kind(row)}, expected an object")
    identity, defect = _identity(row.get("id"), placeholder)
    try:
        prompt, completion = _conversation(row)
        reference, metadata = _reference(row), _object(row, "metadata")
    except RowDefectError as error:
        return Sample(identity, "", "", defect=str(error))
    fields = {key: value for key, value in row.items() if key not in _CONSUMED} | dict(metadata)
    return Sample(identity, _encodable(prompt), without_reasoning(_encodable(completion)), reference, fields, defect)


def _identity(value: object, placeholder: str) -> tuple[object, str]:
    """Echo an id that can be echoed; a row without one gets a placeholder, since the SDK's pre-flight sends none."""
    if value is None or value == "":
        return placeholder, ""
    short = not isinstance(value, int) or value.bit_length() <= _MAX_ID_BITS
    finite = not isinstance(value, float) or math.isfinite(value)
    if isinstance(value, str | int | float) and short and finite and _encodes(value):
        return value, ""
    return placeholder, f"id: expected a string or a number that can be sent back, seen {_type(value)}"


def _conversation(row: Mapping[str, object]) -> tuple[str, str]:
    """Split a row into what the policy saw and what it wrote last.

    Only what decides is read strictly: a prompt that is not text costs no answer its score.
    """
    if _is_custom_scorers(row):
        return _lenient_text(row.get("query")), _text(row["model_response"], "model_response")
    messages, shown = row.get("messages"), row.get("prompt")
    field, value = ("prompt", shown) if messages is None else ("messages", messages)
    turns = [] if value is None or (field == "prompt" and isinstance(value, str)) else _read_turns(value, field)
    written = [index for index, turn in enumerate(turns) if turn["role"].strip().lower() in _ASSISTANTS]
    if not written:
        raise RowDefectError("messages: no assistant turn to score")
    last = written[-1]
    prompt = _dialogue(turns[:last]) or (shown if isinstance(shown, str) else "")
    return prompt, _text(turns[last].get("content"), f"{field}[{last}].content")


def _read_turns(value: object, field: str) -> list[_Turn]:
    try:
        return cast("list[_Turn]", _turns.validate_python(value))
    except ValidationError as error:
        (problem,) = error.errors(include_url=False, include_context=False, include_input=True)
        raise RowDefectError(
            f"{field}{_path(problem['loc'])}: {problem['msg']}, seen {_type(problem['input'])}"
        ) from None


def _text(content: object, field: str) -> str:
    """Read what the policy wrote: a string, a part, or a list of either; parts that are not text are passed over.

    Nothing at all is an empty answer; parts among which there is no text are a row that we cannot read.
    """
    if content is None or isinstance(content, str):
        return content or ""
    texts = [_part(part, field) for part in (content if isinstance(content, list) else [content])]
    found = [text for text in texts if text is not None]
    if texts and not found:
        raise RowDefectError(f"{field}: no text among its {len(texts)} parts")
    return "\n".join(found)


def _part(part: object, field: str) -> str | None:
    if isinstance(part, dict):
        if part.get("type") not in _TEXT_PARTS or part.get("text") is None:
            return None
        part = part["text"]
    if not isinstance(part, str):
        raise RowDefectError(f"{field}: expected text, an object with text, or a list of them; seen {_type(part)}")
    return part


def _lenient_text(content: object) -> str:
    try:
        return _text(content, "")
    except RowDefectError:
        return ""


def _dialogue(turns: Sequence[_Turn]) -> str:
    if len(turns) == 1:
        return _lenient_text(turns[0].get("content"))
    return "\n\n".join(f"{turn['role']}: {_lenient_text(turn.get('content'))}" for turn in turns)


def _encodable(text: str) -> str:
    """Give text that can be encoded: half a surrogate pair becomes U+FFFD."""
    return text if _encodes(text) else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _encodes(value: object) -> bool:
    if not isinstance(value, str) or value.isascii():
        return True
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _reference(row: Mapping[str, object]) -> object:
    """Find the reference answer; where several stand in one row the first of this order wins.

    AWS's documents and samples put it at the top or under metadata; verl under reward_model. A custom scorer's
    `response` is the reference, never the answer. Open-weight jobs probably wrap a string as {"text": ...}.
    """
    metadata = _object(row, "metadata")
    candidates = (
        row.get("reference_answer"),
        metadata.get("reference_answer"),
        _object(row, "reward_model").get("ground_truth"),
        metadata.get("ground_truth"),
        row.get("ground_truth"),
        row.get("response") if _is_custom_scorers(row) else None,
    )
    unwrapped = (_unwrapped(candidate) for candidate in candidates)
    return next((value for value in unwrapped if value is not None and value != ""), None)


def _unwrapped(value: object) -> object:
    while isinstance(value, dict) and value.keys() == {"text"}:
        value = value["text"]
    return value


def _object(row: Mapping[str, object], field: str) -> Mapping[str, object]:
    """Read a field that holds other fields; where it is no object, it matters only to a row without a reference."""
    value = row.get(field)
    if isinstance(value, dict):
        return value
    if value in (None, "") or _unwrapped(row.get("reference_answer")) not in (None, ""):
        return {}
    raise RowDefectError(f"{field}: expected an object, seen {_type(value)}")


def _path(location: tuple[int | str, ...]) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in location)


def _type(value: object) -> str:
    """Name a value by its JSON type: for errors about samples, which quote nothing of them."""
    names = {type(None): "null", bool: "a boolean", int: "a number", float: "a number", str: "a string", list: "a list"}
    return "an object" if isinstance(value, dict) else names.get(type(value), f"a {type(value).__name__}")


def _kind(value: object) -> str:
    """Name what was seen by its JSON type, and an event that is an object by its fields."""
    if isinstance(value, dict):
        keys = [str(key)[:40] for key in cast("Mapping[object, object]", value)]
        return f"an object with fields {keys[:10]}" if keys else "an empty object"
    return _type(value)
