"""Compare two answers as they were read: choices, words, moments, numbers with units, and mathematics."""

from __future__ import annotations

from functools import partial

from rewards.mathematics.compare import same_tree
from rewards.mathematics.constants import renamings
from rewards.mathematics.finding import Finding
from rewards.mathematics.general import same_general
from rewards.mathematics.identity import same_value
from rewards.mathematics.measures import same_measure
from rewards.mathematics.options import DEFAULT, Options
from rewards.mathematics.reading import Answer
from rewards.mathematics.solutions import same_general_solution
from rewards.mathematics.tokens import MAX_CHARACTERS
from rewards.mathematics.tree import IMAGINARY, is_rational, num, replace, symbols, walk
from rewards.mathematics.units import unit
from rewards.mathematics.wording import same_choice, same_meaning, same_moment, same_words, squeezed
from rewards.mathematics.words import placeholder, words
from rewards.patterns import Pattern

_NAME = Pattern("[A-Za-z]{3,}")


def same_answer(reference: Answer, answer: Answer, options: Options = DEFAULT) -> Finding:
    """Decide whether an answer is the reference answer.

    Args:
        reference: What the row says, read.
        answer: What the completion says, read.
        options: The row's policy.

    Example:
        >>> from rewards.mathematics.reading import read
        >>> same_answer(read("1/2"), read("0.5")).same, same_answer(read("10 cm"), read("100 mm")).same
        (True, True)
    """
    if max(len(reference.text), len(answer.text)) > MAX_CHARACTERS:
        same = "".join(reference.text.split()) == "".join(answer.text.split())
        return Finding(same, "the same long text" if same else "too long to be read, and not the same text")
    if not answer.plain and placeholder(answer.text) and not placeholder(reference.text):
        return Finding(False, "a placeholder, no answer")
    if reference.text == answer.text:
        return Finding(True, "the same text")
    if reference.plain and _is_plain(answer) and options.form == "any" and options.kind in ("auto", "number"):
        left, right = reference.tree or num(0), answer.tree or num(0)
        return same_value(left, right, rounding=options.rounding, tolerance=options.tolerance)
    if options.form == "written":
        return Finding(squeezed(reference.text) == squeezed(answer.text), "compared as written")
    if options.kind == "text":
        return Finding(words(reference.text) == words(answer.text), "compared as words")
    if (found := same_choice(reference, answer, options, partial(same_answer, options=options))) is not None:
        return found
    if (found := same_meaning(reference, answer)) is not None:
        return found
    if (found := same_moment(reference, answer)) is not None:
        return found
    if reference.tree is None or answer.tree is None:
        return same_words(reference, answer)
    if (found := same_general_solution(reference, answer)) is not None:
        return found
    answer = _imaginary(reference, answer)
    found = same_measure(reference, answer, options)
    if found.same:
        return found
    for renamed in renamings(reference.tree, answer.tree or num(0)):
        if (other := same_tree(reference.tree, renamed, options)).same:
            return other._replace(why=f"{other.why}, the arbitrary constants renamed")
    if answer.tree is not None and (general := same_general(reference.tree, answer.tree)) is not None and general.same:
        return general
    if _NAME.fullmatch(reference.text) and reference.text.lower() == answer.text.lower():
        return Finding(True, "the same word")
    return _other_readings(reference, answer, options) or found


def _is_plain(answer: Answer) -> bool:
    """Tell whether an answer is a rational number and nothing else: no unit, no sign after it, no other reading."""
    if answer.plain:
        return True
    tree = answer.tree
    extras = (answer.unit, answer.measure, answer.option, answer.parameter, answer.others, answer.glued)
    return tree is not None and not any(extras) and is_rational(tree)


def _imaginary(reference: Answer, answer: Answer) -> Answer:
    """Take I for the imaginary unit, as programs write it, where the reference has i and no I."""
    ours, theirs = reference.tree or num(0), answer.tree or num(0)
    if "I" not in symbols(theirs) or "I" in symbols(ours) or IMAGINARY not in walk(ours) or IMAGINARY in walk(theirs):
        return answer
    return answer._replace(tree=replace(theirs, "I", IMAGINARY))


def _other_readings(reference: Answer, answer: Answer, options: Options) -> Finding | None:
    """Try the other meanings of commas, and a letter as a unit."""
    for left in (reference.tree, *reference.others):
        for right in (answer.tree, *answer.others):
            if left is None or right is None or (left is reference.tree and right is answer.tree):
                continue
            if {left.op, right.op} in ({"list", "seq"}, {"list", "set"}):
                continue  # 10,080 is no pair because another side writes one: (10, 80)
            found = same_measure(reference._replace(tree=left), answer._replace(tree=right), options)
            if found.same:
                return found._replace(why=f"{found.why}, a comma read another way")
    if answer.glued is not None and (reference.measure is not None or not symbols(reference.tree or num(0))):
        tree, name = answer.glued
        found = same_measure(reference, answer._replace(tree=tree, unit=name, measure=unit(name)), options)
        return found if found.same else None
    if reference.glued is not None and answer.measure is not None:
        tree, name = reference.glued
        found = same_measure(reference._replace(tree=tree, unit=name, measure=unit(name)), answer, options)
        return found if found.same else None
    return None
