"""How a model can be made to answer in form: tried from the strictest down, learnt by its own refusals."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, replace

# Strict forced tool, forced tool, any tool, a JSON schema for the text, plain text.
RUNGS = ("strict", "forced", "any", "schema", "text")

# What a refusal's words point at. Anything else is taken for the way of answering itself.
_SCOUTING = 1.0  # seconds that the others wait for the first request to a model
_STUBBORN = 3
_PARTS = (("temperature", "temperature"), ("cache", "cach"), ("metadata", "metadata"))


@dataclass(frozen=True, slots=True)
class Shape:
    """Say what a request may contain for one model."""

    rung: str = RUNGS[0]
    temperature: bool = True
    cache: bool = True
    metadata: bool = True

    def after(self, refusal: str) -> Shape | None:
        """Take one step down after a refusal.

        Args:
            refusal: The service's own words: names of fields are looked for in them, nothing else.

        Returns:
            The next shape to try; None where there is none left.

        Example:
            >>> Shape().after("temperature is not supported by this model").temperature
            False
            >>> Shape().after("tools.0: extra fields not permitted").rung
            'forced'
        """
        for part, sign in _PARTS:
            if getattr(self, part) and sign in refusal.lower():
                return self._without(part)
        if self.rung != RUNGS[-1]:
            return replace(self, rung=RUNGS[RUNGS.index(self.rung) + 1])
        for part, _ in _PARTS:
            if getattr(self, part):
                return self._without(part)
        return None

    def _without(self, part: str) -> Shape:
        return Shape(
            self.rung,
            temperature=self.temperature and part != "temperature",
            cache=self.cache and part != "cache",
            metadata=self.metadata and part != "metadata",
        )


class Ladder:
    """Remember for each model the shape that it took. One for the process; safe for threads.

    Only a shape that was answered is remembered. A model that has answered is not moved further down until it has
    refused `_STUBBORN` requests in a row that it took in a lower shape: one odd sample teaches nothing.
    """

    def __init__(self) -> None:
        self._known: dict[str, Shape] = {}
        self._doubts: dict[str, int] = {}
        self._scouts: dict[str, threading.Event] = {}
        self._lock = threading.Lock()

    def first(self, model: str, deadline: float) -> Shape:
        """Give the shape to try first.

        While a model is unknown, the first request goes ahead and the others wait a moment for what it learns: a
        refused shape is refused at once, so that a whole batch need not find it out one by one.
        """
        with self._lock:
            if model in self._known:
                return self._known[model]
            scout = model not in self._scouts
            answered = self._scouts.setdefault(model, threading.Event())
        if not scout:
            answered.wait(max(0.0, min(_SCOUTING, deadline - time.monotonic())))
        return self._known.get(model, Shape())

    def learn(self, model: str, shape: Shape) -> None:
        """Remember a shape that was answered."""
        with self._lock:
            known = self._known.get(model, shape)
            self._doubts[model] = 0 if shape == known else self._doubts.get(model, 0) + 1
            if shape == known or self._doubts[model] >= _STUBBORN:
                self._known[model] = shape
                self._doubts[model] = 0
            if answered := self._scouts.get(model):
                answered.set()

    def forget(self) -> None:
        """Start anew."""
        with self._lock:
            self._known.clear()
            self._doubts.clear()
            self._scouts.clear()
