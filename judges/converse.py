"""Bedrock's Converse: a question as its request, its response body as a reply. No network here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from judges import strict_json
from judges.judgement import Usage
from judges.ladder import Shape
from judges.prompt import Question, Tool, version
from judges.transport import Received, TransientError
from judges.verdict import Reply

MALFORMED = "malformed_model_output"  # Converse's word for a reply that its model did not write well


def request(asked: Question, model: str, shape: Shape, max_tokens: int) -> dict[str, Any]:
    """Write the request: static text, a cache point, and the sample last.

    Args:
        asked: The question.
        model: A model id or the ARN of an inference profile.
        shape: What the model takes.
        max_tokens: The most that the reply may take.

    Returns:
        The keyword arguments of boto3's `converse`.
    """
    system: list[dict[str, Any]] = [{"text": asked.system}]
    if shape.cache:
        system.append({"cachePoint": {"type": "default"}})
    if words := in_words(asked, shape):
        system.append({"text": words})
    inference: dict[str, Any] = {"maxTokens": max_tokens}
    if shape.temperature:
        inference["temperature"] = asked.rubric.judge.temperature
    sent: dict[str, Any] = {
        "modelId": model,
        "system": system,
        "messages": [{"role": "user", "content": [{"text": asked.user}]}],
        "inferenceConfig": inference,
    }
    if shape.metadata:
        sent["requestMetadata"] = {"rubric": asked.rubric.name, "rubric_version": version(asked.rubric)}
    return sent | _form(asked.tool, shape)


def _form(tool: Tool, shape: Shape) -> dict[str, Any]:
    if shape.rung == "text":
        return {}
    if shape.rung == "schema":
        schema = {"name": tool.name, "schema": json.dumps(tool.schema)}
        return {"outputConfig": {"textFormat": {"type": "json_schema", "structure": {"jsonSchema": schema}}}}
    spec: dict[str, Any] = {
        "name": tool.name,
        "description": tool.description,
        "inputSchema": {"json": tool.schema},
    }
    if shape.rung == "strict":
        spec["strict"] = True
    choice = {"any": {}} if shape.rung == "any" else {"tool": {"name": tool.name}}
    return {"toolConfig": {"tools": [{"toolSpec": spec}], "toolChoice": choice}}


def in_words(asked: Question, shape: Shape) -> str:
    """Say the form in words to a model that cannot be held to it, or did not keep to it."""
    textual = shape.rung in ("schema", "text")
    if not (textual or asked.again):
        return ""
    if asked.rubric.criteria:
        form = '{"criteria": [{"name": "...", "rationale": "...", "score": N}, ...]}'
    else:
        form = '{"rationale": "...", "score": N}'
    how = "Answer with" if textual else f"Call the tool {asked.tool.name} once; only if you cannot, answer with"
    reminder = "The last reply held no verdict in this form; be brief.\n\n" if asked.again else ""
    return f"# Form\n\n{reminder}{how} one JSON object and nothing else: {form}"


def response(body: bytes) -> Received:
    """Read a response body.

    Args:
        body: What the service sent with status 200: it may have been cut off.

    Raises:
        TransientError: It is no whole response, which says nothing about the answer that was judged.
    """
    doubled = False
    try:
        data = strict_json.loads(body)
    except (strict_json.DoubledKeyError, strict_json.ConstantError) as error:
        doubled, data = isinstance(error, strict_json.DoubledKeyError), _lenient(body)
    except strict_json.DepthError:
        return Received(Reply(MALFORMED), Usage(calls=1))
    except ValueError as error:
        raise TransientError("the response body is cut off or no JSON") from error
    output = data.get("output") if isinstance(data, dict) else None
    message = output.get("message") if isinstance(output, dict) else None
    content = message.get("content") if isinstance(message, dict) else None
    stop = data.get("stopReason") if isinstance(data, dict) else None
    if not isinstance(content, list) or not isinstance(stop, str):
        raise TransientError("the response body holds no output")
    blocks = [block for block in content if isinstance(block, dict)]
    calls = [(str(use.get("name")), use.get("input")) for b in blocks if isinstance(use := b.get("toolUse"), dict)]
    texts = [block["text"] for block in blocks if isinstance(block.get("text"), str)]
    return Received(Reply(stop, calls, texts, doubled), _usage(data.get("usage")))


def _lenient(body: bytes) -> Any:  # noqa: ANN401 - any JSON value
    """Read a body that is whole, but says a key twice or a NaN: the verdict in it will be refused for that."""
    try:
        return json.loads(body)
    except ValueError as error:
        raise TransientError("the response body is cut off or no JSON") from error


def _usage(counted: object) -> Usage:
    def count(key: str) -> int:
        number = counted.get(key) if isinstance(counted, Mapping) else 0
        return number if type(number) is int and number >= 0 else 0

    return Usage(
        calls=1,
        input_tokens=count("inputTokens"),
        output_tokens=count("outputTokens"),
        cached_tokens=count("cacheReadInputTokens"),
        written_tokens=count("cacheWriteInputTokens"),
    )
