"""What every test may use: an environment without AWS, and the sample events."""

from __future__ import annotations

import json
import os
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from judges import bedrock, scheduler
from tests.converse_server import ConverseServer

ROOT = Path(__file__).parent.parent
EVENTS = sorted((ROOT / "events").glob("*/*.json"))
collect_ignore = [] if os.environ.get("E2E") else ["e2e"]  # `make e2e` runs those: they build and start containers
OURS = (
    "AWS_",
    "BEDROCK",
    "JUDGE_",
    "LOG_SAMPLES",
    "OPENAI_",
    "POWERTOOLS_",
    "REQUIRE_LOCK",
    "RESPONSE",
    "REWARD",
    "RUBRIC",
    "SANDBOX",
)

settings.register_profile("quick", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("thorough", settings.get_profile("quick"), max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


@pytest.fixture(autouse=True)
def no_aws(monkeypatch):
    """Run every test as on a machine that has never heard of AWS, or of our settings."""
    for name in list(os.environ):
        if name.startswith(OURS):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture
def load_event():
    """Read a sample event by its reward and its envelope."""
    return lambda reward, envelope: json.loads((ROOT / "events" / reward / f"{envelope}.json").read_text())


@pytest.fixture
def converse(monkeypatch):
    """Start Converse servers and point boto3 at the newest, as a deployment would: by environment variables alone."""
    with ExitStack() as running:

        def start(*script, plan=None, **more):
            server = running.enter_context(ConverseServer(plan, script=list(script), **more))
            monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", server.url)
            bedrock.forget_clients()
            scheduler.forget()
            return server

        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, "test")
        monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        yield start
    bedrock.forget_clients()
