"""Raise on the trusted side what the submission raised: built-in exceptions as they are, its own by classes of ours."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Any

from sandbox.codec import encode

if TYPE_CHECKING:
    from rewards.codetests.far import Far
    from rewards.codetests.incoming import Incoming

MARK = "_of_submission"
MAX_LINE = 50  # a class with more bases is no class
NEVER_RAISED = ("SystemExit", "KeyboardInterrupt", "GeneratorExit")


class SubmissionEndedError(BaseException):
    """Say that the submission's process ended instead of answering; no `except Exception` of a test hides it."""


class CannotCarryError(BaseException):
    """Say that the test code hands over what cannot cross: a fault of the row."""


def is_of_submission(error: BaseException) -> bool:
    """Tell whether the submission raised it: what test code raises by itself is a fault of the row."""
    return MARK in vars(error)


def is_names(line: Any) -> bool:
    """Tell whether this can be the names of a class and its bases."""
    return isinstance(line, list) and 0 < len(line) <= MAX_LINE and all(isinstance(name, str) and name for name in line)


def told_of(error: BaseException) -> dict[str, Any]:
    """Write an exception for the submission: one of its own by its number, another by its name and what it holds."""
    told = {"kind": type(error).__name__, "message": str(error)[:2000]}
    told["arguments"] = encode([argument for argument in error.args if isinstance(argument, (str, int))])
    number = vars(error).get("_number")
    return told if number is None else told | {"number": number}


class Failures:
    """Hold the classes that stand for the submission's own exceptions.

    Args:
        far: The conversation, which an exception is asked through for its attributes.
        incoming: Reads its arguments.
    """

    def __init__(self, far: Far, incoming: Incoming) -> None:
        self._far, self._incoming = far, incoming
        self._kinds: dict[str, type[BaseException]] = {}
        self._numbers: dict[type, int] = {}

    def kind(self, line: list[str], number: int = -1) -> type[BaseException]:
        """Give the class that stands for one of the submission's, by the names of it and its bases."""
        name = line[0]
        if name in NEVER_RAISED:
            return SubmissionEndedError
        known = getattr(builtins, name, None)
        if isinstance(known, type) and issubclass(known, BaseException):
            return known
        if name not in self._kinds:
            base = self.kind(line[1:]) if len(line) > 1 else Exception
            try:
                self._kinds[name] = self._made(name, (base, *_missing(base, line)))
            except TypeError:  # there can be no such class
                self._kinds[name] = self._made(name, (base,))
        if number >= 0:
            self._numbers[self._kinds[name]] = number
        return self._kinds[name]

    def number_of(self, kind: type) -> int | None:
        """Give the number by which the submission's process knows a class, None for one that is not its own."""
        return self._numbers.get(kind)

    def _made(self, name: str, bases: tuple[type[BaseException], ...]) -> type[BaseException]:
        far, numbers = self._far, self._numbers

        def attribute(self: BaseException, wanted: str) -> Any:
            if wanted.startswith("__"):
                raise AttributeError(wanted)
            number = vars(self).get("_number")
            if number is None and (kind := numbers.get(type(self))) is not None:
                return getattr(far.call(kind, self.args, {}), wanted)
            if number is None:
                raise AttributeError(wanted)
            return far.get(number, wanted)

        def shown(self: BaseException) -> str:
            return str(vars(self).get("_message", bases[0].__str__(self)))

        return type(name, bases, {"__getattr__": attribute, "__str__": shown})

    def error(self, told: Any) -> BaseException:
        """Make the exception that an answer tells of.

        Raises:
            SubmissionEndedError: It tells of none.
        """
        line, message = told.get("raised"), told.get("message")
        if not is_names(line) or not isinstance(message, str):
            return SubmissionEndedError("it answered with no value")
        kind = self.kind(line)
        try:
            parts = told.get("exceptions")
            arguments = (
                self._incoming.value(told.get("arguments"))
                if parts is None
                else [message, list(map(self.error, parts))]
            )
            error = kind(*arguments)
        except Exception:  # noqa: BLE001 - whatever a class makes of arguments that it was not made for
            error = _bare(kind) or SubmissionEndedError(message)
        vars(error)[MARK] = True
        if kind in self._kinds.values():
            vars(error).update(_number=told["number"] if type(told.get("number")) is int else None, _message=message)
        if isinstance(told.get("cause"), dict):
            error.__cause__ = self.error(told["cause"])
        return error


def _missing(base: type[BaseException], line: list[str]) -> list[type[Exception]]:
    """Name the built-in exception that a class is as well, where the first of its bases is not."""
    known = (getattr(builtins, name, None) for name in line[1:])
    others = [kind for kind in known if isinstance(kind, type) and issubclass(kind, Exception)]
    return [kind for kind in others if not issubclass(base, kind)][:1]


def _bare(kind: type[BaseException]) -> BaseException | None:
    """Make an exception without its arguments, where there can be one."""
    try:
        return kind.__new__(kind) if issubclass(kind, Exception) else None
    except TypeError:
        return None
