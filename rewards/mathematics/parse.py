"""Parse tokens into a tree, by operator precedence.

Bounds: those of `tokens.py`, `MAX_DEPTH` of nesting, `MAX_HEIGHT` levels of the tree.
"""

from __future__ import annotations

from rewards.mathematics.letters import Token
from rewards.mathematics.numerals import scientific
from rewards.mathematics.powers import Powers, signed
from rewards.mathematics.tokens import tokens
from rewards.mathematics.tree import Tree, UnreadableError

MAX_DEPTH = 60
MAX_HEIGHT = 120
_STARTS = frozenset("num mixed sym const fn frac root choose open fence big begin text-number angle empty".split())


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


class _Parser(Powers):
    """Read operators, from the loosest to the tightest."""

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
        return Tree("list", tuple(items), next((mark for mark in ("or", "and", ";") if mark in marks), ","))

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
        if operators[-1:] == ["=="] and (found := _residue(sides[-1])) is not None:
            return Tree("congruent", (sides[-2], *found))
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
            right = self.ratio()
            if op == "minus" and right.op in ("num", "dec", "neg"):  # R \\ {0}, whose braces TeX does not show
                right = Tree("set", (right,))
            left = Tree(op, (left, right))
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
            terms.append(signed(sign, term))
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
        left = self.powered()
        bare = numeral and left.op == "num"  # (2)(3) is a product, 2 3 is none
        while True:
            token = self.peek()
            if token.kind == "op" and token.text in ("*", "/"):
                self.at += 1
                right = self._unary()
                left = (token.text == "*" and scientific(left, right)) or Tree(
                    "mul" if token.text == "*" else "div", (left, right)
                )
                bare = False
            elif token.kind == "mod" and token.text in ("bmod", "mod") and self.peek(1).kind in _STARTS:
                self.at += 1
                left, bare = Tree("fn", (left, self._unary()), "mod"), False
            elif self.begins_factor(left, bare=bare):
                bracketed = self.peek().kind == "open"
                right = self.powered()
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
            return signed(token.text, self._unary())
        return self.powered()

    def begins_factor(self, left: Tree, *, bare: bool) -> bool:
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


def _residue(side: Tree) -> tuple[Tree, ...] | None:
    """Take the residue and the modulus of -5 mod 9."""
    if side.op == "neg" and (inner := _residue(side.args[0])) is not None:
        return Tree("neg", inner[:1]), inner[1]
    return side.args if side.op == "fn" and side.value == "mod" else None


def _signs(first: str, second: str) -> str:
    if "+-" in (first, second) or "-+" in (first, second):
        return first if len(first) > 1 else second
    return "+" if first == second else "-"


def _mixed(left: Tree, right: Tree) -> bool:
    r"""Tell a mixed number from a product: 2\\frac12 is 5/2; the fraction must be proper."""
    if left.op != "num" or right.op != "div" or any(part.op != "num" for part in right.args):
        return False
    top, bottom = (part.value for part in right.args)
    return bool(0 < top < bottom)
