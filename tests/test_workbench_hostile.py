"""Whoever means harm: another site's page, another service of this machine, and files that were made to be opened."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from html import unescape
from html.parser import HTMLParser

import pytest
from starlette.testclient import TestClient

from judges.judgement import ConfigurationError
from judges.rubric_file import load
from tests.conftest import ROOT
from tests.converse_server import ConverseServer
from tests.test_workbench_cli import MODEL, aws, touchstone
from tests.test_workbench_review import hidden
from workbench.answers import Answer, read_answers
from workbench.calibration.command import calibration
from workbench.calibration.report import html
from workbench.case_files import read_cases
from workbench.labels import Labelled
from workbench.panels import panel
from workbench.recording import Replayer
from workbench.review.desk import Desk
from workbench.review.pages import application
from workbench.review.store import Store
from workbench.rows import InputError

PORT, TOKEN = 8123, "the-token-of-this-run"
EVIL = "</textarea></title>\"'><script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}\u202e\x1b[31m"


def opened(folder, port=PORT, name=EVIL):
    """Open a review of answers whose every text is hostile, as a browser does that was given the address."""
    rubric = folder / "mine.yaml"
    rubric.write_text((ROOT / "judges" / "rubrics" / "support.yaml").read_text())
    answers = [Answer(f"{name} {n}", EVIL, f"{EVIL} {n}") for n in range(6)]
    desk = Desk(answers, Store(folder / "labels.sqlite"), rubric, panel("offline"))
    client = TestClient(application(desk, name[:60], TOKEN, port), base_url=f"http://127.0.0.1:{port}")
    assert client.get(f"/?token={TOKEN}").status_code == 200
    return client


class Tags(HTMLParser):
    """List the tags and attributes that a browser would see."""

    def __init__(self, page):
        super().__init__()
        self.seen = set()
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        """Keep a tag's name, and its handlers."""
        self.seen |= {tag, *(name for name, _ in attrs if name.startswith("on"))}


def label(client, score):
    page = client.get("/")
    sent = {name: hidden(page, name) for name in ("csrf", "form")} | {"score": score, "note": EVIL}
    answer = unescape(hidden(page, "answer"))
    return client.post("/label", data=sent | {"answer": answer}), answer


def test_hostile_text_is_only_text_on_every_page(tmp_path):
    """Answers, ids, notes, rater and rubric hold a script: no page has one but its own, and no handler at all."""
    client = opened(tmp_path)
    pages = [client.get("/").text]
    for score in (1, 9, 3, 8, 2):
        seen, answer = label(client, score)
        assert seen.url.params["answer"] == answer
        pages.append(seen.text)
    form = {"csrf": hidden(seen, "csrf"), "form": "t", "answer": answer}
    pages += [
        client.post("/triage", data=form | {"decided": decided, "form": decided}).text
        for decided in ("rubric", "label")
    ]
    pages += [client.get("/agreement").text, client.get("/rubric").text]
    rubric = client.get("/rubric")
    sent = {name: hidden(rubric, name) for name in ("csrf", "shown")}
    broken = client.post("/rubric", data=sent | {"text": f"{json.dumps(EVIL)}: 1"}).text
    assert "unknown key" in broken
    for page in [*pages, broken]:
        assert "img" not in Tags(page).seen
        assert not any(name.startswith("on") for name in Tags(page).seen)
        assert page.count("<script") == 1, "its own, from /static"
        assert "49" not in page.split("</header>")[0]


def test_another_sites_page_can_neither_read_nor_write(tmp_path):
    """No name but loopback's, no page without the cookie, no form without this run's own, nothing cached or framed."""
    client = opened(tmp_path, name="ann")
    page = client.get("/")
    for name in ("evil.example", f"evil.example:{PORT}", "127.0.0.1", f"127.0.0.1:{PORT + 1}", "", f"[::1]:{PORT}"):
        assert client.get("/", headers={"host": name}).status_code == 421
    stranger = TestClient(client.app, base_url=f"http://127.0.0.1:{PORT}", cookies={"touchstone": TOKEN})
    for path in ("/", "/labels.jsonl", "/static/keys.js", "/rubric", "/nothing", "/?token=", "/?token=guess"):
        assert stranger.get(path).status_code == 403
    sent = {"form": "f", "answer": hidden(page, "answer"), "score": "9"}
    for path in ("/label", "/undo", "/triage", "/rubric"):
        assert client.post(path, data=sent).status_code == 403
        assert client.post(path, data=sent | {"csrf": TOKEN}).status_code == 403
        assert client.post(path, json={"csrf": hidden(page, "csrf")}).status_code == 403
        assert client.get(path, params=sent).status_code == (200 if path == "/rubric" else 405)
    assert client.get("/labels.jsonl").text == ""
    for header, told in {
        "referrer-policy": "no-referrer",
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "content-security-policy": "frame-ancestors 'none'",
    }.items():
        assert told in page.headers[header]


def test_the_token_leaves_the_address_at_once(tmp_path):
    """It is traded for a cookie of this port that no script reads and no other site's request carries."""
    client = opened(tmp_path)
    moved = client.get(f"/?token={TOKEN}", follow_redirects=False)
    assert moved.headers["location"] == "/"
    cookie = moved.headers["set-cookie"].lower()
    assert cookie.startswith(f"touchstone-{PORT}=")
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    (tmp_path / "b").mkdir()
    other = opened(tmp_path / "b", PORT + 1)
    other.cookies.update(client.cookies)
    assert client.get("/").status_code == other.get("/").status_code == 200, "two reviews at a time"


@pytest.mark.parametrize(
    "path", ["/static/../pages.py", "/static/%2e%2e/pages.py", "/static/..%2fpages.py", "/static//etc/passwd"]
)
def test_no_path_leads_out_of_the_pages_own_files(tmp_path, path):
    """Only what lies under static is served."""
    assert opened(tmp_path).get("/static/" + path).status_code == 404


def test_a_form_too_large_or_of_unknown_length_is_refused_unread(tmp_path):
    """Two megabytes hold any rubric and note."""
    client = opened(tmp_path)
    body = b"csrf=" + b"x" * 2_000_001
    head = {"content-type": "application/x-www-form-urlencoded"}
    assert client.post("/label", content=body, headers=head).status_code == 413
    assert client.post("/label", content=iter([b"csrf=x"]), headers=head).status_code == 413


def test_a_rubric_that_is_a_link_stays_one_and_keeps_its_rights(tmp_path):
    """An edit writes through a link, leaves nothing beside it, and gives nobody more rights than before."""
    client, link = opened(tmp_path), tmp_path / "mine.yaml"
    real = link.rename(tmp_path / "real.yaml")
    link.symlink_to(real)
    real.chmod(0o640)
    page = client.get("/rubric")
    sent = {name: hidden(page, name) for name in ("csrf", "shown")}
    client.post("/rubric", data=sent | {"text": real.read_text() + "\n# mended\n"})
    assert link.is_symlink()
    assert real.read_text().endswith("# mended\n")
    assert real.stat().st_mode & 0o777 == 0o640
    assert sorted(one.name for one in tmp_path.iterdir() if "sqlite" not in one.name) == ["mine.yaml", "real.yaml"]


def test_another_raters_answers_stay_unseen_until_they_are_labelled(tmp_path):
    """The agreement page shows what this rater labelled alone: the others are still to be labelled blind."""
    client = opened(tmp_path, name="ann")
    store = Store(tmp_path / "labels.sqlite")
    for number in range(5):
        store.append(f"f{number}", "bob", f"ann {number}", "label", score=9)
    page = client.get("/agreement").text
    assert "On 5 answers" in page
    assert "Decide whose mistake" not in page
    store.append("mine", "ann", "ann 3", "label", score=1)
    assert client.get("/agreement").text.count("Decide whose mistake") == 1


def test_a_label_given_again_after_undo_is_not_blind(tmp_path):
    """Undo takes the label back, not the judge's score that was seen with it."""
    client = opened(tmp_path, name="ann")
    _, answer = label(client, 4)
    client.post("/undo", data={"csrf": hidden(client.get("/"), "csrf"), "form": "u"})
    assert label(client, 6)[1] == answer
    label(client, 5)
    rows = [json.loads(line) for line in client.get("/labels.jsonl").text.splitlines()]
    assert [(row["score"], row["blind"]) for row in rows] == [(6, False), (5, True)]


def test_labels_are_never_handed_to_other_words(tmp_path):
    """An answer that was changed under its id keeps no label of what it said before."""
    store = Store(tmp_path / "labels.sqlite")
    assert store.changed({"a": "1", "b": "1"}) == []
    store.append("f", "ann", "a", "label", score=5)
    assert store.changed({"a": "1", "b": "2", "c": "1"}) == []
    assert store.changed({"a": "2", "b": "3"}) == ["a"]
    assert store.changed({"a": "1"}) == []
    store.close()


def test_a_label_that_cannot_be_written_is_not_called_kept(tmp_path):
    """A disk that is full or a file that was taken away: the page says so, and the next try may succeed."""
    client = opened(tmp_path, name="ann")
    with sqlite3.connect(tmp_path / "labels.sqlite") as other:
        other.execute("ALTER TABLE events RENAME TO gone")
        other.commit()
        refused = client.get("/")
        assert refused.status_code == 503
        assert "Not kept" in refused.text
        other.execute("ALTER TABLE gone RENAME TO events")
    assert client.get("/").status_code == 200


def test_a_rubric_that_cannot_be_written_is_not_called_kept(tmp_path):
    """Its folder was taken away under the page: one sentence, and once it is back the same form is kept."""
    (tmp_path / "here").mkdir()
    client = opened(tmp_path / "here", name="ann")
    page = client.get("/rubric")
    text = (tmp_path / "here" / "mine.yaml").read_text() + "\n# mended\n"
    sent = {name: hidden(page, name) for name in ("csrf", "shown")} | {"text": text}
    (tmp_path / "here").rename(tmp_path / "gone")
    for refused in (client.post("/rubric", data=sent), client.get("/rubric")):
        assert refused.status_code == 503
        assert "Not kept: a file cannot be used" in refused.text
        assert "No such file" in refused.text
    (tmp_path / "gone").rename(tmp_path / "here")
    assert "Not kept" not in client.post("/rubric", data=sent).text
    assert (tmp_path / "here" / "mine.yaml").read_text() == text


def test_a_report_of_hostile_labels_runs_nothing():
    """Answers, notes, raters and ids are text there too, in the pictures as well."""
    rubric = load(EVIL, (ROOT / "judges" / "rubrics" / "support.yaml").read_text(), "mine.yaml")
    labelled = [
        Labelled(
            Answer(f"{EVIL}{n}", EVIL, f"{EVIL}{n}"), f"{EVIL}{n % 3}", {EVIL: n + 1.0, "b": n + 2.0}, {EVIL: EVIL}
        )
        for n in range(8)
    ]
    page = html(calibration(rubric, panel("offline"), labelled), rubric.low, rubric.high)
    assert not Tags(page).seen & {"script", "img", "onerror"}
    assert "<script" not in page


BOMB = "a: &a [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1 or ''}, *a{n - 1 or ''}]\n" for n in range(1, 60))


@pytest.mark.parametrize(
    "text", [BOMB, "instructions: &a [*a]\n", "instructions: " + "[" * 5000, "? [a]\n: b\n", "1", "\0"]
)
def test_a_rubric_made_to_hang_or_crash_is_refused(text):
    """A few lines that stand for billions, a list in itself, depth without end: a sentence, at once."""
    with pytest.raises(ConfigurationError):
        load("mine", text, "mine.yaml")


def test_a_file_of_cases_made_to_crash_is_refused(tmp_path):
    """As a rubric is."""
    file = tmp_path / "a.reward.yaml"
    file.write_text("cases: " + "[" * 5000)
    with pytest.raises(InputError, match="nested too deeply"):
        read_cases(file)


REPLY = {"stop": "end_turn", "calls": [], "texts": ["7"]}


@pytest.mark.parametrize(
    "line",
    [
        {"usage": {"cost": "free"}},
        {"usage": {"input_tokens": [1]}},
        {"usage": 5},
        {"reply": {**REPLY, "calls": [["a"]]}},
        {"reply": []},
        {"reply": {**REPLY, "texts": 5}},
    ],
)
def test_a_recording_that_was_tampered_with_is_refused(tmp_path, line):
    """By its line, before a judge is asked."""
    file = tmp_path / "replies.jsonl"
    file.write_text(json.dumps({"fingerprint": "f", "model": "m", "reply": REPLY, "usage": {}} | line) + "\n")
    with pytest.raises(ConfigurationError, match=r"replies\.jsonl:1: no recorded reply"):
        Replayer("m", file)


CUT = r'"cut \ud83d"'  # what a program leaves that cuts a text between the halves of an emoji


def test_half_a_character_stops_no_command(tmp_path):
    """A text cut within an emoji is real data's: scored, calibrated, labelled and exported with ? in its place."""
    line = f'{{"prompt": {CUT}, "response": %s, "score": %d, "rater": {CUT}, "note": {CUT}, "id": %s}}'
    labels = tmp_path / "l.jsonl"
    labels.write_text("\n".join(line % (f'"A {n}? \\udc00"', n + 1, f'"{n}\\ud83d"') for n in range(8)))
    scored = touchstone("score", "support", labels)
    assert [json.loads(row)["id"] for row in scored.stdout.splitlines()] == [f"{n}?" for n in range(8)]
    touchstone("calibrate", "support", labels, "--report", tmp_path / "r.html", "--json")
    assert "cut ?" in (tmp_path / "r.html").read_text()
    assert json.loads(touchstone("try", "support", "-", "--json", text="A \ufffd").stdout)["response"] == "A \ufffd"
    for stored in read_answers(labels):
        assert Store(tmp_path / "s.sqlite").append(stored.id, "ann", stored.id, "label", score=3, words=stored.text)


@pytest.mark.parametrize("name", ["a\nb", "a\rb", "\n", "a\u0000b", "\u2028", "\ttab"])
def test_an_answer_can_be_labelled_whatever_its_id_holds(tmp_path, name):
    """A browser sends line ends and NUL back otherwise than they came: such an answer gets a name of its own."""
    file = tmp_path / "a.jsonl"
    file.write_text(json.dumps({"id": name, "response": "Hello"}))
    (answer,) = read_answers(file)
    assert answer.id.isprintable()
    assert answer.id.strip()


@pytest.mark.parametrize("depth", [50, 200, 900, 990])
def test_a_reference_nested_without_end_is_judged_or_refused(tmp_path, depth):
    """Never a traceback: what can be read can be shown to a judge, the rest is named with its line."""
    (tmp_path / "mine.yaml").write_text("instructions: Ask.\njudge: {reference: true}\n")
    nested = "[" * depth + "]" * depth
    (tmp_path / "a.jsonl").write_text(f'{{"response": "Hm (worth 7)", "reference_answer": {nested}}}\n')
    with ConverseServer() as server:
        command = [sys.executable, "-m", "workbench", "score", "mine.yaml", "a.jsonl", "-j", MODEL]
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **aws(server)}
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=60
        )
    assert "Traceback" not in done.stderr
    assert done.returncode in {0, 2, 3}


def test_a_file_without_end_is_given_up_at_its_first_line():
    """Nobody means to score /dev/zero, and nobody's memory should go with it."""
    for command in (["score", "support"], ["calibrate", "support"], ["profile"]):
        assert "/dev/zero:1: the line is longer than" in touchstone(*command, "/dev/zero", check=2).stderr
    said = touchstone("try", "support", "Hello", "--replay", "/dev/zero", check=2).stderr
    assert "zero:1: the line is longer than" in said
