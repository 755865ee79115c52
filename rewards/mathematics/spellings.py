r"""Rewrite spellings that the grammar does not have: {a \over b}, {n \choose k}, ₅C₂, 或, units in Chinese.

Bounds: `MAX_ROUNDS` nested \over or \choose; the text is bounded by `tokens.MAX_CHARACTERS`.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from rewards.extract.phrases import AND, AND_UNSPACED, OR, OR_UNSPACED
from rewards.patterns import Pattern

MAX_ROUNDS = 8
_OR = Pattern(
    rf"\s*(?:\\(?:text|mathrm|mbox)\s*\{{\s*(?:{OR}|{OR_UNSPACED})\s*\}}|{OR_UNSPACED})\s*"
    rf"|(?<=[\d)}}$])\s+(?:{OR})\s+(?=[-\d\\($a-z])"
)
_AND = Pattern(rf"(?<=[\d)}}$])(?:\s*(?:{AND_UNSPACED})\s*|\s+(?:{AND})\s+)(?=[-\d\\($a-z])")
_INFIX = Pattern(r"\{([^{}]*(?:\{[^{}]*\}[^{}]*){0,4})\\(over|choose)(?![a-z])((?:[^{}]|\{[^{}]*\}){0,300})\}")
_BARE_INFIX = Pattern(r"([^{}\\=]{1,40})\\(over|choose)(?![a-z])([^{}\\=]{1,40})")
_COUNTED = Pattern(
    r"(?:\{\s*\}\s*|(?<![\w)}]))[_^]\s*\{?\s*(\d{1,4}|[a-z])\s*\}?\s*(?:\\(?:text|mathrm)\s*\{\s*)?([CP])(?:\s*\})?"
    r"\s*_\s*\{?\s*(\d{1,4}|[a-z])\s*\}?(?!\w)"
)
_LETTER = Pattern(r"\\(?:mathrm|rm|mathit)\s*\{\s*i\s*\}|(?<=[\d}+-])\s*\\text\s*\{\s*i\s*\}")
_DOLLAR = Pattern(r"\\(?:text|mathrm|mbox)\s*\{\s*\\?\$\s*\}|\\textdollar(?![a-z])|\\text\s*\{\s*\\textdollar\s*\}")
_CURRENCY = Pattern(r"\\(?:text|mathrm|mbox)\s*\{\s*([€£¥₹])\s*\}|\\(?:text)?(euro|pounds|sterling|yen)(?![a-z])")
_PARITY = Pattern(
    r"(?:(?<![A-Za-z\\])([abeijkmnpqrstx])\s*\\text\s*\{\s*|\\text\s*\{\s*(?:if|when|for)?\s*\$?([abeijkmnpqrstx])\$?\s+)"
    r"(?:is\s+)?(?:an?\s+)?(even|odd)(?:\s+(?:integer|number))?\s*\}"
)
_CROSS = Pattern(
    r"(\\(?:vec|mathbf|overrightarrow|bm|boldsymbol)\s*\{\s*\w{1,2}\s*\})\s*\\times\s*"
    r"(\\(?:vec|mathbf|overrightarrow|bm|boldsymbol)\s*\{\s*\w{1,2}\s*\})"
)
_SIGNS = {"euro": "€", "pounds": "£", "sterling": "£", "yen": "¥"}
_BASES = {
    "two": "2",
    "three": "3",
    "four": "4",
    "five": "5",
    "six": "6",
    "seven": "7",
    "eight": "8",
    "nine": "9",
    "ten": "10",
    "twelve": "12",
    "sixteen": "16",
}
_BRACED_SIGN = Pattern(
    r"(?:\\text(?=\s*\{\s*:))?\s*\{\s*([-+=:])\s*\}"
    r"|\\math(?:bin|rel|ord|punct|op)\s*\{\s*([-+=:<>,]|\\[a-z]+)\s*\}"
)
_BRACED_SPACE = Pattern(r"(?<!\\)\{\s*(\\[,;:! ]|~)\s*\}")
_BRACE_BESIDE = Pattern(r"\\(?:under|over)brace\s*\{([^{}]{1,200})\}\s*(?:[_^]\s*\{(?:[^{}]|\{[^{}]*\}){0,80}\})?")
_BOXES = Pattern(r"\\(?:mbox|hbox|textrm|textup|textsf|textnormal)(?=\s*\{)")
_NEW_ROW = Pattern(r"\\cr ")
_NEGATIVE_SPACE = Pattern(r"\\!\s?")
_ROMAN = Pattern(
    r"\{\s*\\rm\s+([A-Za-z]+)\s*\}|\\(?:text|mathrm)\s*\{\s*(cis|sin|cos|tan|log|ln|exp|gcd|lcm|sqrt)\s*\}"
)
_DOTTED = Pattern(r"\\dot\s*\{?(\d)\}?(\d{0,30})\\dot\s*\{?(\d)\}?")
_DEGREES = Pattern(r"\s*\\(?:text|mathrm)\s*\{\s*(?:degrees?|deg)\.?\s*\}")
_TEMPERATURE = Pattern(
    r"\s*\^\s*(?:\{\s*\\circ\s*\}|\\circ)(?:\\[,;: ]|\s|~)*"
    r"(?:\\(?:text|mathrm|rm)\s*\{\s*([CF])\s*\}|([CF])(?![A-Za-z]))"
)
_OHMS = Pattern(r"(?<=\d)((?:\\[,;: ]|\s|~)*)(?:\\(?:text|mathrm|rm)\s*\{[\s~]*([kMGm]?)\s*\}\s*)?\\Omega(?![a-zA-Z])")
_MICRO = Pattern(
    r"(?<=\d)((?:\\[,;: ]|\s|~)*)\\mu\s*"
    r"(?:\\(?:text|mathrm|rm)\s*\{\s*([A-Za-z]{1,4})\s*\}|([AFVWCHgmsLJNT])(?![a-zA-Z]))"
)
_UNIT_FRACTION = Pattern(  # 9.8 \frac{\text{m}}{\text{s}^2}
    r"(?<=[\d}])((?:\\[,;: ]|\s|~)*)(?:\\mathrm\s*\{\s*)?\\[dt]?frac"
    r"\s*\{\s*(?:\\(?:text|mathrm)\s*\{\s*)?([A-Za-z]{1,12})\s*\}?\s*\}"
    r"\s*\{\s*(?:\\(?:text|mathrm)\s*\{\s*)?([A-Za-z]{1,12})\s*\}?\s*(\^\s*\{?\s*\d\s*\}?)?\s*\}(?:\s*\})?"
)
_CHOSEN = Pattern(
    r"(?<![A-Za-z\\])([CAP])(?:_\{?(\d{1,3}|\d?[nm])\}?\s*\^\{?(\d{1,3}|[nmkr])\}?|\^\{?(\d{1,3})\}?\s*_\{?(\d{1,3})\}?)(?!\d)"
)
_APART = Pattern(r"(?<=[\w)}])\s*\\q?quad\s*(?=[A-Za-z](?:_\{?\w\}?)?\s*=)")
_TEXT_BASE = Pattern(r"(?<=\d)_\s*(?:\{\s*)?(?:\\(?:text|mathrm)\s*\{\s*([a-z]+)\s*\}|\((\d{1,2})\))(?:\s*\})?")
_CASES = Pattern(
    r"\\left\s*\\(?:\{|lbrace)\s*\\begin\{array\}\s*\{[^{}]{0,20}\}(.*?)\\end\{array\}\s*\\right\s*\.", re.DOTALL
)
_CHOSEN_STYLED = Pattern(r"\\(?:text|mathrm|rm|operatorname)\s*\{\s*([CPA])\s*\}(?=\s*[_^])")
_FACTORIAL_IS = Pattern(r"(?<=[\d)])!=")  # 4!=24 says what 4! is
_COORDINATE = (
    r"\s*(-?(?:\d[\d./]{0,12}|\\[dt]?frac\s*\{-?\d{1,6}\}\s*\{\d{1,6}\}|\\sqrt\s*\{?\d{1,4}\}?))(?:\s|\\[,;: ])*"
)
_BARRED = Pattern(  # P(4|-3), as German schools write points
    rf"\A[\s$]*(?:[A-Z]\s*)?\((?:{_COORDINATE}(?:\||\\mid|\\vert)(?:\\[,;: ])*){{1,2}}{_COORDINATE}\)[\s$.]*\Z"
)
_BAR = Pattern(r"\s*(?:\||\\mid|\\vert)(?:\\[,;: ])*\s*")
_DECIMAL_COMMA = Pattern(  # 1{,}5 and 1.234{,}5: such a comma divides no list, and no thousands
    r"(?<![\d.,}])(\d+(?:\.\d{3})*)\{,\}(\d{1,2}(?!\d)|\d{4,})|(?<![\d.,}])(0)\{,\}(\d+)"
)
_NO_BRACKET = Pattern(r"\\(?:left|right)\s*\.(?!\d)")
_MIXED = Pattern(r"(?<=\d)\s*\\ \s*(?=\d{1,3}\s*/\s*\d)")  # 7\\ 3/8
_ONE_SIDED = Pattern(r"(\\to\s*-?[\w/.]{1,12})\s*\^\s*(?:\{\s*[+-]\s*\}|[+-])")  # x -> 0^+: both sides are looked at
_STOP = Pattern(r"(?<=[\w})])\.\s*(?=\\\\|\\end\{[dr]?cases\})")  # the full stop of a row
_CHINESE = {
    "平方千米": r"\text{ km}^2",
    "平方厘米": r"\text{ cm}^2",
    "平方分米": r"\text{ dm}^2",
    "平方米": r"\text{ m}^2",
    "立方厘米": r"\text{ cm}^3",
    "立方分米": r"\text{ dm}^3",
    "立方米": r"\text{ m}^3",
    **dict.fromkeys(("千米", "公里"), r"\text{ km}"),
    "厘米": r"\text{ cm}",
    "毫米": r"\text{ mm}",
    "分米": r"\text{ dm}",
    "米": r"\text{ m}",
    **dict.fromkeys(("千克", "公斤"), r"\text{ kg}"),
    "克": r"\text{ g}",
    "吨": r"\text{ tonnes}",
    "小时": r"\text{ hours}",
    "分钟": r"\text{ minutes}",
    "秒": r"\text{ seconds}",
    "天": r"\text{ days}",
    "元": r"\text{ yuan}",
    "毫升": r"\text{ mL}",
    "升": r"\text{ L}",
    "度": r"^\circ",
    **dict.fromkeys("个人只本页次种岁名辆棵条块", ""),
}
_MEASURED = Pattern(rf"(?<=[\d)}}])\s*(?:\\(?:text|mathrm)\s*\{{\s*)?({'|'.join(_CHINESE)})\s*(\}}?)\s*([$.]*)\s*$")


def spelled_plainly(text: str) -> str:
    r"""Rewrite a text in spellings that the grammar has.

    Args:
        text: After `clean.plain`.

    Example:
        >>> spelled_plainly(r"{1 \over 2}"), spelled_plainly("{}_5C_2"), spelled_plainly("15厘米")
        ('\\frac{1 }{ 2}', '\\binom{5}{2}', '15\\text{ cm}')
    """
    if "\\over" in text or "\\choose" in text:
        text = _prefixed(text)
    for signs, pattern, by in _REWRITES:
        for sign in signs:
            if sign in text:
                text = pattern.sub(by, text)
                break
    ascii_only = text.isascii()
    if not ascii_only or any(sign in text for sign in _BESIDE_WORDS):
        text = _OR.sub(r" \\text{ or } ", _AND.sub(r" \\text{ and } ", text))
    return text if ascii_only else _MEASURED.sub(lambda found: _CHINESE[found[1]] + found[3], text)


def _with_point(found: re.Match[str]) -> str:
    whole, part = (found[1], found[2]) if found[1] else (found[3], found[4])
    return f"{whole.replace('.', '')}.{part}"


def _crossed(found: re.Match[str]) -> str:
    """Write the product of two vectors that changes its sign with their order."""
    sign = "-" if found[1] > found[2] else ""
    return f"{sign}f_{{cross}}({min(found[1], found[2])}, {max(found[1], found[2])})"


def _unit_fraction(found: re.Match[str]) -> str:
    if "text" not in found[0] and "mathrm" not in found[0]:
        return found[0]
    return rf"{found[1]}\text{{ {found[2]}/{found[3]}{found[4] or ''}}}"


def _chosen(found: re.Match[str]) -> str:
    """Read C_5^2 and A_5^2 as numbers of combinations and arrangements, where the lower number is the larger."""
    lower, upper = found[2] or found[5], found[3] or found[4]
    if lower.isdigit() and (not upper.isdigit() or int(lower) < max(3, int(upper))):
        return found[0]
    if found[1] == "C":
        return rf"\binom{{{lower}}}{{{upper}}}"
    return rf"\frac{{{lower}!}}{{({lower}-{upper})!}}"


def _prefixed(text: str) -> str:
    for _ in range(MAX_ROUNDS):
        before = text
        text = _INFIX.sub(_infix, text, count=20)
        if text == before:
            break
    if "\\over" in text or "\\choose" in text:
        whole = _BARE_INFIX.fullmatch(text.strip("$ "))
        text = _infix(whole) if whole is not None else text
    return text


def _infix(found: re.Match[str]) -> str:
    command = {"over": "frac", "choose": "binom"}[found[2]]
    return rf"\{command}{{{found[1]}}}{{{found[3]}}}"


def _choice(found: re.Match[str]) -> str:
    top, kind, bottom = found[1], found[2], found[3]
    if kind == "C":
        return rf"\binom{{{top}}}{{{bottom}}}"
    return rf"\frac{{({top})!}}{{({top}-{bottom})!}}"


_BESIDE_WORDS = (" ", "\n", "\t", "\\text", "\\m")
_STYLES = ("\\text", "\\mathrm", "\\rm", "\\mathit")
_REWRITES: tuple[tuple[tuple[str, ...], Pattern, str | Callable[[re.Match[str]], str]], ...] = (
    # what must stand in a text that holds it, what it looks like, what it becomes; in this order
    (("C", "P"), _COUNTED, _choice),
    (("C}", "P}", "A}"), _CHOSEN_STYLED, r"\1"),
    (("!=",), _FACTORIAL_IS, "! ="),
    (("_",), _TEXT_BASE, lambda found: f"_{{{_BASES.get(found[1], found[1]) or found[2]}}}"),
    (("_",), _CHOSEN, _chosen),
    (("{",), _BRACED_SIGN, r"\1\2"),
    (("{",), _BRACED_SPACE, r"\1"),
    (("brace",), _BRACE_BESIDE, r"\1"),
    (("\\!",), _NEGATIVE_SPACE, ""),
    (("\\mbox", "\\hbox", "\\text"), _BOXES, r"\\text"),
    (("\\cr ",), _NEW_ROW, r"\\\\ "),
    (_STYLES, _ROMAN, lambda found: f"\\operatorname{{{found[1] or found[2]}}}"),
    (("\\circ",), _TEMPERATURE, r"\\text{ °\1\2}"),
    (("\\dot",), _DOTTED, r"\\overline{\1\2\3}"),
    (("deg",), _DEGREES, r"^{\\circ}"),
    (("\\mu",), _MICRO, lambda found: rf"{found[1]}\text{{ u{found[2] or found[3]}}}"),
    (("\\Omega",), _OHMS, lambda found: rf"{found[1]}\text{{ {found[2] or ''}Ω}}"),
    (_STYLES, _UNIT_FRACTION, _unit_fraction),
    (("{array}",), _CASES, r"\\begin{cases}\1\\end{cases}"),
    (("cases}",), _STOP, ""),
    (("{,}",), _DECIMAL_COMMA, _with_point),
    (("\\left", "\\right"), _NO_BRACKET, ""),
    (("/",), _MIXED, " "),
    (("\\to",), _ONE_SIDED, r"\1"),
    (("|", "\\mid", "\\vert"), _BARRED, lambda found: _BAR.sub(", ", found[0])),
    (("quad",), _APART, ", "),
    (_STYLES, _LETTER, " i "),
    (("$", "\\textdollar"), _DOLLAR, r"\\$"),
    (("\\times",), _CROSS, _crossed),
    (("even", "odd"), _PARITY, lambda found: f"{found[1] or found[2]} \\equiv {int(found[3] == 'odd')} \\pmod 2"),
    (("€", "£", "¥", "₹", "euro", "pounds", "sterling", "yen"), _CURRENCY, lambda found: found[1] or _SIGNS[found[2]]),
)
