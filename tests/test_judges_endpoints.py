"""OpenAI-compatible servers of other makes: replies and errors as vLLM, Ollama and llama.cpp publish them."""

from __future__ import annotations

import json
import time

import pytest

from judges import openai_compatible
from judges.openai_compatible import OpenAICompatible
from judges.panel import ask
from judges.prompt import question
from judges.rubric import Rubric
from tests.converse_server import Answer

BRIEF = Rubric("brief", "Be brief.")
GIVEN = {"rationale": "thin", "score": 4}


def called(given):
    function = {"name": "submit_score", "arguments": json.dumps(given)}
    return [{"id": "chatcmpl-tool-81", "type": "function", "function": function}]


def vllm(finish, content=None, calls=(), thoughts=None):
    """Write a reply as vLLM does: every field is there, and a named tool's call finishes by `stop`."""
    message = {"role": "assistant", "content": content, "refusal": None, "annotations": None, "audio": None,
               "function_call": None, "tool_calls": list(calls), "reasoning_content": thoughts}  # fmt: skip
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": finish, "stop_reason": None}
    usage = {"prompt_tokens": 700, "total_tokens": 760, "completion_tokens": 60, "prompt_tokens_details": None}
    return {"id": "chatcmpl-4f37", "object": "chat.completion", "created": 1739261756, "model": "Qwen/Qwen3-8B",
            "choices": [choice], "service_tier": None, "system_fingerprint": None, "usage": usage,
            "prompt_logprobs": None, "kv_transfer_params": None}  # fmt: skip


def ollama(finish, content="", calls=(), thoughts=None):
    """Write a reply as Ollama does: an empty text beside a call, thoughts under a name of its own."""
    calls = [{**call, "index": place} for place, call in enumerate(calls)]
    message = {"role": "assistant", "content": content or ""} | ({"tool_calls": calls} if calls else {})
    message |= {"reasoning": thoughts} if thoughts else {}
    usage = {"prompt_tokens": 700, "completion_tokens": 60, "total_tokens": 760}
    return {"id": "chatcmpl-12", "object": "chat.completion", "created": 1739261756, "model": "llama3.1",
            "system_fingerprint": "fp_ollama", "usage": usage,
            "choices": [{"index": 0, "message": message, "finish_reason": finish}]}  # fmt: skip


def llama_cpp(finish, content=None, calls=(), thoughts=None):
    """Write a reply as llama.cpp's server does: with its timings."""
    message = {"role": "assistant", "content": content} | ({"tool_calls": list(calls)} if calls else {})
    message |= {"reasoning_content": thoughts} if thoughts else {}
    return {"choices": [{"finish_reason": finish, "index": 0, "message": message}], "created": 1739261756,
            "model": "gpt-3.5-turbo", "system_fingerprint": "b6000-0d92267", "object": "chat.completion",
            "usage": {"completion_tokens": 60, "prompt_tokens": 700, "total_tokens": 760}, "id": "chatcmpl-x",
            "timings": {"prompt_n": 700, "prompt_ms": 71.2, "predicted_n": 60, "predicted_ms": 900.4}}  # fmt: skip


MAKES = [vllm, ollama, llama_cpp]


@pytest.fixture
def judged(converse, monkeypatch):
    """Ask a judge behind an endpoint that answers with these bodies; give its outcome and what it was sent."""

    def start(*answers):
        server = converse(*[answer if isinstance(answer, Answer) else Answer(answer) for answer in answers])
        monkeypatch.setenv("OPENAI_BASE_URL", f"{server.url}/v1")
        monkeypatch.setenv("OPENAI_API_KEY", "none")
        openai_compatible.client.cache_clear()
        outcome = ask(OpenAICompatible("openai:local"), question(BRIEF, "Hi", "Yo there"), time.monotonic() + 60)
        return outcome, [request.body for request in server.requests]

    yield start
    openai_compatible.client.cache_clear()


@pytest.mark.parametrize("make", MAKES)
@pytest.mark.parametrize("finish", ["stop", "tool_calls"])
def test_a_call_is_read_whatever_it_finishes_by(judged, make, finish):
    """Servers disagree on the reason to stop after a call that was forced; its input is the verdict all the same."""
    outcome, sent = judged(make(finish, calls=called(GIVEN)))
    assert (outcome.finding.score, outcome.usage.input_tokens, outcome.usage.output_tokens) == (4, 700, 60)
    assert len(sent) == 1


@pytest.mark.parametrize("make", MAKES)
def test_a_verdict_in_the_text_is_read_and_thoughts_are_not(judged, make):
    """Small models write the object as text, and think of other scores before."""
    outcome, _ = judged(make("stop", json.dumps(GIVEN), thoughts='Perhaps {"rationale": "kind", "score": 9}. Score: 9'))
    assert outcome.finding.score == 4


@pytest.mark.parametrize("make", MAKES)
@pytest.mark.parametrize("thoughts", [None, "Score: 9"])
def test_no_content_is_no_verdict(judged, make, thoughts):
    """Nothing but thoughts, twice: a content failure, not a fault of ours."""
    outcome, sent = judged(*[make("stop", thoughts=thoughts)] * 2)
    assert (outcome.finding, outcome.fault, len(sent)) == (None, "", 2)


@pytest.mark.parametrize("make", MAKES)
def test_a_reply_cut_at_its_length_is_asked_again_with_more_room(judged, make):
    """Half a call is none."""
    outcome, sent = judged(make("length", calls=called({"rationale": "th"})), make("stop", calls=called(GIVEN)))
    assert outcome.finding.score == 4
    assert sent[1]["max_tokens"] == 2 * sent[0]["max_tokens"]


@pytest.mark.parametrize(
    "refusal",
    [
        {"object": "error", "message": "tools.0.strict: extra fields not permitted", "type": "BadRequestError",
         "param": None, "code": 400},
        {"error": {"message": "strict is not supported", "type": "BadRequestError", "param": None, "code": 400}},
        {"error": {"message": "invalid tool_choice", "type": "invalid_request_error", "param": None, "code": None}},
        {"error": {"code": 400, "message": "Unsupported param: tool_choice", "type": "invalid_request_error"}},
    ],
    ids=["old vLLM", "vLLM", "Ollama", "llama.cpp"],
)  # fmt: skip
def test_a_refused_form_is_a_step_down(judged, refusal):
    """Each make words its refusals in a shape of its own."""
    outcome, sent = judged(Answer(refusal, 400), vllm("stop", calls=called(GIVEN)))
    assert outcome.finding.score == 4
    assert "strict" in sent[0]["tools"][0]["function"]
    assert "strict" not in sent[1]["tools"][0]["function"]


def test_a_model_that_is_still_loading_is_waited_for(judged):
    """llama.cpp and vLLM answer 503 until the weights are there; Ollama turns away what its queue has no room for."""
    loading = Answer({"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}}, 503)
    busy = Answer({"error": {"message": "server busy, please try again. maximum pending requests exceeded"}}, 503)
    outcome, sent = judged(loading, busy, llama_cpp("tool_calls", calls=called(GIVEN)))
    assert (outcome.finding.score, len(sent)) == (4, 3)
