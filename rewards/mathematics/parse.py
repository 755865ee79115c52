"""Parse tokens into a tree, by operator precedence.

Bounds: those of `tokens.py`, `MAX_DEPTH` of nesting, `MAX_HEIGHT` levels of the tree.
"""

from __future__ import annotations

import re
from fractions import Fraction

from rewards.mathematics.exact import based
from rewards.mathematics.tokens import Token, tokens
from rewards.mathematics.tree import PI, Decimal, Tree, UnreadableError, num, number_of, sym

MAX_DEPTH = 60
MAX_HEIGHT = 120
MAX_EXPONENT_DIGITS = 6

_CALLED = frozenset("f g h F G H phi psi f' g' h' F' f'' g''".split())
_TRIGONOMETRIC = frozenset("sin cos tan cot sec csc".split())
_INVERTED = _TRIGONOMETRIC | frozenset("sinh cosh tanh".split())  # f^{-1} is the inverse, not the reciprocal
_ALIGNED = frozenset("aligned align alignedat gathered gather split eqnarray".split())
_ENDS = Token("end of text", "")
_STARTS = frozenset("num mixed sym const fn frac root choose open fence big begin text-number angle empty".split())
_PREFIX_NAMES = frozenset("gcd lcm max min binomial".split())


def parse(text: str, commas: str = "group", *, braces_are_sets: bool | None = None) -> Tree:
    r"""Read a text as one tree.

    Args:
        text: After `clean.plain`, without what `reading.py` takes off (units, words, dollar signs).
        commas: See `tokens.tokens`.
        braces_are_sets: Take {1, 2} for a set; where it is not said, only in a text without LaTeX.

    Raises:
        UnreadableError: It is not mathematics, or over a bound.

    Example:
        >>> parse(r"\frac12 x").op
        'mul'
    """
    sets = "\\" not in text and "$" not in text if braces_are_sets is None else braces_are_sets
    return parse_tokens(tokens(text, commas), braces_are_sets=sets)


def parsed(text: str, commas: str = "group", *, braces_are_sets: bool = False) -> Tree | None:
    """Read a text as one tree; None where it is not mathematics."""
    try:
        return parse(text, commas, braces_are_sets=braces_are_sets)
    except (UnreadableError, RecursionError):
        return None


def parse_tokens(found: list[Token], *, braces_are_sets: bool = False) -> Tree:
    """Read tokens as one tree; see `parse`."""
    if not found:
        raise UnreadableError("nothing there")
    parser = _Parser(found, braces_are_sets)
    tree = parser.series()
    if parser.at < len(found):
        raise UnreadableError(f"cannot go on at {found[parser.at].text[:12]!r}")
    if _height(tree) > MAX_HEIGHT:
        raise UnreadableError(f"a tree of more than {MAX_HEIGHT} levels")
    return tree


def _height(tree: Tree) -> int:
    """Count the levels of a tree, without recursion: a product of a thousand factors is a thousand levels."""
    level, height = [tree], 0
    while level:
        level = [arg for node in level for arg in node.args]
        height += 1
    return height


def decimal(text: str, repeat: str = "") -> Tree:
    """Read a numeral: an integer, or a decimal that remembers how it was written.

    Raises:
        UnreadableError: Its exponent is out of bounds.
    """
    if text.isdigit() and not repeat:
        return Tree("num", (), Fraction(int(text)))
    mantissa, _, exponent = text.lower().partition("e")
    if len(exponent.lstrip("+-")) > MAX_EXPONENT_DIGITS:
        raise UnreadableError("an exponent out of bounds")
    whole, _, part = mantissa.partition(".")
    number = Fraction(int(whole + part or "0"), 10 ** len(part))
    shift = int(exponent or 0)
    if repeat:
        return num(number + Fraction(int(repeat), (10 ** len(repeat) - 1) * 10 ** len(part)))
    if abs(shift) > 5000:
        raise UnreadableError("an exponent out of bounds")
    digits = len((whole + part).lstrip("0"))
    return Tree("dec", (), Decimal(number * Fraction(10) ** shift, len(part) - shift, digits))


class _Parser:
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
        try:
            return self.tokens[self.at + ahead]
        except IndexError:
            return _ENDS

    def take(self) -> Token:
        token = self.peek()
        self.at += 1
        return token

    def accept(self, kind: str, text: str | None = None) -> bool:
        token = self.peek()
        if token.kind == kind and (text is None or token.text == text):
            self.at += 1
            return True
        return False

    def series(self) -> Tree:
        """Read items divided by commas, semicolons, and, or."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise UnreadableError(f"nested deeper than {MAX_DEPTH}")
        groups: list[list[Tree]] = [[]]
        marks: set[str] = set()
        while True:
            groups[-1].append(self.relation())
            separated = False
            while (token := self.peek()).kind in ("sep", "when") or token.text in (",", ";"):
                separated = True
                self.at += 1
                marks.add(token.text if token.kind != "when" else "when")
                if token.text == ";":
                    groups.append([])
            if not separated or self._closes():
                break
        self.depth -= 1
        groups = [group for group in groups if group]
        if "," in marks and len(groups) > 1:
            items = [group[0] if len(group) == 1 else Tree("list", tuple(group), ",") for group in groups]
        else:
            items = [item for group in groups for item in group]
        if len(items) == 1:
            return items[0]
        return Tree("list", tuple(items), "or" if "or" in marks else ";" if ";" in marks else ",")

    def _closes(self) -> bool:
        token = self.peek()
        return token.kind in ("end of text", "close", "end") or token.text in ("}", "\\\\", "&")

    def relation(self) -> Tree:
        """Read one side, or a chain of sides."""
        if self.peek().kind == "rel" and self.peek().text in ("~", "="):
            self.at += 1
        sides, operators = [self.union()], []
        while self.peek().kind == "rel" or self.peek().kind == "to":
            operators.append(self.take().text or "to")
            sides.append(self.union())
        tree = Tree("rel", tuple(sides), tuple(operators)) if operators else sides[0]
        if operators[-1:] == ["=="] and sides[-1].op == "fn" and sides[-1].value == "mod":
            return Tree("congruent", (sides[-2], *sides[-1].args))
        modulus = self._modulus()
        if modulus is not None:
            return Tree("congruent", (*sides[-2:], modulus) if operators else (sides[0], modulus))
        return tree

    def _modulus(self) -> Tree | None:
        start = self.at
        wrapped = self.accept("open", "(")
        if self.peek().kind != "mod":
            self.at = start
            return None
        self.at += 1
        modulus = self.product()
        if wrapped and not self.accept("close"):
            raise UnreadableError("a modulus that is not closed")
        return modulus

    def union(self) -> Tree:
        left = self.ratio()
        while self.peek().kind == "op" and self.peek().text in ("cup", "cap", "setminus"):
            op = {"cup": "union", "cap": "inter", "setminus": "minus"}[self.take().text]
            left = Tree(op, (left, self.ratio()))
        return left

    def ratio(self) -> Tree:
        parts = [self.sum()]
        while self.peek().text == ":" and self.peek().kind == "mark" and not self.in_set:
            self.at += 1
            parts.append(self.sum())
        return Tree("ratio", tuple(parts)) if len(parts) > 1 else parts[0]

    def sum(self) -> Tree:
        """Read terms joined by + - and ±."""
        terms: list[Tree] = []
        sign = "+"
        first = True
        while True:
            token = self.peek()
            if token.kind == "op" and token.text in ("+", "-", "+-", "-+"):
                self.at += 1
                sign = _signs(sign, token.text) if first or token.text in ("+", "-") else token.text
                first = True
                continue
            if not first:
                break
            term = self.product()
            terms.append(_signed(sign, term))
            sign, first = "+", False
            following = self.peek()
            if following.kind == "op" and following.text in ("+", "-", "+-", "-+"):
                self.at += 1
                sign, first = following.text, True
                continue
            break
        return terms[0] if len(terms) == 1 else Tree("add", tuple(terms))

    def product(self) -> Tree:
        """Read factors joined by * / or nothing; all bind alike, from the left."""
        numeral = self.peek().kind == "num"
        left = self._with_power()
        bare = numeral and left.op == "num"  # (2)(3) is a product, 2 3 is none
        while True:
            token = self.peek()
            if token.kind == "op" and token.text in ("*", "/"):
                self.at += 1
                right = self._unary()
                left = (token.text == "*" and _scientific(left, right)) or Tree(
                    "mul" if token.text == "*" else "div", (left, right)
                )
                bare = False
            elif token.kind == "mod" and token.text in ("bmod", "mod") and self.peek(1).kind in _STARTS:
                self.at += 1
                left, bare = Tree("fn", (left, self._unary()), "mod"), False
            elif self._begins_factor(left, bare=bare):
                bracketed = self.peek().kind == "open"
                right = self._with_power()
                if right.op in ("num", "dec") and left.op in ("num", "dec") and bare and not bracketed:
                    raise UnreadableError("two numbers side by side")
                is_mixed = bare and not bracketed and _mixed(left, right)
                left = Tree("add" if is_mixed else "mul", (left, right))
                bare = False
            else:
                return left

    def _unary(self) -> Tree:
        token = self.peek()
        if token.kind == "op" and token.text in ("+", "-", "+-", "-+"):
            self.at += 1
            return _signed(token.text, self._unary())
        return self._with_power()

    def _begins_factor(self, left: Tree, *, bare: bool) -> bool:
        token = self.peek()
        if token.kind in {"num", "mixed"}:
            if bare or left.op in ("num", "dec"):
                raise UnreadableError("two numbers side by side")
            return True
        if token.kind == "sym" and token.text == "d" and self.integrals and self.peek(1).kind == "sym":
            return False
        if token.kind == "open" and token.text == "(" and self.peek(1).kind == "mod":
            return False
        if token.text == "|" and token.kind == "mark":
            return not self.bars
        return token.kind in _STARTS or (token.kind == "mark" and token.text == "{") or token.kind == "number set"

    def _with_power(self) -> Tree:
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
            elif token.kind == "mark" and token.text in ("%", "°"):
                self.at += 1
                base = Tree("pct", (base,)) if token.text == "%" else self._degrees(base)
            elif token.kind == "mark" and token.text == "_" and base.op in ("num", "dec"):
                self.at += 1
                base = _based(base, self._script())
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
        if base.op in ("seq", "matrix") and self.peek().text in ("T", "top"):
            self.at += 1
            return Tree("fn", (base,), "transpose")
        return Tree("pow", (base, self._exponent()))

    def _primes(self, base: Tree) -> Tree:
        braced = self.accept("mark", "{")
        primes = ""
        while self.accept("mark", "'"):
            primes += "'"
        if braced:
            self.accept("mark", "}")
        return sym(f"{base.value}{primes}") if base.op == "sym" else base

    def _exponent(self) -> Tree:
        token = self.peek()
        if token.kind == "op" and token.text in ("+", "-", "+-"):
            self.at += 1
            return _signed(token.text, self._exponent())
        exponent = self.atom()
        if self.peek().kind == "op" and self.peek().text == "^":
            self.at += 1
            return self._raise(exponent)
        if self.peek().text == "!" and self.peek().kind == "mark":
            self.at += 1
            return Tree("factorial", (exponent,), 1)
        return exponent

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
            top = self._argument()
            return Tree("div", (top, self._argument()))
        if kind == "root":
            return self._root()
        if kind == "choose":
            top = self._argument()
            return Tree("fn", (top, self._argument()), "binomial")
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
                name += "_" + self._script()
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

    def _script(self) -> str:
        if not self.accept("mark", "{"):
            return self.take().text
        text, depth = "", 1
        while self.peek() is not _ENDS:
            token = self.take()
            depth += {"{": 1, "}": -1}.get(token.text, 0)
            if not depth:
                break
            text += token.text
        return text

    def _argument(self) -> Tree:
        """Read the argument of a command: a braced group, or one atom."""
        if self.peek() is _ENDS:
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
            return Tree("fn", (self._argument(), index), "root")
        return Tree("fn", (self._argument(),), "sqrt")

    def _function(self, name: str) -> Tree:
        base: Tree | None = None
        power: Tree | None = None
        while True:
            if self.accept("mark", "_"):
                base = self._argument()
            elif self.peek().text == "^" and self.peek().kind == "op" and power is None:
                self.at += 1
                power = self._exponent()
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
        if self.peek() is _ENDS:
            raise UnreadableError(f"{name} of nothing")
        left = self._with_power()
        while self._begins_factor(left, bare=left.op == "num") and self.peek().kind not in ("fn", "open", "big"):
            if self.peek().text == "|":
                break
            left = Tree("mul", (left, self._with_power()))
        turn = any(node == PI for node in (left, *left.args))
        if turn and self.peek() == Token("op", "/") and self.peek(1).kind == "num":
            self.at += 1
            left = Tree("div", (left, self._with_power()))
        return left

    def _bracket(self, opener: str) -> Tree:
        r"""Read ( ... ), [ ... ], \\{ ... \\}: a group, a tuple, an interval, a set."""
        bars, self.bars = self.bars, 0
        in_set, self.in_set = self.in_set, False
        if self.peek().kind == "close":
            self.bars, self.in_set = bars, in_set
            self.at += 1
            return Tree("set")
        if opener == "\\{":
            tree = self._set("\\}")
            self.bars, self.in_set = bars, in_set
            return tree
        inside = self.series()
        closer = self.take()
        self.bars, self.in_set = bars, in_set
        if closer.kind != "close":
            raise UnreadableError("a bracket that is not closed")
        pair = opener + closer.text
        if inside.op == "list":
            return Tree("seq", inside.args, pair)
        if pair == "[]" and inside.op == "seq":
            return Tree("seq", (inside,), pair)
        return inside

    def _set(self, closer: str) -> Tree:
        """Read the members, or `x | condition`, up to the closing brace."""
        self.bars, self.in_set, condition = 1, True, None
        inside = self.series()
        self.in_set = False
        if self.peek().text in ("|", ":"):
            self.at += 1
            self.bars = 0
            condition = self.series()
        if self.take().text != closer:
            raise UnreadableError("a set that is not closed")
        if condition is not None:
            return Tree("builder", (inside, condition))
        return Tree("set", inside.args if inside.op == "list" else (inside,))

    def _brace(self) -> Tree:
        """Read { ... }: a group in LaTeX, a set where the text has no LaTeX in it."""
        if self.accept("mark", "}"):
            if self.braces_are_sets:
                return Tree("set")
            raise UnreadableError("empty braces")
        before = self.peek(-2)
        if self.braces_are_sets and before.text not in ("^", "_"):
            bars = self.bars
            tree = self._set("}")
            self.bars = bars
            return tree.args[0] if tree.op == "set" and len(tree.args) == 1 else tree
        bars, self.bars = self.bars, 0
        inside = self.series()
        self.bars = bars
        if not self.accept("mark", "}") and self.peek() is not _ENDS:
            raise UnreadableError("a brace that is not closed")
        return inside

    def _absolute(self) -> Tree:
        self.bars += 1
        inside = self.series()
        self.bars -= 1
        if not self.accept("mark", "|"):
            raise UnreadableError("a bar that is not closed")
        return Tree("fn", (inside,), "det" if inside.op == "matrix" else "abs")

    def _fenced(self, name: str) -> Tree:
        inside = self.sum()
        if self.take().kind != "unfence":
            raise UnreadableError(f"a {name} that is not closed")
        return Tree("fn", (inside,), name)

    def _number_set(self) -> Tree:
        braced = self.accept("mark", "{")
        name = self.take().text
        if braced:
            self.accept("mark", "}")
        if self.peek().text in ("^", "_") and self.peek(1).text in ("+", "*", "-"):
            self.at += 1
            name += self.take().text
        return Tree("const", (), f"set {name}")

    def _big(self, name: str) -> Tree:
        """Read a sum, product, integral or limit with its bounds."""
        low = high = None
        while self.peek().text in ("_", "^") and self.peek().kind in ("mark", "op"):
            if self.take().text == "_":
                low = self._argument()
            else:
                high = self._exponent()
        if name == "int":
            return self._integral(low, high)
        if low is None or low.op != "rel" or len(low.args) != 2 or low.args[0].op not in ("sym", "const"):
            raise UnreadableError(f"a {name} without its variable")
        variable, start = str(low.args[0].value), low.args[1]
        body = _bind(self.product(), variable)
        op = {"sum": "sum", "prod": "prod", "lim": "limit"}.get(name)
        if op is None or (op != "limit" and high is None):
            raise UnreadableError(f"a {name} without bounds")
        return Tree(op, (body, start) if op == "limit" or high is None else (body, start, high), variable)

    def _integral(self, low: Tree | None, high: Tree | None) -> Tree:
        self.integrals += 1
        body = self.sum() if not (self.peek().text == "d" and self.peek(1).kind == "sym") else num(1)
        self.integrals -= 1
        if self.take().text != "d" or self.peek().kind != "sym":
            raise UnreadableError("an integral without its variable")
        variable = self.take().text
        bounds = (low, high) if low is not None and high is not None else ()
        return Tree("integral", (body, *bounds), variable)

    def _environment(self, name: str) -> Tree:
        r"""Read \\begin{...} rows \\end{...}."""
        rows: list[list[Tree]] = [[]]
        if name in _ALIGNED:  # there & only says where lines are set one below the other
            ends = next((at for at in range(self.at, len(self.tokens)) if self.tokens[at].kind == "end"), self.at)
            self.tokens[self.at : ends] = [token for token in self.tokens[self.at : ends] if token.text != "&"]
        while self.peek().kind != "end":
            if self.accept("mark", "\\\\"):
                rows.append([])
            elif self.accept("mark", "&"):
                continue
            elif self.peek() is _ENDS:
                break
            elif self.peek().kind == "when" or self.peek().text == ",":
                self.at += 1
            else:
                rows[-1].append(self.series())
        self.at += 1
        rows = [row for row in rows if row]
        if not rows:
            raise UnreadableError("an environment without rows")
        if name in ("cases", "dcases", "rcases") or name in _ALIGNED:
            return _cases(rows)
        matrix = Tree("matrix", tuple(Tree("seq", tuple(row), "()") for row in rows))
        return Tree("fn", (matrix,), "det") if name in ("vmatrix", "Vmatrix") else matrix


def _cases(rows: list[list[Tree]]) -> Tree:
    if all(len(row) == 1 and row[0].op != "list" for row in rows):  # no conditions: a system, or several values
        return rows[0][0] if len(rows) == 1 else Tree("list", tuple(row[0] for row in rows), ",")
    pieces = []
    for row in rows:
        parts = list(row[0].args) if len(row) == 1 and row[0].op == "list" else row
        pieces.append(Tree("seq", tuple(parts), "()"))
    return Tree("cases", tuple(pieces))


def _bind(body: Tree, variable: str) -> Tree:
    """Make the letter i of a sum's index a symbol again where the body took it for the imaginary unit."""
    if variable not in ("i", "e"):
        return body
    if body == Tree("const", (), variable):
        return sym(variable)
    return body._replace(args=tuple(_bind(arg, variable) for arg in body.args))


def _signs(first: str, second: str) -> str:
    if "+-" in (first, second) or "-+" in (first, second):
        return first if len(first) > 1 else second
    return "+" if first == second else "-"


def _signed(sign: str, term: Tree) -> Tree:
    if sign == "+":
        return term
    return Tree("neg", (term,)) if sign == "-" else Tree("pm", (term,), sign)


def _mixed(left: Tree, right: Tree) -> bool:
    r"""Tell a mixed number from a product: 2\\frac12 is 5/2; the fraction must be proper."""
    if left.op != "num" or right.op != "div" or any(part.op != "num" for part in right.args):
        return False
    top, bottom = (part.value for part in right.args)
    return bool(0 < top < bottom)


def _scientific(left: Tree, right: Tree) -> Tree | None:
    """Fold 2.5 * 10^-3 into one decimal, so that its digits stay known."""
    if left.op != "dec" or right.op != "pow" or right.args[0] != num(10):
        return None
    shift = number_of(right.args[1])
    if shift is None or shift.denominator != 1 or abs(shift) > 5000:
        return None
    value = left.value
    return Tree(
        "dec", (), Decimal(value.number * Fraction(10) ** shift.numerator, value.places - shift.numerator, value.digits)
    )


def _based(digits: Tree, base: str) -> Tree:
    if digits.op != "num" or not base.isdigit() or not 2 <= int(base[:3]) <= 36:
        raise UnreadableError("a base that is none")
    written = str(digits.value)
    value = based(written, int(base))
    if value is None:
        raise UnreadableError("a digit too large for its base")
    return Tree("base", (num(value),), (written, int(base)))
