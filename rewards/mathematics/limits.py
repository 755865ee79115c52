"""Evaluate limits: by the value very near to the point, which two distances must agree on.

What converges more slowly than a power of the distance is left undecided. Bound: `MAX_BITS` of precision.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flint import acb, arb, ctx

from rewards.mathematics.balls import UndecidedError, precision
from rewards.mathematics.tree import INFINITY, MINUS_INFINITY, Tree

if TYPE_CHECKING:
    from rewards.mathematics.evaluation import Point

MAX_BITS = 8_192


def limit(point: Point, tree: Tree) -> acb:
    """Evaluate a limit; from both sides where the function has values on both.

    Raises:
        UndecidedError: The values do not settle, or differ from one side to the other.
    """
    bits = ctx.prec
    if bits > MAX_BITS:
        raise UndecidedError("a limit to too many digits")
    near = 2 * bits
    body, target = tree.args
    with precision(6 * bits):
        if target in (INFINITY, MINUS_INFINITY):
            sign = 1 if target == INFINITY else -1
            places = [[acb(sign * arb(2) ** (near + more)) for more in (0, 7)]]
        else:
            at = point.value(target)
            places = [[at + sign * acb(arb(2) ** -(near + more)) for more in (0, 7)] for sign in (1, -1)]
        found = [value for side in places if (value := _settled(point, tree, body, side, bits)) is not None]
    if not found or not abs(found[0] - found[-1]) < arb(2) ** -bits:
        raise UndecidedError("a limit whose values do not settle")
    return found[0] + acb(arb(0, arb(2) ** -bits))


def _settled(point: Point, tree: Tree, body: Tree, side: list[acb], bits: int) -> acb | None:
    """Take the value on one side; None where the function has none there, or it still changes."""
    outer = point.place
    values = []
    for at in side:
        point.place = {**outer, str(tree.value): at}
        try:
            values.append(point.value(body))
        except (UndecidedError, ZeroDivisionError, ValueError, OverflowError):
            return None
        finally:
            point.place = outer
    near = all(value.is_finite() for value in values) and abs(values[0] - values[1]) < arb(2) ** -bits
    return values[1] if near else None
