"""Ball arithmetic: numbers with a proven error, from the library FLINT.

What this module loads costs as much as the rest of the grader together, so it is imported where a pair needs it. The
precision of the library is one setting of the process, so `precision` holds a lock while it is changed.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from fractions import Fraction
from typing import TYPE_CHECKING

from flint import acb, arb, ctx, fmpq

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_WHOLE = 2**30
_lock = threading.RLock()


class UndecidedError(Exception):
    """The value cannot be worked out within the bounds."""


class NoCaseError(UndecidedError):
    """None of the cases of a function given by cases holds here: it has no value."""


@contextmanager
def precision(bits: int) -> Iterator[None]:
    """Compute with `bits` bits inside; one thread at a time."""
    with _lock:
        before = ctx.prec
        ctx.prec = bits
        try:
            yield
        finally:
            ctx.prec = before


def ball(number: Fraction, radius: Fraction | None = None) -> acb:
    """Make a ball around a rational number."""
    middle = arb(fmpq(number.numerator, number.denominator))
    if radius:
        middle += arb(0, arb(fmpq(radius.numerator, radius.denominator)))
    return acb(middle)


def whole_number(value: acb) -> int | None:
    """Read a small whole number off a ball; None for any other value. A large one is never written out."""
    if not value.imag.is_zero() or not value.is_finite() or not abs(value.real) < MAX_WHOLE:
        return None
    whole = value.real.unique_fmpz()
    return int(whole) if whole is not None and value.real.is_integer() else None
