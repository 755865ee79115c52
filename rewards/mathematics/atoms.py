"""The grammar of atoms: numbers, symbols, calls, functions, fractions, roots."""

from __future__ import annotations

import re
from fractions import Fraction

from rewards.mathematics.cursor import END
from rewards.mathematics.groups import Groups
from rewards.mathematics.letters import Token
from rewards.mathematics.numerals import decimal
from rewards.mathematics.tree import PI, Tree, UnreadableError, num, sym

_CALLED = frozenset("f g h F G H phi psi f' g' h' F' f'' g''".split())
_TRIGONOMETRIC = frozenset("sin cos tan cot sec csc".split())
_INVERTED = _TRIGONOMETRIC | frozenset("sinh cosh tanh".split())  # f^{-1} is the inverse, not the reciprocal
_PREFIX_NAMES = frozenset("gcd lcm max min binomial".split())


class Atoms(Groups):
    """Read atoms."""

    def atom(self) -> Tree:
        """Read a number, a symbol, or something in brackets."""
        token = self.take()
        kind = token.kind
        if kind == "num":
            if self.peek().kind == "repeat":
                return decimal(token.text, self.take().text)
            return decimal(token.text)
        if kind == "mixed":
            whole, upper, lower = (int(part) for part in re.findall(r"\d+", token.text))
            if not 0 < upper < lower:
                raise UnreadableError("two numbers side by side")
            return num(whole + Fraction(upper, lower))
        if kind == "sym":
            return self._symbol(token.text)
        if kind == "const":
            if token.text in ("e", "i") and self.peek().text == "_":
                return self._symbol(token.text)
            return Tree("const", (), token.text)
        if kind == "fn":
            return self._function(token.text)
        if kind == "frac":
            top = self.argument()
            return Tree("div", (top, self.argument()))
        if kind == "root":
            return self._root()
        if kind == "choose":
            top = self.argument()
            return Tree("fn", (top, self.argument()), "binomial")
        if kind == "open":
            return self._bracket(token.text)
        if kind == "mark" and token.text == "{":
            return self._brace()
        if kind == "mark" and token.text == "|":
            return self._absolute()
        if kind == "fence":
            return self._fenced(token.text)
        if kind == "big":
            return self._big(token.text)
        if kind == "begin":
            return self._environment(token.text)
        if kind == "empty":
            return Tree("set")
        if kind == "dots":
            return sym("...")
        if kind == "mathbb":
            return self._number_set()
        if kind == "number set":
            return Tree("const", (), f"set {token.text}")
        if kind == "angle":
            return self._figure(token.text)
        if kind in ("word", "text") and self.peek().kind == "rel":
            return Tree("word", (), token.text)
        raise UnreadableError(f"cannot read {token.text[:12]!r} here")

    def _figure(self, kind: str) -> Tree:
        """Read an angle or a triangle by its letters; an angle read from its other side is the same."""
        letters = "".join(self.take().text for _ in range(3) if self.peek().kind in ("sym", "const"))
        if kind != "triangle":
            kind, letters = "angle", min(letters, letters[::-1])
        return sym(f"{kind} {letters}")

    def _symbol(self, name: str) -> Tree:
        while True:
            if self.peek().text == "_" and self.peek().kind == "mark":
                self.at += 1
                name += "_" + self.script()
            elif self.peek().text == "'" and self.peek().kind == "mark":
                self.at += 1
                name += "'"
            else:
                break
        if name in ("Gamma", "zeta", "C") and (function := self._named(name)) is not None:
            return function
        if self.peek() == Token("open", "(") and self._is_call(name):
            self.at += 1
            arguments = self.series()
            if not self.accept("close", ")"):
                raise UnreadableError("a call that is not closed")
            return Tree("call", arguments.args if arguments.op == "list" else (arguments,), name)
        return sym(name)

    def _named(self, name: str) -> Tree | None:
        r"""Read \Gamma(x) and C(5, 2), which are functions although their names are letters."""
        if self.peek() != Token("open", "("):
            return None
        if name in ("Gamma", "zeta"):
            return Tree("fn", (self.atom(),), name.lower())
        shape = [self.peek(place).kind for place in range(1, 5)]
        if shape != ["num", "mark", "num", "close"] or self.peek(2).text != ",":
            return None
        top, bottom = (decimal(self.peek(place).text) for place in (1, 3))
        if top.op != "num" or bottom.op != "num" or top.value < bottom.value:
            return None
        self.at += 5
        return Tree("fn", (top, bottom), "binomial")

    def _is_call(self, name: str) -> bool:
        if name.partition("_")[0] in _CALLED:
            return True
        place = 1
        while self.peek(place).kind in ("sym", "num", "const") or self.peek(place).text == ",":
            place += 1
        return place > 1 and self.peek(place).text == ")" and self.peek(place + 1).text == "="

    def script(self) -> str:
        """Read a subscript as text."""
        if not self.accept("mark", "{"):
            return self.take().text
        text, depth = "", 1
        while self.peek() is not END:
            token = self.take()
            depth += {"{": 1, "}": -1}.get(token.text, 0)
            if not depth:
                break
            text += token.text
        return text

    def argument(self) -> Tree:
        """Read the argument of a command: a braced group, or one atom."""
        if self.peek() is END:
            raise UnreadableError("an argument is missing")
        if self.peek().kind == "op" and self.peek().text == "-":
            self.at += 1
            return Tree("neg", (self.atom(),))
        return self.atom()

    def _root(self) -> Tree:
        if self.peek().text == "[" and self.peek().kind == "open":
            self.at += 1
            index = self.sum()
            if not self.accept("close", "]"):
                raise UnreadableError("a root index that is not closed")
            return Tree("fn", (self.argument(), index), "root")
        return Tree("fn", (self.argument(),), "sqrt")

    def _function(self, name: str) -> Tree:
        base: Tree | None = None
        power: Tree | None = None
        while True:
            if self.accept("mark", "_"):
                base = self.argument()
            elif self.peek().text == "^" and self.peek().kind == "op" and power is None:
                self.at += 1
                power = self.exponent()
            elif self.accept("mark", "'"):
                raise UnreadableError("a derivative of a named function")
            else:
                break
        if name == "log" and base is None and self.peek().kind == "num" and self.peek(1) == Token("open", "("):
            base = decimal(self.take().text)
        if name in ("max", "min") and self.peek().kind == "num":
            raise UnreadableError(f"{name} beside a number is a word")
        arguments = self._arguments(name)
        if not arguments:
            raise UnreadableError(f"{name} of nothing")
        if power is not None and power == Tree("neg", (num(1),)) and name in _INVERTED:
            return Tree("fn", arguments, f"arc{name}")
        if base is not None:
            arguments = (*arguments, base)
        tree = Tree("fn", arguments, name)
        return tree if power is None else Tree("pow", (tree, power))

    def _arguments(self, name: str) -> tuple[Tree, ...]:
        token = self.peek()
        if token.kind == "open" or (token.kind == "mark" and token.text in "{|"):
            inside = self.atom()
            if inside.op in ("list", "seq", "set"):
                return inside.args
            if token.text in ("(", "[") and name in _TRIGONOMETRIC and self.peek().text == "°":
                return (inside,)
            return (inside,)
        return (self._loose(name),)

    def _loose(self, name: str) -> Tree:
        r"""Read an argument without brackets: `\\sin 2x`, `\\ln x^2`, `\\sin \\pi/6`."""
        if self.peek().kind == "op" and self.peek().text == "-":
            self.at += 1
            return Tree("neg", (self._loose(name),))
        if self.peek() is END:
            raise UnreadableError(f"{name} of nothing")
        left = self.powered()
        while self.begins_factor(left, bare=left.op == "num") and self.peek().kind not in ("fn", "open", "big"):
            if self.peek().text == "|":
                break
            left = Tree("mul", (left, self.powered()))
        turn = any(node == PI for node in (left, *left.args))
        if turn and self.peek() == Token("op", "/") and self.peek(1).kind == "num":
            self.at += 1
            left = Tree("div", (left, self.powered()))
        return left
