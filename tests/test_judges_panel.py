"""Several judges, several samples, two transports, one cache: what they share and what each costs."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from urllib.request import urlopen

import boto3
import pytest
from moto import mock_aws

from judges import batch, cache, library, models, openai_compatible, pairs, prices, warm
from judges.bedrock import Bedrock
from judges.converse import request
from judges.judgement import ConfigurationError, Finding, ServiceFaultError, Usage
from judges.ladder import Shape
from judges.memo import Memo
from judges.openai_compatible import OpenAICompatible
from judges.panel import Panel, ask
from judges.prompt import question
from judges.rubric import Anchor, Criterion, Rubric, Settings
from rewards.interface import Sample, time_limit
from rewards.rubric import batch as rubric_batch
from rewards.rubric import prepare, rubric, workers
from tests.converse_server import Answer, content_reply, error, sample_in, simple_judge, text_reply, tool_reply
from tests.moods import Plan

BRIEF = Rubric("brief", "Be brief.")
ONE, TWO = "vendor.one-v1:0", "vendor.two-v1:0"


def panel(*names, seconds=60.0, **more):
    return Panel([Bedrock(name, 20) for name in names], time.monotonic() + seconds, **more)


def score(outcome):
    """Give the score that a judge gave, if it did."""
    return outcome.finding.score if outcome.finding else None


def metrics(reward):
    return {verdict.name: verdict.score for verdict in reward.verdicts if not verdict.weight}


# --- both transports read verdicts alike -----------------------------------------------------------------------------


@pytest.fixture(params=["bedrock", "openai"])
def transport(request, converse, monkeypatch):
    """Either transport, against a server that speaks both."""

    def start(*script, **more):
        server = converse(*script, **more)
        monkeypatch.setenv("OPENAI_BASE_URL", f"{server.url}/v1")
        monkeypatch.setenv("OPENAI_API_KEY", "test")
        openai_compatible.client.cache_clear()
        return server, OpenAICompatible("openai:llama") if request.param == "openai" else Bedrock(ONE, 20)

    return start


SCORE = {"rationale": "because", "score": 7}


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (tool_reply(SCORE), 7),
        (tool_reply({"rationale": "x", "score": "7.5"}), 7.5),
        (tool_reply(SCORE, stop="end_turn"), 7),
        (text_reply(json.dumps(SCORE)), 7),
        (text_reply("Good.\nScore: 7/10"), 7),
        (content_reply([{"text": "Score: 2"}, {"toolUse": {"toolUseId": "t", "name": "submit_score", "input": SCORE}}],
                       "tool_use"), 7),
        (tool_reply(SCORE, stop="max_tokens"), None),
        (tool_reply(SCORE, stop="content_filtered"), None),
        (tool_reply(SCORE, stop="never_heard_of"), None),
        (tool_reply({"score": True}), None),
        (tool_reply({"score": 11}), None),
        (tool_reply({"rating": 7}), None),
        (tool_reply(SCORE, name="other"), None),
        (text_reply("A solid 7."), None),
        (text_reply("I'm sorry, I can't help with that."), None),
        (content_reply([], "end_turn"), None),
    ],
)  # fmt: skip
def test_both_transports_pass_the_same_verdict_tests(transport, reply, expected):
    """A verdict is a verdict, whatever carried it; what is none is none on both."""
    _, judge = transport(reply, replace(reply))
    outcome = ask(judge, question(BRIEF, "Hi", "Yo there"), time.monotonic() + 60)
    assert not outcome.fault
    assert score(outcome) == expected


@pytest.mark.parametrize("name", ["ThrottlingException", "ModelTimeoutException", "InternalServerException"])
def test_both_transports_retry_what_passes(transport, name):
    """A passing fault costs time, never a verdict."""
    server, judge = transport(error(name), Answer(b'{"output": {"mess'))
    outcome = ask(judge, question(BRIEF, "Hi", "Yo (worth 4)"), time.monotonic() + 60)
    assert (score(outcome), len(server.requests)) == (4, 3)


def test_both_transports_step_down_the_ladder(transport):
    """Each form that the model refuses is left out, until it answers in text."""
    server, judge = transport(plan=Plan(refuses=("strict", "tool", "any", "schema", "temperature")))
    assert score(ask(judge, question(BRIEF, "Hi", "Yo (worth 4)"), time.monotonic() + 60)) == 4
    assert server.served["200"] == 1


def test_both_transports_count_tokens(transport):
    """What was read, written and cached is known for either."""
    _, judge = transport()
    usage = ask(judge, question(BRIEF, "Hi", "Yo (worth 4)"), time.monotonic() + 60).usage
    assert (usage.input_tokens + usage.cached_tokens, usage.output_tokens, usage.cost) == (700, 60, None)


def test_both_transports_hold_the_deadline(transport):
    """A server that hangs is left in time."""
    _, judge = transport(plan=Plan(faults={"stall": 1.0}))
    outcome = ask(judge, question(BRIEF, "Hi", "Yo"), time.monotonic() + 0.5)  # it would hang for 60 s
    assert "the deadline has passed" in outcome.fault


def test_a_judge_behind_an_openai_endpoint_is_named_with_a_prefix(converse, monkeypatch):
    """JUDGE_MODEL=openai:NAME; without the endpoint's settings the function fails at start."""
    server = converse()
    monkeypatch.setenv("JUDGE_MODEL", "openai:llama3")
    openai_compatible.client.cache_clear()
    with pytest.raises(ConfigurationError, match="OPENAI_API_KEY"):
        prepare()
    monkeypatch.setenv("OPENAI_BASE_URL", f"{server.url}/v1")
    monkeypatch.setenv("OPENAI_API_KEY", "test")
    assert metrics(rubric(Sample("a", "Hi", "Yo (worth 3)")))["score"] == 3
    assert server.requests[-1].model == "llama3"


# --- several judges and samples --------------------------------------------------------------------------------------


def test_several_judges_give_their_mean_and_their_spread(converse, monkeypatch):
    """JUDGE_MODEL lists judges; the reward is the mean of those that answered."""
    server = converse(tool_reply({"score": 4}), tool_reply({"score": 7}))
    monkeypatch.setenv("JUDGE_MODEL", f"{ONE}, {TWO}")
    found = metrics(rubric(Sample("a", "Hi", "Yo there")))
    assert (found["score"], found["judge_spread"], found["judge_calls"]) == (5.5, 3, 2)
    assert {seen.model for seen in server.requests} == {ONE, TWO}


def test_a_judge_that_fails_leaves_the_mean_of_the_others(converse):
    """One judge that refuses or is down costs its voice, not the verdict."""
    server = converse(plan=Plan())
    server.script.extend([error("AccessDeniedException")])
    judgement = panel(ONE, TWO).judge(question(BRIEF, "Hi", "Yo (worth 6)"))
    assert (judgement.score, judgement.answered) == (6, 1)


def test_a_fault_of_ours_beside_a_content_failure_is_our_fault(converse):
    """Nobody is floored as long as a judge was not heard."""
    broken = tool_reply({"score": 99})
    converse(broken, broken, error("AccessDeniedException"), error("AccessDeniedException"))
    with pytest.raises(ServiceFaultError):
        panel(ONE, TWO).judge(question(BRIEF, "Hi", "Yo (worth 6)"))


def test_samples_are_averaged_and_one_more_is_asked_on_disagreement(converse):
    """K replies make a mean; where they differ too much, one more helps to decide."""
    three = replace(BRIEF, judge=Settings(samples=2, temperature=1.0))
    replies = [tool_reply({"score": score}) for score in (2, 8, 8)]
    server = converse(*replies)
    judgement = panel(ONE).judge(question(three, "Hi", "Yo there"))
    assert (judgement.score, judgement.spread, len(server.requests)) == (5, 6, 2)
    more = replace(three, judge=replace(three.judge, resample_over=2))
    server = converse(*replies)
    judgement = panel(ONE).judge(question(more, "Hi", "Yo there"))
    assert (judgement.score, judgement.answered, len(server.requests)) == (6, 3, 3)
    agreeing = converse()
    assert panel(ONE).judge(question(more, "Hi", "Yo there")).answered == 2
    assert len(agreeing.requests) == 2


def test_workers_leave_room_for_what_each_sample_asks_at_once(monkeypatch):
    """The number of requests under way stays within JUDGE_WORKERS."""
    monkeypatch.setenv("JUDGE_MODEL", f"{ONE},{TWO}")
    assert workers(500) == 32


def test_criteria_stand_on_the_wire(converse, tmp_path, monkeypatch):
    """Each criterion's own score is a metric beside their weighted mean."""
    converse()
    file = tmp_path / "two.yaml"
    file.write_text(
        "instructions: Be kind.\ncriteria:\n  - {name: warm, description: Says so., weight: essential}\n"
        "  - {name: cold, description: Is rude., weight: pitfall}\n"
    )
    monkeypatch.setenv("RUBRIC", str(file))
    monkeypatch.setenv("JUDGE_MODEL", ONE)
    found = metrics(rubric(Sample("a", "Hi", "Yo (worth 4)")))
    assert (found["score"], found["score_warm"], found["score_cold"]) == (4, 4, 4)


# --- one batch -------------------------------------------------------------------------------------------------------


def test_identical_requests_in_one_batch_are_asked_once(converse, monkeypatch):
    """Copies get the same verdict, and cost nothing; the next batch asks again."""
    server = converse()
    monkeypatch.setenv("JUDGE_MODEL", ONE)
    samples = [Sample(str(i), "Hi", "Yo (worth 4)") for i in range(5)] + [Sample("x", "Hi", "Yo (worth 8)")]
    with rubric_batch(samples):
        rewards = [rubric(sample) for sample in samples]
    assert len(server.requests) == 2
    assert [metrics(reward)["score"] for reward in rewards] == [4] * 5 + [8]
    assert [metrics(reward)["judge_calls"] for reward in rewards] == [1, 0, 0, 0, 0, 1]
    with rubric_batch(samples[:1]):
        rubric(samples[0])
    assert len(server.requests) == 3


def test_a_memo_hands_on_what_the_first_one_heard():
    """Errors too; and nobody waits past the deadline for somebody else's answer."""
    memo = Memo[int]()

    def fail():
        raise ServiceFaultError("down")

    for _ in range(2):
        with pytest.raises(ServiceFaultError, match="down"):
            memo.once("a", fail, 1)


def group_judge(body):
    """Score 6, and prefer the longer of two answers by far."""
    sample = sample_in(body)
    if "rival" in sample:
        return tool_reply({"score": 10 if len(sample["answer"]) > len(sample["rival"]) else 1})
    return tool_reply({"score": 6})


def test_ties_in_a_group_are_broken_by_comparing_in_both_orders(converse, tmp_path, monkeypatch):
    """Equal scores are told apart by less than a half point, and only where the rubric asks for it."""
    file = tmp_path / "ties.yaml"
    file.write_text("instructions: Be brief.\njudge: {ties: true}\n")
    monkeypatch.setenv("RUBRIC", str(file))
    monkeypatch.setenv("JUDGE_MODEL", ONE)
    server = converse(judge=group_judge)
    samples = [Sample("a", "Hi", "one"), Sample("b", "Hi", "three"), Sample("c", "Hi", "thirteen")]
    samples.append(Sample("d", "Yo", "alone"))
    with rubric_batch(samples):
        found = [metrics(rubric(sample))["score"] for sample in samples]
    assert found == pytest.approx([5.76, 6.0, 6.24, 6.0])
    assert len(server.requests) == 4 + 6
    monkeypatch.delenv("RUBRIC")
    with rubric_batch(samples):
        assert [metrics(rubric(sample))["score"] for sample in samples] == [6] * 4


def test_only_ties_are_compared(converse, tmp_path, monkeypatch):
    """Answers with different scores are in order already: comparing them would cost and move nothing."""
    file = tmp_path / "ties.yaml"
    file.write_text("instructions: Be brief.\njudge: {ties: true}\n")
    monkeypatch.setenv("RUBRIC", str(file))
    monkeypatch.setenv("JUDGE_MODEL", ONE)
    server = converse()
    samples = [Sample("a", "Hi", "Yo (worth 4)"), Sample("b", "Hi", "Yo (worth 5)")]
    with rubric_batch(samples):
        assert [metrics(rubric(sample))["score"] for sample in samples] == [4, 5]
    assert len(server.requests) == 2


def test_a_judge_that_prefers_the_first_breaks_no_tie():
    """Both orders cancel a bias for the position."""
    assert pairs.preference(9, 9) == 0
    assert pairs.broken(10, [1.0], BRIEF) == 10
    assert pairs.broken(10, [-1.0], BRIEF) == pytest.approx(9.52)
    assert pairs.broken(1, [1.0], BRIEF) == pytest.approx(1.48)
    assert pairs.broken(4, [], BRIEF) == 4


def test_a_comparison_uses_the_schema_there_is():
    """Comparing compiles no third schema, and quotes both answers as data."""
    asked = pairs.comparison(BRIEF, "Hi", 'a"}', "b")
    assert asked.tool.name == "submit_score"
    assert json.loads(asked.user.split("\n")[1]) == {"prompt": "Hi", "answer": 'a"}', "rival": "b"}


def test_a_canary_judges_the_anchors_and_tells_the_shift(converse, tmp_path, monkeypatch):
    """Drift is seen inside the job: the rubric's own anchors, judged beside every n-th batch."""
    file = tmp_path / "canary.yaml"
    file.write_text(
        "instructions: Be brief.\nanchors:\n  - {prompt: Hi, answer: Yo (worth 7), score: 6, why: short}\n"
        "  - {prompt: Hi, answer: Hello (worth 3), score: 4, why: long}\n"
    )
    monkeypatch.setenv("RUBRIC", str(file))
    monkeypatch.setenv("JUDGE_MODEL", ONE)
    monkeypatch.setenv("JUDGE_CANARY", "1")
    converse()
    with time_limit(10), rubric_batch([]) as known:
        pass
    assert (known["CanaryJudged"], known["CanaryShift"]) == (2, 0.0)
    assert known["CanaryLargestShift"] in (-1, 1)
    assert (known["rubric"], known["judges"], len(str(known["rubric_version"]))) == ("canary", ONE, 64)
    monkeypatch.setenv("JUDGE_CANARY", "0")
    with rubric_batch([]) as known:
        pass
    assert "CanaryJudged" not in known
    monkeypatch.setenv("JUDGE_CANARY", "often")
    with pytest.raises(ConfigurationError, match="JUDGE_CANARY"):
        batch.canary(BRIEF, 0.0)


# --- cache, prices, warming ------------------------------------------------------------------------------------------


@pytest.fixture
def table(monkeypatch):
    """A DynamoDB that is moto's; the judge is still behind its real socket."""
    monkeypatch.setenv("JUDGE_CACHE_TABLE", "verdicts")
    cache.forget()
    with mock_aws():
        yield
    cache.forget()


def create_table():
    key = [{"AttributeName": "fingerprint", "KeyType": "HASH"}]
    names = [{"AttributeName": "fingerprint", "AttributeType": "S"}]
    boto3.client("dynamodb").create_table(
        TableName="verdicts", KeySchema=key, AttributeDefinitions=names, BillingMode="PAY_PER_REQUEST"
    )


@pytest.mark.usefixtures("table")
def test_what_was_judged_once_costs_nothing_again(converse, monkeypatch):
    """A re-run asks nobody; another model, rubric, answer or sample index is another question."""
    server = converse()
    monkeypatch.setenv("JUDGE_MODEL", ONE)
    create_table()
    first, second = (rubric(Sample("a", "Hi", "Yo (worth 4)")) for _ in range(2))
    assert first.value == second.value
    assert (metrics(second)["judge_calls"], len(server.requests)) == (0, 1)
    monkeypatch.setenv("JUDGE_MODEL", TWO)
    rubric(Sample("a", "Hi", "Yo (worth 4)"))
    assert len(server.requests) == 2


def test_a_fingerprint_covers_everything_that_a_verdict_depends_on():
    """Change anything, and it is another question."""
    asked = question(BRIEF, "Hi", "Yo")
    keys = {
        cache.fingerprint(ONE, asked, 0),
        cache.fingerprint(TWO, asked, 0),
        cache.fingerprint(ONE, asked, 1),
        cache.fingerprint(ONE, question(BRIEF, "Hi", "Yo!"), 0),
        cache.fingerprint(ONE, question(BRIEF, "Ho", "Yo"), 0),
        cache.fingerprint(ONE, question(replace(BRIEF, instructions="Be long."), "Hi", "Yo"), 0),
        cache.fingerprint(ONE, question(replace(BRIEF, judge=Settings(temperature=1.0)), "Hi", "Yo"), 0),
        cache.fingerprint(ONE, question(replace(BRIEF, judge=Settings(max_tokens=99)), "Hi", "Yo"), 0),
        cache.fingerprint(
            ONE, replace(asked, rubric=replace(BRIEF, criteria=(Criterion("a", "b", "essential"),))), 0
        ),  # its schema
    }
    assert len(keys) == 9


@pytest.mark.usefixtures("table")
def test_failures_and_old_verdicts_are_not_kept(converse, monkeypatch):
    """A broken reply is asked for again, and a verdict past its day is as good as gone."""
    broken = tool_reply({"score": 99})
    server = converse(broken, broken)
    monkeypatch.setenv("JUDGE_MODEL", ONE)
    create_table()
    assert "score" not in metrics(rubric(Sample("a", "Hi", "Yo (worth 4)")))
    assert metrics(rubric(Sample("a", "Hi", "Yo (worth 4)")))["score"] == 4
    assert len(server.requests) == 3
    monkeypatch.setattr("time.time", lambda: 4e9)
    assert metrics(rubric(Sample("a", "Hi", "Yo (worth 4)")))["judge_calls"] == 1


@pytest.mark.usefixtures("table")
def test_what_the_cache_holds_is_still_a_score_on_the_scale(converse):
    """A table that others can write to invents no score."""
    converse()
    create_table()
    kept, asked = cache.Cache("verdicts", 1), question(BRIEF, "Hi", "Yo (worth 4)")
    kept.put(cache.fingerprint(ONE, asked, 0), Finding(99.0))
    assert panel(ONE, cache=kept).judge(asked).score == 4


@pytest.mark.usefixtures("table")
def test_a_cache_that_is_not_there_is_never_in_the_way(converse, monkeypatch, caplog):
    """No table, no permission, no matter: the judge is asked, and the log says why."""
    converse()
    monkeypatch.setenv("JUDGE_MODEL", ONE)
    assert metrics(rubric(Sample("a", "Hi", "Yo (worth 4)")))["score"] == 4
    assert "judge cache: cannot read" in caplog.text


@pytest.mark.parametrize("days", ["soon", "0", "-1", "nan"])
def test_a_wrong_cache_setting_is_said(monkeypatch, days):
    """JUDGE_CACHE_DAYS is a positive number."""
    monkeypatch.setenv("JUDGE_CACHE_TABLE", "verdicts")
    monkeypatch.setenv("JUDGE_CACHE_DAYS", days)
    with pytest.raises(ConfigurationError, match="JUDGE_CACHE_DAYS"):
        cache.configured()


@pytest.mark.parametrize(
    ("model", "cost"),
    [
        ("amazon.nova-lite-v1:0", 0.30),
        ("us.amazon.nova-lite-v1:0", 0.30),
        ("arn:aws:bedrock:us-east-1:111122223333:inference-profile/eu.amazon.nova-lite-v1:0", 0.30),
        ("arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/abc123", None),
        ("vendor.judge-v1:0", None),
        ("openai:llama3", None),
    ],
)
def test_cost_is_known_or_it_is_none(model, cost):
    """What is not in the table is unknown, which is never free."""
    found = prices.cost(model, Usage(input_tokens=1_000_000, output_tokens=1_000_000))
    assert found == (pytest.approx(cost) if cost else None)


def test_prices_can_be_told(monkeypatch):
    """JUDGE_PRICES says dollars per million tokens."""
    monkeypatch.setenv("JUDGE_PRICES", "1, 2, 0.1, 1.25")
    usage = Usage(input_tokens=10**6, output_tokens=10**6, cached_tokens=10**6, written_tokens=10**6)
    assert prices.cost("any", usage) == pytest.approx(4.35)
    monkeypatch.setenv("JUDGE_PRICES", "cheap")
    with pytest.raises(ConfigurationError, match="JUDGE_PRICES"):
        prices.cost("any", usage)


def test_an_unknown_price_makes_the_sum_unknown():
    """A sum with an unknown part is not the rest of it."""
    assert (Usage(cost=1.0) + Usage(cost=None)).cost is None
    assert (Usage(cost=1.0, seconds=2.0) + Usage(cost=0.5, seconds=1.0)).cost == 1.5


def test_warming_asks_each_judge_once_by_each_rubric(converse, tmp_path, monkeypatch):
    """Before a job: schemas compile, caches fill, and what is misconfigured is seen."""
    server = converse()
    file = tmp_path / "brief.yaml"
    file.write_text("instructions: Be brief.\n")
    monkeypatch.setenv("RUBRICS", str(file))
    monkeypatch.setenv("JUDGE_MODEL", f"{ONE},{TWO}")
    lines, well = warm.warm()
    assert (len(lines), len(server.requests), well) == (4, 4, True)
    assert all("score 9" in line for line in lines)
    server.script.append(error("AccessDeniedException"))
    assert warm.main() == 1
    monkeypatch.setenv("JUDGE_WORKERS", "none")
    assert warm.main() == 3
    monkeypatch.setenv("JUDGE_MODEL", "offline")
    assert warm.warm() == ([], True)


def test_offline_sits_on_no_panel(monkeypatch):
    """Counted words are no judge among judges."""
    monkeypatch.setenv("JUDGE_MODEL", f"offline,{ONE}")
    with pytest.raises(ConfigurationError, match="offline"):
        models.names()


def test_a_rubric_may_lie_in_a_bucket(monkeypatch):
    """RUBRIC takes an s3 URI; what is not there is the deployment's fault."""
    with mock_aws():
        monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        s3 = boto3.client("s3")
        s3.create_bucket(Bucket="rubrics")
        s3.put_object(Bucket="rubrics", Key="jobs/brief.yaml", Body=b"instructions: Be brief.\n")
        monkeypatch.setenv("RUBRIC", "s3://rubrics/jobs/brief.yaml")
        assert library.default().name == "brief"
        monkeypatch.setenv("RUBRIC", "s3://rubrics/jobs/none.yaml")
        with pytest.raises(ConfigurationError, match="NoSuchKey"):
            library.default()
        s3.put_object(Bucket="rubrics", Key="huge.yaml", Body=b"#" * 300_000)
        monkeypatch.setenv("RUBRIC", "s3://rubrics/huge.yaml")
        with pytest.raises(ConfigurationError, match="over 200000 characters"):
            library.default()


def test_the_server_tells_what_it_served(converse):
    """By hand and in benchmarks its statistics are read over HTTP."""
    server = converse()
    ask(Bedrock(ONE, 5), question(BRIEF, "Hi", "Yo there"), time.monotonic() + 60)
    with urlopen(f"{server.url}/stats", timeout=5) as answer:
        assert json.load(answer)["served"] == {"200": 1}


def test_criteria_and_anchors_are_in_the_prompt():
    """What the file says is what the judge reads."""
    rubric_ = replace(
        BRIEF,
        anchors=(Anchor("Hi", "Yo", 7, "short"),),
        criteria=(Criterion("kind", "Is kind.", "essential"),),
        meanings=((1, "bad"), (10, "good")),
    )
    system = question(rubric_, "", "").system
    for part in ('"score": 7', "- kind (essential): Is kind.", "- 1: bad", "- 10: good"):
        assert part in system


def test_a_simple_judge_scores_by_criteria_too():
    """The stand-in answers in the form that a rubric by criteria asks for."""
    many = replace(BRIEF, criteria=(Criterion("kind", "Is kind.", "essential"),))
    body = request(question(many, "Hi", "Yo (worth 3)"), "m", Shape("text"), 400)
    assert '"criteria"' in simple_judge(body).body["output"]["message"]["content"][0]["text"]
