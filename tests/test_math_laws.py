"""Laws of the math grader, on pairs that are equal or unequal by construction, and its bounds."""

import contextlib
import subprocess
import sys
import threading
import time
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rewards.interface import RowError, Sample
from rewards.math_answer import math_answer

small = st.integers(-99, 99)
nonzero = small.filter(bool)
letters = st.sampled_from("abxyzt")


def right(reference: str, answer: str) -> bool:
    """Score an answer in a box."""
    return math_answer(Sample("", "", f"so $\\boxed{{{answer}}}$", reference)).value == 1.0


@st.composite
def numbers(draw: st.DrawFn) -> tuple[Fraction, list[str]]:
    """Draw a rational number with several spellings of it."""
    top, bottom, factor = draw(small), draw(st.integers(1, 60)), draw(st.integers(1, 9))
    value = Fraction(top, bottom)
    whole, rest = divmod(abs(value.numerator), value.denominator)
    sign = "-" if value < 0 else ""
    spellings = [
        f"\\frac{{{top}}}{{{bottom}}}",
        f"{top * factor}/{bottom * factor}",
        f"{sign}\\dfrac{{{abs(top)}}}{{{bottom}}}",
        f"\\frac{{{-top}}}{{{-bottom}}}",
    ]
    if whole and rest:
        spellings.append(f"{sign}{whole}\\frac{{{rest}}}{{{value.denominator}}}")
    if value.denominator == 1:
        spellings.append(f"{value.numerator:,}")
    return value, spellings


@st.composite
def polynomials(draw: st.DrawFn) -> tuple[list[int], str]:
    """Draw a polynomial: its coefficients, lowest first, and its letter."""
    return draw(st.lists(small, min_size=2, max_size=5).filter(lambda c: any(c[1:]))), draw(letters)


def expanded(coefficients: list[int], letter: str) -> str:
    """Write a polynomial term by term."""
    return "+".join(f"({c}){letter}^{{{power}}}" for power, c in enumerate(coefficients))


def nested(coefficients: list[int], letter: str) -> str:
    """Write a polynomial by Horner's rule."""
    text = str(coefficients[-1])
    for coefficient in reversed(coefficients[:-1]):
        text = f"{letter}\\left({text}\\right)+({coefficient})"
    return text


@given(numbers(), st.data())
def test_numbers_are_equal_in_every_spelling(number: tuple[Fraction, list[str]], data: st.DataObject) -> None:
    """Two spellings of one rational number are equal, both ways round."""
    spellings = st.sampled_from(number[1])
    first, second = data.draw(spellings), data.draw(spellings)
    assert right(first, second)
    assert right(second, first)


@given(numbers(), nonzero)
def test_numbers_that_differ_are_unequal(number: tuple[Fraction, list[str]], gap: int) -> None:
    """A rational number is not another one."""
    other = number[0] + Fraction(gap, 61)
    assert not right(number[1][0], f"\\frac{{{other.numerator}}}{{{other.denominator}}}")


@given(polynomials())
def test_polynomials_are_equal_in_every_arrangement(polynomial: tuple[list[int], str]) -> None:
    """Expanding and nesting change nothing."""
    assert right(expanded(*polynomial), nested(*polynomial))
    assert right(nested(*polynomial), expanded(*polynomial))


@given(polynomials(), st.integers(0, 4), nonzero)
def test_polynomials_with_one_other_coefficient_are_unequal(
    polynomial: tuple[list[int], str], place: int, gap: int
) -> None:
    """Changing one coefficient makes another polynomial."""
    changed = list(polynomial[0])
    changed[place % len(changed)] += gap
    assert not right(expanded(*polynomial), nested(changed, polynomial[1]))


@given(st.lists(small, min_size=2, max_size=6, unique=True), st.randoms(use_true_random=False))
def test_sets_have_no_order_and_tuples_have_one(items: list[int], source: object) -> None:
    """Shuffling keeps a set and changes a tuple."""
    shuffled = sorted(items, key=lambda _: source.random())  # type: ignore[attr-defined]
    texts = [", ".join(map(str, order)) for order in (items, shuffled)]
    assert right(f"\\{{{texts[0]}\\}}", f"\\{{{texts[1]}\\}}")
    assert right(f"({texts[0]})", f"({texts[1]})") == (items == shuffled)
    assert not right(f"\\{{{texts[0]}\\}}", f"\\{{{', '.join(map(str, shuffled[1:]))}\\}}")


@given(small, st.integers(1, 50), st.booleans(), st.booleans(), st.booleans())
def test_intervals_and_inequalities_say_the_same(low: int, width: int, left: bool, right_end: bool, flip: bool) -> None:  # noqa: FBT001
    """An interval is its chain of inequalities; another end or bracket is not."""
    high = low + width
    interval = f"{'[' if left else '('}{low},{high}{']' if right_end else ')'}"
    chain = f"{low}{'<=' if left else '<'}x{'<=' if right_end else '<'}{high}"
    if flip:
        chain = f"{high}{'>=' if right_end else '>'}x{'>=' if left else '>'}{low}"
    assert right(interval, chain)
    assert right(chain, interval)
    other = f"{'(' if left else '['}{low},{high}{']' if right_end else ')'}"
    assert not right(chain, other)
    assert not right(chain, f"{'[' if left else '('}{low},{high + 1}{']' if right_end else ')'}")


@given(nonzero, small, small, nonzero)
def test_a_line_is_one_in_any_form(slope: int, shift: int, gap: int, factor: int) -> None:
    """Multiplying and rearranging an equation keeps it; another intercept does not."""
    line = f"y={slope}x+({shift})"
    assert right(line, f"({factor})y-({factor * slope})x=({factor * shift})")
    assert right(line, f"({factor * slope})x-({factor})y+({factor * shift})=0")
    if gap:
        assert not right(line, f"y-({slope})x={shift + gap}")


@given(st.integers(2, 400), st.integers(1, 9))
def test_radicals(radicand: int, factor: int) -> None:
    """A square drawn out of a root keeps it; the next radicand does not."""
    assert right(f"\\sqrt{{{radicand * factor**2}}}", f"{factor}\\sqrt{{{radicand}}}")
    assert not right(f"\\sqrt{{{radicand * factor**2}}}", f"{factor}\\sqrt{{{radicand + 1}}}")


@given(small, small, small, small)
def test_complex_numbers(a: int, b: int, c: int, d: int) -> None:
    """A product of complex numbers is its real and imaginary part."""
    product = f"({a * c - b * d})+({a * d + b * c})i"
    assert right(f"(({a})+({b})i)(({c})+({d})i)", product)
    assert not right(f"(({a})+({b})i)(({c})+({d})i)", f"({a * c - b * d})+({a * d + b * c + 1})i")


@given(st.integers(1, 500), st.sampled_from([("m", "cm", 100), ("kg", "g", 1000), ("hours", "minutes", 60)]))
def test_units_are_converted(amount: int, units: tuple[str, str, int]) -> None:
    """The same amount in another unit is right, the same number in another unit wrong, a missing unit forgiven."""
    large, little, factor = units
    assert right(f"{amount}\\text{{ {large}}}", f"{amount * factor}\\text{{ {little}}}")
    assert not right(f"{amount}\\text{{ {large}}}", f"{amount}\\text{{ {little}}}")
    assert right(f"{amount}\\text{{ {large}}}", f"{amount}")


@given(st.integers(0, 10**6), st.integers(2, 16))
def test_bases(number: int, base: int) -> None:
    """A numeral of a base equals the number it stands for."""
    digits, rest = "", number
    while rest or not digits:
        digits, rest = "0123456789ABCDEF"[rest % base] + digits, rest // base
    assume(digits.isdigit() or len(digits) > 1)  # A_{11} is a symbol with an index
    assert right(f"{digits}_{{{base}}}", str(number))
    assert not right(f"{digits}_{{{base}}}", f"{number + 1}_{{10}}")


@st.composite
def expressions(draw: st.DrawFn, depth: int = 2) -> str:
    """Draw an expression in x that is defined and real everywhere."""
    if depth == 0:
        return draw(st.sampled_from(["x", "2", "3", "\\pi", "\\sqrt{2}", "5"]))
    first, second = draw(expressions(depth - 1)), draw(expressions(depth - 1))
    shape = draw(
        st.sampled_from(["({a})+({b})", "({a})({b})", "({a})-({b})", "\\sin({a})", "({a})^2", "\\frac{{{a}}}{{7}}"])
    )
    return shape.format(a=first, b=second)


IDENTITIES = [
    *("({e})+0", "1\\cdot({e})", "\\frac{{2({e})}}{{2}}", "-(-({e}))", "({e})-3+3", "\\left({e}\\right)"),
    *("({e})(\\sin^2x+\\cos^2x)", "\\ln(e^{{{e}}})", "({e})\\cdot\\sqrt{{4}}-({e})", "\\frac{{({e})(x^2+1)}}{{x^2+1}}"),
    *(
        "({e})\\log_2 2",
        "({e})+\\tan x-\\frac{{\\sin x}}{{\\cos x}}",
        "({e})\\cdot 2^{{x}}\\cdot 2^{{-x}}",
        "({e})\\binom{{5}}{{5}}",
    ),
]


@given(expressions(), st.lists(st.sampled_from(IDENTITIES), min_size=2, max_size=2), st.integers(1, 9))
def test_rewriting_by_identities_keeps_an_expression(expression: str, rules: list[str], gap: int) -> None:
    """Rewritten expressions equal the first one and one another, either way round; with a number added they do not."""
    first, second = (rule.format(e=expression) for rule in rules)
    for reference, answer in ((expression, first), (first, second), (second, expression)):
        assert right(reference, answer)
        assert right(answer, reference)
    assert not right(first, f"{second}+{gap}")
    assert not right(f"{second}+\\frac{{1}}{{{gap}00}}", first)


@given(nonzero, small, st.integers(2, 9))
def test_an_antiderivative_is_one_up_to_its_constant(slope: int, shift: int, power: int) -> None:
    """Another number added to an antiderivative keeps it; without its constant, or with another slope, it is wrong."""
    reference = f"{slope}x^{power}+C"
    assert right(reference, f"{slope}x^{power}+({shift})+C")
    assert not right(reference, f"{slope}x^{power}")
    assert not right(reference, f"{slope + 1}x^{power}+C")


@given(st.integers(-9, 9), st.integers(2, 12), st.integers(-3, 3))
def test_general_solutions_are_sets(start: int, step: int, turns: int) -> None:
    """A general solution begun elsewhere, or run through backwards, is the same; with another step it is not."""
    reference = f"x={start}+{step}k, k\\in\\mathbb{{Z}}"
    assert right(reference, f"x={start + turns * step}+{step}n, n\\in\\mathbb{{Z}}")
    assert right(reference, f"x={start}-{step}k, k\\in\\mathbb{{Z}}")
    assert not right(reference, f"x={start}+{step + 1}k, k\\in\\mathbb{{Z}}")


@given(small, small, small, small)
def test_values_belong_to_their_names(a: int, b: int, c: int, d: int) -> None:
    """A system of values may be written in any order of its names, not with its values exchanged."""
    assert right(f"x={a}, y={b}", f"y={b}, x={a}")
    assert right(f"(x,y)=({a},{b})", f"\\begin{{cases}}y={b}\\\\x={a}\\end{{cases}}")
    assert right(f"x={a}, y={b}", f"(y,x)=({d},{c})") == ((a, b) == (c, d))


@given(st.integers(0, 12), st.integers(2, 13), st.integers(-5, 5))
def test_congruences_are_classes(residue: int, modulus: int, turns: int) -> None:
    """Any member names its class; the next one another."""
    reference = f"x\\equiv{residue}\\pmod{{{modulus}}}"
    assert right(reference, f"x\\equiv{residue + turns * modulus}\\pmod{{{modulus}}}")
    assert not right(reference, f"x\\equiv{residue + 1}\\pmod{{{modulus}}}")


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_scores_or_is_the_rows_fault(reference: str, completion: str) -> None:
    """No text raises anything but RowError, and the reward is 0 or 1, the same every time."""
    sample = Sample("", "", completion, reference)
    try:
        first = math_answer(sample)
    except RowError:
        return
    assert first.value in (0.0, 1.0)
    assert math_answer(sample) == first


SIGNS = r"\frac \sqrt { } ( ) ^ _ 1 2 x y + - = < , \pm \boxed \cup [ ] | ! % \infty \sum & \\".split()  # noqa: SIM905


@given(st.lists(st.sampled_from(SIGNS)))
def test_any_formula_scores_or_is_the_rows_fault(pieces: list[str]) -> None:
    """No formula raises anything but RowError, whatever is missing or too much in it."""
    text = " ".join(pieces)
    for reference, completion in ((text, f"\\boxed{{{text}}}"), ("x+1", text), (text, "42")):
        try:
            assert math_answer(Sample("", "", completion, reference)).value in (0.0, 1.0)
        except RowError:
            continue


HOSTILE = [
    "9^{9^{9^{9}}}",
    "2^{2^{2^{49}}}",
    "10^{10^{10}}!",
    "(" * 2000,
    "{" * 2000,
    "1+" * 1200,
    "x" * 2400,
    "\\sqrt{" * 300,
    "\\frac{1}{" * 250,
    "9" * 2400,
    "\\sum_{k=1}^{10^9}k",
    "\\lim_{n\\to\\infty}2^{2^n}",
    "\\lim_{x\\to0}\\lim_{y\\to0}\\lim_{z\\to0}\\frac{xyz}{x+y+z}",
    "\\lim_{n\\to\\infty}\\int_0^n e^{-x^2}dx",
    "(-1)^{9^{9^{9^9}}}",
    "1+2+\\cdots+10^{10^{10}}",
    "\\{1,2,\\ldots,10^{12}\\}",
    "\\pm1" * 300,
    "\\binom{10^9}{5\\cdot10^8}",
    "\\sin(10^{10^{10}})",
    "x^{x^{x^{x^{x}}}}",
    "\\pm" * 600,
    "1,2," * 500,
    "(1,2)\\cup" * 200,
    "\\sum_{a=1}^{200}\\sum_{b=1}^{200}\\sum_{c=1}^{200}abc",
    "\\int_0^1\\int_0^1\\int_0^1\\sin(xyz)dxdydz",
    "1000000!!!!!!",
    "\\lfloor10^{10^{10}}\\rfloor",
    " " * 2400 + "x",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_answer_takes_a_second(text: str) -> None:
    """A hostile answer is scored in under a second, in a thread, as either side of the pair."""
    took: list[float] = []

    def score() -> None:
        start = time.thread_time()
        for reference in ("x^2+1", "42", "\\{1,2,3\\}", "3:15 pm", "5 hours"):
            math_answer(Sample("", "", f"\\boxed{{{text}}}", reference))
        with contextlib.suppress(RowError):
            math_answer(Sample("", "", "\\boxed{x^2+1}", f"${text}$"))
        took.append(time.thread_time() - start)

    thread = threading.Thread(target=score)
    thread.start()
    thread.join()
    assert took
    assert took[0] < 6  # for the six of them


def test_no_answer_takes_much_memory() -> None:
    """All hostile answers together take under 100 MB more than a plain one, in a process of its own."""
    code = f"""
import resource
from rewards.interface import RowError, Sample
from rewards.math_answer import math_answer, prepare
prepare()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for text in {HOSTILE!r}:
    for reference in ("x^2+1", "42", text or "1"):
        try:
            math_answer(Sample("", "", "\\\\boxed{{" + text + "}}", reference))
        except RowError:
            pass
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert float(done.stdout) < 100


def test_nothing_heavy_is_imported() -> None:
    """A cold start loads neither flint nor sympy nor pydantic, nor `inspect`, which `dataclasses` brings."""
    loaded = "[m for m in ('flint', 'sympy', 'pydantic', 'boto3', 'inspect', 'dataclasses') if m in sys.modules]"
    root = str(Path(__file__).parent.parent)
    code = f"import sys; sys.path.insert(0, {root!r}); import rewards.math_answer; print({loaded})"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_threads_do_not_disturb_each_other() -> None:
    """Many threads at once give every pair the verdict it gets alone."""
    pairs = [
        ("\\sqrt{2}", "1.41", 0.0),
        ("\\sin 2x", "2\\sin x\\cos x", 1.0),
        ("\\pi", "355/113", 0.0),
        ("x^2", "x\\cdot x", 1.0),
    ]
    wrong: list[str] = []

    def score() -> None:
        for reference, answer, expected in pairs * 10:
            if math_answer(Sample("", "", f"\\boxed{{{answer}}}", reference)).value != expected:
                wrong.append(reference)

    threads = [threading.Thread(target=score) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
