"""Every function as `sam build` packages it, in Lambda's image, invoked as README says."""

from __future__ import annotations

import json
import shutil

import pytest

from tests.e2e.commands import ROOT, free_port, listening, run

FUNCTIONS = {"MathAnswer": "math_answer", "CodeTests": "code_tests", "Rubric": "rubric"}
EXPECTED = {
    "MathAnswer": {"right-fraction": 1, "right-words": 1, "wrong": 0, "hedge": 0, "thought-only": 0},
    "CodeTests": {"right": 1, "function": 1, "half": 0.5, "endless": 0, "no-code": 0},
}
pytestmark = pytest.mark.usefixtures("docker")


def invoke(sam, environment, function, event, *options):
    """Invoke a function on one of its sample events."""
    path = ROOT / "events" / FUNCTIONS[function] / f"{event}.json"
    command = [sam, "local", "invoke", function, "-e", str(path), "--skip-pull-image", *options]
    return json.loads(run(command, env=environment).splitlines()[-1])


def values(results):
    return {result["id"]: result["aggregate_reward_score"] for result in results}


@pytest.mark.parametrize("function", list(EXPECTED))
def test_a_grader_scores_its_sample_event(sam, environment, function):
    """The reward in the container is the reward at the desk."""
    assert values(invoke(sam, environment, function, "bedrock")) == EXPECTED[function]


def test_the_offline_judge_puts_the_support_answers_in_order(sam, environment):
    """Restart the app is a 5, diagnosing a 9, sending away a 2: the judge without a network orders them so."""
    results = invoke(sam, environment, "Rubric", "bedrock")
    scored = values(results)
    assert scored["diagnose"] > scored["restart"] > scored["ticket"]
    assert all({"name": "offline_judge", "value": 1, "type": "Metric"} in result["metrics_list"] for result in results)


@pytest.mark.parametrize("function", list(FUNCTIONS))
def test_plain_sam_local_needs_none_of_our_settings(sam, environment, function, tmp_path):
    """Without samconfig.toml and env.json a parameter without default arrives as its own name; all three still work."""
    shutil.copytree(ROOT / ".aws-sam" / "build", tmp_path / "build")
    path = ROOT / "events" / FUNCTIONS[function] / "bedrock.json"
    command = [sam, "local", "invoke", function, "-e", str(path), "--skip-pull-image", "-t", "build/template.yaml"]
    results = json.loads(run(["env", "-C", str(tmp_path), *command], env=environment).splitlines()[-1])
    assert len(results) == len(json.loads(path.read_text()))


@pytest.mark.parametrize(
    ("mode", "event", "kind"),
    [("envelope", "bedrock", str), ("envelope-list", "bedrock", list), ("list", "custom-scorer", str)],
)
def test_the_response_mode_is_a_setting(sam, environment, settings, mode, event, kind):
    """Platforms want different envelopes; a custom scorer's event asks for its own."""
    response = invoke(sam, environment, "MathAnswer", event, "--env-vars", settings(RESPONSE=mode))
    assert response["statusCode"] == 200
    assert isinstance(response["body"], kind)


def test_packages_hold_neither_tests_nor_events(sam):
    """What ships is the function's own code and the packages it locks."""
    assert sam
    for function, packages in {"MathAnswer": {"rewards"}, "Sandbox": {"sandbox"}}.items():
        built = {path.name for path in (ROOT / ".aws-sam" / "build" / function).iterdir()}
        assert packages <= built
        assert not built & {"tests", "events", "workbench", "benchmarks", "judges", "README.md", ".venv"}


@pytest.mark.parametrize("event", ["top-level", "raw-rows"])
@pytest.mark.parametrize(("mode", "is_nova"), [("list", True), ("envelope", False)])
def test_awss_own_verifier_accepts_every_function(sam, environment, settings, event, mode, is_nova):
    """The SDK invokes a function before it submits a job: on real rows, and in the envelope its model family wants."""
    verifier = ROOT / ".tools/verifier/bin/python"
    if not verifier.exists():
        pytest.skip("no verifier: `make .tools/verifier/.ready` installs it (900 MB)")
    port = free_port()
    command = [
        sam,
        "local",
        "start-lambda",
        "--port",
        str(port),
        "--skip-pull-image",
        "--env-vars",
        settings(RESPONSE=mode),
    ]
    with listening(command, port, env=environment):
        for function, reward in FUNCTIONS.items():
            request = {"function": function, "event": f"events/{reward}/{event}.json", "is_nova": is_nova}
            options = {"env": environment | {"AWS_ENDPOINT_URL_LAMBDA": f"http://127.0.0.1:{port}"}}
            run([str(verifier), "tests/e2e/verify.py", json.dumps(request)], **options)
