"""When a model is asked: inside its quota, again after a fault, twice when it stalls, never past the deadline."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from judges import known, scheduler
from judges.bedrock import Bedrock, client
from judges.judgement import ServiceFaultError
from judges.known import Model
from judges.pace import Pace
from judges.panel import ask
from judges.prompt import question
from judges.rubric import Rubric
from tests.converse_server import Answer, Plan, error, simple_judge, tool_reply

MODEL = "vendor.judge-v1:0"
BRIEF = Rubric("brief", "Be brief.")


def asked(item=0, worth=5):
    return question(BRIEF, "Hi", f"Answer {item} (worth {worth})")


def score_all(count, workers=32, seconds=30.0, worth=lambda item: item % 10 + 1):
    """Ask for `count` items as a batch does; give what came of each."""
    judge, deadline = Bedrock(MODEL, 80), time.monotonic() + seconds
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(lambda item: ask(judge, asked(item, worth(item)), deadline), range(count)))


def scores(outcomes):
    return [outcome.finding.score if outcome.finding else None for outcome in outcomes]


def test_a_quota_is_found_and_kept_to(converse):
    """Against a quota far below demand nothing is lost, and little is wasted once warm."""
    server = converse(plan=Plan(latency_s=0.05, requests_per_s=40))
    assert scores(score_all(60)) == [item % 10 + 1 for item in range(60)]
    server.set_plan(Plan(latency_s=0.05, requests_per_s=40))
    started = time.monotonic()
    assert scores(score_all(120)) == [item % 10 + 1 for item in range(120)]
    took = time.monotonic() - started
    assert took < 4 * (120 - 40) / 40
    assert server.served["ThrottlingException"] < 0.2 * 120


def test_a_token_quota_is_kept_to_as_well(converse):
    """Too many tokens slows tokens down, not requests."""
    server = converse(plan=Plan(latency_s=0.02, tokens_per_s=20_000))
    assert None not in scores(score_all(80))
    assert server.served["ThrottlingException"] > 0
    model = known.about(MODEL)
    assert model.tokens.rate < float("inf")
    assert model.requests.rate == float("inf")


def test_mixed_faults_lose_nothing_and_change_no_score(converse):
    """Throttles, resets, cut bodies and every passing error: all items scored, none wrong."""
    faults = dict.fromkeys(
        ["ThrottlingException", "ModelTimeoutException", "ModelErrorException", "InternalServerException", "reset",
         "ServiceUnavailableException", "cut", "no_output", "ModelNotReadyException"], 0.02
    )  # fmt: skip
    server = converse(plan=Plan(latency_s=0.02, faults=faults))
    assert scores(score_all(200)) == [item % 10 + 1 for item in range(200)]
    assert sum(server.served[fault] for fault in faults) > 10


def test_a_stalled_call_is_asked_twice(converse):
    """Once the usual latency is known, a call that hangs costs a little more than that, not a read timeout."""
    server = converse(plan=Plan(latency_s=0.02, sigma=0.1))
    score_all(40)
    server.script.append(Answer({}, fault="stall"))
    started = time.monotonic()
    outcome = ask(Bedrock(MODEL, 80), asked(1, 7), started + 20)
    assert (scores([outcome]), outcome.usage.calls) == ([7], 2)
    assert time.monotonic() - started < 10.0  # the stalled one would take 60


def test_a_hedge_that_loses_is_paid_for(converse):
    """Both replies to a request that was asked twice cost tokens: the next item bears what came late."""
    server = converse(plan=Plan(latency_s=0.02, sigma=0.1))
    score_all(40)
    server.script.append(Answer(tool_reply({"rationale": "x", "score": 7}).body, delay_s=3.0))
    first = ask(Bedrock(MODEL, 80), asked(1, 7), time.monotonic() + 20)
    assert (first.usage.calls, first.usage.input_tokens) == (2, 700)
    time.sleep(3.5)
    assert ask(Bedrock(MODEL, 80), asked(2, 7), time.monotonic() + 20).usage.input_tokens == 1400


def test_an_unknown_model_is_given_time(converse):
    """The first use of a schema may take long: without known latencies nothing is asked twice."""
    server = converse(Answer(tool_reply({"rationale": "x", "score": 3}).body, delay_s=1.0))
    assert scores([ask(Bedrock(MODEL, 80), asked(), time.monotonic() + 10)]) == [3]
    assert len(server.requests) == 1


def test_the_deadline_holds_whatever_the_server_does(converse):
    """Stalled, throttled or slow: it is over by the deadline, and not long before."""
    for plan in (
        Plan(faults={"stall": 1.0}),
        Plan(requests_per_s=1),
        Plan(latency_s=30.0, sigma=0.0),
    ):
        converse(plan=plan)
        started = time.monotonic()
        outcomes = score_all(40, workers=40, seconds=1.5)
        assert time.monotonic() - started < 5.0  # a machine that is busy included; the benchmark tells by how much
        assert None in scores(outcomes)
        assert all(outcome.fault for outcome in outcomes if not outcome.finding)


def test_an_item_is_tried_five_times_at_most(converse):
    """A service that is down is not hammered."""
    server = converse(plan=Plan(faults={"ServiceUnavailableException": 1.0}))
    outcome = ask(Bedrock(MODEL, 80), asked(), time.monotonic() + 30)
    assert "gave up after 5 requests" in outcome.fault
    assert len(server.requests) == 5


def test_an_unknown_model_is_scouted_by_one_request(converse):
    """A batch does not find out one by one what the model refuses."""
    server = converse(plan=Plan(refuses=("strict", "temperature")))
    client(80)  # as a deployed function does at its start
    assert None not in scores(score_all(30))
    assert server.served["ValidationException"] <= 3


def test_a_model_that_is_not_ready_slows_nobody_down(converse):
    """Its 429 says nothing about the quota."""
    converse(plan=Plan(faults={"ModelNotReadyException": 0.4}))
    score_all(30)
    assert known.about(MODEL).requests.rate == float("inf")


def test_connections_are_kept(converse):
    """A second burst opens no new connections."""
    server = converse(plan=Plan(latency_s=0.05))
    score_all(64)
    opened = server.connections
    score_all(64)
    assert server.connections <= opened + 4


def test_a_judge_that_never_gives_a_verdict_is_our_fault(converse):
    """One answer can break a judge; all of them cannot, so a mute judge is never taken for bad answers."""
    converse(judge=lambda _: tool_reply({"verdict": "fine"}))
    outcomes = score_all(20, workers=1)
    assert [bool(outcome.failure) for outcome in outcomes[:7]] == [True] * 7
    assert all("never given a verdict" in outcome.fault for outcome in outcomes[8:])


def test_usage_counts_what_was_sent(converse):
    """Calls, retries and tokens, the failed ones among the calls."""
    converse(error("ServiceUnavailableException"), tool_reply({"score": 99}))
    usage = ask(Bedrock("us.amazon.nova-lite-v1:0", 80), asked(), time.monotonic() + 10).usage
    assert (usage.calls, usage.retries, usage.input_tokens, usage.output_tokens) == (3, 2, 1400, 120)
    assert usage.cost == pytest.approx((1400 * 0.06 + 120 * 0.24) / 1e6)


def test_an_error_that_nobody_thought_of_is_a_fault_not_a_hang(converse):
    """Whatever a transport raises ends the asking."""

    class Broken(Bedrock):
        def send(self, *_):
            raise ServiceFaultError("no such thing")

    converse()
    assert "no such thing" in ask(Broken(MODEL, 1), asked(), time.monotonic() + 5).fault


class Clock:
    """A clock that a test sets."""

    def __init__(self):
        self.now = 100.0

    def __call__(self):
        """Tell the time."""
        return self.now


def test_a_pace_without_throttles_holds_nobody_up():
    """No quota is assumed before there is a sign of one."""
    pace = Pace()
    started = time.monotonic()
    for _ in range(1000):
        assert pace.take(1, started + 5)
    assert pace.rate == float("inf")


def test_a_cut_goes_to_what_was_let_through():
    """Of 50 sends in a second 20 were let through: that is the pace."""
    clock = Clock()
    pace = Pace(clock)
    sends = []
    for _ in range(50):
        sends.append(pace.take(1, 1000))
        clock.now += 0.02
    for send in filter(None, sends[20:]):
        pace.throttled(send)
    assert pace.rate == pytest.approx(20, rel=0.15)


def test_rare_throttles_slow_nothing_down():
    """Two in a hundred at any rate are mishaps, and cost their retry alone."""
    clock = Clock()
    pace = Pace(clock)
    for i in range(500):
        send = pace.take(1, 1e9)
        clock.now += 0.01
        if send and i % 50 == 49:
            pace.throttled(send)
    assert pace.rate == float("inf")


def test_a_waiter_leaves_when_it_is_not_wanted_or_too_late():
    """Nobody waits for a turn that no longer helps."""
    pace = Pace()
    pace.rate = 0.1
    now = time.monotonic()
    assert pace.take(1, now + 9)
    assert pace.take(1, now + 0.2) is None
    stop = threading.Event()
    stop.set()
    assert pace.take(1, now + 9, stop.is_set) is None
    assert time.monotonic() - now < 0.5


def test_patience_is_learnt_from_latencies_and_from_whether_hedging_helped():
    """Long without knowledge; then a little over the slow replies; shorter the more often a second request won."""
    model = Model()
    assert model.patience() == 30
    for i in range(100):
        model.took(1 + i / 100)
    model.starts()
    first = model.patience()
    assert 1.95 < first < 3
    model.helped(second=True)
    assert model.patience() < first
    for _ in range(100):
        model.helped(second=False)
    assert first < model.patience() < 2 * first


def test_what_is_learnt_survives_a_batch_and_is_forgotten_on_request(converse):
    """A warm function keeps its pace and its ladder."""
    server = converse(plan=Plan(refuses=("strict",)))
    client(80)  # as a deployed function does at its start
    score_all(3)
    score_all(3)
    assert server.served["ValidationException"] == 1
    scheduler.forget()
    score_all(1)
    assert server.served["ValidationException"] == 2


def test_the_simple_judge_of_the_server_is_what_it_says():
    """The tests' own stand-in scores what an answer says it is worth."""
    body = {
        "messages": [{"content": [{"text": 'x\n{"answer": "a (worth 7)"}'}]}],
        "toolConfig": {},
        "system": [{"text": ""}],
    }
    assert '"score": 7' in simple_judge(body).body["output"]["message"]["content"][0]["text"]
