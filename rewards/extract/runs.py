"""Find the last stretch of mathematics in a sentence of words: "she used 2 3/4 cups" has 2 3/4."""

from __future__ import annotations

from rewards.patterns import Pattern

MAX_WORDS = 120  # of a sentence, its last
_MATHEMATICAL = Pattern(
    r"[-+\u2212=<>\u2264\u2265\u2260\u2248\u00b1*/\u00d7\u00f7\u00b7^|\u222a\u2229:]+"  # an operator alone
    r"|[(\[{|\u2212+\u00b1-]*(?:arc)?(?:sin|cos|tan|cot|sec|csc|log|ln|lg|sqrt|exp|pi|det)"
    r"(?:[\u00b2\u00b3^_\d({\[|][^\sA-Za-z]*[A-Za-z]?[^A-Za-z]*)?"
    r"|(?=[^\s]*(?:[\d\u221a\u221b\u03c0\u221e\u03b8\u2205]|(?<![A-Za-z])[B-HJ-Zb-z](?![A-Za-z])))"
    r"(?:[^A-Za-z\s]|(?:sin|cos|tan|log|ln|sqrt|pi)(?![a-z])|(?<![A-Za-z])[A-Za-z](?![A-Za-z])|(?<=\d)[A-Za-z](?![A-Za-z]))+"
)
_SUBSTANCE = Pattern(r"[\d\u221a\u221b\u03c0\u221e\u2205]|[a-zA-Z]\s*[-+*/^=<>\u2264\u2265]")


def last_run(sentence: str) -> str:
    """Take the last words of a sentence that are mathematics; "" where there are none.

    Example:
        >>> last_run("In all, she used 2 3/4 cups of flour."), last_run("So (x^2)^3 = x^6."), last_run("It is even.")
        ('2 3/4', '(x^2)^3 = x^6', '')
    """
    run: list[str] = []
    last: list[str] = []
    for word in sentence.split()[-MAX_WORDS:]:
        bare = word.rstrip(".,;:!?")
        if bare and _MATHEMATICAL.fullmatch(bare):
            run.append(word)
            if bare == word or word.endswith((",", ":")):
                continue
        if _SUBSTANCE.search(" ".join(run)):
            last = run
        run = []
    if _SUBSTANCE.search(" ".join(run)):
        last = run
    return " ".join(last).rstrip(".,;:!?").strip()
