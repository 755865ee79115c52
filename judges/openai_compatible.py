"""Carry questions to an OpenAI-compatible endpoint: Ollama, vLLM, llama.cpp, Bedrock's own; for trying a rubric.

`JUDGE_MODEL=openai:llama3.1` names the model, `OPENAI_BASE_URL` the endpoint and `OPENAI_API_KEY` its key.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from judges import strict_json
from judges.converse import MALFORMED, in_words
from judges.faults import fault
from judges.judgement import ConfigurationError, JudgeError, ServiceFaultError, Usage
from judges.transport import Received, TransientError
from judges.verdict import Reply

if TYPE_CHECKING:
    from collections.abc import Mapping

    from openai import APIStatusError, OpenAI

    from judges.ladder import Shape
    from judges.prompt import Question

_NO_KEY = "OPENAI_API_KEY is not set: give it the endpoint's key, or any word where it asks for none"
PREFIX = "openai:"
# Their words for why a model stopped, in Converse's.
_STOPS = {
    "stop": "end_turn",
    "tool_calls": "tool_use",
    "function_call": "tool_use",
    "length": "max_tokens",
    "content_filter": "content_filtered",
}


@lru_cache(maxsize=1)
def client() -> OpenAI:
    """Give the process's client, without retries of its own.

    Raises:
        ConfigurationError: The `openai` package or its settings are missing.
    """
    try:
        import openai  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise ConfigurationError("JUDGE_MODEL=openai:... needs the package 'openai'") from error
    try:
        return openai.OpenAI(max_retries=0)
    except openai.OpenAIError as error:
        raise ConfigurationError(_NO_KEY) from error


class OpenAICompatible:
    """Carry questions to one model of an OpenAI-compatible endpoint."""

    def __init__(self, model: str) -> None:
        self.model = model

    def send(self, asked: Question, shape: Shape, max_tokens: int, seconds: float) -> Received:
        """Send once; see `Transport.send`."""
        import openai  # noqa: PLC0415 - an extra

        try:
            answered = client().chat.completions.with_raw_response.create(
                **request(asked, self.model.removeprefix(PREFIX), shape, max_tokens), timeout=seconds
            )
        except openai.APIStatusError as error:
            raise self._fault(error) from error
        except openai.APITimeoutError as error:
            raise TransientError(f"no reply in {seconds:.0f} s") from error
        except openai.APIConnectionError as error:
            raise TransientError(
                f"no server answers at {client().base_url}: start it, or mend OPENAI_BASE_URL"
            ) from error
        return response(answered.content)

    def _fault(self, error: APIStatusError) -> JudgeError:
        said = error.body if isinstance(error.body, dict) else {}
        message, status = str(said.get("message") or error.response.reason_phrase), error.status_code
        if status in (401, 403):
            return ServiceFaultError(f"{client().base_url} refuses the key: mend OPENAI_API_KEY ({status})")
        if status == 404:  # noqa: PLR2004 - HTTP's Not Found
            name = self.model.removeprefix(PREFIX)
            return ServiceFaultError(
                f"{client().base_url} has no model {name!r}: mend its name or OPENAI_BASE_URL (404)"
            )
        return fault(status, str(said.get("code") or ""), message)


def request(asked: Question, model: str, shape: Shape, max_tokens: int) -> dict[str, Any]:
    """Write the request, as `converse.request` does."""
    sent: dict[str, Any] = {
        "model": model,
        "messages": [
            {"role": "system", "content": "\n\n".join(filter(None, [asked.system, in_words(asked, shape)]))},
            {"role": "user", "content": asked.user},
        ],
        "max_tokens": max_tokens,
    }
    if shape.temperature:
        sent["temperature"] = asked.rubric.judge.temperature
    if shape.rung == "text":
        return sent
    schema = {"name": asked.tool.name, "strict": True, "schema": asked.tool.schema}
    if shape.rung == "schema":
        return sent | {"response_format": {"type": "json_schema", "json_schema": schema}}
    function: dict[str, Any] = {
        "name": asked.tool.name,
        "description": asked.tool.description,
        "parameters": asked.tool.schema,
    }
    if shape.rung == "strict":
        function["strict"] = True
    choice = "required" if shape.rung == "any" else {"type": "function", "function": {"name": asked.tool.name}}
    return sent | {"tools": [{"type": "function", "function": function}], "tool_choice": choice}


def response(body: bytes) -> Received:
    """Read a response body.

    Raises:
        TransientError: It is no whole response.
    """
    try:
        data = strict_json.loads(body)
        message = data["choices"][0]["message"]
        stop = str(data["choices"][0]["finish_reason"])
        calls = [call["function"] for call in message.get("tool_calls") or []]
        named = [(str(call["name"]), call["arguments"]) for call in calls]
    except strict_json.DoubledKeyError:
        return Received(Reply("end_turn", doubled=True), Usage(calls=1))
    except (strict_json.ConstantError, strict_json.DepthError):
        return Received(Reply(MALFORMED), Usage(calls=1))
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise TransientError("the response body is cut off or holds no choice") from error
    doubled = False
    parsed: list[tuple[str, object]] = []
    for name, arguments in named:
        try:
            parsed.append((name, strict_json.loads(arguments) if isinstance(arguments, str) else arguments))
        except strict_json.DoubledKeyError:
            doubled = True
        except ValueError:
            parsed.append((name, None))
    stop = _STOPS.get(stop, stop)
    if stop == "end_turn" and message.get("refusal"):
        stop = "refusal"
    text = message.get("content")
    texts = [text] if isinstance(text, str) and text else []
    return Received(Reply(stop, parsed, texts, doubled), _usage(data.get("usage")))


def _usage(counted: Mapping[str, Any] | None) -> Usage:
    def count(where: object, key: str) -> int:
        number = where.get(key) if isinstance(where, dict) else 0
        return number if type(number) is int and number >= 0 else 0

    details = counted.get("prompt_tokens_details") if isinstance(counted, dict) else None
    cached = count(details, "cached_tokens")
    read = count(counted, "prompt_tokens")
    return Usage(
        calls=1,
        input_tokens=max(0, read - cached),
        output_tokens=count(counted, "completion_tokens"),
        cached_tokens=cached,
    )
