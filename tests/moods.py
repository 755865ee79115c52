"""How a service behaves on purpose: its quotas, latencies and faults, by a clock that is handed in."""

from __future__ import annotations

import heapq
import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

# Faults that Plan.faults may name beside Bedrock's errors.
STALL, RESET, CUT, TORN, NO_OUTPUT, MALFORMED = "stall", "reset", "cut", "torn", "no_output", "malformed"


@dataclass(frozen=True)
class Plan:
    """Say how the service behaves.

    Args:
        latency_s: Median of a lognormal latency.
        sigma: Its spread.
        requests_per_s: Quota; 0 is none. `burst_s` seconds of it may be used at once.
        tokens_per_s: Quota of reserved tokens (input and maxTokens).
        burst_s: Seconds of quota that may be saved up.
        window_s: Where it is not 0, the quota is counted in windows of so many seconds instead, and none is saved up.
        faults: Share of requests that meet a fault, by the fault's name.
        stall_s: How long a stalled request hangs before its connection is closed.
        refuses: Fields that the model refuses with a ValidationException: strict, tool, any, schema, temperature,
            cache, metadata.
        seed: Of everything random.
    """

    latency_s: float = 0.0
    sigma: float = 0.5
    requests_per_s: float = 0.0
    tokens_per_s: float = 0.0
    burst_s: float = 1.0
    window_s: float = 0.0
    faults: Mapping[str, float] = field(default_factory=dict)
    stall_s: float = 60.0
    refuses: tuple[str, ...] = ()
    seed: int = 7


class Quota:
    """Count what is used: a bucket that fills at a rate, or windows that each begin with all of it."""

    def __init__(self, rate: float, plan: Plan, now: float) -> None:
        self._rate, self._window = rate, plan.window_s
        self._most = max(1.0, rate * (plan.window_s or plan.burst_s))
        self._level, self._at = self._most, now

    def take(self, amount: float, now: float) -> bool:
        """Use some, where there is enough left."""
        if not self._rate:
            return True
        if self._window and now // self._window > self._at // self._window:
            self._level = self._most
        elif not self._window:
            self._level = min(self._most, self._level + (now - self._at) * self._rate)
        self._at = now
        if self._level < min(amount, self._most):
            return False
        self._level -= amount
        return True


class Mood:
    """Decide what becomes of each request.

    Args:
        plan: How the service behaves.
        now: Seconds, by the caller's clock.
    """

    def __init__(self, plan: Plan, now: float) -> None:
        self.plan, self._random = plan, random.Random(plan.seed)  # noqa: S311 - repeatable faults, no secrets
        self._requests = Quota(plan.requests_per_s, plan, now)
        self._tokens = Quota(plan.tokens_per_s, plan, now)
        self.reserved = 0.0

    def throttled(self, reserved: float, now: float) -> str:
        """Tell which quota refuses a request: requests, tokens, or none of them."""
        if not self._requests.take(1, now):
            return "requests"
        if not self._tokens.take(reserved, now):
            return "tokens"
        self.reserved += reserved
        return ""

    def fault(self) -> str:
        """Draw the fault that a request meets, if any."""
        roll = self._random.random()
        for fault, share in self.plan.faults.items():
            if roll < share:
                return fault
            roll -= share
        return ""

    def latency(self) -> float:
        """Draw a reply's latency in seconds."""
        return self.plan.latency_s * math.exp(self._random.gauss(0, self.plan.sigma))


def ideal(plan: Plan, latencies: Sequence[float], workers: int, per_request: float = 1.0) -> float:
    """Give the makespan that nothing beats: the good replies in their order, each as soon as there is room for it.

    Room is a worker that is free and, under a quota, what has been saved up and come in by then; nothing ever goes
    wrong, waits for a retry or is asked twice.

    Args:
        plan: The service's; its faults are left out.
        latencies: Seconds, one for each item, in the order in which they were asked.
        workers: How many may be under way at once.
        per_request: What one request reserves of a quota in tokens.
    """
    rate = plan.requests_per_s or plan.tokens_per_s / per_request
    free_at = [0.0] * workers
    for place, latency in enumerate(latencies, 1):
        begins = max(free_at[0], (place - rate * plan.burst_s) / rate if rate else 0.0)
        heapq.heapreplace(free_at, begins + latency)
    return max(free_at)
