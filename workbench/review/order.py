"""In which order answers are labelled: spread over prompts, scores and lengths, so that forty labels tell of all."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.answers import Answer

_BANDS = 5
_GOLDEN = 0.6180339887498949  # its multiples fall evenly between 0 and 1, wherever one stops


def stratified(answers: Sequence[Answer], scores: Mapping[str, float], rater: str) -> list[str]:
    """Order answers so that however far a rater gets, prompts, scores and lengths are all there.

    Every prompt has its turn before one has its second. Which of a prompt's answers comes is spread over its scores,
    and within a round weak, middling and strong answers alternate. Raters get orders of their own.

    Args:
        answers: With ids that differ.
        scores: Id to what some judge made of it, on any scale: it decides the order alone and is never shown.
        rater: Whose order.

    Returns:
        Every id, once.
    """

    def strength(answer: Answer) -> tuple[float, int, str]:
        return scores.get(answer.id, 0.0), len(answer.text), _draw(rater, answer.id)

    ranked = sorted(answers, key=strength)
    band = {answer.id: place * _BANDS // len(ranked) for place, answer in enumerate(ranked)}
    by_prompt: dict[str, list[Answer]] = defaultdict(list)
    for answer in ranked:
        by_prompt[answer.prompt].append(answer)
    rounds: dict[int, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    for turn, prompt in enumerate(sorted(by_prompt, key=lambda prompt: _draw(rater, prompt))):
        for number, answer in enumerate(_spread(by_prompt[prompt], turn * _GOLDEN % 1)):
            rounds[number][band[answer.id]].append(answer.id)
    return [one for number in sorted(rounds) for one in _alternating(rounds[number], rater)]


def _spread(ranked: Sequence[Answer], start: float) -> list[Answer]:
    """Take each answer once, the next always far from the last ones in rank."""
    count = len(ranked)
    places = sorted(range(count), key=lambda place: (place / count - start) % 1)
    return [ranked[places[turn]] for turn in sorted(range(count), key=_reversed_bits)]


def _reversed_bits(number: int) -> float:
    """Mirror a number's binary digits behind the point: 0, 1/2, 1/4, 3/4, ... (van der Corput's sequence)."""
    mirrored, step = 0.0, 0.5
    while number:
        mirrored += step * (number & 1)
        number, step = number >> 1, step / 2
    return mirrored


def _alternating(bands: Mapping[int, list[str]], rater: str) -> list[str]:
    keyed = [
        (place, _draw(rater, f"{band} {place}"), one)
        for band, members in bands.items()
        for place, one in enumerate(sorted(members, key=lambda one: _draw(rater, one)))
    ]
    return [one for _, _, one in sorted(keyed)]


def _draw(rater: str, name: str) -> str:
    return hashlib.sha256(f"{rater}\0{name}".encode()).hexdigest()
