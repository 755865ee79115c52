"""Any value that the codec can carry comes back equal; what it cannot carry is an opaque, and nothing breaks it."""

from __future__ import annotations

import json
import sys
from collections import Counter, OrderedDict, deque
from contextlib import suppress
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewards.codetests.comparison import Opaque, same_value
from sandbox import decoding, rare
from sandbox.codec import MAX_DEPTH, as_builtin, dumps, encode, loads
from sandbox.decoding import decode
from sandbox.rare import CodecError

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(),
    st.binary(),
    st.complex_numbers(allow_nan=False),
)
RARE = st.one_of(
    st.fractions(),
    st.decimals(allow_nan=False, places=3),
    st.dates(),
    st.datetimes(),
    st.timedeltas(),
    st.builds(range, st.integers(0, 99)),
)
HASHABLE = st.one_of(SCALARS, RARE, st.tuples(SCALARS, SCALARS), st.frozensets(SCALARS, max_size=3))
VALUES = st.recursive(
    st.one_of(SCALARS, RARE),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.lists(inner, max_size=4).map(deque),
        st.sets(HASHABLE, max_size=4),
        st.dictionaries(HASHABLE, inner, max_size=4),
        st.dictionaries(HASHABLE, inner, max_size=4).map(OrderedDict),
        st.dictionaries(HASHABLE, st.integers(), max_size=4).map(Counter),
    ),
    max_leaves=12,
)
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text()),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=3), inner, max_size=4)),
    max_leaves=12,
)


def crossed(value):
    """Send a value to the other side."""
    return decode(loads(dumps(encode(value))))


@given(VALUES)
def test_any_value_comes_back_equal_and_of_its_type(value):
    """What a submission returns is what is compared."""
    back = crossed(value)
    assert back == value
    assert type(back) is type(value)
    assert repr(back) == repr(value) or isinstance(value, (set, frozenset, dict, list, tuple, deque, Counter))


@given(JSON)
def test_no_frame_does_more_than_fail(node):
    """Whatever JSON a hostile process writes is a value or a CodecError."""
    with suppress(CodecError):
        decode(json.loads(json.dumps(node)), lambda found: Opaque([str(found[:1])]))


@given(JSON.filter(lambda value: "NaN" not in json.dumps(value)))
def test_every_json_value_is_the_same_as_itself(value):
    """A reference solution that returns the expected value passes."""
    assert same_value(value, crossed(value))


@pytest.mark.parametrize(
    "value",
    [
        Fraction(1, 3),
        Decimal("1.10"),
        date(2020, 2, 29),
        datetime.fromisoformat("2020-01-01T02:00"),
        timedelta(1, 2, 3),
        1 << 5000,
        -(1 << 5000),
        float("inf"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_named_values_keep_their_type(value):
    """Values of the standard library cross as what they are."""
    assert crossed(value) == value
    assert type(crossed(value)) is type(value)


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"{",
        b"[" * 100_000,
        b'["d",[["l",1],2]]',
        b'["F","1","0"]',
        b'["M","1e999999999"]',
        b'["M","' + b"1" * 100_000 + b'"]',
        b'["F","0x' + b"f" * 100_000 + b'","0x3"]',
        b'["r",["l"],1,1]',
        b'["T","datetime","x"]',
        b'["zz"]',
        b"[]",
        b'{"a":1}',
        b'["i",7]',
        b'["n","O",{"a":1}]',
        b"9" * 100_000,
    ],
    ids=range(16),
)
def test_hostile_frames_are_refused(frame):
    """Each is refused as no value, at once."""
    with pytest.raises(CodecError):
        decode(loads(frame))


def test_depth_is_bounded():
    """Nesting beyond the cap is refused by writer and reader."""
    value: list[object] = []
    node: list[object] = ["l"]
    for _ in range(MAX_DEPTH + 2):
        value, node = [value], ["l", node]
    with pytest.raises(CodecError):
        encode(value)
    with pytest.raises(CodecError):
        decode(node)


def nested(depth):
    """Make a node that many levels deep."""
    node: list[object] = ["l"]
    for _ in range(depth):
        node = ["l", node]
    return node


CAPS = {
    "MAX_DEPTH": (decoding, nested(MAX_DEPTH + 2)),
    "MAX_ALIKE": (decoding, ["d", *[[["i", hex(n * ((1 << 61) - 1))], 0] for n in range(1, decoding.MAX_ALIKE + 3)]]),
    "MAX_NODES": (decoding, ["l", *[None] * (decoding.MAX_NODES + 1)]),
    "MAX_RATIONAL_BITS": (rare, ["F", "0x" + "f" * (rare.MAX_RATIONAL_BITS // 4), "0x3"]),
}


@pytest.mark.parametrize(("cap", "where", "node"), [(cap, *case) for cap, case in CAPS.items()], ids=CAPS)
def test_each_cap_is_what_refuses(cap, where, node, monkeypatch):
    """Nothing else stands in its place: with a cap out of reach the node is read."""
    with pytest.raises(CodecError):
        decode(node)
    monkeypatch.setattr(where, cap, 1 << 40)
    decode(node)


def test_the_digits_of_a_number_are_capped_by_python():
    """Its decimal digits are read in quadratic time; ours are written as hexadecimal ones."""
    assert 0 < sys.get_int_max_str_digits() <= 4300
    with pytest.raises(CodecError):
        loads(b"9" * 5000)
    assert crossed(1 << 100_000) == 1 << 100_000


def test_a_derived_class_is_read_by_its_base():
    """What a class derived from a built-in says of itself does not count, only what it holds."""

    class Liar(list[object]):
        def __iter__(self):
            return iter(["lie"])

        def __eq__(self, _other):
            return True

        __hash__ = None

    class Text(str):
        __slots__ = ()

        def __str__(self):
            return "lie"

    assert as_builtin(Liar([1])) == [1]
    assert type(as_builtin(Liar([1]))) is list
    assert as_builtin(Text("true")) == "true"
    assert type(as_builtin(Text("true"))) is str


def test_an_opaque_equals_nothing():
    """Not even itself: what did not cross cannot be what is expected."""
    opaque = Opaque(["Liar"])
    assert not same_value(opaque, opaque)
    assert not same_value(1, opaque)
    assert not same_value([1], [opaque])


@pytest.mark.parametrize("frame", [b"1 2", b"[1]]", b" 1", b"1 ", b"", b"1,", b"NaN x"])
def test_a_frame_is_one_value_and_nothing_else(frame):
    """What follows a value, or stands before it, was not written by `dumps`."""
    with pytest.raises(CodecError, match="not a frame"):
        loads(frame)
