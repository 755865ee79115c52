"""Laws of answers that stand for many values: general solutions, cases by residue; and of numbers in words."""

from hypothesis import given
from hypothesis import strategies as st

from rewards.interface import Sample
from rewards.math_answer import math_answer

BASIS = ("e^{x}", "e^{-2x}", r"\sin x", r"\cos x", "x", "x^2", "xe^{x}")
NUMBERS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
TENS = ["_", "_", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
ROWS = r" \\ "
small = st.integers(-9, 9)


def right(reference: str, answer: str) -> bool:
    """Score an answer in a box."""
    return math_answer(Sample("", "", f"so $\\boxed{{{answer}}}$", reference)).value == 1.0


@given(st.permutations(BASIS), st.tuples(small, small, small, small), small, small)
def test_general_solutions_are_the_same_in_every_basis(
    basis: list[str], turn: tuple[int, int, int, int], one: int, other: int
) -> None:
    """Arbitrary constants may scale any invertible combination; one that is not says less."""
    first, second, particular, foreign, *_ = basis
    a, b, c, d = turn
    reference = f"y = C_1 {first} + C_2 {second} + {particular}"
    shifted = f"{particular} + ({one}){first} + ({other}){second}"
    answer = f"y = A(({a}){first} + ({b}){second}) + B(({c}){first} + ({d}){second}) + {shifted}"
    assert right(reference, answer) == (a * d - b * c != 0)
    assert not right(reference, f"y = A{first} + B{foreign} + {particular}")


@given(st.tuples(small, small, small), st.tuples(small, small, small, small), small, small)
def test_a_plane_is_one_with_other_parameters(
    point: tuple[int, int, int], turn: tuple[int, int, int, int], one: int, other: int
) -> None:
    """Its point and its directions may be any of its own."""
    x, y, z = point
    a, b, c, d = turn
    reference = f"({x},{y},{z}) + s(1,0,2) + t(0,1,-1)"
    start = f"({x + one},{y + other},{z + 2 * one - other})"
    answer = f"{start} + u({a},{b},{2 * a - b}) + v({c},{d},{2 * c - d})"
    assert right(reference, answer) == (a * d - b * c != 0)
    assert not right(reference, f"({x},{y},{z + 1}) + u(1,0,2) + v(0,1,-1)")


@given(st.integers(2, 6), st.data())
def test_cases_by_residue_are_one_function(modulus: int, data: st.DataObject) -> None:
    """Cases may come in any order; the value of each counts."""
    values = data.draw(st.lists(small, min_size=modulus, max_size=modulus))
    changed = data.draw(st.integers(0, modulus - 1))
    rows = [case(value, residue, modulus) for residue, value in enumerate(values)]
    wrong = [case(values[changed] + 1, changed, modulus) if at == changed else row for at, row in enumerate(rows)]
    reference = cases(rows)
    assert right(reference, cases(data.draw(st.permutations(rows))))
    assert not right(reference, cases(wrong))


def case(value: int, residue: int, modulus: int) -> str:
    """Write what a function is at the numbers of one residue."""
    return rf"{value} n & n \equiv {residue} \pmod {{{modulus}}}"


def cases(rows: list[str]) -> str:
    """Write a function by its cases."""
    return rf"\begin{{cases}}{ROWS.join(rows)}\end{{cases}}"


@given(st.integers(0, 999_999), st.integers(1, 20))
def test_numbers_in_words_are_numbers(number: int, gap: int) -> None:
    """A number may be spelled out, and is that number only."""
    assert right(str(number), rf"\text{{{in_words(number)}}}")
    assert right(in_words(number), str(number))
    assert not right(str(number + gap), in_words(number))


def in_words(number: int) -> str:
    """Spell a number below a million."""
    for size, name, joint in ((1000, "thousand", " "), (100, "hundred", " and ")):
        count, rest = divmod(number, size)
        if count:
            return f"{in_words(count)} {name}" + (f"{joint}{in_words(rest)}" if rest else "")
    tens, ones = divmod(number, 10)
    if tens < 2:
        return NUMBERS[number]
    return TENS[tens] + (f"-{NUMBERS[ones]}" if ones else "")
