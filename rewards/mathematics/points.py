"""Choose the points at which two functions are compared, and how precisely.

Bounds: `ATTEMPTS` points, `MAX_NEEDED` bits.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from rewards.mathematics.balls import UndecidedError
from rewards.mathematics.exact import exact
from rewards.mathematics.tree import Tree, symbols, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

ATTEMPTS = 40
_POSITIVE = ((0.3, 2.0), (2.0, 9.0), (0.05, 0.95), (9.0, 60.0))
_RANGES = (*_POSITIVE, (-2.0, -0.3), (-9.0, -2.0), (-0.95, -0.05), (-60.0, -9.0), (60.0, 2000.0))
PRECISIONS = (128, 1200)
MAX_NEEDED = 300_000  # bits for a comparison that holds only when computed to them
MAX_WHOLE_BITS = 4_000_000  # the same where only whole numbers are added and multiplied
_LOOP = 200  # how many operations a sum, product or integral counts for
_REPEATED = frozenset({"sum", "prod", "integral"})
_WHOLE_OPERATORS = frozenset({"num", "dec", "add", "neg", "mul", "pow", "div"})
_STEEP = frozenset({"exp", "tanh", "coth", "sinh", "cosh", "sech", "csch", "erf", "gamma", "factorial"})


def needed_bits(*trees: Tree) -> int:
    """Tell how precisely values must be computed so that no number written in the trees hides below the error.

    Raises:
        UndecidedError: More precisely than we compute.

    Example:
        >>> from rewards.mathematics.parse import parse
        >>> needed_bits(parse("x"), parse("x + 10^{-900}")) > 2990
        True
    """
    span = max(_bits(tree) for tree in trees)
    nodes = [node.op for tree in trees for node in walk(tree) if node.op not in _WHOLE_OPERATORS]
    repeated = not _REPEATED.isdisjoint(nodes)
    if span * (_LOOP if repeated else max(1, len(nodes))) > (MAX_NEEDED if nodes else MAX_WHOLE_BITS):
        raise UndecidedError("numbers too large or too small to compare")
    return PRECISIONS[-1] + span


def _bits(tree: Tree) -> int:
    """Bound how many bits the value of a tree may span, as far as its numbers are written out."""
    number = tree.value if tree.op == "num" else tree.value.number if tree.op == "dec" else None
    if number is not None:
        return int(number.numerator.bit_length() + number.denominator.bit_length()) - 1
    inside = sum(_bits(arg) for arg in tree.args)
    last = exact(tree.args[-1]) if tree.op in ("pow", "fn", "factorial") and not symbols(tree.args[-1]) else None
    if last is None or (tree.op == "fn" and tree.value not in _STEEP):
        return inside
    size = min(int(abs(last)) + 1, MAX_WHOLE_BITS)
    if tree.op == "pow":
        return inside + size * max(2, _bits(tree.args[0]))
    return inside + size * (size.bit_length() if tree.op == "factorial" else 3 * (size if tree.value == "erf" else 1))


def whole_symbols(*trees: Tree) -> set[str]:
    """Name the symbols that can only be whole numbers: in (-1)^n, n!, a binomial, a congruence, the bound of a sum."""
    found: set[str] = set()
    for tree in trees:
        for node in walk(tree):
            if node.op == "pow" and _negative(node.args[0]) and not _is_odd_root(node.args[1]):
                found |= symbols(node.args[1])
            elif node.op in ("factorial", "congruent") or (
                node.op == "fn" and node.value in ("binomial", "mod", "gcd", "lcm")
            ):
                found |= symbols(node)
            elif node.op in ("sum", "prod"):
                found = found.union(*(symbols(arg) for arg in node.args[1:]))
    return found


def _negative(tree: Tree) -> bool:
    return tree.op == "neg"


def _is_odd_root(tree: Tree) -> bool:
    return not symbols(tree)


def draws(seed: int) -> Iterator[float]:
    """Yield pseudo-random numbers in [0, 1), the same for the same seed.

    Source: the linear congruential generator of Knuth's MMIX.
    """
    state = seed
    while True:
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        yield (state >> 11) / 2**53


def places(names: set[str], whole: set[str], seed: str) -> Iterator[dict[str, float]]:
    """Yield the points: positive ones first, then all over the line; the same pair gets the same points."""
    source = draws(zlib.crc32(seed.encode()))
    for attempt in range(ATTEMPTS):
        ranges = _POSITIVE if attempt < 4 else _RANGES
        point = {}
        for offset, name in enumerate(sorted(names)):
            low, high = ranges[(attempt + (offset * int(3 * next(source)) if attempt > 1 else 0)) % len(ranges)]
            point[name] = float(1 + int(12 * next(source))) if name in whole else low + (high - low) * next(source)
        yield point
