"""What one batch has already asked: identical questions are asked once, also while the first is still under way."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import TYPE_CHECKING, Generic, TypeVar

from judges.judgement import ServiceFaultError

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

T = TypeVar("T")


class Memo(Generic[T]):
    """Remember answers for the length of one batch; safe for threads.

    Example:
        >>> memo = Memo[int]()
        >>> memo.once("a", lambda: 1, seconds=1), memo.once("a", lambda: 2, seconds=1)
        (1, 1)
    """

    def __init__(self) -> None:
        self._answers: dict[Hashable, Future[T]] = {}
        self._lock = threading.Lock()

    def once(self, key: Hashable, ask: Callable[[], T], seconds: float) -> T:
        """Give the answer to a question: whoever comes first asks, the others wait for what it hears.

        Raises:
            ServiceFaultError: The first one's answer did not come in time.
            Exception: What the first one's asking raised.
        """
        with self._lock:
            first = key not in self._answers
            answer = self._answers.setdefault(key, Future())
        if first:
            try:
                answer.set_result(ask())
            except Exception as error:  # noqa: BLE001 - handed to all who wait, the asker among them
                answer.set_exception(error)
        try:
            return answer.result(timeout=max(0.0, seconds))
        except FutureTimeoutError:
            raise ServiceFaultError("the same question was still being asked at the deadline") from None
