"""The review page and the report in a real browser: by keyboard and by mouse, on a phone, in the dark, on paper."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.test_workbench_cli import touchstone
from tests.test_workbench_review import served, write_answers
from workbench.review.store import Store

SUPPORT = ROOT / "examples" / "support" / "labels.jsonl"
CHROMIUM = shutil.which("chromium") or ""
AXE = next((p for p in (ROOT / ".tools" / "axe" / "node_modules" / "axe-core" / "axe.min.js",) if p.is_file()), None)
browser_only = pytest.mark.skipif(not CHROMIUM, reason="no chromium on PATH: the page is tried without a browser alone")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"]


@pytest.fixture
def chromium():
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - loads for the tests that need a browser

    with sync_playwright() as engine:
        browser = engine.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium):
    opened = chromium.new_page(viewport={"width": 1000, "height": 820})
    opened.set_default_timeout(15_000)
    return opened


def look(page, name):
    """Keep a screenshot where PICTURES names a folder, to be looked at."""
    if os.environ.get("PICTURES"):
        page.screenshot(path=Path(os.environ["PICTURES"]) / f"{name}.png")


def accessible(page):
    """Let axe look for violations; where it is not installed, say nothing."""
    if AXE:
        page.evaluate(AXE.read_text())
        found = page.evaluate("axe.run()")["violations"]
        assert not [(one["id"], [node["html"] for node in one["nodes"]]) for one in found]


def press(page, key):
    """Press a key once the page has loaded, as a person does who has read it."""
    page.wait_for_load_state()
    page.keyboard.press(key)


@browser_only
def test_a_review_by_keyboard_alone(tmp_path, page):
    """Score by digit, note, skip, undo, triage and on with Enter, with no hand on the mouse; axe finds nothing."""
    with served(tmp_path) as (address, _):
        page.goto(address)
        look(page, "label")
        accessible(page)
        press(page, "t")
        page.keyboard.type("why 7")
        press(page, "Escape")
        press(page, "1")
        page.wait_for_url("**/seen*")
        look(page, "seen")
        accessible(page)
        assert "disagree" in page.inner_text("h1")
        press(page, "j")
        page.wait_for_selector("text=1 of 12 labelled")
        press(page, "0")
        page.wait_for_url("**/seen*")
        assert "You: 10" in page.inner_text("main")
        press(page, "u")
        page.wait_for_selector("text=1 of 12 labelled")
        shown = page.get_attribute("input[name=answer]", "value")
        press(page, "s")
        page.wait_for_selector(f"input[name=answer]:not([value='{shown}'])", state="attached")
    kept = list(Store(tmp_path / "labels.sqlite").live())
    assert [(event.kind, event.score, event.words) for event in kept] == [
        ("label", 1, "why 7"),
        ("triage", None, "judge"),
        ("skip", None, ""),
    ]


@browser_only
def test_half_points_and_the_rubrics_line_by_keyboard(tmp_path, page):
    """H adds half a point; R on a disagreement opens the rubric with its line selected and in sight."""
    with served(tmp_path) as (address, _):
        page.set_viewport_size({"width": 390, "height": 844})
        page.goto(address)
        press(page, "h")
        look(page, "label-narrow")
        accessible(page)
        press(page, "9")
        page.wait_for_url("**/seen*")
        assert "You: 9.5" in page.inner_text("main")
        look(page, "seen-narrow")
        press(page, "r")
        page.wait_for_selector("textarea[data-line]")
        read = "(t => t.value.slice(t.selectionStart, t.selectionEnd))(document.querySelector('#text'))"
        number = int(page.get_attribute("#text", "data-line") or 0)
        assert page.evaluate(read) == page.input_value("#text").split("\n")[number - 1]
        look(page, "rubric-line")
        accessible(page)


@browser_only
def test_a_review_by_mouse(tmp_path, page):
    """Every step can be clicked; agreement and rubric are pages like any other; axe finds nothing on them."""
    with served(tmp_path) as (address, _):
        page.goto(address)
        for score in (9, 2, 8, 3, 7, 1):
            page.click(f"button[name=score][value='{score}']")
            page.wait_for_url("**/seen*")
            page.click("text=Next answer")
            page.wait_for_selector("fieldset.scores")
        page.click("text=Agreement")
        page.wait_for_selector("text=On 6 answers")
        look(page, "agreement")
        accessible(page)
        page.click("nav >> text=Rubric")
        page.wait_for_selector("textarea#text")
        accessible(page)
        page.click("text=Keep and run again")
        page.wait_for_selector("text=Before: On 6 answers")
        look(page, "rubric")


def labelled(tab, score):
    """Press a score in a tab, and come back for the next answer."""
    shown = tab.get_attribute("input[name=answer]", "value")
    press(tab, str(score % 10))
    tab.wait_for_url("**/seen*")
    press(tab, "Enter")
    tab.wait_for_selector("fieldset.scores")
    return shown


@browser_only
def test_two_tabs_and_a_killed_server_lose_no_label(tmp_path, chromium):
    """Both tabs label the same answer; the server is killed; whatever was shown as kept is there again."""
    given, answers = [], write_answers(tmp_path)
    with served(tmp_path, answers=answers) as (address, running):
        context = chromium.new_context()
        tabs = [context.new_page(), context.new_page()]
        for tab in tabs:
            tab.goto(address)
        for score, tab in zip((3, 8, 5, 10, 1), tabs * 3, strict=False):
            given.append((labelled(tab, score), score))
        running.send_signal(signal.SIGKILL)
        running.wait()
        tabs[0].keyboard.press("7")
        tabs[0].wait_for_timeout(300)
    held = dict(given)
    assert len(held) < len(given), "one answer was labelled in both tabs"
    kept = list(Store(tmp_path / "labels.sqlite").live())
    assert [(event.answer, event.score) for event in kept] == given
    with served(tmp_path, answers=answers) as (address, _):
        tab = context.new_page()
        tab.goto(address)
        assert f"{len(held)} of 12 labelled" in tab.inner_text("h1")


@browser_only
def test_a_review_of_five_thousand_answers(tmp_path, page):
    """With 1,500 labels kept the next answer comes by keyboard as ever, and the agreement is there."""
    answers = write_answers(tmp_path, 5000)
    store = Store(tmp_path / "labels.sqlite")
    for number in range(1500):
        store.append(f"x{number}", "me", f"a{number}", "label", score=1 + number % 10)
    store.close()
    with served(tmp_path, answers=answers) as (address, _):
        page.goto(address)
        assert "1500 of 5000" in page.inner_text("h1")
        for score in (4, 9, 6):
            labelled(page, score)
        assert "1503 of 5000" in page.inner_text("h1")
        page.click("text=Agreement")
        page.wait_for_selector("text=On 1503 answers")


@browser_only
def test_the_pages_are_read_in_the_dark(tmp_path, chromium):
    """Whoever's system is dark gets dark pages, in colours that axe finds readable."""
    with served(tmp_path) as (address, _):
        tab = chromium.new_page(color_scheme="dark", viewport={"width": 1000, "height": 820})
        tab.goto(address)
        assert tab.evaluate("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"
        look(tab, "label-dark")
        accessible(tab)
        press(tab, "1")
        tab.wait_for_url("**/seen*")
        look(tab, "seen-dark")
        accessible(tab)
        for place in ("agreement", "rubric"):
            tab.goto(address.split("?")[0] + place)
            accessible(tab)


@browser_only
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_report_is_read_on_a_phone_on_paper_and_by_everybody(tmp_path, chromium, scheme):
    """No sideways scrolling of the page, no half-empty first sheet, and axe finds no violation, by day and by night."""
    report = tmp_path / "r.html"
    touchstone("calibrate", "support", SUPPORT, "--report", report)
    size = {"width": 390, "height": 844}
    page = chromium.new_page(viewport=size, bypass_csp=True, color_scheme=scheme)
    page.goto(report.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    accessible(page)
    pages = page.pdf(format="A4").count(b"/Type /Page\n")
    assert 3 <= pages <= 5
