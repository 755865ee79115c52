"""Where the math grader has a short way and a long one to the same verdict, they agree."""

import subprocess
import sys
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewards.extract.doubts import _NOT_BEFORE, denied_before
from rewards.extract.reported import _SAID_BY, attributed
from rewards.interface import Sample
from rewards.math_answer import math_answer
from rewards.mathematics.exact import exact
from rewards.mathematics.factored import factored
from rewards.mathematics.parse import parse
from rewards.mathematics.reading import read, respelled
from rewards.mathematics.region_sets import same_region
from rewards.mathematics.region_values import same_by_values
from rewards.mathematics.regions import region
from rewards.mathematics.tree import Tree, num

PIECES = [
    *"0123456789xy-+^(){}",
    *(
        "\\frac",
        "\\dfrac",
        "\\tfrac{3}{4}",
        "\\sqrt",
        "\\pi",
        "{2}",
        "(x+1)",
        " + ",
        " - ",
        "^2",
        "^{-1}",
        "1/2",
        "0x1",
    ),
]


@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=8).map("".join))
def test_a_formula_read_at_once_is_read_as_any_text_is(text: str) -> None:
    """A space behind a text sends it the long way; what is read is the same but for being known to be plain."""
    short, long = read(text), read(text + "\\,")
    assert respelled(text) == respelled(text + "\\,")
    if short.plain:
        assert short._replace(plain=False) == long._replace(plain=False)


@pytest.mark.parametrize("text", ["1,234", "1,5", "5m", "0x1F", "x", "(x)", "1.5(3)", "3 4", "xyx", "10\\%", "e^2"])
def test_what_has_two_readings_is_not_plain(text: str) -> None:
    """A comma, a unit, a choice, another base, a repeating decimal: none is decided at once."""
    assert not read(text).plain


ends = st.fractions(-9, 9, max_denominator=6)
intervals = st.tuples(ends, ends, st.sampled_from(["()", "(]", "[)", "[]"])).map(
    lambda drawn: Tree("seq", (num(min(drawn[:2])), num(max(drawn[:2]))), drawn[2])
)
points = st.lists(ends, min_size=1, max_size=2).map(lambda found: Tree("set", tuple(map(num, found))))
sets = st.recursive(
    intervals | points,
    lambda inner: st.tuples(st.sampled_from(["union", "inter", "minus"]), inner, inner).map(
        lambda drawn: Tree(drawn[0], drawn[1:])
    ),
    max_leaves=4,
)


@given(sets, sets)
def test_sets_with_rational_ends_are_compared_as_by_values(first: Tree, second: Tree) -> None:
    """Asking at every end and between them comes to what asking all over the line does."""
    assert same_region(first, second).same == same_by_values(first, second).same
    assert same_region(first, Tree("union", (first, first))).same


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("(-\\infty, \\sqrt{2}]", "x \\le \\sqrt{2}", True),
        ("(-\\infty, \\sqrt{2}]", "x < \\sqrt{2}", False),
        ("x^2 < 4", "-2 < x < 2", True),
        ("x^2 < 4", "-2 < x \\le 2", False),
        ("2x + 1 \\ge 7", "[3, \\infty)", True),
    ],
)
def test_other_sets_are_compared_by_values(first: str, second: str, same: bool) -> None:  # noqa: FBT001
    """Ends that are no rational numbers, and inequalities that must be solved."""
    left, right = region(parse(first)), region(parse(second))
    assert left is not None
    assert right is not None
    assert same_region(left[0], right[0]).same == same


numbers = st.integers(-40, 40).filter(bool)


@given(st.lists(st.tuples(numbers, st.integers(-5, 5)), min_size=1, max_size=4))
def test_factors_tell_what_multiplying_out_does(powers: list[tuple[int, int]]) -> None:
    """Products of powers have the same factors exactly when they have the same value."""
    product = num(1)
    for base, exponent in powers:
        product = Tree("mul", (product, Tree("pow", (num(base), num(exponent)))))
    value = exact(product)
    assert value is not None
    assert factored(product) == factored(Tree("div", (num(value.numerator), num(value.denominator)))) or (
        max(abs(value.numerator), value.denominator) > 10**6
    )
    assert factored(product) != factored(Tree("mul", (product, num(Fraction(-1)))))


@pytest.mark.parametrize(
    ("reference", "completion"),
    [
        ("42", "41"),
        ("\\frac{3}{4}", "0.75"),
        ("[1, 2)", "1 \\le x < 2"),
        ("\\{1, 2\\}", "x = 2, x = 1"),
        ("5 m", "500 cm"),
    ],
)
def test_most_answers_need_no_arithmetic_library(reference: str, completion: str) -> None:
    """Numbers, sets of numbers, intervals and units are decided exactly, without loading what ball arithmetic needs."""
    text = f"so $\\boxed{{{completion}}}$"
    code = (
        "import sys; from rewards.interface import Sample; from rewards.math_answer import math_answer;"
        f"math_answer(Sample('', '', {text!r}, {reference!r})); print('flint' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


SAID = [
    *("The answer key says", "The grader expects", "The verifier\nwants", "In case it is", "A mistake to answer"),
    *("Assume for contradiction that the limit is", "Whether the sum is", "You said: it is", 'The prompt reads "it is'),
    *(
        "Reference answer:",
        "Ground truth:",
        "Expected:",
        "Draft:",
        "(Discarded:",
        "Put your answer in",
        'Prompt: "it is',
    ),
    *("标准答案:", "参考答案是", "模範解答:"),
    *("If the answer is", "He says", "She said", "My friend thinks it is", "Students answer", "One might\nsay"),
    *("Had it been 2, we would have got", "Were it so, it would be", "It is wrong\nto claim that the answer is"),
    *("Whoever forgets this ends up with", "For the sake of argument, say", "In another world it is", "Solvers get"),
    *("In a different problem it is", "Imagine a grader that wants", "Laut ihm ist es", "Angenommen, es wäre"),
    *(
        "Supposons que",
        "Supongamos que es",
        "Suponha que a resposta é",
        "有人说答案是",
        "假设答案是",
        "若答案是",
        "もし",
    ),
]
DENIED = [
    *("It is not", "It isn't", "It isn\u2019t", "It cannot be", "Never", "Anything but", "Other than", "Except for"),
    *("Rather\nthan", "Instead of", "It fails for", "We ruled out", "This excludes", "Wrong:", "Disregard"),
    *(
        "Previously i\ngot",
        "I\nfirst got",
        "Keinesfalls",
        "Keineswegs",
        "Niemals",
        "Jamais",
        "Nunca",
        "nicht",
        "No\nes",
    ),
    *("não é", "Ce n'est pas", "绝不是", "并非", "不可能是", "不是", "不为", "不等于", "ではなく", "x \\ne", "x ≠"),
    *('Write "', "Type `", "It reads \u201c", "Print |", "\\boxed{} such as"),
]
PLACES = ["{}", "It is so.\n{}", "it is so ({}", "It is so, \u201c{}"]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("words", SAID)
def test_who_speaks_is_found_by_single_words_first(words, place):
    """Looking for single words first hides nothing that the whole search finds."""
    text = place.replace("{}", words) + " $"
    assert attributed(text, len(text)) == (_SAID_BY.search(text) is not None)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("words", DENIED)
def test_what_is_denied_is_found_by_single_words_first(words, place):
    """The same of words that deny."""
    text = place.replace("{}", words) + " $"
    assert denied_before(text, len(text)) == (_NOT_BEFORE.search(text) is not None)


def test_the_words_to_look_for_are_tried():
    """Nearly all of the phrases above are found, so that the two tests before say something."""
    found = [bool(_SAID_BY.search(words + " $")) for words in SAID] + [
        bool(_NOT_BEFORE.search(words + " $")) for words in DENIED
    ]
    assert sum(found) > 0.85 * len(found)


STYLES = ("text", "mathrm", "mbox", "textrm", "operatorname", "textbf", "rm")


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("cm}^2", "cm^2"),
        ("m}^3", "m^3"),
        ("m/s}^2", "m/s^2"),
        ("m}/\\STYLE{s}^2", "m/s^2"),
        ("kg}\\,\\STYLE{m}^2", "kg m^2"),
        ("s}^{-1}", "s^-1"),
    ],
)
def test_a_raised_unit_is_read_in_every_style(style, written, plain):
    """A number that ends in a digit is no plain number where a unit stands before that digit."""
    answer = f"\\boxed{{72\\,\\{style}{{{written.replace('STYLE', style)}}}"
    assert math_answer(Sample("", "", answer, f"72\\text{{ {plain}}}")).value == 1
    assert math_answer(Sample("", "", answer, "72\\text{ kg}")).value == 0
    assert math_answer(Sample("", "", answer, "71")).value == 0
