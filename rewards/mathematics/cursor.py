"""Walk over tokens: the ground on which the grammar stands, and what its layers call of one another."""

from __future__ import annotations

from abc import ABC, abstractmethod

from rewards.mathematics.letters import Token
from rewards.mathematics.tree import Tree

END = Token("end of text", "")


class Cursor(ABC):
    """Walk the tokens once, from left to right."""

    def __init__(self, found: list[Token], braces_are_sets: bool) -> None:
        self.tokens = found
        self.at = 0
        self.depth = 0
        self.bars = 0
        self.integrals = 0
        self.in_set = False
        self.braces_are_sets = braces_are_sets

    def peek(self, ahead: int = 0) -> Token:
        """Look at a token, by default the next."""
        try:
            return self.tokens[self.at + ahead]
        except IndexError:
            return END

    def take(self) -> Token:
        """Take the next token."""
        token = self.peek()
        self.at += 1
        return token

    def accept(self, kind: str, text: str | None = None) -> bool:
        """Take the next token if it is of a kind, and tell whether it was."""
        token = self.peek()
        if token.kind == kind and (text is None or token.text == text):
            self.at += 1
            return True
        return False

    @abstractmethod
    def series(self) -> Tree:
        """Read items divided by commas, semicolons, and, or."""

    @abstractmethod
    def sum(self) -> Tree:
        """Read terms joined by + - and ±."""

    @abstractmethod
    def product(self) -> Tree:
        """Read factors joined by * / or nothing."""

    @abstractmethod
    def powered(self) -> Tree:
        """Read an atom with what is written after it: powers, factorials, percent, degrees."""

    @abstractmethod
    def begins_factor(self, left: Tree, *, bare: bool) -> bool:
        """Tell whether what follows multiplies `left` without a sign between."""

    @abstractmethod
    def exponent(self) -> Tree:
        """Read what stands after ^."""

    @abstractmethod
    def argument(self) -> Tree:
        """Read the argument of a command: a braced group, or one atom."""
