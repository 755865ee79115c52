"""The wire: which events are read, how, and what is written back."""

from __future__ import annotations

import copy
import json
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewards import rft
from rewards.interface import Reward, Sample, Verdict

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
FIELDS = ("id", "messages", "prompt", "model_response", "query", "metadata", "reward_model", "reference_answer")
ROW = st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS, JSON)) | JSON


def row(content="42", **fields):
    return {
        "id": "a",
        "messages": [{"role": "user", "content": "6*7?"}, {"role": "assistant", "content": content}],
    } | fields


def only(event):
    (sample,) = rft.parse(event)
    return sample


@pytest.mark.parametrize(
    ("content", "completion"),
    [
        ("42", "42"),
        (None, ""),
        ("", ""),
        ([{"type": "text", "text": "a"}, {"text": "b"}, "c"], "a\nb\nc"),
        ({"text": "42"}, "42"),
        ([{"type": "image_url", "image_url": {"url": "x"}}, {"type": "text", "text": "42"}], "42"),
        ([{"type": "reasoning", "text": "41"}, {"type": "text", "text": "42"}], "42"),
        ([{"reasoningContent": {"text": "41"}}, {"text": "42"}], "42"),
        ([{"type": {"un": "hashable"}, "text": "41"}, {"type": [], "text": "41"}, {"text": "42"}], "42"),
        ([], ""),
    ],
)
def test_content_is_read_in_every_spelling(content, completion):
    """Strings, parts with and without a type, and null are read; parts that are no text are passed over."""
    sample = only([row(content)])
    assert (sample.completion, sample.defect) == (completion, "")


@pytest.mark.parametrize("role", ["assistant", "Assistant", "nova_assistant", "NOVA_ASSISTANT"])
def test_the_last_assistant_turn_is_scored(role):
    """The turn the policy wrote last counts, whatever the platform calls its role; what stood before is the prompt."""
    turns = [("user", "6*7?"), ("assistant", "41"), ("user", "sure?"), (role, "42")]
    sample = only([{"messages": [{"role": name, "content": text} for name, text in turns]}])
    assert sample.completion == "42"
    assert sample.prompt == "user: 6*7?\n\nassistant: 41\n\nuser: sure?"


@pytest.mark.parametrize(
    ("fields", "reference"),
    [
        ({"reference_answer": "top", "metadata": {"reference_answer": "below"}}, "top"),
        ({"reference_answer": None, "metadata": {"reference_answer": "below"}}, "below"),
        ({"metadata": {"reference_answer": {"value": 1}}, "reward_model": {"ground_truth": "verl"}}, {"value": 1}),
        ({"reward_model": {"ground_truth": "verl"}, "ground_truth": "bare"}, "verl"),
        ({"metadata": {"ground_truth": "below"}, "ground_truth": "bare"}, "below"),
        ({"ground_truth": "bare"}, "bare"),
        ({"reference_answer": {"text": "x"}}, "x"),
        ({"reference_answer": {"text": {"text": "x"}}}, "x"),
        ({"reference_answer": {"text": "x", "unit": "m"}}, {"text": "x", "unit": "m"}),
        ({"reference_answer": 0}, 0),
        ({"reference_answer": False}, False),
        ({"reference_answer": [1, 2]}, [1, 2]),
        ({"response": "the policy's, for all we know"}, None),
        ({}, None),
    ],
)
def test_the_reference_answer_is_found_where_any_platform_puts_it(fields, reference):
    """Top level wins over metadata, both over verl's places; a lone text wrapper is taken off."""
    assert only([row(**fields)]).reference_answer == reference


def test_a_custom_scorers_response_is_the_reference_and_never_the_answer():
    """What the policy wrote is `model_response`; reading `response` would make every answer right."""
    sample = only([{"id": "a", "model_response": "41", "query": "6*7?", "response": "42"}])
    assert (sample.prompt, sample.completion, sample.reference_answer) == ("6*7?", "41", "42")


def test_dataset_fields_are_found_at_the_top_and_under_metadata():
    """Platforms differ in where they put a dataset's own fields; where both hold one, metadata's counts."""
    sample = only([row(source="top", level=3, metadata={"source": "below", "limits": {"time_limit_s": 1}})])
    assert sample.metadata == {"source": "below", "level": 3, "limits": {"time_limit_s": 1}}


@pytest.mark.parametrize(
    "wrap",
    [
        lambda rows: rows,
        lambda rows: {"batch": rows},
        lambda rows: {"input": rows},
        lambda rows: {"samples": rows},
        lambda rows: {"trajectories": rows, "step": 4},
        lambda rows: {"body": rows},
        lambda rows: {"body": json.dumps(rows), "headers": {}},
        lambda rows: {"body": json.dumps({"batch": rows})},
        lambda rows: {"body": {"input": rows}},
        lambda rows: rows[0],
        lambda rows: {"body": json.dumps(rows[0])},
    ],
)
def test_every_wrapper_holds_the_same_samples(wrap):
    """An envelope changes nothing about what is in it."""
    rows = [row(reference_answer="42")]
    assert rft.parse(wrap(rows)) == rft.parse(rows)


def test_a_sample_with_a_field_named_like_a_wrapper_is_a_sample():
    """Datasets have columns called `input`; they do not make a row an envelope."""
    assert only(row(input="6*7?")).metadata == {"input": "6*7?"}


@pytest.mark.parametrize(
    ("event", "seen"),
    [
        (None, "null"),
        ("[]", "a string"),
        (3, "a number"),
        (True, "a boolean"),
        ({}, "an empty object"),
        ({"Records": []}, "['Records']"),
        ([1, 2], "a list of a number"),
        ({"body": "{"}, "no JSON"),
        ({"body": "[" * 100_000}, "no JSON"),
        ({"body": {"body": {"body": {"body": {"body": []}}}}}, "['body']"),
        ({"batch": "[]x"}, "no JSON"),
    ],
)
def test_what_is_no_batch_is_refused_with_what_was_seen_and_what_is_accepted(event, seen):
    """A caller who sends the wrong thing learns what to send; it never gets an empty list back."""
    with pytest.raises(rft.EventError) as error:
        rft.parse(event)
    assert seen in str(error.value)
    assert "model_response" in str(error.value)


@pytest.mark.parametrize("field", ["inferenceParams", "metadata"])
def test_a_multi_turn_forwarder_is_told_that_it_is_one(field):
    """Its object asks for a rollout: any answer of ours would be read as one."""
    event = {
        "prompt": "start",
        "metadata": {"jobId": "j", "experimentId": "e", "rolloutId": "r"},
        "inferenceParams": {"temperature": 1.0},
    }
    with pytest.raises(rft.EventError, match="multi-turn"):
        rft.parse({key: value for key, value in event.items() if key in ("prompt", field)})


@pytest.mark.parametrize(
    ("bad", "named"),
    [
        ("not an object", "sample-1 is a string"),
        ({"messages": "text"}, "messages"),
        ({"messages": [{"content": "42"}]}, "messages[0].role"),
        ({"messages": [{"role": "assistant", "content": 42}]}, "messages[0].content"),
        ({"messages": [{"role": "assistant", "content": [{"type": "text", "text": 42}]}]}, "messages[0].content"),
        ({"prompt": 3}, "prompt"),
        ({"metadata": "text", "messages": [{"role": "assistant", "content": "42"}]}, "metadata"),
        ({"reward_model": [], "messages": [{"role": "assistant", "content": "42"}]}, "reward_model"),
        ({"messages": [{"role": "assistant", "content": [{"type": "TEXT", "text": "42"}]}]}, "messages[0].content"),
        ({"messages": [{"role": "assistant", "content": {"value": "42"}}]}, "messages[0].content"),
        ({"model_response": 42}, "model_response"),
        ({"messages": [{"role": "user", "content": "hi"}]}, "no assistant turn"),
        ({"id": ["a"], "messages": [{"role": "assistant", "content": "42"}]}, "id: "),
        ({"id": float("nan"), "messages": [{"role": "assistant", "content": "42"}]}, "id: "),
        ({"id": 10**5000, "messages": [{"role": "assistant", "content": "42"}]}, "id: "),
        ({"id": "\ud800", "messages": [{"role": "assistant", "content": "42"}]}, "id: "),
    ],
)
def test_a_row_that_cannot_be_read_names_its_field_and_spoils_no_other(bad, named):
    """One broken row of a dataset costs that row, with an error that says where to look."""
    first, broken, last = rft.parse([row(), bad, row()])
    assert named in broken.defect
    assert (first.defect, last.defect) == ("", "")


@pytest.mark.parametrize(
    "fields",
    [
        {"query": 5},
        {"prompt": {"template": 1}},
        {"metadata": ""},
        {"metadata": 5},
        {"reward_model": "name"},
        {"ground_truth": {"any": 1}},
    ],
)
def test_a_field_that_is_not_needed_costs_no_score(fields):
    """Data sets have columns of their own under our names; an answer and a reference are all that a score needs."""
    sample = only([row(reference_answer="42", **fields)])
    assert (sample.completion, sample.reference_answer, sample.defect) == ("42", "42", "")


def test_a_turn_before_the_last_may_hold_anything():
    """A tool's output is not text to grade."""
    turns = [
        {"role": "tool", "content": [1, 2]},
        {"role": "user", "content": "6*7?"},
        {"role": "assistant", "content": "42"},
    ]
    assert only([{"messages": turns, "reference_answer": "42"}]).completion == "42"


def test_a_column_named_model_response_is_no_custom_scorer():
    """A teacher's text in the data set must not be scored for the policy's, nor change the envelope."""
    event = [row("41", model_response="42", reference_answer="42")]
    assert only(event).completion == "41"
    assert rft.response_mode(event, "list") == "list"
    assert rft.response_mode([*event, {"model_response": "42"}], "list") == "list"


def test_a_million_wrong_turns_cost_little():
    """One row must not take the memory of the function: reading stops at the first turn that is none."""
    event = [{"messages": [1] * 1_000_000, "prompt": [1] * 1_000_000}]
    tracemalloc.start()
    sample = only(event)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "messages[0]" in sample.defect
    assert peak < 10_000_000


def test_a_defect_never_quotes_the_row():
    """Defects are logged, and logs hold no sample text."""
    for messages in ("s3cret", [{"s3cret": 1}], [{"role": "assistant", "content": {"s3cret": "s3cret"}}]):
        defect = only([{"messages": messages}]).defect
        assert "messages" in defect
        assert "s3cret" not in defect


def test_half_a_surrogate_pair_is_made_readable():
    """JSON can carry what UTF-8 cannot; no grader should meet it."""
    sample = only([row("caf\ud83d \ud83d\ude00")])
    assert sample.completion == "caf\ufffd \U0001f600"


@given(st.lists(ROW, max_size=6))
def test_any_list_is_read_or_refused_and_always_answered_in_kind(rows):
    """Whatever JSON a job sends, it gets one result a row that JSON can carry, or an EventError; never a crash."""
    before = copy.deepcopy(rows)
    try:
        samples = rft.parse(rows)
    except rft.EventError:
        return
    floor = Reward.of(Verdict("any", 0.0))
    for mode in rft.RESPONSE_MODES:
        response = rft.respond(samples, [floor] * len(samples), mode)
        json.dumps(response, allow_nan=False, ensure_ascii=False).encode()
    assert len(samples) == len(rows)
    assert repr(rows) == repr(before)


@given(JSON)
def test_any_event_is_read_or_refused(event):
    """There is no JSON value that gets past the two."""
    try:
        assert all(isinstance(sample, Sample) for sample in rft.parse(event))
    except rft.EventError as error:
        assert "accepted" in str(error)  # noqa: PT017 - both outcomes are right


@pytest.mark.parametrize("mode", ["", "LIST", "json", "envelope_list"])
def test_an_unknown_response_mode_names_the_known_ones(mode):
    """A typo in the deployment shows at the first event, not as a response that the platform misreads."""
    with pytest.raises(ValueError, match="list, envelope, envelope-list"):
        rft.response_mode([], mode)


def test_each_response_mode_carries_the_same_results():
    """The envelope differs, the results do not."""
    samples, rewards = [Sample("a", "", "")], [Reward.of(Verdict("right", 1.0), Verdict("chars", 9, weight=0))]
    metrics = [
        {"name": "right", "value": 1.0, "type": "Reward"},
        {"name": "chars", "value": 9, "type": "Metric"},
    ]
    results = [{"id": "a", "aggregate_reward_score": 1.0, "metrics_list": metrics}]
    envelope, parsed = ({**rft.respond(samples, rewards, mode)} for mode in ("envelope", "envelope-list"))
    assert rft.respond(samples, rewards, "list") == results
    assert json.loads(envelope.pop("body")) == parsed.pop("body") == results
    assert envelope == parsed == {"statusCode": 200, "headers": {"Content-Type": "application/json"}}


def test_a_lost_reward_is_a_bug_not_a_short_list():
    """A partial list would shift every later reward to another sample."""
    with pytest.raises(ValueError, match="shorter"):
        rft.respond([Sample("a", "", ""), Sample("b", "", "")], [Reward.of(Verdict("x", 0.0))], "list")
