"""Calibration: simulated raters and judges whose truth is known, and the command as a person runs it."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from scipy import stats
from sklearn.isotonic import IsotonicRegression

from judges import offline
from judges.rubric import Anchor, Rubric
from tests.conftest import ROOT
from tests.converse_server import ConverseServer, sample_in, tool_reply
from tests.test_workbench_cli import MODEL, aws, touchstone, write_rows
from workbench.answers import Answer
from workbench.calibration.feel import tied_pairs
from workbench.calibration.intervals import Estimate
from workbench.calibration.measure import measured
from workbench.calibration.report import html
from workbench.calibration.sentence import sentence
from workbench.judging import Judged, _joined
from workbench.labels import Labelled, apart_from_anchors, label_hash, read_labels
from workbench.rows import InputError
from workbench.rubrics import read_rubric

SUPPORT = ROOT / "examples" / "support" / "labels.jsonl"


@pytest.mark.parametrize(
    ("bias", "order", "alone", "says"),
    [
        ((-0.8, -1.2, -0.4), (0.9, 0.88, 0.92), True, "0.8 points stricter than you (0.4 to 1.2)"),
        ((0.1, -0.2, 0.4), (0.9, 0.88, 0.92), True, "may be none (0.2 stricter to 0.4 kinder)"),
        ((0.8, 0.4, 1.2), (0.9, 0.88, 0.92), False, "than the raters"),
        ((0.8, 0.4, 1.2), (0.71, 0.47, 0.86), True, "40 labels cannot tell .6 from .8: label 60 more."),
        ((0.8, 0.4, 1.2), (0.7, 0.66, 0.74), True, "40 labels are enough to tell .6 from .8."),
        ((0.02, -0.2, 0.2), (0.9, 0.88, 0.92), True, "the judge is as kind as you (0.2 stricter to 0.2 kinder) and"),
        ((0.8, 0.4, 1.2), (0.97, 0.9, 1.0), True, "40 labels are enough to tell .7 from .9."),
        ((0.8, 0.4, 1.2), (0.97, -1.0, 1.0), True, "40 labels are enough to tell .7 from .9."),
        ((0.8, 0.4, 1.2), (0.3, -1.0, 1.0), True, "40 labels cannot tell .2 from .4: label 190 more."),
        (
            (0.8, 0.4, 1.2),
            (None, None, None),
            True,
            "orders nothing like you, for it gave every",
        ),
        ((0.8, None, None), (0.5, None, None), True, "too few labels for an interval"),
    ],
)
def test_the_sentence_says_what_the_figures_say(bias, order, alone, says):
    """One honest sentence: kinder or stricter, how well it orders, and whether the labels suffice."""
    assert says in sentence(40, Estimate(*bias), Estimate(*order), alone=alone)


def test_few_labels_do_not_ask_for_a_thousand_more():
    """At eight labels the interval is rough: what is still needed is then what theory says of any labels."""
    said = sentence(8, Estimate(-0.6, -4.0, 2.9), Estimate(-0.11, -0.89, 0.85), alone=True)
    assert said.endswith("8 labels cannot tell -.2 from .0: label 260 more.")


def test_the_labels_still_asked_for_are_those_that_theory_asks_for():
    """Label so many in all, and the interval tells the two ends apart nine times in ten: tried by drawing labels."""
    generator = np.random.default_rng(9)
    said = sentence(20, Estimate(0.8, 0.4, 1.2), Estimate(0.7, -1.0, 1.0), alone=True)
    needed = 20 + int(said.rsplit("label ", 1)[1].split()[0])
    pearson = 2 * np.sin(np.pi / 6 * 0.8)  # whose normal scores have a rank correlation of .8
    apart = 0
    for _ in range(400):
        one, other = generator.multivariate_normal([0, 0], [[1, pearson], [pearson, 1]], needed).T
        z = np.arctanh(stats.spearmanr(one, other).statistic) - 1.96 * np.sqrt(1.06 / (needed - 3))
        apart += z > np.arctanh(0.6)
    assert 0.85 <= apart / 400 <= 0.96


def test_figures_are_of_single_verdicts():
    """A deployed function asks once: a mean of repeats would tie less and err less than what training will feel."""
    joined = _joined([Judged(Answer("a", "p", "t"), score, (score,)) for score in (3.0, 8.0)])
    assert (joined.score, joined.repeats, joined.times) == (3.0, (3.0, 8.0), 2)
    lost = _joined([Judged(Answer("a", "p", "t"), None, failed=True), Judged(Answer("a", "p", "t"), 8.0, (8.0,))])
    labelled = [label(number, 1.0 + number) for number in range(9)] + [label(9, 8.0)]
    judged = [Judged(one.answer, one.score, (one.score,) * 2, times=2) for one in labelled[:-1]] + [lost]
    told = measured(Rubric("r", "Ask."), labelled, judged, 4)
    assert told["feel"]["failures"] == pytest.approx(1 / 20)


def label(number, score, *, group="p", rater="", **more):
    answer = Answer(f"a{number}", f"prompt {group}", f"answer {number}")
    return Labelled(answer, group, {rater: score, **more}, {})


def test_anchors_are_never_measured():
    """An answer that the judge was shown with its score says nothing about the judge."""
    rubric = Rubric("r", "Ask.", anchors=(Anchor("any", " Answer  3 ", 5, "why"),))
    measured_ones, shown = apart_from_anchors([label(number, 5.0) for number in range(6)], rubric)
    assert [one.answer.id for one in shown] == ["a3"]
    assert len(measured_ones) == 5


def test_an_answer_without_a_verdict_is_counted_and_not_invented():
    """It is no score of 1 and no score of 5: it is a failure, with its share."""
    labelled = [label(number, 1.0 + number % 9) for number in range(20)]
    judged = [
        Judged(one.answer, None) if n < 2 else Judged(one.answer, one.score, (one.score,))
        for n, one in enumerate(labelled)
    ]
    told = measured(Rubric("r", "Ask."), labelled, judged, 4)
    assert told["n"] == 18
    assert told["feel"]["failures"] == pytest.approx(0.1)
    assert told["no_verdict"] == ["a0", "a1"]
    assert told["figures"]["mae"]["value"] == 0


def test_a_judge_that_pays_for_length_is_caught():
    """Length bias is what length explains of the judge beyond the label, and its interval leaves 0 out."""
    generator = np.random.default_rng(6)
    rows = []
    for number in range(60):
        long, true = int(generator.integers(20, 800)), float(generator.integers(2, 9))
        answer = Answer(str(number), "p", "x" * long)
        rows.append((Labelled(answer, f"p{number % 10}", {"": true}, {}), Judged(answer, true + long / 400, (true,))))
    told = measured(Rubric("r", "Ask."), [row[0] for row in rows], [row[1] for row in rows], 8)
    assert told["feel"]["length_bias"]["low"] > 0.5


def test_labels_are_read_from_csv_as_from_json_lines(tmp_path):
    """Two spellings of one label set are one label set, by hash too."""
    rows = [{"prompt": "Slow, again", "response": f'He said "{n}"\nand left', "score": n} for n in range(1, 7)]
    jsonl = write_rows(tmp_path / "l.jsonl", *rows)
    table = tmp_path / "l.csv"
    quoted = [f'"Slow, again","He said ""{n}""\nand left",{n}' for n in range(1, 7)]
    table.write_text("prompt,response,score\n" + "\n".join(quoted))
    assert label_hash(read_labels(jsonl)) == label_hash(read_labels(table))


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"response": "b", "score": 11}, "score"),
        ({"response": "b", "score": "NaN"}, "score"),
        ({"response": "b"}, "score"),
        ({"score": 3}, "response"),
        ({"id": "a", "response": "other", "score": 3}, "two different answers"),
        ({"id": "a", "prompt": "p", "response": "a", "score": 3}, "scored 'a' twice"),
    ],
)
def test_a_label_that_cannot_be_right_is_refused_with_its_line(tmp_path, row, says):
    """Labels are the ground that everything stands on: none is guessed, clipped or overwritten."""
    first = {"id": "a", "prompt": "p", "response": "a", "score": 5}
    with pytest.raises(InputError, match=r"l\.jsonl:2.*" + re.escape(says)):
        read_labels(write_rows(tmp_path / "l.jsonl", first, row))


def test_the_shipped_example_calibrates_with_no_account(tmp_path):
    """The whole loop in seconds: the raters' agreement is the ceiling, the offline judge the floor."""
    report = tmp_path / "report.html"
    told = json.loads(touchstone("calibrate", "support", SUPPORT, "--report", report, "--json").stdout)
    assert told["n"] == 80
    assert told["human"]["figures"]["spearman"]["value"] > 0.98
    assert 0.5 < told["figures"]["spearman"]["value"] < told["human"]["figures"]["spearman"]["low"]
    assert told["baselines"]["constant"]["figures"]["spearman"]["value"] is None
    assert abs(told["baselines"]["length_only"]["figures"]["spearman"]["value"]) < 0.3
    assert told["sentence"].startswith("On 80 answers the judge is")
    page = report.read_text()
    assert told["sentence"] in page
    assert page.count("<article>") == 10
    assert not re.search(r"(src|href)=|https?://|<script", page), "the report needs no network"


def test_a_model_is_calibrated_and_replayed(tmp_path):
    """Through a real socket, then from the recording: the same figures, and a clear error where a reply lacks."""
    kept = tmp_path / "replies.jsonl"
    rows = [
        {"prompt": f"p{n % 4}", "response": f"Answer {n} (worth {n % 9 + 1})", "score": (n + n // 7) % 9 + 1}
        for n in range(24)
    ]
    labels = write_rows(tmp_path / "l.jsonl", *rows)
    command = ["calibrate", "support", labels, "-j", MODEL, "--json", "--repeats", 2]
    with ConverseServer() as server:
        live = touchstone(*command, "--record", kept, **aws(server)).stdout
        assert len(server.requests) >= 48, "a slow reply may be asked for twice"
    assert touchstone(*command, "--replay", kept).stdout == live
    lines = kept.read_text().splitlines(keepends=True)
    lost = json.loads(lines[-1])["fingerprint"]
    kept.write_text("".join(line for line in lines if json.loads(line)["fingerprint"] != lost))
    done = touchstone(*command, "--replay", kept, check=3)
    assert not done.stdout
    assert "1 of 24" in done.stderr


def by_criteria(body):
    """Score one criterion as the answer is worth, the other always alike."""
    worth = int(sample_in(body)["answer"].split("worth ")[1].split(")")[0])
    given = [{"name": name, "rationale": f"of {name}", "score": worth if name == "asks" else 5} for name in NAMES]
    return tool_reply({"criteria": given}, name="submit_scores")


NAMES = ("asks", "warm")


def test_a_rubric_by_criteria_is_measured_by_criterion(tmp_path):
    """From a real rubric through a real socket: which criterion orders answers as people do."""
    rubric = tmp_path / "by.yaml"
    rubric.write_text(
        "instructions: Help.\ncriteria:\n" + "".join(f"- {{name: {n}, description: {n}}}\n" for n in NAMES)
    )
    rows = [
        {"prompt": f"p{n % 9}", "response": f"A {n} (worth {n % 8 + 1})", "score": n % 8 + 1 + (n % 3 == 0)}
        for n in range(36)
    ]
    labels, report = write_rows(tmp_path / "l.jsonl", *rows), tmp_path / "r.html"
    with ConverseServer(judge=by_criteria) as server:
        command = ["calibrate", rubric, labels, "-j", MODEL, "--report", report, "--json"]
        told = json.loads(touchstone(*command, **aws(server)).stdout)
    asks, warm = told["criteria"]
    assert (asks["name"], warm["name"]) == NAMES
    worth = [n % 8 + 1 for n in range(36)]
    peer = stats.spearmanr(worth, [one.score for one in read_labels(labels)]).statistic
    assert asks["spearman"]["value"] == pytest.approx(peer)
    assert asks["mean"] == pytest.approx(np.mean(worth))
    assert asks["deviation"] == pytest.approx(np.std(worth))
    assert warm["spearman"]["value"] is None
    assert warm["deviation"] == 0
    cells = report.read_text().split("<h2>Criteria</h2>")[1].split("</table>")[0]
    assert re.findall(r'<th scope="row">(.*?)</th>', cells) == list(NAMES)
    assert f"{np.mean(worth):.2f}" in cells


def test_an_isotonic_map_would_about_double_the_ties():
    """What the refusal says is so, on the shipped example: scikit-learn's own fit ties far more pairs of one prompt."""
    labelled = read_labels(SUPPORT)
    rubric = read_rubric("support")
    judge = np.array([offline.judge(rubric, one.answer.text).score for one in labelled], dtype=float)
    fitted = IsotonicRegression().fit_transform(judge, [one.score for one in labelled])
    groups = [one.group for one in labelled]
    before, after = (
        tied_pairs([[v for v, g in zip(values, groups, strict=True) if g == name] for name in sorted(set(groups))])
        for values in (judge.tolist(), fitted.round(9).tolist())
    )
    assert before is not None
    assert after is not None
    assert after > 1.7 * before


def test_outside_text_stays_text_in_the_report():
    """An answer that holds markup or a script shows as what it is."""
    evil = '<script>alert(1)</script><img src=x onerror="x">'
    labelled, judged = [], []
    for number in range(6):
        answer = Answer(f"{evil}{number}", evil, evil)
        labelled.append(Labelled(answer, "p", {evil: 3.0 + number}, {evil: evil}))
        judged.append(Judged(answer, 4.0, (4.0,), evil))
    told = measured(Rubric("r", "Ask."), labelled, judged, 4) | {"judge": evil, "fingerprint": "f"}
    page = html(told | {"anchors_left_out": []}, 1, 10)
    assert "<script" not in page
    assert "<img" not in page
