"""When a model is asked: inside its quota, again after a fault, twice when it stalls, never past the deadline."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from judges import known, scheduler
from judges.bedrock import Bedrock, client
from judges.judgement import ServiceFaultError
from judges.known import Model
from judges.pace import Pace
from judges.panel import ask
from judges.prompt import question
from judges.rubric import Rubric
from tests.converse_server import Answer, error, simple_judge, text_reply, tool_reply
from tests.moods import Plan, ideal
from tests.virtual_time import World

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


USUAL = Plan(latency_s=0.5)
HALF = 44.0  # requests a second: half of what 50 workers ask
MIXED = {"stall": 0.02, "ThrottlingException": 0.02, "reset": 0.01, "cut": 0.01, "ModelErrorException": 0.03,
         "malformed": 0.01}  # fmt: skip
BY_CHANCE = "ThrottlingException"


def batches(plan, seed, count=3, **more):
    """Run batches of 600 in 50 workers in virtual time; each of its own luck, with a second between them."""
    world, figures = World(seed), []
    for each in range(count):
        figures.append(world.batch(replace(plan, seed=100 * seed + each), **more))
        world.now += 1.0
    return world, figures


@pytest.mark.parametrize("seed", range(4))
def test_without_a_quota_no_time_is_lost(seed):
    """What is asked twice at the end of a batch makes up for what else is lost."""
    for figures in batches(USUAL, seed)[1]:
        assert (figures.ratio >= 0.95, figures.scored, figures.sent < 1.1 * 600) == (True, 600, True)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("plan", [{"requests_per_s": HALF}, {"tokens_per_s": HALF * 1700}], ids=["requests", "tokens"])
def test_a_quota_is_found_and_used_to_the_full(plan, seed):
    """At half of demand nothing is lost, little wasted, and the quota's rate is all that is waited for."""
    world, (cold, *warm) = batches(replace(USUAL, **plan), seed)
    assert (cold.scored, cold.ratio >= 0.95) == (600, True)
    assert [(each.scored, each.ratio >= 0.95, each.wasted < 0.05) for each in warm] == [(600, True, True)] * 2
    limited, other = (world.model.requests, world.model.tokens)[:: 1 if "requests_per_s" in plan else -1]
    assert limited.rate < float("inf")
    assert other.rate == float("inf")


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("counted", [{"burst_s": 0.1}, {"burst_s": 5.0}, {"window_s": 1.0}], ids=str)
def test_whatever_way_a_quota_is_counted_it_is_found(counted, seed):
    """Nothing saved up, much of it, or windows that each begin anew: learnt in one batch, kept to in the next."""
    _, (cold, *warm) = batches(replace(USUAL, requests_per_s=HALF, **counted), seed)
    assert (cold.scored, cold.ratio > 0.7) == (600, True)
    assert [(each.scored, each.ratio > 0.85, each.wasted < 0.1) for each in warm] == [(600, True, True)] * 2


@pytest.mark.parametrize("seed", range(3))
def test_a_quota_far_below_demand_is_kept_to(seed):
    """Fifty workers against two requests a second: the first burst is wasted, no other."""
    _, (cold, warm) = batches(replace(USUAL, requests_per_s=2.0), seed, 2, items=64, seconds=200)
    assert (cold.scored, warm.scored) == (64, 64)
    assert min(cold.ratio, warm.ratio) > 0.95
    assert warm.wasted < 0.05


@pytest.mark.parametrize(("items", "share"), [(1, 0.3), (10, 0.1), (40, 0.05)])
def test_a_cold_function_loses_nothing_to_stalls(items, share):
    """Before latencies are known too: a second request goes out while there is time for its reply."""
    plan = Plan(latency_s=0.5, faults={"stall": share})
    figures = [World(seed).batch(replace(plan, seed=seed), items=items, seconds=15.0) for seed in range(20)]
    assert [each.lost for each in figures] == [[]] * 20


def test_a_batch_that_ran_out_of_time_leaves_no_line_behind():
    """Who waited for a turn until the deadline gives it back: the next batch begins at once."""
    world = World()
    for _ in range(3):
        figures = world.batch(Plan(latency_s=0.5, requests_per_s=2.0), items=256, workers=64, seconds=15.0)
        world.now += 1.0
        assert figures.scored >= 28  # of 2 saved up and 2 a second for 14 of them


@pytest.mark.parametrize("seed", range(3))
def test_a_quota_that_changes_is_followed(seed):
    """Other users come and go: less is noticed at once, more within a batch or two."""
    world, figures = World(seed), {}
    for turn, quota in enumerate([HALF, HALF / 4, HALF, HALF, HALF * 2]):
        figures[turn] = world.batch(replace(USUAL, requests_per_s=quota, seed=seed), items=400, seconds=300)
        world.now += 1.0
    assert not any(each.lost for each in figures.values())
    assert figures[1].ratio > 0.7
    assert min(figures[3].ratio, figures[4].ratio) > 0.65


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("share", [0.03, 0.06, 0.12])
def test_throttles_by_chance_slow_little_down(share, seed):
    """What is refused at any rate is no quota: it is retried, and the others go on; much of it takes time to tell."""
    _, (cold, *warm) = batches(replace(USUAL, faults={BY_CHANCE: share}), seed)
    assert [each.scored for each in (cold, *warm)] == [600] * 3
    assert min(each.ratio for each in warm) > (0.9 if share < 0.1 else 0.3)


@pytest.mark.parametrize("seed", range(6))
def test_mixed_faults_cost_a_fifth_at_most(seed):
    """A tenth of all requests stalls, breaks or is malformed: every item has its outcome, and nearly in time."""
    for figures in batches(replace(USUAL, faults=MIXED), seed)[1]:
        assert (figures.lost, figures.scored + figures.floored) == ([], 600)
        assert figures.ratio >= 0.8


@pytest.mark.parametrize("plan", [
    Plan(latency_s=0.5, faults={"stall": 1.0}), Plan(latency_s=0.5, requests_per_s=2.0), Plan(latency_s=30.0, sigma=0),
    Plan(latency_s=0.5, faults={BY_CHANCE: 1.0})], ids=["stalls", "quota", "slow", "throttles"])  # fmt: skip
def test_the_deadline_holds_to_the_instant(plan):
    """Whatever the service does, it is over by the deadline; what got no reply is told why."""
    figures = World().batch(plan, items=256, workers=64, seconds=15.0)
    assert figures.seconds <= 15.0
    assert figures.lost
    assert figures.scored + len(figures.lost) == 256


def test_the_ideal_is_what_a_quota_and_the_workers_allow():
    """Two at a time: 1 and 3, then 2 beside the 3; under a quota of one a second, two of them saved up."""
    assert ideal(Plan(), [1.0, 3.0, 2.0], 2) == 3.0
    assert ideal(Plan(requests_per_s=1.0, burst_s=2.0), [0.5] * 6, 9) == 4.5


def test_a_quota_costs_retries_and_no_score(converse):
    """Over a socket: throttled requests are asked again until they get through."""
    server = converse(plan=Plan(latency_s=0.05, requests_per_s=40))
    assert scores(score_all(100)) == [item % 10 + 1 for item in range(100)]
    assert server.served["ThrottlingException"] > 0


def test_too_many_tokens_slows_tokens_down(converse):
    """And not requests: the service's words tell which quota it was."""
    server = converse(plan=Plan(latency_s=0.02, tokens_per_s=20_000))
    assert None not in scores(score_all(80))
    assert server.served["ThrottlingException"] > 0
    assert known.about(MODEL).tokens.rate < float("inf")
    assert known.about(MODEL).requests.rate == float("inf")


def test_mixed_faults_lose_nothing_and_change_no_score(converse):
    """Throttles, resets, cut bodies and every passing error: all items scored, none wrong."""
    faults = dict.fromkeys(
        ["ThrottlingException", "ModelTimeoutException", "ModelErrorException", "InternalServerException", "reset",
         "ServiceUnavailableException", "cut", "torn", "no_output", "ModelNotReadyException"], 0.02
    )  # fmt: skip
    server = converse(plan=Plan(latency_s=0.02, faults=faults))
    assert scores(score_all(200)) == [item % 10 + 1 for item in range(200)]
    assert sum(server.served[fault] for fault in faults) > 10


def test_a_stalled_call_is_asked_twice(converse):
    """Once the usual latency is known, a call that hangs costs a little more than that, not a read timeout."""
    server = converse(plan=Plan(latency_s=0.02, sigma=0.1))
    score_all(40)
    server.script.append(Answer({}, fault="stall"))
    outcome = ask(Bedrock(MODEL, 80), asked(1, 7), time.monotonic() + 50)  # the stalled one takes 60
    assert (scores([outcome]), outcome.usage.calls) == ([7], 2)


def test_a_hedge_that_loses_is_paid_for(converse):
    """Both replies to a request that was asked twice cost tokens: the next item bears what came late."""
    server = converse(plan=Plan(latency_s=0.02, sigma=0.1))
    score_all(40)
    time.sleep(0.5)  # for what was asked twice at the end of that
    known.about(MODEL).collect_late()
    server.script.append(Answer(tool_reply({"rationale": "x", "score": 7}).body, delay_s=3.0))
    first = ask(Bedrock(MODEL, 80), asked(1, 7), time.monotonic() + 60)
    assert (first.usage.calls, first.usage.input_tokens) == (2, 700)
    time.sleep(3.5)
    assert ask(Bedrock(MODEL, 80), asked(2, 7), time.monotonic() + 60).usage.input_tokens == 1400


def test_an_unknown_model_is_given_time(converse):
    """The first use of a schema may take long: without known latencies nothing is asked twice."""
    server = converse(Answer(tool_reply({"rationale": "x", "score": 3}).body, delay_s=1.0))
    assert scores([ask(Bedrock(MODEL, 80), asked(), time.monotonic() + 60)]) == [3]
    assert len(server.requests) == 1


def test_threads_end_with_the_deadline(converse):
    """A batch before a service that only stalls is over, with the reason for each item; no thread waits on."""
    converse(plan=Plan(faults={"stall": 1.0}))
    outcomes = score_all(40, workers=40, seconds=1.5)  # to the instant: in virtual time, above
    assert all("the deadline ha" in outcome.fault for outcome in outcomes)


def test_an_item_is_tried_five_times_at_most(converse):
    """A service that is down is not hammered."""
    server = converse(plan=Plan(faults={"ServiceUnavailableException": 1.0}))
    outcome = ask(Bedrock(MODEL, 80), asked(), time.monotonic() + 60)
    assert "gave up after 5 requests" in outcome.fault
    assert len(server.requests) == 5


def test_steps_down_the_ladder_are_no_attempts(converse):
    """A model that takes nothing but plain text is still asked again after a passing fault."""
    steps = [error("ValidationException")] * 7
    server = converse(*steps, error("ServiceUnavailableException"), text_reply('{"rationale": "x", "score": 5}'))
    assert scores([ask(Bedrock(MODEL, 80), asked(), time.monotonic() + 60)]) == [5]
    assert len(server.requests) == 9


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
    usage = ask(Bedrock("us.amazon.nova-lite-v1:0", 80), asked(), time.monotonic() + 60).usage
    assert (usage.calls, usage.retries, usage.input_tokens, usage.output_tokens) == (3, 2, 1400, 120)
    assert usage.cost == pytest.approx((1400 * 0.06 + 120 * 0.24) / 1e6)


def test_an_error_that_nobody_thought_of_is_a_fault_not_a_hang(converse):
    """Whatever a transport raises ends the asking."""

    class Broken(Bedrock):
        def send(self, *_):
            raise ServiceFaultError("no such thing")

    converse()
    assert "no such thing" in ask(Broken(MODEL, 1), asked(), time.monotonic() + 60).fault


def test_a_pace_without_throttles_holds_nobody_up():
    """No quota is assumed before there is a sign of one."""
    pace = Pace()
    for instant in range(1000):
        turn = pace.line_up(1, instant / 1e6)
        assert pace.ready(turn, instant / 1e6) == instant / 1e6
        pace.sent(turn, instant / 1e6)
    assert pace.rate == float("inf")


def test_the_first_cut_goes_to_what_was_let_through():
    """Of 50 sends in a second 20 were let through: that is the pace, and the next ones wait for it in their order."""
    pace, now = Pace(), 100.0
    turns = [pace.line_up(1, now) for _ in range(50)]
    for turn in turns:
        pace.sent(turn, now := now + 0.02)
    for turn in turns[20:]:
        pace.throttled(turn, now)
    assert pace.rate == pytest.approx(20, rel=0.15)
    waits = [pace.ready(pace.line_up(1, now), now) - now for _ in range(10)]
    assert waits == sorted(waits)
    assert waits[-1] - waits[-2] == pytest.approx(1 / pace.rate)


def test_patience_is_learnt_from_latencies_and_from_whether_hedging_helped():
    """Long without knowledge; then a little over the slow replies; shorter the more often a second request won."""
    model = Model()
    assert model.patience(0.0, 60.0) == 30
    for i in range(100):
        model.took(1 + i / 100)
    model.starts()
    first = model.patience(0.0, 60.0)
    assert 1.95 < first < 3
    model.helped(second=True)
    assert model.patience(0.0, 60.0) < first
    for _ in range(100):
        model.helped(second=False)
    assert first < model.patience(0.0, 60.0) < 2 * first


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
