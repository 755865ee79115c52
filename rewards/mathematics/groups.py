"""The grammar of what opens and closes: brackets, sets, bars, environments, sums and integrals with their bounds."""

from __future__ import annotations

from rewards.mathematics.cursor import END, Cursor
from rewards.mathematics.tree import Tree, UnreadableError, num, sym

_ALIGNED = frozenset("aligned align alignedat gathered gather split eqnarray".split())


class Groups(Cursor):
    """Read groups; what stands in them is read by the layers above."""

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
        if not self.accept("mark", "}") and self.peek() is not END:
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
                low = self.argument()
            else:
                high = self.exponent()
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
            elif self.peek() is END:
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
