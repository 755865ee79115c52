"""How a model can be made to answer in form: tried from the strictest down, learnt by its own refusals."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace

# Strict forced tool, forced tool, any tool, a JSON schema for the text, plain text.
RUNGS = ("strict", "forced", "any", "schema", "text")

# What a refusal's words point at. Anything else is taken for the way of answering itself.
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
    """Remember for each model the shape that it took. One for the process.

    Only a shape that was answered is remembered, so that one unlucky request teaches nothing.
    """

    def __init__(self) -> None:
        self._known: dict[str, Shape] = {}
        self._lock = threading.Lock()

    def shape(self, model: str) -> Shape:
        """Give the shape to try first."""
        return self._known.get(model, Shape())

    def knows(self, model: str) -> bool:
        """Tell whether the model has answered before."""
        return model in self._known

    def learn(self, model: str, shape: Shape) -> None:
        """Remember a shape that was answered."""
        with self._lock:
            self._known[model] = shape

    def forget(self) -> None:
        """Start anew."""
        with self._lock:
            self._known.clear()

    def __iter__(self) -> Iterator[tuple[str, Shape]]:
        """List what was learnt."""
        return iter(list(self._known.items()))
