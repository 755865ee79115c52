"""Carry instances of plain classes by their attributes: each has a place in a table, so that no chain is too deep."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sandbox.rare import CodecError

MAX_ITEMS = 100_000
INSTANCE = "P"  # tags a node that stands for an instance: its place follows


class Table:
    """Hold the instances of one message in order.

    Args:
        classes: Those whose own instances are carried, by name; instances of what derives from them are not.

    Example:
        >>> class Node: pass
        >>> first, second = Node(), Node()
        >>> first.next, second.next = second, first
        >>> table = Table({"Node": Node})
        >>> table.node(first), table.nodes(table.node)
        (['P', 0], [['Node', [['next', ['P', 1]]]], ['Node', [['next', ['P', 0]]]]])
    """

    def __init__(self, classes: Mapping[str, type]) -> None:
        self.classes = classes
        self.items: list[Any] = []
        self._places: dict[int, int] = {}

    def node(self, value: Any) -> list[Any] | None:
        """Give the node that stands for an instance; None for anything else."""
        kind = type(value)
        if self.classes.get(kind.__name__) is not kind:
            return None
        if id(value) not in self._places:
            self._add(value)
        return [INSTANCE, self._places[id(value)]]

    def nodes(self, encode: Callable[[Any], Any]) -> list[list[Any]]:
        """Write all instances, with those that they hold in turn.

        Args:
            encode: Makes the node of an attribute's value; asks `node` about instances.
        """
        written: list[list[Any]] = []
        for item in self.items:  # which grow meanwhile
            pairs = [[name, encode(value)] for name, value in _attributes(item)]
            written.append([type(item).__name__, pairs])
        return written

    def item(self, node: list[Any]) -> Any:
        """Give the instance that a node stands for.

        Raises:
            CodecError: There is none.
        """
        if len(node) != 2 or type(node[1]) is not int or not 0 <= node[1] < len(self.items):  # noqa: PLR2004 - tag and place
            raise CodecError("an instance that is not in the table")
        return self.items[node[1]]

    def read(self, nodes: Any, decode: Callable[[Any], Any]) -> None:
        """Make instances of what `nodes` wrote, and change those that are here already.

        Raises:
            CodecError: It wrote something else.
        """
        if not isinstance(nodes, list) or len(nodes) < len(self.items):
            raise CodecError("no table of instances")
        for name, _ in nodes[len(self.items) :]:
            self._add(object.__new__(self.classes[name]))
        for item, (name, pairs) in zip(self.items, nodes, strict=True):
            if name != type(item).__name__:
                raise CodecError("an instance that has changed its class")
            _set(item, [(attribute, decode(value)) for attribute, value in pairs])

    def _add(self, value: Any) -> None:
        if len(self.items) >= MAX_ITEMS:
            raise CodecError(f"more than {MAX_ITEMS} instances")
        self._places[id(value)] = len(self.items)
        self.items.append(value)


def _attributes(item: Any) -> Iterable[tuple[str, Any]]:
    yield from getattr(item, "__dict__", {}).items()
    for kind in type(item).__mro__:
        slots = kind.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if name != "__dict__" and hasattr(item, name):
                yield name, getattr(item, name)


def _set(item: Any, pairs: list[tuple[Any, Any]]) -> None:
    """Give an instance these attributes; what its class does, none of them may stand for."""
    kind = type(item)
    for name, value in pairs:
        named = type(name) is str and name.isidentifier() and not name.startswith("__")
        if not named or callable(getattr(kind, name, None)):
            raise CodecError("no name of an attribute")
        object.__setattr__(item, name, value)
