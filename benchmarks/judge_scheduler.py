"""Goodput of the judge's scheduler beside boto3's own retry modes, against a server that misbehaves on purpose.

`ratio` is ideal over measured. Ideal is the makespan of the same good replies, dealt out in the order in which they
were asked, each as soon as a worker is free and the quota (what it had saved up, then its rate) has room for it: no
fault, no retry, nothing asked twice. (A request that is asked twice may beat it, where the first would have
been slow.) Cold is a client's first batch; warm its next ones. With `--latency 2`, which is nearer to a real judge's,
the figures hold on a busy machine too; at the default every millisecond of processor time shows.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from judges import bedrock, converse, panel, scheduler  # noqa: E402 - the script runs from anywhere
from judges.ladder import Shape  # noqa: E402
from judges.library import default  # noqa: E402
from judges.prompt import question  # noqa: E402
from judges.verdict import read  # noqa: E402
from rewards.rubric import MARGIN  # noqa: E402
from tests.moods import Plan, ideal  # noqa: E402

MODEL = "vendor.judge-v1:0"
MIXED = {
    "stall": 0.02, "ThrottlingException": 0.02, "reset": 0.01, "cut": 0.01, "ModelTimeoutException": 0.01,
    "ModelErrorException": 0.01, "ServiceUnavailableException": 0.005, "InternalServerException": 0.005,
    "malformed": 0.01,
}  # fmt: skip


@dataclass(frozen=True)
class Scenario:
    """Name a server's mood and what is asked of it."""

    name: str
    plan: Plan
    items: int = 600
    workers: int = 50
    seconds: float = 120.0


def scenarios(scale: float, latency: float) -> list[Scenario]:
    """List what is measured; `scale` below 1 makes it shorter and its figures rougher."""
    items = int(600 * scale)
    plan = Plan(latency_s=latency, sigma=0.5)
    half = 22.0 / latency  # requests a second: half of what 50 workers would ask
    return [
        Scenario("no quota", plan, items),
        Scenario("quota at half", replace(plan, requests_per_s=half), items),
        Scenario("tokens at half", replace(plan, tokens_per_s=half * 1700), items),
        Scenario("10 % faults", replace(plan, faults=MIXED), items),
        Scenario("2/s, 15 s", replace(plan, requests_per_s=2.0), 256, 64, 15.0),
    ]


@contextmanager
def server() -> Iterator[str]:
    """Run the Converse server in a process of its own."""
    command = [sys.executable, "-m", "tests.converse_server", "--port", "0"]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)  # noqa: S603 - our own module
    try:
        match = re.search(r"http://\S+", process.stderr.readline() if process.stderr else "")
        yield match[0] if match else ""
    finally:
        process.terminate()
        process.wait(10)


def call(url: str, plan: Plan | None = None) -> dict[str, Any]:
    """Set the server's plan, or read its statistics."""
    data = json.dumps(asdict(plan)).encode() if plan else None
    with urllib.request.urlopen(url + ("/plan" if plan else "/stats"), data, 10) as answer:  # noqa: S310 - loopback
        read_back: dict[str, Any] = json.load(answer)
        return read_back


def worth(item: int) -> int:
    """Give the score that the server's judge gives an item."""
    return item % 10 + 1


lost: list[str] = []  # why, for each item that got no score because of us
floor: list[str] = []  # why, for each whose judge broke its form twice: that is final, and earns the floor


def ours(item: int, deadline: float) -> float | None:
    """Judge one item as the reward does, with the margin that it keeps."""
    asked = question(default(), "My app is slow.", f"Answer number {item} (worth {worth(item)})")
    outcome = panel.ask(bedrock.Bedrock(MODEL, 80), asked, deadline - MARGIN)
    lost.extend(filter(None, [outcome.fault]))
    floor.extend(filter(None, [outcome.failure]))
    return outcome.finding.score if outcome.finding else None


def sdk(mode: str) -> Callable[[int, float], float | None]:
    """Judge one item with boto3's own retries, ten attempts, and our reading of the reply."""
    import boto3  # noqa: PLC0415 - only where it is measured
    from botocore.config import Config  # noqa: PLC0415 - the same

    retries: Any = {"total_max_attempts": 10, "mode": mode}
    config = Config(retries=retries, max_pool_connections=80)
    client = boto3.client("bedrock-runtime", config=config)
    client.meta.events.register("before-parse.bedrock-runtime.Converse", bedrock._keep_body)  # noqa: SLF001 - the same reading

    def one(item: int, deadline: float) -> float | None:
        if time.monotonic() > deadline:
            return None
        asked = question(default(), "My app is slow.", f"Answer number {item} (worth {worth(item)})")
        try:
            answered: Any = client.converse(**converse.request(asked, MODEL, Shape(), 400))
            return read(converse.response(answered["Body"]).reply, asked).score
        except Exception:  # noqa: BLE001 - a peer's loss is counted, whatever it is
            return None

    return one


def measure(url: str, scenario: Scenario, one: Callable[[int, float], float | None]) -> str:
    """Score the items and write one line of the table."""
    lost.clear()
    floor.clear()
    time.sleep(scenario.plan.burst_s)  # the server's quota starts full, as after the pause between two batches
    call(url, scenario.plan)
    started = time.monotonic()
    deadline = started + scenario.seconds
    with ThreadPoolExecutor(scenario.workers) as pool:
        scores = list(pool.map(lambda item: one(item, deadline), range(scenario.items)))
        took = time.monotonic() - started
    stats = call(url)
    scored = sum(score is not None for score in scores)
    why = f"  lost: {lost[0][:80]}" if lost else f"  floor {len(floor)}" if floor else ""
    wrong = sum(score is not None and score != worth(item) for item, score in enumerate(scores))
    sent = sum(stats["served"].values())
    throttled = stats["served"].get("ThrottlingException", 0)
    each = stats["tokens"] / max(len(stats["busy"]), 1)
    best = ideal(scenario.plan, stats["busy"][: scenario.items], scenario.workers, each or 1.0)
    ratio = f"{best / took:4.2f}" if scored + len(floor) == scenario.items else "   -"
    return (
        f"{took:6.2f} s  ratio {ratio}  scored {scored:3}/{scenario.items}  wrong {wrong}  "
        f"sent {sent}  throttled {throttled / sent:5.1%}{why}"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--latency", type=float, default=0.5)
    parser.add_argument("--only", default="")
    parser.add_argument("--peers", nargs="*", default=["legacy", "standard", "adaptive"])
    told = parser.parse_args()
    with server() as url:
        os.environ |= {
            "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
        }
        bedrock.client(80)
        for scenario in scenarios(told.scale, told.latency):
            if told.only not in scenario.name:
                continue
            print(f"{scenario.name}: {scenario.items} items, {scenario.workers} workers", flush=True)
            scheduler.forget()
            for state in ("cold", "warm", "warm"):
                print(f"  ours, {state:8}", measure(url, scenario, ours), flush=True)
            for mode in told.peers:
                print(f"  boto3 {mode:8}", measure(url, scenario, sdk(mode)), flush=True)
    threading.Event().wait(0.1)


if __name__ == "__main__":
    main()
