"""Files that people bring: every spelling of a table that is meant well is read, every other is one clear sentence."""

from __future__ import annotations

import json

import pytest

from tests.test_workbench_cli import write_rows
from workbench.answers import read_answers
from workbench.labels import read_labels
from workbench.rows import InputError, rows

PLAIN = "prompt,response,score\nSlow,Restart it,7\nSlow,Since when?,9\n"


def read(folder, name, content):
    file = folder / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return [(one.answer.prompt, one.answer.text, one.score) for one in read_labels(file)]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", PLAIN.replace(",", ";")),
        ("a.csv", PLAIN.replace(",", "\t")),
        ("a.tsv", PLAIN.replace(",", "\t")),
        ("a.CSV", PLAIN),
        ("a.csv", "\ufeff" + PLAIN),
        ("a.csv", "\ufeff" + PLAIN.replace(",", ";").replace("\n", "\r\n")),
        ("a.csv", PLAIN.replace("\n", "\r")),
        ("a.csv", PLAIN.replace("prompt,response,score", "Prompt, Response ,SCORE")),
        ("a.csv", PLAIN + ",,\n\n , ,\n"),
        ("a.csv", PLAIN.replace("\n", ",\n")),
        ("a.jsonl", "\ufeff" + '{"prompt": "Slow", "response": "Restart it", "score": "7"}\r\n\r\n'
         '{"prompt": "Slow", "response": "Since when?", "score": 9, "note": null, "rater": null, "id": null}'),
    ],
)  # fmt: skip
def test_every_spelling_of_a_table_is_the_same_table(tmp_path, name, content):
    """Excel's semicolons and byte mark, tabs, old and new line ends, capitals, blank rows, nulls: one set of labels."""
    assert read(tmp_path, name, content) == [("Slow", "Restart it", 7), ("Slow", "Since when?", 9)]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.csv", "question,text,grade\na,b,3\n", ("a.csv:2: response: expected the answer's text, under this name; "
         "the row has 'question', 'text', 'grade'")),
        ("a.csv", "response,response,score\na,b,3\n", "a.csv:1: two columns share a name: ['response']"),
        ("a.csv", "prompt,response,score\na,b,3,4\n", "a.csv:2: more fields than the header names"),
        ("a.csv", 'prompt,response,score\na,b,3\na,"b,3\n', "a.csv:3: unexpected end of data: a quotation mark"),
        ("a.csv", "prompt,response,score\na,b\n", "a.csv:2: score: expected a number from 1 to 10; the row has"),
        ("a.csv", "", "no labels"),
        ("a.csv", "prompt,response,score\n", "no labels"),
        ("a.csv", "prompt,response,score\na,café,3\n".encode("latin-1"), "save it as UTF-8 (Excel: CSV UTF-8)"),
        ("a.csv", PLAIN.encode("utf-16"), "no UTF-8 text"),
        ("a.csv", f"response,score\n{'x' * 10_000_001},3\n", "field larger than field limit"),
        ("a.jsonl", PLAIN, ("a.jsonl:1: no JSON: Expecting value: line 1 column 1 (char 0); expected JSON lines, an "
         "object a line, or a table in a .csv or .tsv")),
        ("a.json", '[{"response": "b", "score": 3}]', "a.json:1: expected JSON lines, an object a line, not one list"),
        ("a.jsonl", '{"response": "b", "score": true}', "score: expected a number from 1 to 10"),
        ("a.jsonl", '{"response": "b", "score": NaN}', "score: expected a number from 1 to 10"),
        ("a.jsonl", '{"response": "b", "score": 1e999}', "score: expected a number from 1 to 10"),
        ("a.jsonl", '{"response": "b", "score": "7,5"}', "score: expected a number from 1 to 10"),
        ("a.jsonl", '{"response": "b", "score": ' + "9" * 5000 + "}", "a.jsonl:1: no JSON"),
        ("a.jsonl", "[" * 100_000, "a.jsonl:1: no JSON"),
        ("a.jsonl", "\0\n", "a.jsonl:1: no JSON"),
        ("a.jsonl", '{"response": "b", "prompt": ["p"], "score": 3}', "prompt: Input should be a valid string"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_one_sentence_with_its_place(tmp_path, name, content, says):
    """File, line, what was expected, and what there is instead: never a guess, never another row's value."""
    with pytest.raises(InputError) as raised:
        read(tmp_path, name, content)
    assert says in str(raised.value)
    assert len(str(raised.value).replace(str(tmp_path), "")) < 300


def test_a_long_cell_is_read(tmp_path):
    """Answers are longer than the 131,072 characters at which Python's own reader stops."""
    assert read(tmp_path, "a.csv", f"response,score\n{'x' * 200_000},3\n")[0][1] == "x" * 200_000


def test_answers_without_a_prompt_share_none(tmp_path):
    """Where the prompt is not told, answers are not taken for one group's: ties between them would mean nothing."""
    file = write_rows(tmp_path / "l.jsonl", *({"response": f"Answer {n}", "score": 5} for n in range(3)))
    assert len({one.group for one in read_labels(file)}) == 3


def test_an_answer_keeps_its_name_wherever_it_stands(tmp_path):
    """Labels are kept by name: a row put before others must not hand them its neighbours' labels."""
    one, other = {"prompt": "p", "response": "first"}, {"prompt": "p", "response": "second"}
    before = {answer.text: answer.id for answer in read_answers(write_rows(tmp_path / "a.jsonl", one, other))}
    after = {answer.text: answer.id for answer in read_answers(write_rows(tmp_path / "b.jsonl", other, one))}
    assert before == after
    assert len(set(before.values())) == 2


def test_a_line_cut_short_is_passed_over_only_where_asked(tmp_path):
    """A run that was stopped leaves half a line; anywhere else half a line is a fault."""
    file = tmp_path / "a.jsonl"
    file.write_text(json.dumps({"a": 1}) + '\n{"a": ')
    assert [row for _, row in rows(file, whole_lines=True)] == [{"a": 1}]
    with pytest.raises(InputError, match=r"a\.jsonl:2"):
        list(rows(file))
