"""Cut LaTeX, plain-text and programming spellings of mathematics into tokens.

Bounds: `MAX_CHARACTERS` of text, `MAX_DIGITS` in one numeral, `MAX_TOKENS` in all.
"""

from __future__ import annotations

import re
from functools import cache

from rewards.extract.phrases import AND, AND_UNSPACED, OR, OR_UNSPACED
from rewards.mathematics.letters import Token, letters, symbol
from rewards.mathematics.tree import UnreadableError
from rewards.mathematics.vocabulary import (
    FRACTIONS,
    OPERATORS,
    RELATIONS,
    STYLES,
    TEXTS,
)
from rewards.patterns import Pattern

MAX_CHARACTERS = 2_500
MAX_TOKENS = 3_000
MAX_DIGITS = 2_000


_THIN = r"\{,\}|\\[,!;:]|\\\ |,\\[,!]\ ?|\ |~|'"
_POINTED = r"\d{1,3}(?:\.\d{3}){2,}(?![.\d])"  # 12.345.678: two points are none of a decimal
_GROUPED = {
    "group": rf"{_POINTED}|\d{{1,3}}(?:(?:,|{_THIN})\d{{3}})+(?!\d)(?:\.\d+)?",
    "list": rf"{_POINTED}|\d{{1,3}}(?:(?:{_THIN})\d{{3}})+(?!\d)(?:\.\d+)?",
    "decimal": rf"(?:\d{{1,3}}(?:(?:\.|{_THIN})\d{{3}})+|\d+)(?:,|\{{,\}})\d+"
    rf"|\d{{1,3}}(?:(?:\.|{_THIN})\d{{3}})+(?!\d)",
}


@cache
def _master(commas: str) -> re.Pattern[str]:
    """Compile the grammar of tokens for one meaning of commas."""
    grouped = _GROUPED[commas]
    return re.compile(
        rf"""
    (?P<space>(?:\s|~|\\[,;:!>\ ]|\\\n|\{{\}})+)
  | (?P<short>(?<=_)\d)(?=\s)
  | (?P<mixed>\d{{1,12}}\s+\d{{1,12}}\s*/\s*\d{{1,12}}(?![\d.]))
  | (?P<num>(?:{grouped}|\d+\.\d*|\.\d+|\d+)(?:[eE][+-]?\d{{1,9}}(?![\w.]))?)
  | (?P<rows>\\\\(?:\[[^\]]{{0,12}}\])?)
  | \\(?P<command>[A-Za-z]+)\*?
  | (?P<brace>\\[{{}}])
  | (?P<percent>\\?%|％)
  | (?P<money>\\?\$|£|€|¥)
  | (?P<relation><=>|=/=|<=|>=|==|:=|!=|/=|=<|=>|<>|[=<>])
  | (?P<operator>\*\*|\+/-|\+-|[-+*/^])
  | (?P<doublebar>\\\||\|\|)
  | (?P<word>[A-Za-z]+)
  | (?P<open>[(\[]) | (?P<close>[)\]])
  | (?P<mark>[{{}}|!,;:&_'°?"])
  | (?P<dots>\.{{2,}})
    """,
        re.VERBOSE,
    )


def tokens(text: str, commas: str = "group") -> list[Token]:
    r"""Cut a text.

    Args:
        text: After `clean.plain`.
        commas: What a comma between digits is: "group" (1,234 is one number), "list" (two), "decimal" (1,5 is 3/2).

    Raises:
        UnreadableError: It is over a bound, or holds a character or command that is not mathematics.

    Example:
        >>> [token.text for token in tokens(r"\frac12 + 1{,}234x")]
        ['frac', '1', '2', '+', '1234', 'x']
    """
    if len(text) > MAX_CHARACTERS:
        raise UnreadableError(f"longer than {MAX_CHARACTERS} characters")
    found: list[Token] = []
    position, spaced, length, master = 0, False, len(text), _master(commas)
    while position < length:
        match = master.match(text, position)
        if match is None:
            raise UnreadableError(f"cannot read {text[position : position + 12]!r}")
        kind = match.lastgroup or ""
        position = match.end()
        if kind == "space":
            spaced = True
            continue
        if kind == "command":
            position = _command(match["command"], text, position, spaced, found)
        elif kind in ("num", "short"):
            found.append(Token("num", _digits(match[0], commas), spaced))
        elif kind == "word":
            letters(match[0], spaced, found)
        else:
            _plain(kind, match[0], spaced, found)
        if len(found) > MAX_TOKENS:
            raise UnreadableError(f"more than {MAX_TOKENS} tokens")
        spaced = False
    return found


def _plain(kind: str, text: str, spaced: bool, found: list[Token]) -> None:
    if kind == "relation":
        found.append(Token("rel", RELATIONS.get(text, text), spaced))
    elif kind == "operator":
        found.append(Token("op", OPERATORS[text], spaced))
    elif kind == "brace":
        found.append(Token("open" if text == "\\{" else "close", text, spaced))
    elif kind == "percent":
        found.append(Token("mark", "%", spaced))
    elif kind == "rows":
        found.append(Token("mark", "\\\\", spaced))
    elif kind == "doublebar":
        found += [Token("mark", "|", spaced)] * 2
    elif kind == "money":
        return
    else:
        found.append(Token(kind, text, spaced))


def _digits(text: str, commas: str) -> str:
    if commas == "decimal":
        text = _SPACE.sub("", text)
        text = (
            text.replace("{,}", ",").replace(".", "" if "," in text or text.count(".") > 1 else ".").replace(",", ".")
        )
    elif text.count(".") > 1:
        text = text.replace(".", "")
    text = _NOT_NUMERAL.sub("", text)
    if len(text) > MAX_DIGITS:
        raise UnreadableError(f"a numeral of more than {MAX_DIGITS} digits")
    return text


def _command(name: str, text: str, position: int, spaced: bool, found: list[Token]) -> int:
    r"""Append what the command \\name means; return where reading goes on."""
    if name in FRACTIONS or name in ("binom", "dbinom", "tbinom", "sqrt"):
        kind = "frac" if name in FRACTIONS else "root" if name == "sqrt" else "choose"
        found.append(Token(kind, "frac" if kind == "frac" else name, spaced))
        return _single_digits(text, position, 1 if kind == "root" else 2, found)
    if name in TEXTS:
        inside, position = _argument(text, position)
        _words(inside, found)
        return position
    if name in STYLES:
        return _style(name, text, position, spaced, found)
    if name in ("begin", "end"):
        inside, position = _argument(text, position)
        if name == "begin" and inside.strip("*") in ("array", "tabular"):
            _, position = _argument(text, position)
        found.append(Token(name, inside.strip("*"), spaced))
        return position
    symbol(name, spaced, found)
    return position


def _argument(text: str, position: int) -> tuple[str, int]:
    """Take the braced argument that begins at `position`; a missing closing brace ends at the end."""
    while position < len(text) and text[position] == " ":
        position += 1
    if position >= len(text) or text[position] != "{":
        return text[position : position + 1], position + 1
    depth, start = 0, position
    while position < len(text):
        char = text[position]
        if char == "\\":
            position += 1
        elif char == "{":
            depth += 1
        elif char == "}":
            depth -= 1
            if depth == 0:
                return text[start + 1 : position], position + 1
        position += 1
    return text[start + 1 :], len(text)


def _single_digits(text: str, position: int, arguments: int, found: list[Token]) -> int:
    r"""Take unbraced one-digit arguments: `\\frac12`, `\\sqrt3`, `\\frac1{72}`."""
    for _ in range(arguments):
        match = re.compile(r"\s*(\d)").match(text, position)
        if match is None:
            break
        found.append(Token("num", match[1]))
        position = match.end()
    return position


def _style(name: str, text: str, position: int, spaced: bool, found: list[Token]) -> int:
    inside, position = _argument(text, position)
    bare = inside.strip()
    if name in ("vec", "overrightarrow") and len(bare) > 1 and bare.isalpha() and bare.isupper():
        found.append(Token("sym", f"vec {bare}", spaced))  # from A to B is not from B to A
    elif name in ("overline", "dot", "bar") and bare.isdigit():
        found.append(Token("repeat", bare, spaced))
    elif name == "operatorname" or (bare.isalpha() and len(bare) > 1):
        letters(bare, spaced, found)
    elif name in ("vec", "overrightarrow", "mathbf", "bm", "hat") and bare in ("i", "j", "k", "\\imath", "\\jmath"):
        found.append(Token("sym", f"vec {bare.strip(chr(92))[0]}", spaced))
    elif name in ("vec", "overrightarrow", "mathbf", "bm", "hat") and len(bare) == 1 and bare.isalpha():
        found.append(Token("sym", bare, spaced))
    elif name in ("overline", "bar", "dot", "tilde") and len(bare) == 1 and bare.isalpha():
        found.append(Token("sym", f"{bare}_{name.replace('overline', 'bar')}", spaced))
    else:
        nested = tokens(inside)
        if name in ("overline", "bar") and any(token.text in ("i", "I") for token in nested):
            letters("conj", spaced, found)
            nested = [Token("open", "("), *nested, Token("close", ")")]
        if len(nested) > 1:
            found += [Token("mark", "{", spaced), *nested, Token("mark", "}")]
        else:
            found += nested
    return position


def _words(inside: str, found: list[Token]) -> None:
    r"""Read the inside of \\text{...}: a separator, a short piece of mathematics, or words."""
    bare = inside.strip().rstrip(".").strip()
    lowered = bare.lower().strip(",; ")
    if lowered not in ("e", "u") and _JOINS.fullmatch(lowered):  # Euler's number, a variable
        found.append(Token("sep", "or" if _EITHER.fullmatch(lowered) else "and", spaced=True))
    elif lowered == "mod":
        found.append(Token("mod", "mod", spaced=True))
    elif lowered in ("if", "for", "when", "where", "otherwise", "else", "in", "with", "for all", "any"):
        found.append(Token("when", lowered, spaced=True))
    elif not bare:
        return
    elif re.fullmatch(r"[\d\s.,+*/^()=<>-]+|[A-Za-z]", bare):
        found.extend(tokens(bare))
    else:
        found.append(Token("text", bare, spaced=True))


_SPACE = Pattern(r"\\[,!;: ]")
_NOT_NUMERAL = Pattern(r"[^\d.eE+-]")
_EITHER = Pattern(rf"{OR}|{OR_UNSPACED}")
_JOINS = Pattern(rf"{OR}|{OR_UNSPACED}|{AND}|{AND_UNSPACED}")
