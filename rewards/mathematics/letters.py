r"""Read runs of letters and commands without arguments: a function, a constant, a word, a product of symbols."""

from __future__ import annotations

from typing import NamedTuple

from rewards.mathematics.tree import UnreadableError
from rewards.mathematics.vocabulary import ALIASES, COMMANDS, CONSTANTS, FUNCTIONS, GREEK, GREEK_ALIASES, SILENT
from rewards.patterns import Pattern


class Token(NamedTuple):
    """Hold one token: its kind (see `_KINDS` and `_command`), its text, and whether a space stood before it."""

    kind: str
    text: str
    spaced: bool = False


# Four letters and more are a word, unless no word is written so: GMmr, xyzt.
_PRODUCT = Pattern("[A-Z]+[a-z]*[A-Z]+[a-z]*|[b-df-hj-np-tv-z]{4,6}")
_RUN_ON = Pattern("qquad|quad|cdot|times|pi|leq|geq|le|ge|infty|sin|cos|tan|ln|log|pm|to(?!p)|in")
_SPLIT = Pattern(r"(arc)?(sinh|cosh|tanh|sin|cos|tan|cot|sec|csc|ln|log|sqrt)(?=[a-z]{1,2}$|pi$|theta$)")


def symbol(name: str, spaced: bool, found: list[Token]) -> None:
    r"""Append what a command without arguments means: \\pi, \\le, \\pisin.

    Raises:
        UnreadableError: It is none that we know.
    """
    if name in SILENT:
        return
    if (meant := COMMANDS.get(name)) is not None:
        found.append(Token(meant[0], meant[1], spaced))
    elif name.endswith("arrow"):
        found.append(Token("to", _direction(name), spaced))
    elif (known := _RUN_ON.match(name)) is not None:
        symbol(known[0], spaced, found)
        letters(name[known.end() :], False, found)
    else:
        raise UnreadableError(f"unknown command {name[:20]!r}")


def _direction(arrow: str) -> str:
    """Tell one arrow from another; "" for those to the right."""
    if arrow.startswith("n"):
        return "not to"
    if "leftright" in arrow.lower():
        return "to and from"
    return "from" if "left" in arrow.lower() else ""


def letters(run: str, spaced: bool, found: list[Token]) -> None:
    """Append what a run of letters means: a known name, a product of one-letter symbols, or a word."""
    lowered = run.lower()
    if len(run) == 1:
        if run in "ei":
            found.append(Token("const", run, spaced))
        else:
            found.append(Token("sym", run, spaced))
    elif lowered in ("and", "or"):
        found.append(Token("sep", lowered, spaced))
    elif lowered in ("union", "cup", "u_"):
        found.append(Token("op", "cup", spaced))
    elif lowered in CONSTANTS:
        found.append(Token("const", CONSTANTS[lowered], spaced))
    elif run in FUNCTIONS or (lowered in FUNCTIONS and len(run) > 2 and lowered not in ("max", "min", "arg")):
        name = run if run in FUNCTIONS else lowered
        found.append(Token("root" if name == "sqrt" else "fn", ALIASES.get(name, name), spaced))
    elif run in GREEK:
        found.append(Token("sym", GREEK_ALIASES.get(run, run), spaced))
    elif lowered == "mod":
        found.append(Token("mod", "mod", spaced))
    elif lowered in ("in", "if", "for", "where", "when", "otherwise"):
        found.append(Token("rel", "in", spaced) if lowered == "in" else Token("when", lowered, spaced))
    elif (split := _SPLIT.match(run)) is not None:
        letters(split[0], spaced, found)
        letters(run[split.end() :], False, found)
    elif lowered in ("degrees", "degree", "deg"):
        found.append(Token("mark", "°", spaced))
    elif lowered in ("percent", "pct", "percentage"):
        found.append(Token("mark", "%", spaced))
    elif run.endswith("pi") and len(run) in (3, 4):
        letters(run[:-2], spaced, found)
        found.append(Token("const", "pi"))
    elif len(run) > 3 and not _PRODUCT.fullmatch(run):
        found.append(Token("word", run, spaced))
    else:
        for offset, char in enumerate(run):
            letters(char, spaced and not offset, found)
