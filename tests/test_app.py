"""The handler: configuration, the deadline, and what an operator reads in the logs and metrics."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from rewards import app
from rewards.batch import BatchError
from rewards.telemetry import Answer

ROOT = Path(__file__).parent.parent
TEXT = "s3cret"


class Context:
    """Stand for Lambda's context: a clock and a request id."""

    aws_request_id = "8f5e"

    def __init__(self, milliseconds=30_000):
        self.milliseconds = milliseconds

    def get_remaining_time_in_millis(self):
        """Tell what is left, as Lambda does."""
        return self.milliseconds


@pytest.fixture
def math_event():
    """Hold one right and one wrong sample, with texts that no log may show."""
    turns = [{"role": "user", "content": f"{TEXT} 6*7?"}]
    return [
        {
            "id": id_,
            "messages": [*turns, {"role": "assistant", "content": f"{TEXT} #### {n}"}],
            "reference_answer": "42",
        }
        for id_, n in (("right", 42), ("wrong", 41))
    ]


@pytest.fixture
def serve_math(monkeypatch):
    """Deploy the math reward."""
    monkeypatch.setenv("REWARD", "math_answer")


SERVER = """
import json, sys, rewards.app
class Context:
    aws_request_id = None
    def get_remaining_time_in_millis(self): return 30000
for number, event in enumerate(json.load(sys.stdin)):
    Context.aws_request_id = f"request-{number}"
    try: rewards.app.lambda_handler(event, Context())
    except Exception as error: print(json.dumps({"raised": type(error).__name__}))
"""


def logged(*events, **environment):
    """Serve events in one process of its own, as a warm function would, and read each line it wrote."""
    environment = {"PATH": os.environ["PATH"], "REWARD": "math_answer"} | environment
    done = subprocess.run(
        [sys.executable, "-c", SERVER],
        cwd=ROOT,
        env=environment,
        input=json.dumps(events),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.usefixtures("serve_math")
@pytest.mark.parametrize("context", [None, {}, Context(), object()])
def test_any_context_will_do(math_event, context):
    """Lambda passes an object with a clock, the SDK's pre-flight an empty dict."""
    assert [result["aggregate_reward_score"] for result in app.lambda_handler(math_event, context)] == [1.0, 0.0]


@pytest.mark.parametrize("name", ["", "math-answer", "nope", "interface", "app", "../math_answer", "rewards.rubric"])
def test_an_unknown_reward_names_the_known_ones(monkeypatch, math_event, name):
    """A typo in the template shows which names there are."""
    monkeypatch.setenv("REWARD", name)
    with pytest.raises(ValueError, match="math_answer"):
        app.lambda_handler(math_event, None)


def test_a_misconfigured_deployment_fails_at_start():
    """A job finds out at its first call, not from its rewards."""
    environment = {"PATH": os.environ["PATH"], "REWARD": "math_anwser"}
    command = [sys.executable, "-c", "import rewards.app"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert "math_anwser" in done.stderr


def test_a_deployed_rubric_without_a_judge_fails_at_start():
    """In Lambda a reward is prepared as it is imported, so that no job ever calls what cannot answer."""
    environment = {"PATH": os.environ["PATH"], "REWARD": "rubric", "AWS_LAMBDA_FUNCTION_NAME": "SageMaker-rft-rubric"}
    command = [sys.executable, "-c", "import rewards.app"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert "JUDGE_MODEL" in done.stderr


@pytest.mark.usefixtures("serve_math")
@pytest.mark.parametrize(("milliseconds", "seconds"), [(2000, 1.75), (10_000, 9.0), (100_000, 98.0), (10, 0.0)])
def test_a_tenth_of_lambdas_time_is_left_to_answer_in(monkeypatch, math_event, milliseconds, seconds):
    """An answer must be written and sent before Lambda ends the process."""
    seen = []

    def answer(_event, _name, given):
        seen.append(given)
        return Answer([], [])

    monkeypatch.setattr(app, "answer", answer)
    app.lambda_handler(math_event, Context(milliseconds))
    assert seen == [pytest.approx(seconds)]


@pytest.mark.usefixtures("serve_math")
def test_without_time_the_batch_raises_instead_of_guessing(math_event):
    """No answer is better than one that nobody computed."""
    with pytest.raises(BatchError, match="time limit"):
        app.lambda_handler(math_event * 50, Context(0))


def test_logs_name_each_sample_and_hold_none_of_its_text(math_event):
    """The fields are those of AWS's published log queries; prompts and completions stay out."""
    lines = logged([*math_event, {"id": "raw"}])
    scored = {line["id"]: line["aggregate_reward_score"] for line in lines if line["message"] == "scored"}
    assert scored == {"right": 1.0, "wrong": 0.0, "raw": 0.0}
    assert {line["function_request_id"] for line in lines} == {"request-0"}
    assert [(line["id"], line["reason"]) for line in lines if line["message"] == "unscored"] == [
        ("raw", "messages: no assistant turn to score")
    ]
    assert TEXT not in json.dumps(lines)


def test_sample_text_is_logged_only_when_asked_for(math_event):
    """Whoever debugs a reward may want to read what it read, at most so much of it."""
    math_event[0]["messages"][1]["content"] += " " + "x" * 100_000
    line = logged(math_event, LOG_SAMPLES="1")[0]
    assert TEXT in line["prompt"]
    assert len(line["completion"]) == 2000
    assert line["reasons"]["math_answer"]


def test_keys_of_one_invocation_do_not_reach_the_next(math_event):
    """A warm function starts each batch with a clean log."""
    lines = logged(math_event[:1], {"Records": []}, math_event[:1])
    requests = [line["function_request_id"] for line in lines if "function_request_id" in line]
    assert requests == ["request-0"] * 2 + ["request-1"] + ["request-2"] * 2


def test_a_batch_emits_its_metrics_in_lambda(math_event):
    """What an operator graphs and alarms on: counts, the spread of rewards, time."""
    event = [*math_event, {"id": "raw"}, math_event[0]]
    emitted = logged(event, AWS_LAMBDA_FUNCTION_NAME="SageMaker-rft-math-answer")[-1]
    (directive,) = emitted["_aws"]["CloudWatchMetrics"]
    assert (directive["Namespace"], directive["Dimensions"]) == ("Touchstone", [["reward", "service"]])
    assert (emitted["reward"], emitted["service"]) == ("math_answer", "SageMaker-rft-math-answer")
    numbers = {name: emitted[name][0] for name in (metric["Name"] for metric in directive["Metrics"])}
    assert numbers.pop("Seconds") > 0
    assert numbers == {
        "Samples": 4,
        "Unscored": 1,
        "Imputed": 0,
        "RewardMean": 0.5,
        "RewardStd": 0.5,
        "FloorShare": 0.5,
        "CeilingShare": 0.5,
        "BatchesFailed": 0,
    }


def test_a_rubrics_version_is_logged_and_goes_with_its_metrics(load_event):
    """Whoever reads a job's metrics later learns by which rubric, in which version, they were scored."""
    named = {"REWARD": "rubric", "JUDGE_MODEL": "offline", "AWS_LAMBDA_FUNCTION_NAME": "SageMaker-rft-rubric"}
    *_, line, emitted = logged(load_event("rubric", "bedrock"), **named)
    assert line["rubric"] == emitted["rubric"] == "support"
    assert line["rubric_version"] == emitted["rubric_version"]
    assert line["judges"] == "offline"


def test_a_failed_batch_is_logged_and_counted():
    """The error reaches the caller, and the operator too."""
    failed, emitted, raised = logged({"Records": []}, AWS_LAMBDA_FUNCTION_NAME="SageMaker-rft-math-answer")
    assert (failed["level"], failed["message"]) == ("ERROR", "batch failed")
    assert "Records" in failed["error"]
    assert emitted["BatchesFailed"] == [1.0]
    assert raised == {"raised": "EventError"}


def test_nothing_is_measured_off_lambda(math_event):
    """At a desk nobody collects metrics, and a notebook should not fill with them."""
    assert not [line for line in logged(math_event) if "_aws" in line]


@pytest.mark.usefixtures("serve_math")
def test_lambda_traces_a_batch(math_event):
    """With tracing on, the X-Ray daemon is sent one subsegment a batch, named by the reward."""
    pytest.importorskip("aws_xray_sdk")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as daemon:
        daemon.bind(("127.0.0.1", 0))
        daemon.settimeout(10)
        environment = {
            "PATH": os.environ["PATH"],
            "REWARD": "math_answer",
            "LAMBDA_TASK_ROOT": str(ROOT),
            "AWS_XRAY_DAEMON_ADDRESS": f"127.0.0.1:{daemon.getsockname()[1]}",
            "_X_AMZN_TRACE_ID": "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1",
        }
        script = f"from rewards.app import lambda_handler; lambda_handler({math_event!r}, None)"
        subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=environment, check=True, timeout=60)
        packet = daemon.recv(65536).decode()
    segment = json.loads(packet.split("\n", 1)[1])
    assert segment["name"] == "## math_answer"
    assert TEXT not in packet


def test_identical_answers_of_a_batch_are_judged_once(converse, monkeypatch, load_event):
    """A policy that has converged sends the same text many times; each costs its reward, not its own request."""
    server = converse()
    monkeypatch.setenv("REWARD", "rubric")
    monkeypatch.setenv("JUDGE_MODEL", "vendor.judge-v1:0")
    results = app.lambda_handler(load_event("rubric", "bedrock")[:1] * 8, Context())
    assert len({result["aggregate_reward_score"] for result in results}) == 1
    assert len(server.requests) == 1
