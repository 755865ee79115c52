"""Whose fault an error is: every one that Converse can give, what is asked after it, and what ends on the wire."""

from __future__ import annotations

import json
import socket
from typing import Any

import botocore.session
import pytest

from judges import models, openai_compatible
from judges.faults import fault
from judges.judgement import ConfigurationError, RefusedError, ServiceFaultError
from judges.known import Model
from judges.transport import ThrottledError, TransientError, UnsupportedError
from rewards.batch import BatchError, score_batch
from rewards.interface import Sample, ServiceError, time_limit
from rewards.rubric import rubric
from tests.converse_server import (
    ERRORS,
    Answer,
    content_reply,
    error,
    sample_in,
    simple_judge,
    text_reply,
    tool_reply,
)

MODEL = "vendor.judge-v1:0"
GOOD = {"rationale": "because", "score": 10}
WORTH = [3, 5, 7, 9, 3, 5, 7, 9]  # the other members of the prompt: their mean score is 6, reward 5/9
BAD = "This one breaks it"


def http(status, body=b"", **headers):
    return Answer(body, status, headers)


# name: (what the server answers for this one sample, requests for it, what it earns)
RETRIED = {
    "ThrottlingException": error("ThrottlingException"),
    "ThrottlingException of tokens": error("ThrottlingException", "Too many tokens, please wait."),
    "ModelNotReadyException": error("ModelNotReadyException"),
    "ModelTimeoutException": error("ModelTimeoutException"),
    "ModelErrorException": error("ModelErrorException"),
    "ModelErrorException, 503 inside": error("ModelErrorException", originalStatusCode=503),
    "ModelErrorException, 429 inside": error("ModelErrorException", originalStatusCode=429),
    "InternalServerException": error("InternalServerException"),
    "ServiceUnavailableException": error("ServiceUnavailableException"),
    "502": http(502, b"<html>Bad Gateway</html>"),
    "504, no body": http(504),
    "529": http(529, b'{"message": "Overloaded"}'),
    "reset": Answer({}, fault="reset"),
    "cut body": Answer(tool_reply(GOOD).body, fault="cut"),
    "200, no body": http(200),
    "200, no JSON": http(200, b"<html>"),
    "200, no output": Answer({}),
    "200, empty output": Answer({"output": {}, "stopReason": "end_turn"}),
    "200, no stop reason": Answer({"output": {"message": {"role": "assistant", "content": [{"text": "Score: 10"}]}}}),
    "200, an error's body": Answer({"message": "Internal failure"}),
}
OURS = {
    "AccessDeniedException": error("AccessDeniedException"),
    "ResourceNotFoundException": error("ResourceNotFoundException"),
    "unknown model": error("ValidationException", "The provided model identifier is invalid."),
    "profile only": error(
        "ValidationException",
        "Invocation of model ID vendor.judge-v1:0 with on-demand throughput isn\u2019t supported. Retry your request "
        "with the ID or ARN of an inference profile that contains this model.",
    ),
    "ExpiredTokenException": http(403, b'{"message": "expired"}', **{"x-amzn-errortype": "ExpiredTokenException"}),
    "UnrecognizedClientException": http(403, b"{}", **{"x-amzn-errortype": "UnrecognizedClientException"}),
    "403, no body": http(403),
    "404, no body": http(404),
    "413": http(413, b"{}"),
}
THE_ANSWERS = {
    **{
        f"stop reason {stop}": tool_reply(GOOD, stop=stop)
        for stop in [
            "max_tokens",
            "guardrail_intervened",
            "content_filtered",
            "malformed_model_output",
            "malformed_tool_use",
            "model_context_window_exceeded",
            "refusal",
            "pause_turn",
            "never_heard_of",
            "",
        ]
    },
    "stop_sequence in text": text_reply("Score: 1", stop="stop_sequence"),
    "no tool, but said so": content_reply([{"text": "Score: 10"}], "tool_use"),
    "two scores": text_reply("Score: 3\nScore: 8"),
    "no content": content_reply([], "end_turn"),
    "reasoning alone": content_reply([{"reasoningContent": {"reasoningText": {"text": "Score: 10"}}}], "end_turn"),
    "refusal in words": text_reply("I cannot help with that."),
    "a filter's error": error("ValidationException", "Input was blocked by our content filters."),
}


@pytest.fixture
def ending(converse, monkeypatch):
    """Score one sample that meets an answer again and again, among eight of its prompt that are judged well."""
    monkeypatch.setenv("JUDGE_MODEL", MODEL)

    def run(answer):
        server = converse(judge=lambda body: answer if sample_in(body)["answer"] == BAD else simple_judge(body))
        samples = [Sample(i, "Hi", f"Answer {i} (worth {worth})") for i, worth in enumerate(WORTH)]
        with time_limit(20):
            score_batch(samples, rubric, "rubric", 8)  # the judge is known to work
            server.requests.clear()
            rewards = score_batch([*samples, Sample("bad", "Hi", BAD)], rubric, "rubric", 9)
        asked = sum(sample_in(seen.body)["answer"] == BAD for seen in server.requests)
        assert [reward.value for reward in rewards[:-1]] == [pytest.approx((worth - 1) / 9) for worth in WORTH]
        marks = {
            v.name: v.score for v in rewards[-1].verdicts if v.name in ("imputed", "judge_content_failure", "score")
        }
        return asked, rewards[-1].value, marks

    return run


def test_every_error_of_converse_has_its_row():
    """Errors that botocore's model of Converse lists, and stop reasons, are all in the tables."""
    converse: Any = botocore.session.get_session().get_service_model("bedrock-runtime").operation_model("Converse")
    tables = " ".join([*RETRIED, *OURS, *THE_ANSWERS, "end_turn tool_use ValidationException"])
    assert [each.name for each in converse.error_shapes if each.name not in tables] == []
    assert [stop for stop in converse.output_shape.members["stopReason"].enum if stop not in tables] == []
    statuses = {each.name: each.metadata["error"]["httpStatusCode"] for each in converse.error_shapes}
    assert statuses == {name: status for name, (status, _) in ERRORS.items()}


@pytest.mark.parametrize("name", RETRIED)
def test_a_fault_of_the_service_is_retried_and_imputed(ending, name):
    """Five requests, or more while others get through a throttle; then the mean of the prompt's scored members."""
    asked, value, marks = ending(RETRIED[name])
    assert asked >= 5 if "429" in name or "Throttling" in name else asked == 5
    assert (value, marks) == (pytest.approx(5 / 9), {"imputed": 1})


@pytest.mark.parametrize("name", OURS)
def test_what_no_retry_changes_is_asked_once_and_imputed(ending, name):
    """A fault of the deployment is no number of its own, and costs no retries."""
    assert ending(OURS[name]) == (1, pytest.approx(5 / 9), {"imputed": 1})


@pytest.mark.parametrize("name", THE_ANSWERS)
def test_what_the_answer_did_earns_the_floor_after_one_more_asking(ending, name):
    """The judge's stop reason decides before anything else in its reply."""
    assert ending(THE_ANSWERS[name]) == (2, 0.0, {"judge_content_failure": 1})


@pytest.mark.parametrize(
    "answer", [error("ValidationException"), error("ModelErrorException", originalStatusCode=400)], ids=["400", "424"]
)
def test_an_answer_that_the_model_refuses_in_every_form_earns_the_floor(ending, answer):
    """The model takes other answers, so it is this one's doing: were it imputed, breaking the request would pay."""
    asked, value, marks = ending(answer)
    assert (value, marks) == (0.0, {"judge_content_failure": 1})
    assert asked == 2 * len(["strict", "forced", "any", "schema", "text", "temperature", "cache", "metadata"])


def test_a_model_that_refuses_every_answer_is_our_fault(converse, monkeypatch):
    """Then no sample is scored, and the batch raises instead of paying the floor to all."""
    monkeypatch.setenv("JUDGE_MODEL", MODEL)
    judged: list[object] = []

    def once(body):
        judged.append(body)
        return error("ValidationException") if judged[1:] else simple_judge(body)

    converse(judge=once)
    samples = [Sample(i, "Hi", f"Answer {i}") for i in range(20)]
    with time_limit(20):
        score_batch(samples[:1], rubric, "rubric", 1)
        with pytest.raises(BatchError, match="refuses every form"):
            score_batch(samples, rubric, "rubric", 20)


@pytest.mark.parametrize(
    ("status", "code", "message", "kind"),
    [
        (400, "ThrottlingException", "Rate exceeded", ThrottledError),
        (400, "ServiceQuotaExceededException", "Your request exceeds the service quota.", ThrottledError),
        (503, "SlowDown", "", ThrottledError),
        (500, "", "", TransientError),
        (599, "", "", TransientError),
        (425, "", "", TransientError),
        (422, "", "tools: extra fields not permitted", UnsupportedError),
        (400, "content_filter", "filtered", RefusedError),
        (400, "ValidationException", "This model version has reached the end of its life.", ServiceFaultError),
        (0, "", "", ServiceFaultError),
        (302, "", "", ServiceFaultError),
    ],
)
def test_other_errors_fall_into_one_of_five_kinds(status, code, message, kind):
    """By the service's name for it first, by HTTP's status else."""
    assert type(fault(status, code, message)) is kind


def test_only_a_throttle_of_tokens_slows_tokens_down():
    """Both kinds of throttles have the same name; their words differ."""
    words = ("Too many tokens, please wait before trying again.", "Too many requests, please wait before trying again.")
    assert [vars(fault(429, "ThrottlingException", said)) for said in words] == [{"tokens": True}, {"tokens": False}]


# --- what a person reads ---------------------------------------------------------------------------------------------


def said():
    """Give what a person reads who tries one answer."""
    with time_limit(15), pytest.raises(ServiceError) as caught:
        rubric(Sample("a", "Hi", "Restart the app"))
    words = str(caught.value)
    jargon = ("botocore", "Error code", "api_key", "client option", "Unable to locate", "Max retries")
    assert not [each for each in jargon if each in words]
    return words


def test_missing_credentials_say_what_to_do(converse, monkeypatch):
    """One sentence, with the commands."""
    monkeypatch.setenv("JUDGE_MODEL", MODEL)
    converse()
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    assert "no AWS credentials were found: sign in (`aws sso login`" in said()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("ExpiredTokenException", "the AWS credentials have expired: sign in"),
        ("UnrecognizedClientException", "AWS does not accept the credentials: sign in"),
        ("AccessDeniedException", "allow bedrock:InvokeModel on this model's ARN"),
        ("ResourceNotFoundException", "there is no such model in this region: check its id and AWS_REGION"),
        ("unknown model", "there is no such model in this region"),
        ("profile only", "name the profile (such as us.VENDOR.MODEL) instead"),
    ],
)
def test_a_refusal_says_what_to_mend(converse, monkeypatch, name, words):
    """The service's name for it stands behind, for who searches."""
    monkeypatch.setenv("JUDGE_MODEL", MODEL)
    converse(OURS[name])
    assert words in said()


def _nobody_there():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def test_an_unreachable_bedrock_says_so(converse, monkeypatch):
    """No connection is no SDK's class name."""
    monkeypatch.setenv("JUDGE_MODEL", MODEL)
    converse()
    monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", f"http://127.0.0.1:{_nobody_there()}")
    assert "Bedrock cannot be reached: check the network, AWS_REGION and any proxy" in said()


@pytest.fixture
def endpoint(converse, monkeypatch):
    """Name a judge behind an OpenAI-compatible endpoint."""

    def start(url=None, *script):
        server = converse(*script)
        monkeypatch.setenv("JUDGE_MODEL", "openai:llama")
        monkeypatch.setenv("OPENAI_BASE_URL", url or f"{server.url}/v1")
        monkeypatch.setenv("OPENAI_API_KEY", "test")
        openai_compatible.client.cache_clear()

    yield start
    openai_compatible.client.cache_clear()


def test_an_endpoint_where_nobody_answers_is_named(endpoint):
    """Whoever forgot to start their local server reads its address."""
    port = _nobody_there()
    endpoint(f"http://127.0.0.1:{port}/v1")
    assert f"no server answers at http://127.0.0.1:{port}/v1/: start it, or mend OPENAI_BASE_URL" in said()


@pytest.mark.parametrize(
    ("status", "words"),
    [(401, "refuses the key: mend OPENAI_API_KEY"), (404, "has no model 'llama': mend its name or OPENAI_BASE_URL")],
)
def test_an_endpoint_that_refuses_says_what_to_mend(endpoint, status, words):
    """A wrong key, a model that was not pulled, or a path without /v1."""
    endpoint(None, Answer({"error": {"message": "no"}}, status))
    assert words in said()


def test_a_filter_of_an_endpoint_is_the_answers_doing(endpoint):
    """It speaks by an error, not by a stop reason."""
    filtered = Answer({"error": {"code": "content_filter", "message": "filtered"}}, 400)
    endpoint(None, filtered, filtered)
    reward = rubric(Sample("a", "Hi", "Restart the app"))
    assert (reward.value, [v.score for v in reward.verdicts if v.name == "judge_content_failure"]) == (0.0, [1.0])


def test_settings_that_are_missing_are_said_at_start(endpoint, monkeypatch):
    """Key, region and profile: in our words."""
    endpoint()
    monkeypatch.delenv("OPENAI_API_KEY")
    openai_compatible.client.cache_clear()
    with pytest.raises(ConfigurationError, match="OPENAI_API_KEY is not set: give it the endpoint's key"):
        models.prepare()
    monkeypatch.setenv("JUDGE_MODEL", MODEL)
    monkeypatch.setenv("JUDGE_WORKERS", "7")  # a client of its own
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    with pytest.raises(ConfigurationError, match="no AWS region is set: set AWS_REGION"):
        models.prepare()
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(ConfigurationError, match="AWS_PROFILE names a profile that is not in"):
        models.prepare()


def test_no_error_quotes_a_sample():
    """What a service says is cut, so that a log never holds an answer whole."""
    assert len(str(fault(400, "ValidationException", json.dumps({"answer": "x" * 5000})))) < 300


def test_refusals_count_in_a_row_only():
    """Three answers that a model refuses are their own doing, a fourth is ours, and an answered one starts anew."""
    model = Model()
    assert not model.refuses()  # it never answered anything
    model.took(0.1)
    assert [model.refuses() for _ in range(4)] == [True, True, True, False]
    model.took(0.1)
    assert model.refuses()
