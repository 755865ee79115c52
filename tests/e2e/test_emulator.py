"""The rubric function under Lambda's own runtime emulator, with a judge model over a real socket; no Docker."""

from __future__ import annotations

import json
import platform
import sys
import time
import urllib.error
import urllib.request

import pytest

from tests.e2e.commands import ROOT, free_port, listening

MACHINE = {"x86_64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}.get(platform.machine(), "")
EMULATORS = sorted((ROOT / ".tools" / "sam").glob(f"lib/*/site-packages/samcli/local/rapid/aws-lambda-rie-{MACHINE}"))
SUPPORT = json.loads((ROOT / "events" / "rubric" / "bedrock.json").read_text())


@pytest.fixture
def lambda_at(environment):
    """Serve the rubric function as Lambda would, and give what invokes it."""
    if not EMULATORS:
        pytest.skip("no emulator for this machine: `make .tools/sam/.ready` installs the one that aws-sam-cli carries")
    ports = {"lambda": free_port(), "runtime": free_port(), "judge": free_port()}
    endpoint = f"http://127.0.0.1:{ports['judge']}"
    command = [
        str(EMULATORS[0]),
        "--runtime-interface-emulator-address",
        f"127.0.0.1:{ports['lambda']}",
        "--runtime-api-address",
        f"127.0.0.1:{ports['runtime']}",
        *(sys.executable, "-m", "awslambdaric", "rewards.app.lambda_handler"),
    ]
    served = environment | {
        "REWARD": "rubric",
        "JUDGE_MODEL": "arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.vendor.judge-v1:0",
        "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": endpoint,
        "AWS_LAMBDA_FUNCTION_TIMEOUT": "30",
        "PYTHONPATH": str(ROOT),
    }
    judge = [sys.executable, "-m", "tests.converse_server", "--port", str(ports["judge"])]

    def invoke(event):
        url = f"http://127.0.0.1:{ports['lambda']}/2015-03-31/functions/function/invocations"
        request = urllib.request.Request(url, json.dumps(event).encode())
        with urllib.request.urlopen(request, timeout=60) as response:
            return json.load(response)

    with listening(judge, ports["judge"], env=environment), listening(command, ports["lambda"], env=served):
        yield invoke


def test_a_judge_model_scores_the_support_answers(lambda_at):
    """Request, socket, verdict, reward and response, with nothing of ours replaced but the model."""
    results = {result["id"]: result for result in lambda_at(SUPPORT)}
    rewards = [results[id_]["aggregate_reward_score"] for id_ in ("ticket", "restart", "diagnose")]
    assert rewards == [pytest.approx((score - 1) / 9) for score in (2, 5, 9)]
    assert {"name": "score", "value": 9, "type": "Metric"} in results["diagnose"]["metrics_list"]
    assert "offline_judge" not in json.dumps(results)


def test_what_is_no_batch_comes_back_as_a_function_error(lambda_at):
    """The platform sees that the call failed, with the reason, and retries or stops."""
    answer = lambda_at({"Records": []})
    assert answer["errorType"] == "EventError"
    assert "accepted" in answer["errorMessage"]


def test_a_warm_function_answers_a_batch_as_it_answered_the_first(lambda_at):
    """64 samples, three times: the same rewards, and nothing that piles up in between."""
    event = (SUPPORT * 22)[:64]
    started = time.monotonic()
    first, *others = [[result["aggregate_reward_score"] for result in lambda_at(event)] for _ in range(3)]
    assert others == [first, first]
    assert time.monotonic() - started < 30
