"""Rubric files: what may stand in them, where a fault is, and what makes a rubric weak."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from judges import library, offline
from judges.judgement import ConfigurationError
from judges.lint import lint
from judges.rubric import Anchor, Criterion, Cue, Offline, Rubric, Settings
from judges.rubric_file import load
from judges.rubric_form import schema

SHIPPED = sorted(library.SHIPPED.glob("*.yaml"))
FULL = """\
instructions: Be kind.
scale:
  low: 1
  high: 5
  meanings: {1: bad, 5: good}
anchors:
  - {prompt: Hi, answer: Yo, score: 4.5, why: short}
criteria:
  - {name: kind, description: Says something kind., weight: essential}
  - {name: rude, description: Is rude., weight: pitfall}
judge: {max_tokens: 300, temperature: 0.5, samples: 3, resample_over: 2, reference: true, ties: true}
offline:
  start: 3
  cues:
    - {name: asks, pattern: "[?]", points: 1.5, at_most: 2}
"""


def test_a_full_file_says_what_it_says():
    """Every key arrives where it belongs."""
    rubric = load("full", FULL, "full.yaml")
    assert rubric == Rubric(
        "full",
        "Be kind.",
        1,
        5,
        ((1, "bad"), (5, "good")),
        (Anchor("Hi", "Yo", 4.5, "short"),),
        (Criterion("kind", "Says something kind.", "essential"), Criterion("rude", "Is rude.", "pitfall")),
        Settings(300, 0.5, 3, 2, reference=True, ties=True),
        Offline(3, (Cue("asks", "[?]", 1.5, 2),)),
    )


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ("instruction: Be kind.", r"f.yaml:1: instruction: unknown key"),
        ("instructions: Be kind.\njudge:\n  max_token: 9", r"f.yaml:3: judge.max_token: unknown key"),
        (
            "instructions: Be kind.\nanchors:\n  - prompt: a\n    answer: b\n    score: 5\n    why: c\n    x: 1",
            r":7: .*x: unk",
        ),
        ("instructions: Be kind.\ninstructions: Be rude.", r"f.yaml:2: key 'instructions' stands twice"),
        ("scale: {low: 1}", r"f.yaml:1: instructions: Field required"),
        ("instructions: ''", r"f.yaml:1: instructions: "),
        ("instructions: a\nscale: {low: 5, high: 5}", r"f.yaml:2: scale: low \(5\) must be below high \(5\)"),
        ("instructions: a\nscale: {meanings: {11: x}}", r"outside the scale"),
        ("instructions: a\nanchors:\n  - {prompt: a, answer: b, score: 11, why: c}", r"f.yaml:3: anchors.0.score"),
        ("instructions: a\nanchors:\n  - {prompt: a, answer: b, score: 7.3, why: c}", r"f.yaml:3: anchors.0.score"),
        ("instructions: a\nanchors:\n  - {prompt: a, answer: b, score: true, why: c}", r"f.yaml:3: anchors.0.score"),
        (
            "instructions: a\nscale: {high: 5}\nanchors:\n  - {prompt: a, answer: b, score: 9, why: c}",
            r"outside the scale",
        ),
        ("instructions: a\ncriteria:\n  - {name: Kind, description: b}", r"f.yaml:3: criteria.0.name"),
        ("instructions: a\ncriteria:\n  - {name: k, description: b, weight: vital}", r"f.yaml:3: criteria.0.weight"),
        ("instructions: a\ncriteria:\n  - {name: k, description: b, weight: pitfall}", r"not a pitfall"),
        ("instructions: a\ncriteria:\n  - {name: k, description: b}\n  - {name: k, description: c}", r"share a name"),
        ("instructions: a\noffline: {cues: [{name: a, pattern: '(', points: 1}]}", r"f.yaml:2: .*regular expression"),
        ("instructions: [a", r"f.yaml:1: "),
        ("- a", r"f.yaml:1: rubric: "),
        ("", r"f.yaml:1: rubric: "),
        ("instructions: !!python/object:os.system a", r"f.yaml:1"),
    ],
)
def test_a_fault_is_named_with_its_line(broken, said):
    """A typing error is found at start, not learnt from a strange reward."""
    with pytest.raises(ConfigurationError, match=said):
        load("f", broken, "f.yaml")


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_shipped_rubrics_are_sound(file):
    """Each can be read, names the schema for editors, and has no weak spot."""
    text = file.read_text()
    assert text.startswith("# yaml-language-server: $schema=rubric.schema.json\n")
    assert lint(load(file.stem, text, file.name)) == []


def test_the_schema_for_editors_is_fresh():
    """Write it anew: `python -c 'from judges.rubric_form import schema; print(schema(), end="")'`."""
    written = (library.SHIPPED / "rubric.schema.json").read_text()
    assert written == schema()
    assert json.loads(written)["additionalProperties"] is False


GOOD = load("support", (library.SHIPPED / "support.yaml").read_text(), "support.yaml")


@pytest.mark.parametrize(
    ("weak", "said"),
    [
        (replace(GOOD, anchors=()), "no anchors"),
        (replace(GOOD, anchors=tuple(a for a in GOOD.anchors if a.score != 5)), "no anchor between 4 and 7"),
        (replace(GOOD, anchors=tuple(a for a in GOOD.anchors if a.score != 2)), "no anchor for a bad answer"),
        (replace(GOOD, anchors=tuple(a for a in GOOD.anchors if a.score != 9)), "no anchor for a good answer"),
        (replace(GOOD, instructions="Be excellent."), "names nothing observable"),
        (
            replace(GOOD, anchors=tuple(Anchor("p", "a" * int(score), score, "w") for score in (2, 5, 9))),
            "longer anchors score higher",
        ),
        (replace(GOOD, judge=Settings(resample_over=2.0)), "resample_over without several samples"),
        (replace(GOOD, judge=Settings(samples=3)), "samples above 1 at temperature 0"),
        (
            replace(
                GOOD,
                criteria=(
                    Criterion("one", "Asks a question about the error message.", "important"),
                    Criterion("two", "Asks a short question about the message.", "important"),
                ),
            ),
            "criteria one and two overlap",
        ),
        (replace(GOOD, criteria=(Criterion("one", "Asks a question.", "important"),)), "no criterion is essential"),
        (replace(GOOD, criteria=(Criterion("one", "Is good.", "essential"),)), "criterion one: names nothing"),
        (
            replace(GOOD, criteria=tuple(Criterion(f"c{i}", f"Asks q{i}.", "essential") for i in range(6))),
            "may cut off the reply",
        ),
    ],
)
def test_lint_names_a_weak_spot(weak, said):
    """What will make a judge coarse, unsteady or blind is said before anyone trains on it."""
    assert any(said in finding for finding in lint(weak)), lint(weak)


def test_the_offline_judge_counts_as_the_file_says():
    """Each cue so often, absence too, inside the scale, and it says what it found."""
    cues = (Cue("asks", r"[?]", 1.5, 2), Cue("cold", r"\bsorry\b", -2, absent=True))
    rubric = replace(GOOD, offline=Offline(5, cues))
    assert offline.judge(rubric, "Sorry. A? B? C?").score == 8
    assert offline.judge(rubric, "A?").score == 4.5
    assert offline.judge(rubric, "A?").rationale == "cues found: asks +1.5, cold -2"
    assert offline.judge(replace(rubric, high=5), "Sorry. A? B? C?").score == 5


def test_two_rubrics_of_one_name_are_refused(tmp_path, monkeypatch):
    """A row's choice by name must mean one rubric."""
    other = tmp_path / "support.yaml"
    other.write_text("instructions: Be rude.\n")
    monkeypatch.setenv("RUBRICS", str(other))
    with pytest.raises(ConfigurationError, match="two different rubrics"):
        library.allowed()


def test_a_rubric_is_read_once(tmp_path, monkeypatch):
    """It cannot change under a running job."""
    file = tmp_path / "brief.yaml"
    file.write_text("instructions: Be brief.\n")
    monkeypatch.setenv("RUBRIC", str(file))
    assert library.default().instructions == "Be brief."
    file.write_text("instructions: Be long.\n")
    assert library.default().instructions == "Be brief."
    library.forget()
    assert library.default().instructions == "Be long."
