"""The functions that formulas name, by their values in ball arithmetic."""

from __future__ import annotations

from fractions import Fraction
from operator import methodcaller
from typing import TYPE_CHECKING, Any

from flint import acb

from rewards.mathematics.balls import UndecidedError, ball, whole_number

if TYPE_CHECKING:
    from collections.abc import Callable


def _imaginary() -> acb:
    return acb(0, 1)


def _modulus(value: acb) -> Any:  # noqa: ANN401
    if value.imag.is_zero():
        return acb(abs(value.real))
    return acb(abs(value))


def _real(function: str) -> Callable[[acb], acb]:
    def applied(value: acb) -> acb:
        if not value.imag.contains(0):
            raise UndecidedError(f"{function} of no real number")
        return acb(getattr(value.real, function)())

    return applied


def _extreme(name: str) -> Callable[..., acb]:
    def applied(*values: acb) -> acb:
        best = values[0].real
        for value in values[1:]:
            best = getattr(best, name)(value.real)
        return acb(best)

    return applied


def _root(value: acb, index: acb) -> acb:
    whole = whole_number(index)
    if whole is not None and whole % 2 and value.imag.is_zero() and value.real < 0:
        return -((-value).pow(1 / index))
    return value.sqrt() if whole == 2 else value.pow(1 / index)


def _log(value: acb, base: acb | None = None) -> acb:
    return value.log() if base is None else value.log() / base.log()


FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{
        name: methodcaller(name)
        for name in "sin cos tan cot sec csc sinh cosh tanh coth sech csch exp sqrt gamma zeta erf".split()
    },
    "arcsin": lambda value: value.asin(),
    "arccos": lambda value: value.acos(),
    "arctan": lambda value: value.atan(),
    "arcsinh": lambda value: value.asinh(),
    "arccosh": lambda value: value.acosh(),
    "arctanh": lambda value: value.atanh(),
    "arccot": lambda value: (1 / value).atan(),
    "arcsec": lambda value: (1 / value).acos(),
    "arccsc": lambda value: (1 / value).asin(),
    "ln": _log,
    "log": _log,
    "lg": lambda value: value.log() / ball(Fraction(10)).log(),
    "abs": _modulus,
    "floor": _real("floor"),
    "ceil": _real("ceil"),
    "sgn": _real("sgn"),
    "max": _extreme("max"),
    "min": _extreme("min"),
    "root": _root,
    "cbrt": lambda value: _root(value, ball(Fraction(3))),
    "cis": lambda value: (value * _imaginary()).exp(),
    "binomial": lambda top, bottom: (top + 1).gamma() * (bottom + 1).rgamma() * (top - bottom + 1).rgamma(),
    "factorial": lambda value: (value + 1).gamma(),
    "Re": lambda value: value.real + 0 * value,
    "Im": lambda value: value.imag + 0 * value,
    "conj": lambda value: value.conjugate(),
    "arg": lambda value: value.arg() + 0 * value,
}
