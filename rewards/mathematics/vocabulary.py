"""The names and signs of mathematics: which function, relation, operator, bracket or letter a spelling stands for."""

from __future__ import annotations


def _table(text: str) -> dict[str, str]:
    """Read "meaning spelling spelling|meaning spelling" as a table from spelling to meaning."""
    rows = [row.split() for row in text.split("|")]
    return {row[0]: row[0] for row in rows} | {spelling: row[0] for row in rows for spelling in row[1:]}


FUNCTIONS = frozenset(
    """sin cos tan cot sec csc sinh cosh tanh coth sech csch arcsin arccos arctan arccot arcsec arccsc
    arcsinh arccosh arctanh asin acos atan acot asec acsc asinh acosh atanh arsinh arcosh artanh
    ln log lg exp sqrt cbrt abs floor ceil ceiling sgn sign gcd lcm max min det cis Re Im arg binom binomial
    factorial gamma Gamma erf C_ P_ nCr nPr tg ctg cosec arctg arcctg sh ch th round trunc mod_ conj""".split()
)
ALIASES = _table(
    "arcsin asin|arccos acos|arctan atan arctg|arccot acot arcctg|arcsec asec|arccsc acsc|arcsinh asinh arsinh|"
    "arccosh acosh arcosh|arctanh atanh artanh|ceil ceiling|sgn sign|tan tg|cot ctg|csc cosec|sinh sh|cosh ch|tanh th|"
    "binomial binom nCr|gamma Gamma"
)
GREEK = frozenset(
    """alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi rho sigma tau
    upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega ell hbar""".split()
)
CONSTANTS = {"pi": "pi", "e": "e", "i": "i", "infty": "inf", "infinity": "inf", "inf": "inf", "oo": "inf"}
GREEK_ALIASES = {"varepsilon": "epsilon", "vartheta": "theta", "varphi": "phi"}
RELATIONS = _table(
    "= == := coloneqq|< lt|> gt|<= =< le leq leqslant leqq|>= => ge geq geqslant geqq|!= =/= /= <> ne neq|"
    "in|subset subseteq|~ approx simeq sim doteq|cong|== equiv|notin notin"
)
OPERATORS = _table(
    "+ +|- -|* cdot times ast bullet star|^ **|/ div|+- pm +/-|-+ mp|cup bigcup|cap cap|setminus backslash"
)
SILENT = frozenset(
    """left right middle big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl Biggr displaystyle textstyle
    large Large LARGE huge Huge small tiny normalsize
    scriptstyle limits nolimits quad qquad thinspace medspace negthinspace hspace hfill boldsymbol bf rm it hphantom
    phantom strut mathstrut nonumber notag hline hbox mathop mathrel mathbin kern null relax allowbreak nobreak enspace
    enskip""".split()
)
STYLES = frozenset(
    "dot mathrm mathbf mathit mathsf mathtt mathcal operatorname bm vec overrightarrow hat bar overline "
    "mathfrak mathnormal boxed fbox framebox underline cancel tilde widehat widetilde mathscr".split()
)
TEXTS = frozenset("text textbf textit textrm textnormal mbox hbox textsf texttt textup emph".split())
FRACTIONS = frozenset("frac dfrac tfrac cfrac sfrac nicefrac".split())


def _commands() -> dict[str, tuple[str, str]]:
    """List what a LaTeX command stands for: the kind and text of its token. Of two meanings the later one holds."""
    found = {name: ("fn", ALIASES.get(name, name)) for name in FUNCTIONS}
    found |= {name: ("sym", GREEK_ALIASES.get(name, name)) for name in GREEK}
    found |= {name: ("big", name) for name in "sum prod int lim iint oint".split()}
    found |= {name: ("mod", name) for name in "pmod bmod mod pod".split()}
    found |= {name: ("angle", name) for name in "angle triangle measuredangle".split()}
    found |= {name: ("number set", name[:1].upper()) for name in "R Z N Q C reals".split()}
    for names, kind, text in (
        ("lvert rvert vert mid lVert rVert Vert", "mark", "|"),
        ("degree circ", "mark", "°"),
        ("percent", "mark", "%"),
        ("prime", "mark", "'"),
        ("colon", "mark", ":"),
        ("langle lparen", "open", "("),
        ("lbrack", "open", "["),
        ("lbrace", "open", "\\{"),
        ("rangle rparen", "close", ")"),
        ("rbrack", "close", "]"),
        ("rbrace", "close", "\\}"),
        ("lfloor", "fence", "floor"),
        ("lceil", "fence", "ceil"),
        ("rfloor", "unfence", "floor"),
        ("rceil", "unfence", "ceil"),
        ("emptyset varnothing", "empty", ""),
        ("ldots dots cdots dotsc dotsm dotsb vdots ddots", "dots", "..."),
        ("mathbb Bbb", "mathbb", ""),
        ("wedge land", "sep", "and"),
        ("vee lor", "sep", "or"),
        ("partial", "sym", "d"),
        ("to", "to", ""),
        ("pi", "const", "pi"),
        ("infty", "const", "inf"),
        ("imath jmath", "const", "i"),
    ):
        found |= dict.fromkeys(names.split(), (kind, text))
    found |= {name: ("rel", RELATIONS[name]) for name in RELATIONS}
    return found | {name: ("op", OPERATORS[name]) for name in OPERATORS}


COMMANDS = _commands()
