"""What every test may use: an environment without AWS, and the sample events."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).parent.parent
EVENTS = sorted((ROOT / "events").glob("*/*.json"))
collect_ignore = [] if os.environ.get("E2E") else ["e2e"]  # `make e2e` runs those: they build and start containers
OURS = ("AWS_", "BEDROCK", "JUDGE_", "LOG_SAMPLES", "POWERTOOLS_", "RESPONSE", "REWARD", "RUBRIC", "SANDBOX")

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
