"""What test code will ask is asked at once, and decides nothing: each verdict is what it is without foresight."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rewards.code_tests import code_tests
from rewards.codetests import styles
from rewards.codetests.foresight import Call, ForesightError, Questions, foreseen
from rewards.codetests.local_runner import LocalRunner
from rewards.codetests.rows import read_problem
from rewards.interface import Sample

STATEFUL = """
seen = []
def f(x, y=0):
    seen.append(x)
    if x == 3: raise ValueError(len(seen))
    if x == 4: print("four")
    if x == 5: return (n for n in seen)
    if x == 6: return type("Odd", (), {"seen": len(seen)})()
    if x == 7: return "x" * 70_000
    return len(seen) + y
"""
ASSERTIONS = (
    "assert f({n}) == {k}",
    "assert f({n}, y={k}) > {k}",
    "assert f(x={n}) == {k} or f(1)",
    "assert {k} in [f({n})]",
    "assert {k} < 2 or f({n}) == {k}",
    "assert list(f(5))[-1] == 5",
    "assert f(6).seen == {k}",
    "assert len(f(7)) == 70000",
    "x = f({n})",
    "for n in range(2):\n    assert f(n) > {k}",
    "try:\n    f(3)\n    assert False\nexcept ValueError as error:\n    assert error.args == ({k},)",
    "def check(c):\n    assert c({n}) == {k}\n    assert c({k}) >= {n}\ncheck(f)",
    "def check(c):\n    assert c({n}) == {k}\n    assert c({k}) >= {n}\ncheck(lambda x: f(x) and f(x))",
)


def verdicts(code, test, *, foresee):
    """Score test code with or without foresight, as if that were all that there is."""
    problem = read_problem(Sample("1", "", "", {"test_code": test}))
    return styles._examined(problem, code, LocalRunner(), foresee=foresee)  # noqa: SLF001 - the switch itself


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(ASSERTIONS), st.integers(0, 8), st.integers(0, 8)), min_size=2, max_size=12))
def test_foresight_changes_no_verdict(written):
    """Whatever the order of calls, and whatever each of them leaves behind for the next."""
    test = "\n".join(line.format(n=n, k=k) for line, n, k in written) + "\nassert f(0) >= 0"
    plainly = verdicts(STATEFUL, test, foresee=False)
    foreseeing = verdicts(STATEFUL, test, foresee=True)
    assert foreseeing is None or foreseeing == plainly


def test_a_wrong_guess_is_made_good():
    """Where something else is asked than was foreseen the tests are run again without foresight."""
    test = "def check(c):\n    assert c(1) == 1\n    assert c(2) == 4\ncheck(lambda x: f(x) if x == 1 else f(x) * f(x))"
    row = {"test_code": f"check = None\n{test}"}
    assert code_tests(Sample("1", "", "```python\ndef f(x):\n    return x\n```", row)).value == 1.0


@pytest.mark.parametrize(
    ("test", "calls"),
    [
        ("assert f(1) == 2\nassert f(2) == 3", 2),
        ("assert sorted(f([2, 1])) == [1, 2]\nassert f((1, {2: None}), k=-1)", 2),
        ("import math\nassert math.isclose(f(1), 2)\nassert f(2)", 2),
        ("assert f(1) == 2", 0),
        ("assert f(1) == 2\nx = 3\nassert f(2) == 3", 0),
        ("x = 1\nassert f(x) == 2\nassert f(x)", 0),
        ("assert f(1) == f(2)\nassert f(f(1))", 0),
        ("assert x or f(1)\nassert not x and f(2)", 0),
        ("assert 1 < 2 < f(1)\nassert 3 < f(2) < 5", 0),
        ("assert [f(1) for _ in range(2)]\nassert (lambda: f(2))", 0),
        ("assert f(1), f(2)\nassert f(3), 'why'", 0),
        ("assert f(*[1])\nassert f(**{})", 0),
        ("def helper(x): return f(x)\nassert helper(f(1))\nassert f(2)", 0),
    ],
)
def test_only_what_is_certain_is_foreseen(test, calls):
    """A call that may not be made, or not only, or with other arguments, is not foreseen."""
    assert sum(map(len, foreseen(ast.parse(test).body, ["f"]))) == calls


def test_a_parameter_is_what_it_is_given():
    """As in HumanEval's `check(candidate)`."""
    body = ast.parse("def check(candidate):\n    assert candidate(1)\n    assert candidate(2)\ncheck(f)").body
    assert foreseen(body, ["f"]) == [[Call("f", (1,), {}), Call("f", (2,), {})]]


def test_questions_are_asked_together_and_once():
    """What was foreseen is asked in one exchange; what was not, by itself; another than expected is an error."""
    asked = []

    def exchange(questions):
        asked.append(questions)
        return questions[:3]

    questions = Questions(exchange)
    questions.expect([[b"never"], [b"1", b"2", b"3", b"4"]])
    for question in (b"0", b"1", b"2", b"3", b"4"):
        assert (questions.known(question) or questions.ask(question)) == question
    assert asked == [[b"0"], [b"1", b"2", b"3", b"4"], [b"4"]]
    questions.expect([[b"5", b"6"]])
    assert questions.ask(b"5") == b"5"
    for question in (b"7", b"6"):
        with pytest.raises(ForesightError):
            questions.known(question)
    assert questions.lost
