"""The grammar of what is written after an atom: powers, factorials, percent, degrees, primes, the base of a numeral."""

from __future__ import annotations

from rewards.mathematics.atoms import Atoms
from rewards.mathematics.numerals import decimal, in_base
from rewards.mathematics.tree import Tree, num, sym


class Powers(Atoms):
    """Read atoms with what is written after them."""

    def powered(self) -> Tree:
        """Read an atom with what is written after it: powers, factorials, percent, degrees."""
        base = self.atom()
        while True:
            token = self.peek()
            if token.kind == "op" and token.text == "^":
                self.at += 1
                base = self._raise(base)
            elif token.kind == "mark" and token.text == "!":
                self.at += 1
                double = self.peek().text == "!" and self.peek().kind == "mark"
                self.at += double
                base = Tree("factorial", (base,), 2 if double else 1)
            elif token.text == "°" and base.op == "sym" and self.peek(1).kind == "sym":  # f after g is not g after f
                self.at += 1
                base = sym(f"{base.value}∘{self.take().text}")
            elif token.kind == "mark" and token.text in ("%", "°"):
                self.at += 1
                base = Tree("pct", (base,)) if token.text == "%" else self._degrees(base)
            elif token.kind == "mark" and token.text == "_" and base.op in ("num", "dec"):
                self.at += 1
                base = in_base(base, self.script())
            else:
                return base

    def _degrees(self, base: Tree) -> Tree:
        r"""Read minutes and seconds after degrees: 30°15'20\"."""
        total = base
        for mark, share in (("'", 60), ('"', 3600)):
            if self.peek().kind == "num" and self.peek(1).text == mark:
                total = Tree("add", (total, Tree("div", (decimal(self.take().text), num(share)))))
                self.at += 1
        return Tree("deg", (total,))

    def _raise(self, base: Tree) -> Tree:
        if self.peek().text == "°" or (
            self.peek().text == "{" and self.peek(1).text == "°" and self.peek(2).text == "}"
        ):
            self.at += 3 if self.peek().text == "{" else 1
            return self._degrees(base)
        if self.peek().text == "'" or (self.peek().text == "{" and self.peek(1).text == "'"):
            return self._primes(base)
        if self.peek().text == "{" and self.peek(1).text == "}":
            self.at += 2
            return base
        braced = self.peek().text == "{" and self.peek(2).text == "}"
        if base.op in ("seq", "matrix") and self.peek(int(braced)).text in ("T", "top"):
            self.at += 3 if braced else 1
            return Tree("fn", (base,), "transpose")
        return Tree("pow", (base, self.exponent()))

    def _primes(self, base: Tree) -> Tree:
        braced = self.accept("mark", "{")
        primes = ""
        while self.accept("mark", "'"):
            primes += "'"
        if braced:
            self.accept("mark", "}")
        return sym(f"{base.value}{primes}") if base.op == "sym" else base

    def exponent(self) -> Tree:
        """Read what stands after ^."""
        token = self.peek()
        if token.kind == "op" and token.text in ("+", "-", "+-"):
            self.at += 1
            return signed(token.text, self.exponent())
        exponent = self.atom()
        if self.peek().kind == "op" and self.peek().text == "^":
            self.at += 1
            return self._raise(exponent)
        if self.peek().text == "!" and self.peek().kind == "mark":
            self.at += 1
            return Tree("factorial", (exponent,), 1)
        return exponent


def signed(sign: str, term: Tree) -> Tree:
    """Put a sign before a term."""
    if sign == "+":
        return term
    return Tree("neg", (term,)) if sign == "-" else Tree("pm", (term,), sign)
