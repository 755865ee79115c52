"""What a submission is decides no verdict by the way: no test is skipped, no loop ended, no row blamed for it."""

from __future__ import annotations

import pytest

from rewards.code_tests import code_tests
from rewards.interface import Sample

ENDS = """
class X:
    def __iter__(self): raise StopIteration
    def __getitem__(self, key): raise StopIteration
    def __str__(self): raise StopIteration
    def __len__(self): raise StopIteration
    def __int__(self): raise StopIteration
    @property
    def val(self): raise StopIteration

class P:
    def __abs__(self): raise StopIteration
    def __add__(self, other): raise StopIteration

def f(n): return X()
"""
CASE = "import unittest\nclass T(unittest.TestCase):\n    def test_a(self):\n        self.assertEqual(1, 1)\n"


def score(submission: str, test_code: str) -> float:
    """Score a submission by test code."""
    return code_tests(Sample(1, "", f"```python\n{submission}\n```", {"test_code": test_code})).value


@pytest.mark.parametrize(
    "expression",
    [
        *(
            "list(f(c)) == [c, 9]",
            "f(c)[0] == 9",
            "str(f(c)) == '9'",
            "len(f(c)) == 9",
            "int(f(c)) == 9",
            "f(c).val == 9",
        ),
        *("set(f(c)) == {9}", "abs(P()) == 9", "P() + 1 == 9"),
    ],
)
def test_a_submission_ends_no_loop_of_the_test_code(expression):
    """`all` of a `map` that ends before its first item holds; whatever raises StopIteration must not end it."""
    assert score(ENDS, f"assert all(map(lambda c: {expression}, [1, 2, 3]))") == 0
    assert score(ENDS, f"assert not list(filter(lambda c: not ({expression}), [1, 2, 3]))") == 0


@pytest.mark.parametrize(
    ("submission", "body"),
    [
        ("f = 5\nN = 0", "if not N: self.skipTest('no')"),
        ("f = 5", "if not callable(f): self.skipTest('no')"),
        ("f = 5", "try:\n            f(1)\n        except TypeError:\n            self.skipTest('no')"),
        ("g = 1", "if not hasattr(solution, 'f'): self.skipTest('no')"),
    ],
)
def test_a_test_is_skipped_by_nothing_that_the_submission_defines(submission, body):
    """A value that stands where a function should, or nothing, is as much the submission's as what it answers."""
    named = "N" if "N" in submission else "f"
    taken = "import solution\n" if "solution" in body else f"from solution import f, {named}\n"
    test = f"    def test_b(self):\n        {body}\n        self.assertEqual(2, 2)\n"
    assert score(submission, taken + CASE + test) == 0.5


def test_a_skip_that_asks_nothing_still_does_not_count():
    """The row's own reasons to skip a test are no failure of the submission."""
    test = "    def test_b(self):\n        self.skipTest('not here')\n        self.assertEqual(f(1), 3)\n"
    check = "    def test_c(self):\n        self.assertEqual(f(1), 2)\n"
    assert score("def f(n): return n + 1", "from solution import f\n" + CASE + test + check) == 1


@pytest.mark.parametrize(
    ("submission", "test_code"),
    [
        ("f = 5", "r = f(3)\nassert r == 771"),
        ("f = None", "for i in [1, 2]:\n    r = f(i)\nassert r == 771"),
        ("TABLE = None", "t = dict(TABLE)\nassert t['a'] == 3"),
        ("x = 1", "import solution\ns = solution.Thing(3)\nassert s.v == 3"),
        ("raise ValueError('no')", "import solution\ns = solution.Thing(3)\nassert s.v == 3"),
    ],
)
def test_a_row_is_not_blamed_for_what_a_submission_lacks(submission, test_code):
    """It scores the floor, and no row is reported as unusable."""
    assert score(submission, test_code) == 0
