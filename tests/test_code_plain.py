"""Test code that only computes is run where the next row's will be, and leaves nothing there; all other is not."""

from __future__ import annotations

import ast
from functools import partial

import pytest

from rewards.code_tests import code_tests
from rewards.codetests.examination import comparers, examiners
from rewards.codetests.far import Far
from rewards.codetests.nodes import Nodes
from rewards.codetests.plain import BUILTINS, is_plain
from rewards.codetests.questions import Questions, Told
from rewards.codetests.reading import script_of
from rewards.interface import Sample

PLAIN = (
    "assert f(1) == 2",
    "import math\nassert math.isclose(f(1), math.pi)",
    "from collections import Counter\nassert Counter(f('a')) == {'a': 1}",
    "from solution import f\nassert f(1)",
    "def check(c):\n    for n in range(3):\n        assert c(n) == n, f'{n}'\ncheck(f)",
    "try:\n    f(1)\n    assert False\nexcept (ValueError, KeyError) as error:\n    assert str(error)",
    "x = [f(n) for n in (1, 2)]\nx[0] += 1\nassert (lambda v: v[0])(x) and (y := x)",
    "with f(1) as opened:\n    assert opened.read() == 'x'",
    "assert type(f(1)) is int",
    "if __name__ == '__main__':\n    assert f(1)",
)
NOT_PLAIN = (
    "import os\nassert f(os)",
    "import math as m\nm.pi = 3\nassert f(1)",
    "import math\nm = math\nm.pi = 3\nassert f(1)",
    "from math import *\nassert f(pi)",
    "from os import getcwd\nassert f(getcwd)",
    "class Test:\n    def test(self):\n        assert f(1)",
    "assert f(1).__class__.__name__ == 'int'\nassert f.__globals__",
    "f.x = 1\nassert f(1)",
    "del x\nassert f(1)",
    "global x\nassert f(1)",
    "@g\ndef h(): pass\nassert f(1)",
    "async def test_it():\n    assert await f(1)",
    "assert eval('f(1)')",
    "assert open('x') and f(1)",
    "assert setattr(int, 'x', 1) or f(1)",
    "import solution\nassert solution.f(1)",
    "assert (n for n in f(1)).gi_frame",
)


@pytest.mark.parametrize("test", PLAIN)
def test_what_only_computes_is_plain(test):
    """It uses values, and functions that keep nothing."""
    assert script_of(test).plain


@pytest.mark.parametrize("test", NOT_PLAIN)
def test_what_might_change_its_process_is_not(test):
    """It changes something that was there before, or leads to what can."""
    names = [name for name in ("f", "g") if f"{name}(" in test]
    assert not is_plain(Nodes(ast.parse(test).body), names)


def test_no_function_that_runs_text_or_changes_things_is_plain():
    """Nor what opens files, or looks attributes up by name."""
    never = "eval exec compile open __import__ getattr setattr delattr vars globals locals input breakpoint type id"
    assert BUILTINS.isdisjoint(never.split())


def test_names_that_a_plain_row_binds_are_gone_for_the_next():
    """One namespace a row, whatever it called its own."""
    code = "```python\ndef f(n):\n    return [n]\n```"
    spoiling = {"test_code": "def sorted(x): return 0\nlen = max = f\nassert sorted(f(1)) == 0\nassert len(2) == [2]"}
    honest = {"test_code": "assert sorted(f(1)) == [1]\nassert len(f(1)) == 1 and max(f(3)) == 3"}
    for reference in (spoiling, honest, spoiling, honest):
        assert code_tests(Sample("1", "", code, reference)).value == 1.0


def test_what_is_plain_needs_no_process_of_its_own(monkeypatch):
    """And what is not is run in one that is thrown away."""
    leases = []

    def noted(zygotes, lease):
        leases.append(zygotes)
        return lease()

    for zygotes in (comparers, examiners):
        monkeypatch.setattr(zygotes, "lease", partial(noted, zygotes, zygotes.lease))
    code = "```python\ndef f(n):\n    return n\n```"
    for test, used in (("assert f(1) == 1", [comparers]), ("import os\nassert f(1) == 1", [comparers, examiners])):
        leases.clear()
        assert code_tests(Sample("1", "", code, {"test_code": test})).value == 1.0
        assert leases == used


def test_what_a_submission_returns_to_plain_tests_ends_at_most_its_own(monkeypatch):
    """An assertion that has no end with it, or no room, costs neither the next row nor the comparing of calls."""
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1769")
    bomb = "```python\ndef f(n):\n    return 1 << 62\n```"
    for test in ("assert [*range(f(1))] == 7", "assert 0 in [0] * f(1)"):
        assert code_tests(Sample("1", "", bomb, {"test_code": test})).value == 0.0
        good = "```python\ndef f(n):\n    return n\n```"
        assert code_tests(Sample("1", "", good, {"test_code": "assert f(1) == 1"})).value == 1.0
        calls = {"fn_name": "f", "tests": [{"args": [3], "expected": 3}]}
        assert code_tests(Sample("1", "", good, calls)).value == 1.0


def test_only_names_that_were_asked_for_are_taken():
    """What a submission says of others, `abs` or what counts its assertions, is nobody's to hear."""
    told = Told([b'+{"value":["d",["f",1],["abs",2],["_unit_failed_",3],["__builtins__",["d"]]]}'], last=True)
    far = Far(Questions(lambda _: None, lambda: told), script_of("assert f(1)"), 1.0)
    assert far.names(["f", "g"]) == {"f": 1}


@pytest.mark.parametrize(
    ("test", "score"),
    [
        ("assert all(map(f, [1, 2]))", 0.0),
        ("assert [*map(f, [1, 2])] == []", 0.0),
        ("try:\n    f(1)\n    assert False\nexcept StopIteration:\n    pass", 1.0),
        ("assert next(g(), 7) == 7", 1.0),
    ],
)
def test_a_call_ends_no_iteration(test, score):
    """`all(map(f, values))` would hold for a function that raises StopIteration; where a test speaks of it, it may."""
    code = "def f(n):\n    raise StopIteration\ndef g():\n    return iter([])"
    assert code_tests(Sample("1", "", f"```python\n{code}\n```", {"test_code": test})).value == score
