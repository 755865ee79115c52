"""Give built-in values that crossed from an object of a derived class the attributes of that object."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from rewards.codetests.remote import JUDGING, plain

if TYPE_CHECKING:
    from rewards.codetests.far import Far

PLAIN = (tuple, int, float, str, bytes, frozenset)


def with_attributes(far: Far, number: int, line: list[str], value: Any) -> Any:
    """Give a built-in value that an object of a derived class holds the attributes of that object, such as names.

    It compares and computes as the built-in value does, and never shows the submission what it is compared with.
    """
    if type(value) not in PLAIN:
        return value
    made = _derived(type(value), tuple(line))(value)  # type: ignore[arg-type]
    made._far, made._number = far, number  # noqa: SLF001 - its own kind
    return made


@lru_cache(maxsize=256)
def _derived(base: type, line: tuple[str, ...]) -> Any:
    def attribute(self: Any, name: str) -> Any:
        if name.startswith("__") or name in JUDGING or name in ("_far", "_number"):
            raise AttributeError(name)
        return self._far.get(self._number, name)

    def shown(self: Any) -> str:
        return plain(str, self._far.operate("repr", self))

    members = {"__getattr__": attribute, "__repr__": base.__repr__ if base is str else shown}
    return type(line[0], (base,), members | {"_stands_for": base, "_line": list(line)})
