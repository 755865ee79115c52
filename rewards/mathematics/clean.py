"""Bring the many spellings of one character to one. Bound: one pass over at most the characters given."""

from __future__ import annotations

import unicodedata

from rewards.patterns import Pattern

_INVISIBLE = dict.fromkeys(
    [173, 847, 1564, 6158, *range(8203, 8208), *range(8234, 8239), *range(8288, 8304), 65279, *range(65024, 65040)]
)
_SIGNS = {
    **dict.fromkeys("−–—‒―﹣－˗‐‑", "-"),
    **dict.fromkeys("×✕⨯✖", r" \times "),
    **dict.fromkeys("·⋅∙•⋆∗", r" \cdot "),
    **dict.fromkeys("÷", r" \div "),
    **dict.fromkeys("∕⁄／", "/"),
    **dict.fromkeys("≤≦⩽", r" \le "),
    **dict.fromkeys("≥≧⩾", r" \ge "),
    **dict.fromkeys("≠", r" \ne "),
    **dict.fromkeys("≈≃≅", r" \approx "),
    **dict.fromkeys("≡", r" \equiv "),
    **dict.fromkeys("±", r" \pm "),
    **dict.fromkeys("∓", r" \mp "),
    **dict.fromkeys("∞", r" \infty "),
    **dict.fromkeys("∪", r" \cup "),
    **dict.fromkeys("∩", r" \cap "),
    **dict.fromkeys("∅⌀", r" \emptyset "),
    **dict.fromkeys("∈", r" \in "),
    **dict.fromkeys("∖", r" \setminus "),
    **dict.fromkeys("∑", r" \sum "),
    **dict.fromkeys("∏", r" \prod "),
    **dict.fromkeys("∫", r" \int "),
    **dict.fromkeys("∂", r" \partial "),
    **dict.fromkeys("∠", r" \angle "),
    **dict.fromkeys("⊥⟂", r" \perp "),
    **dict.fromkeys("∥‖", r" \parallel "),
    **dict.fromkeys("△", r" \triangle "),
    **dict.fromkeys("ℝ", r" \mathbb{R} "),
    **dict.fromkeys("ℤ", r" \mathbb{Z} "),
    **dict.fromkeys("ℕ", r" \mathbb{N} "),
    **dict.fromkeys("ℚ", r" \mathbb{Q} "),
    **dict.fromkeys("ℂ", r" \mathbb{C} "),
    **dict.fromkeys("√", r" \sqrt "),
    **dict.fromkeys("∛", r" \sqrt[3] "),
    **dict.fromkeys("∜", r" \sqrt[4] "),
    **dict.fromkeys("⌊", r" \lfloor "),
    **dict.fromkeys("⌋", r" \rfloor "),
    **dict.fromkeys("⌈", r" \lceil "),
    **dict.fromkeys("⌉", r" \rceil "),
    **dict.fromkeys("⟨〈", r" \langle "),
    **dict.fromkeys("⟩〉", r" \rangle "),
    **dict.fromkeys("º˚", "°"),
    **dict.fromkeys("′ʹ’‘´", "'"),
    **dict.fromkeys("″“”", '"'),
    **dict.fromkeys("∣｜", "|"),
    **dict.fromkeys("…⋯", r" \ldots "),
    **dict.fromkeys("∧", r" \wedge "),
    **dict.fromkeys("∨", r" \vee "),
    **dict.fromkeys("¬", r" \neg "),
    **dict.fromkeys("⇒→⟶⟹", r" \to "),
    **dict.fromkeys("∶：", ":"),
    **dict.fromkeys("、", ","),
    **dict.fromkeys("。", ". "),
    **dict.fromkeys("⊂⊆", r" \subset "),
    **dict.fromkeys("\u00a0\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000", " "),
}
_GREEK = dict(
    zip(
        "αβγδεζηθικλμνξπρστυφχψωϕϵϑϖµΓΔΘΛΞΠΣΦΨΩ",
        "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi "
        "omega phi epsilon theta pi mu Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega".split(),
        strict=True,
    )
)
_SINGLE = {
    **_INVISIBLE,
    **{ord(char): text for char, text in _SIGNS.items()},
    **{ord(char): rf" \{name} " for char, name in _GREEK.items()},
}
_RAISED = Pattern("[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿⁱˣʸᵏᵐᵃᵇ]+")
_LOWERED = Pattern("[₀₁₂₃₄₅₆₇₈₉₊₋ₙᵢₖₘₓₐₑ]+")
_VULGAR = Pattern("[¼½¾⅐-⅞↉]")
_BARE_ROOT = Pattern(r"\\sqrt\s*(\[\d\])?\s+(\d+(?:\.\d+)?)")
# Cyrillic and Greek letters that look like Latin ones; left alone where a text has a Cyrillic letter that does not.
_LOOKALIKES = dict(zip("АВЕКМНОРСТХаеорсухіјѕΑΒΕΖΗΙΚΜΝΟΡΤΥΧο", "ABEKMHOPCTXaeopcyxijsABEZHIKMNOPTYXo", strict=True))
_CYRILLIC = Pattern("[\u0400-\u04ff]")


def plain(text: str) -> str:
    r"""Rewrite Unicode mathematics as ASCII and LaTeX.

    Example:
        >>> plain("x² ≤ ½π\u200b").split()
        ['x^{2}', '\\le', '\\frac{1}{2}', '\\pi']
    """
    if text.isascii():
        return text
    if "\u0338" in text:
        text = unicodedata.normalize("NFC", text)
    text = _RAISED.sub(lambda run: "^{" + _compatible(run[0]) + "}", text)
    text = _LOWERED.sub(lambda run: "_{" + _compatible(run[0]) + "}", text)
    text = _VULGAR.sub(lambda char: _vulgar(char[0]), text)
    text = text.translate(_SINGLE)
    text = _BARE_ROOT.sub(r"\\sqrt\1{\2}", text)
    if text.isascii():
        return text
    text = unicodedata.normalize("NFKC", text).translate(_SINGLE)
    if all(letter in _LOOKALIKES for letter in _CYRILLIC.findall(text)):
        text = "".join(_LOOKALIKES.get(char, char) for char in text)
    return text


def _compatible(run: str) -> str:
    return unicodedata.normalize("NFKC", run).replace("−", "-")


def _vulgar(char: str) -> str:
    numerator, _, denominator = unicodedata.normalize("NFKC", char).partition("⁄")
    return rf"\frac{{{numerator}}}{{{denominator}}}"
