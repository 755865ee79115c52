"""The review page, as a person uses it: a real server, a real browser, by keyboard and by mouse."""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager
from urllib.parse import quote

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import ROOT
from tests.converse_server import ConverseServer, error, sample_in, tool_reply
from tests.test_workbench_cli import MODEL, aws, touchstone, write_rows
from workbench.answers import Answer, read_answers
from workbench.labels import read_labels
from workbench.panels import panel
from workbench.review.desk import Desk
from workbench.review.order import stratified
from workbench.review.store import Store


def write_answers(folder, count=12):
    rows = [
        {
            "id": f"a{n}",
            "prompt": f"My app is slow ({n % 3})",
            "response": f"Answer {n}. Since when is it? " * (n % 4 + 1),
        }
        for n in range(count)
    ]
    return write_rows(folder / "answers.jsonl", *rows)


@contextmanager
def served(folder, *more, answers=None, rubric=None, **environment):
    """Serve a review of a rubric of its own, and give its address with the token."""
    (folder / "mine.yaml").write_text((ROOT / "judges" / "rubrics" / "support.yaml").read_text())
    command = [
        sys.executable,
        "-m",
        "workbench",
        "review",
        rubric or folder / "mine.yaml",
        answers or write_answers(folder),
    ]
    command += ["--labels", folder / "labels.sqlite", "--json", *more]
    running = subprocess.Popen(
        [str(part) for part in command],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env={"PATH": os.environ["PATH"], **environment},
    )
    assert running.stdout
    try:
        yield json.loads(running.stdout.readline())["url"], running
    finally:
        running.send_signal(signal.SIGKILL)
        running.wait()
        running.stdout.close()


@pytest.fixture
def client():
    with httpx.Client(follow_redirects=True, timeout=30) as made:
        yield made


def hidden(page, name):
    return page.text.split(f'name="{name}" value="')[1].split('"')[0]


def label(client, address, score, **more):
    """Label the answer that the page shows, as its form does."""
    page = client.get(address)
    sent = {name: hidden(page, name) for name in ("csrf", "form", "answer")} | {"score": str(score)} | more
    return client.post(address.split("?")[0] + "label", data=sent), sent


def triage(client, address, answer, decided):
    """Decide whose mistake a disagreement is, as the page's form does."""
    base = address.split("?")[0]
    page = client.get(base + "seen?answer=" + quote(answer))
    sent = {"csrf": hidden(page, "csrf"), "form": hidden(page, "form"), "answer": answer, "decided": decided}
    return client.post(base + "triage", data=sent)


def test_the_judge_is_not_shown_before_the_label(tmp_path, client):
    """Blind first: a label that has seen the judge's score says nothing about the judge."""
    with served(tmp_path) as (address, _):
        first = client.get(address)
        assert "cues found" not in first.text
        base = address.split("?")[0]
        assert "cues found" not in client.get(base + "seen?answer=" + hidden(first, "answer")).text
        seen, sent = label(client, address, 1)
        assert "cues found" in seen.text
        assert str(seen.url).endswith("/seen?answer=" + sent["answer"])


def test_whoever_lacks_the_token_or_comes_by_another_name_sees_nothing(tmp_path, client):
    """Other programs' pages on this machine, and DNS names that lead here, are refused; forms need their token too."""
    with served(tmp_path) as (address, _):
        base = address.split("?")[0]
        assert client.get(base).status_code == 403
        assert client.get(base + "?token=guess").status_code == 403
        page = client.get(address)
        assert page.status_code == 200
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert client.get(base, headers={"host": "evil.example"}).status_code == 421
        forged = {"answer": hidden(page, "answer"), "form": "f", "score": "9", "csrf": "guess"}
        assert client.post(base + "label", data=forged).status_code == 403
        assert client.post(base + "rubric", data={"text": "instructions: Bow.", "csrf": ""}).status_code == 403
    assert not list(Store(tmp_path / "labels.sqlite").live())


@pytest.mark.parametrize("score", ["11", "0", "nan", "7.3", "", "10 and a half"])
def test_a_score_off_the_scale_is_refused(tmp_path, client, score):
    """Nothing is clipped into a label."""
    with served(tmp_path) as (address, _):
        more = {"half": "1"} if "half" in score else {}
        page, sent = label(client, address, score.split(" ")[0], note="kept", **more)
        assert page.status_code == 400
        assert ">kept</textarea>" in page.text, "the note is not lost with the slip"
        assert hidden(page, "answer") == sent["answer"]
    assert not list(Store(tmp_path / "labels.sqlite").live())


def test_a_killed_server_and_two_tabs_lose_no_label(tmp_path, client):
    """A label is on the disk before the page says so; a form sent twice is one label; both tabs' labels are kept."""
    with served(tmp_path) as (address, running):
        tabs = [client.get(address), client.get(address)]
        base = address.split("?")[0]
        for score, tab in zip((3, 4), tabs, strict=True):
            sent = {name: hidden(tab, name) for name in ("csrf", "form", "answer")} | {"score": str(score)}
            assert client.post(base + "label", data=sent).status_code == 200
            client.post(base + "label", data=sent)
        label(client, address, 8, note="good")
        running.send_signal(signal.SIGKILL)
    kept = list(Store(tmp_path / "labels.sqlite").live())
    assert [event.score for event in kept] == [3, 4, 8]
    with served(tmp_path) as (address, _):
        assert "2 of 12 labelled" in client.get(address).text


def test_labels_are_append_only(tmp_path):
    """Undo is an event of its own; SQLite itself refuses to change or drop what was written."""
    store = Store(tmp_path / "labels.sqlite")
    store.append("f1", "ann", "a1", "label", score=3)
    store.append("f2", "ann", "a1", "label", score=5)
    assert store.undo("f3", "ann") == "a1"
    assert [event.score for event in store.live()] == [3]
    assert store.undo("f4", "bob") == ""
    other = sqlite3.connect(tmp_path / "labels.sqlite")
    for change in ("DELETE FROM events", "UPDATE events SET score = 9"):
        with pytest.raises(sqlite3.IntegrityError, match="append only"):
            other.execute(change)
    assert other.execute("SELECT count(*) FROM events").fetchone() == (3,)
    assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    other.close()
    store.close()


def test_skipped_answers_come_last_and_undo_brings_an_answer_back(tmp_path, client):
    """Skip, label and undo are steps that can each be taken back."""
    with served(tmp_path, answers=write_answers(tmp_path, 3)) as (address, _):
        base, first = address.split("?")[0], hidden(client.get(address), "answer")
        label(client, address, "", skip="1")
        second = hidden(client.get(address), "answer")
        assert second != first
        label(client, address, 4)
        page = client.post(base + "undo", data={"csrf": hidden(client.get(address), "csrf"), "form": "u1"})
        assert hidden(page, "answer") == second


def test_two_raters_labels_are_exported_as_calibrate_reads_them(tmp_path, client):
    """What was labelled here is what `calibrate` measures with, each rater by name, notes and triage included."""
    for rater, scores in (("ann", (3, 5, 7, 9, 2, 4)), ("bob", (4, 5, 8, 9, 1, 4))):
        with served(tmp_path, "--rater", rater, answers=write_answers(tmp_path, 6)) as (address, _):
            for score in scores:
                label(client, address, score, note=f"by {rater}")
            assert client.get(address.split("?")[0] + "agreement").text.count("On 6 answers") == 1
    target = tmp_path / "labels.jsonl"
    command = ["review", tmp_path / "mine.yaml", tmp_path / "answers.jsonl", "--labels", tmp_path / "labels.sqlite"]
    touchstone(*command, "--export", target)
    labelled = read_labels(target)
    assert len(labelled) == 6
    assert all(set(one.scores) == {"ann", "bob"} for one in labelled)
    assert json.loads(touchstone("calibrate", tmp_path / "mine.yaml", target, "--json").stdout)["human"]["n"] == 6


def test_an_edited_rubric_is_run_on_the_frozen_set_and_a_broken_one_is_not_kept(tmp_path, client):
    """Mend the rubric and see at once what it does; a file that is no rubric leaves the old one."""
    with served(tmp_path) as (address, _):
        for score in (1, 9, 3, 8, 2, 7):
            label(client, address, score)
        base, before = address.split("?")[0], (tmp_path / "mine.yaml").read_text()
        page = client.get(base + "rubric")
        sent = {name: hidden(page, name) for name in ("csrf", "shown")}
        broken = client.post(base + "rubric", data=sent | {"text": "instructions: [\n"})
        assert "Not kept" in broken.text
        assert (tmp_path / "mine.yaml").read_text() == before
        kinder = before.replace("start: 3.5", "start: 9.5")
        assert kinder != before
        after = client.post(base + "rubric", data=sent | {"text": kinder})
        assert after.text.count("On 6 answers the judge is") == 2
        assert (tmp_path / "mine.yaml").read_text() == kinder
        stale = client.post(base + "rubric", data=sent | {"text": before})  # another tab, loaded before that edit
        assert "has changed since this page was loaded" in stale.text
        assert (tmp_path / "mine.yaml").read_text() == kinder


SUPPORT = ROOT / "examples" / "support" / "labels.jsonl"


@pytest.mark.parametrize("given", [True, False])
def test_the_first_labels_are_spread_over_prompts_and_scores(tmp_path, given):
    """Whoever stops after ten has seen every prompt, and weak, middling and strong answers; so has the next rater."""
    rows = [json.loads(line) for line in SUPPORT.read_text().splitlines()]
    rows = [row if given else {key: row[key] for key in ("id", "prompt", "response")} for row in rows[::2]]
    answers = read_answers(write_rows(tmp_path / "a.jsonl", *rows))
    store = Store(tmp_path / "labels.sqlite")
    desk = Desk(answers, store, ROOT / "judges/rubrics/support.yaml", panel("offline"))
    truth = {one.answer.id: one.score for one in read_labels(SUPPORT)}
    for rater in ("ann", "bob", "cleo"):
        order = desk.order(rater)
        assert sorted(order) == sorted(desk.answers)
        for start in (0, 10):
            first = order[start : start + 10]
            assert len({desk.answers[one].prompt for one in first}) == 10
            scores = sorted(truth[one] for one in first)
            assert scores[2] <= 4
            assert scores[-3] >= 6.5
    assert desk.order("ann") != desk.order("bob")
    store.close()


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 9)), min_size=1, max_size=60))
def test_every_prompt_has_its_turn_before_one_has_its_second(drawn):
    """Whatever there is to label: nothing is lost, nothing comes twice, and rounds go through all prompts."""
    answers = [Answer(str(n), f"p{prompt}", "x" * score) for n, (prompt, score) in enumerate(drawn)]
    order = stratified(answers, {str(n): float(score) for n, (_, score) in enumerate(drawn)}, "ann")
    assert sorted(order) == sorted(answer.id for answer in answers)
    by_id = {answer.id: answer.prompt for answer in answers}
    sizes: Counter[str] = Counter(by_id.values())
    seen: Counter[str] = Counter()
    for one in order:
        turn = seen[by_id[one]]
        assert all(seen[prompt] >= min(turn, size) for prompt, size in sizes.items())
        seen[by_id[one]] += 1


CRITERIA = (
    "instructions: Help.\ncriteria:\n- {name: asks, description: asks the user}\n"
    "- {name: warm, description: shows empathy}\n"
)


def warm_is_off(body):
    """Score as the answer says, but give `warm` a 1."""
    worth = int(sample_in(body)["answer"].split("worth ")[1].split(")")[0])
    given = [{"name": "asks", "rationale": "r", "score": worth}, {"name": "warm", "rationale": "r", "score": 1}]
    return tool_reply({"criteria": given}, name="submit_scores")


def test_an_unclear_rubric_opens_at_the_line_that_the_disagreement_rests_on(tmp_path, client):
    """By criteria it is the one furthest from the label; else what the judge's score means. An edit shows both."""
    (tmp_path / "by.yaml").write_text(CRITERIA)
    answers = write_rows(tmp_path / "c.jsonl", *[{"id": f"a {n}", "response": f"Hm {n} (worth 9)"} for n in range(6)])
    with ConverseServer(judge=warm_is_off) as server:
        judge = ("--judge", MODEL)
        with served(tmp_path, *judge, answers=answers, rubric=tmp_path / "by.yaml", **aws(server)) as (address, _):
            _, sent = label(client, address, 9)
            opened = triage(client, address, sent["answer"], "rubric")
            assert "<strong>line 4</strong>: <code>- {name: warm" in opened.text
            assert 'data-line="4"' in opened.text
    with served(tmp_path) as (address, _):
        _, sent = label(client, address, 10)
        opened = triage(client, address, sent["answer"], "rubric")
        line = int(opened.text.split('data-line="')[1].split('"')[0])
        assert re.match(r"    [0-9]+: ", (tmp_path / "mine.yaml").read_text().splitlines()[line - 1])
        kinder = (tmp_path / "mine.yaml").read_text().replace("start: 3.5", "start: 9.5")
        form = {name: hidden(opened, name) for name in ("csrf", "shown", "answer")} | {"text": kinder}
        assert "before the edit" in client.post(address.split("?")[0] + "rubric", data=form).text


def test_a_label_that_was_wrong_is_given_again_and_marked_as_not_blind(tmp_path, client):
    """The new label counts, the first stays in the table, and the export tells that the judge had been seen."""
    with served(tmp_path) as (address, _):
        _, sent = label(client, address, 1, note="first")
        again = triage(client, address, sent["answer"], "label")
        assert "Your label was <strong>1</strong>" in again.text
        form = {name: hidden(again, name) for name in ("csrf", "form", "answer")}
        client.post(address.split("?")[0] + "label", data=form | {"score": "6", "half": "1"})
        label(client, address, 5)
        rows = [json.loads(line) for line in client.get(address.split("?")[0] + "labels.jsonl").text.splitlines()]
    told = {row["id"]: (row["score"], row["blind"], row["triage"]) for row in rows}
    assert told.pop(sent["answer"]) == (6.5, False, "label")
    assert list(told.values()) == [(5, True, "")]


def test_a_judge_that_could_not_be_asked_is_asked_again(tmp_path, client):
    """A throttled minute must not leave answers without a verdict for the rest of the review."""
    answers = write_rows(tmp_path / "c.jsonl", *[{"id": f"a{n}", "response": f"Hm (worth {n + 2})"} for n in range(6)])
    with (
        ConverseServer(script=[error("AccessDeniedException")]) as server,
        served(tmp_path, "--judge", MODEL, answers=answers, **aws(server)) as (address, _),
    ):
        first, sent = label(client, address, 9)
        assert "AccessDeniedException" in first.text
        assert "as the stand-in judges" in client.get(address.split("?")[0] + "seen?answer=" + sent["answer"]).text


def test_outside_text_is_text(tmp_path, client):
    """An answer that holds a script shows it."""
    answers = write_rows(tmp_path / "x.jsonl", {"prompt": "<b>p", "response": "<script>alert(1)</script>"})
    with served(tmp_path, answers=answers) as (address, _):
        page = client.get(address).text
    assert "&lt;script&gt;alert(1)" in page
    assert "<b>p" not in page


def test_five_thousand_answers_stay_quick(tmp_path, client):
    """A page of a large review comes within a fraction of a second."""
    with served(tmp_path, answers=write_answers(tmp_path, 5000)) as (address, _):
        client.get(address)
        store = Store(tmp_path / "labels.sqlite")
        for number in range(1500):
            store.append(f"x{number}", "me", f"a{number}", "label", score=5)
        store.close()
        started = time.monotonic()
        for _ in range(5):
            assert "1500 of 5000" in client.get(address).text
        assert (time.monotonic() - started) / 5 < 1
