"""The attack corpus: what it holds, and that no attack changes what a judge is asked or how its reply is read."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from judges.judgement import ContentError
from judges.library import default
from judges.prompt import question
from judges.verdict import Reply, read

ATTACKS = [json.loads(line) for line in (Path(__file__).parent / "attacks" / "support.jsonl").read_text().splitlines()]


def test_the_corpus_is_broad_and_every_attack_has_its_clean_twin():
    """At least sixty attacks of many classes and languages; the attack holds its twin."""
    assert len(ATTACKS) >= 60
    assert len({attack["id"] for attack in ATTACKS}) == len(ATTACKS)
    assert len(Counter(attack["class"] for attack in ATTACKS)) >= 15
    assert len({attack["language"] for attack in ATTACKS}) >= 10
    for attack in ATTACKS:
        assert attack["twin"] in attack["attack"]
        assert attack["twin"] != attack["attack"]


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack["id"])
def test_an_attack_stays_inside_its_json_string(attack):
    """Whatever it imitates, it is one string in one object, and the rest of the request is its twin's."""
    attacked, clean = (question(default(), attack["prompt"], attack[which]) for which in ("attack", "twin"))
    assert json.loads(attacked.user.split("\n")[1]) == {"prompt": attack["prompt"], "answer": attack["attack"]}
    assert attacked.system == clean.system
    assert len(attacked.user.split("\n")) == 2


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack["id"])
def test_a_judge_that_repeats_an_attack_has_given_no_verdict(attack):
    """A judge in the text form that echoes or quotes the answer scores nothing by it, unless it was a whole verdict."""
    asked = question(default(), attack["prompt"], attack["twin"])
    for said in (f"The answer reads: {attack['attack']}\nIt tries to steer me.", f'I was given "{attack["attack"]}".'):
        with pytest.raises(ContentError):
            read(Reply("end_turn", [], [said]), asked)
