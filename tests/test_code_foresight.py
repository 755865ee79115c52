"""What test code will ask is asked at once, and decides nothing: each verdict is what it is without foresight."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rewards.code_tests import code_tests
from rewards.codetests import styles
from rewards.codetests.assertions import plan_tests
from rewards.codetests.foresight import Call, foreseen
from rewards.codetests.local_runner import LocalRunner
from rewards.codetests.questions import ForesightError, Questions, Told
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


def foreseen_in(test):
    """List what is foreseen of test code, as `script` asks for it."""
    return foreseen(plan_tests(test).steps, ["f"])


@pytest.mark.parametrize(
    ("test", "calls"),
    [
        ("assert f(1) == 2\nassert f(2) == 3", 2),
        ("assert sorted(f([2, 1])) == [1, 2]\nassert f((1, {2: None}), k=-1)", 2),
        ("import math\nassert math.isclose(f(1), 2)\nassert f(2)", 2),
        ("assert f(1) == 2", 1),
        ("x = f(0)\nassert f(1) == 2", 0),
        ("assert f(1) == 2\nx = 3\nassert f(2) == 3", 2),
        ("assert f(1) == 2\nx = [g]\nassert f(2) == 3", 1),
        ("x = 1\nassert f(x) == 2\nassert f(x)", 0),
        ("assert f(1) == f(2)\nassert f(f(1))", 0),
        ("assert x or f(1)\nassert not x and f(2)", 0),
        ("assert 1 < 2 < f(1)\nassert 3 < f(2) < 5", 0),
        ("assert [f(1) for _ in range(2)]\nassert (lambda: f(2))", 0),
        ("assert f(1), f(2)\nassert f(3), 'why'", 0),
        ("assert f(1), 'why'\nassert f(3), 'why'", 2),
        ("from math import floor\ndef near(a, b): return abs(floor(a) - b) < 1\nassert near(f(1), 2)", 1),
        ("def near(a, b=f(1)): return a == b\nassert near(f(1))", 0),
        ("g = f\ndef near(a): return a == g(2)\nassert near(f(1))", 0),
        ("@f\ndef g(): pass\nassert f(1)", 0),
        ("assert f(*[1])\nassert f(**{})", 0),
        ("def helper(x): return f(x)\nassert helper(f(1))\nassert f(2)", 0),
    ],
)
def test_only_what_is_certain_is_foreseen(test, calls):
    """A call that may not be made, or not only, or with other arguments, is not foreseen; one is, before all else."""
    assert sum(map(len, foreseen_in(test))) == calls


def test_a_parameter_is_what_it_is_given():
    """As in HumanEval's `check(candidate)`, before which nothing is asked."""
    test = "DATA = {1: 2}\ndef check(candidate):\n    assert candidate(1)\n    assert candidate(2)\ncheck(f)"
    assert foreseen_in(test)[0] == [Call("f", (1,), {}), Call("f", (2,), {})]


def test_a_test_function_that_ends_where_it_fails_is_not_foreseen():
    """What follows an assertion that fails is not asked then."""
    assert foreseen_in("def test_it():\n    assert f(1)\n    assert f(2)") == [[]]


class Caller:
    """Answer questions by themselves: all of them, in two parts, up to one that has more to tell."""

    def __init__(self):
        self.asked, self.waiting = [], []

    def send(self, questions):
        """Answer them."""
        self.asked.append(questions)
        end = next((n + 1 for n, question in enumerate(questions) if b"more" in question), len(questions))
        self.waiting = [Told(questions[:1], end == 1), Told(questions[1:end], last=True)][: 1 + (end > 1)]

    def hear(self):
        """Give the next part."""
        return self.waiting.pop(0)


def test_questions_are_asked_together_and_once():
    """What was foreseen is asked in one exchange; what was not, by itself; another than expected is an error."""
    caller = Caller()
    questions = Questions(caller.send, caller.hear, [[b"never"], [b"1", b"2", b"3 more", b"4", b"5"], [b"6", b"7"]])
    for question in (b"0", b"1", b"2", b"3 more", b"4", b"5"):
        assert (questions.known(question) or questions.ask(question)) == question
    assert caller.asked == [[b"0"], [b"1", b"2", b"3 more", b"4", b"5"], [b"4", b"5"]]
    assert questions.ask(b"6") == b"6"
    for question in (b"8", b"7"):
        with pytest.raises(ForesightError):
            questions.known(question)
    assert questions.lost


def test_nothing_is_foreseen_where_values_are_fetched_in_between():
    """What was asked before that came out must still be what is asked next."""
    caller = Caller()
    questions = Questions(caller.send, caller.hear, [[b"1 more", b"2"], [b"3", b"4"]])
    assert questions.ask(b"1 more") == b"1 more"
    questions.forget()
    for question in (b"2", b"3"):
        assert (questions.known(question) or questions.ask(question)) == question
    assert caller.asked == [[b"1 more", b"2"], [b"2"], [b"3"]]
