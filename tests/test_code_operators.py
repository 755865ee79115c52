"""Instances of a class under test compute and compare as the class says, and are shown nothing that is expected."""

from __future__ import annotations

from collections import defaultdict

import pytest

from rewards.code_tests import code_tests
from rewards.interface import Sample
from sandbox.codec import encode
from sandbox.decoding import decode

CODE = """
class Vector(list):
    def __add__(self, other): return Vector(a + b for a, b in zip(self, other))

class Mod(int):
    def __sub__(self, other): return Mod(int(self) - int(other))
    def __lshift__(self, places): return Mod(int(self) << places)
    def __divmod__(self, by): return Mod(int(self) // by), Mod(int(self) % by)
    def __format__(self, spec): return f"<{int(self):{spec}}>"

class Odd(int):
    def __eq__(self, other): return True
    __hash__ = int.__hash__

class Nothing(int):
    def __sub__(self, other): return Nothing(0)
    def __divmod__(self, other): return Nothing(0), Nothing(0)

class Shared:
    x = 1

class Both(ArithmeticError, KeyError): pass

def opened():
    from contextlib import contextmanager
    @contextmanager
    def manager():
        try:
            yield 1
        except KeyError as error:
            seen.append(error)
        except Both as error:
            seen.append(error is mine)
    return manager()
seen, mine = [], Both("mine")
def fail(): raise mine
def told(): return [getattr(one, "args", one) for one in seen]
def several(): raise ExceptionGroup("two", [ValueError(1), Both(2)])
"""
GROUP = "try:\n    several()\n    assert False\nexcept ExceptionGroup as error:\n    "


@pytest.mark.parametrize(
    ("test", "score"),
    [
        ("assert Vector([1]) + Vector([2]) == [3]", 1.0),
        ("v = Vector([1])\nv.append(2)\nassert v == [1, 2] and v < [2]", 1.0),
        ("assert Mod(5) - Mod(2) == 3 and sorted([Mod(3), Mod(1)]) == [1, 3] and {Mod(3): 1}[3]", 1.0),
        ("assert Mod(5) == 4", 0.0),
        ("assert Mod(1) << 3 == Mod(8) and divmod(Mod(7), 4)[1] == Mod(3) and f'{Mod(3):02d}' == '<03>'", 1.0),
        ("assert Odd(3) == 4", 0.0),
        ("assert Nothing(3) - 17 == 0", 0.0),
        ("assert (Nothing(3) - 17) - Nothing(0) == 0", 0.0),
        ("assert divmod(Nothing(3), 17) == (0, 0)", 0.0),
        ("a, b = Shared(), Shared()\nShared.x = 5\nassert a.x == b.x == Shared.x == 5", 1.0),
        ("a = Shared()\na.x = 7\ndel a.x\nassert a.x == 1", 1.0),
        ("fail.calls = 3\nassert fail.calls == 3", 1.0),
        ("with opened():\n    raise KeyError('k')\nassert told() == [('k',)]", 1.0),
        ("with opened():\n    fail()\nassert told() == [('mine',)]", 1.0),
        (
            "try:\n    fail()\n    assert False\nexcept KeyError as e:\n    assert isinstance(e, ArithmeticError)",
            1.0,
        ),
        (
            GROUP
            + "assert [type(one) for one in error.exceptions][0] is ValueError and str(error.exceptions[1]) == '2'",
            1.0,
        ),
    ],
)
def test_a_class_under_test(test, score):
    """It decides what comes of its own kind; what a plain value was part of is equal to no plain value."""
    assert code_tests(Sample("1", "", f"```python\n{CODE}\n```", {"test_code": test})).value == score


def test_what_gives_a_defaultdict_its_values_crosses():
    """A built-in type by its name, both ways; what else is called where it is."""
    code = (
        "from collections import defaultdict\n"
        "def groups(): return defaultdict(list)\n"
        "def counted(): return defaultdict(lambda: 7)\n"
        "def fill(d):\n    d['x'] += 1\n    return d['y']\n"
    )
    test = (
        "from collections import defaultdict\n"
        "assert groups()[5] == [] and groups() == {}\n"
        "assert counted()['z'] == 7\n"
        "d = defaultdict(int)\n"
        "assert fill(d) == 0 and d == {'x': 1, 'y': 0}\n"
        "e = defaultdict(lambda: 3)\n"
        "assert fill(e) == 3 and e == {'x': 4, 'y': 3}\n"
    )
    assert code_tests(Sample("1", "", f"```python\n{code}\n```", {"test_code": test})).value == 1.0
    calls = {"fn_name": "groups", "tests": [{"args": [], "expected": {}}]}
    assert code_tests(Sample("1", "", f"```python\n{code}\n```", calls)).value == 1.0


@pytest.mark.parametrize("factory", [None, int, list, dict, set])
def test_a_defaultdict_comes_back_with_its_factory(factory):
    """Equal, and as ready for what is missing."""
    again = decode(encode(defaultdict(factory, {1: 2})))
    assert again == {1: 2}
    assert again.default_factory is factory


def test_no_name_but_a_known_one_is_a_factory():
    """What a submission names runs nothing here."""
    for node in (["D", "eval", [1, 2]], ["D", 7, [1, 2]], ["D", None, [1, 2]]):
        assert decode(node).default_factory is None
