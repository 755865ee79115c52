"""Ask a model until it answers, inside a deadline: the one process-wide state of the judges."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING

from judges.judgement import ContentError, Finding, ServiceFaultError, TruncatedError, Usage
from judges.ladder import Ladder
from judges.transport import Received, ThrottledError, TransientError, UnsupportedError
from judges.verdict import read

if TYPE_CHECKING:
    from judges.prompt import Question
    from judges.transport import Transport

ATTEMPTS = 5
_BACKOFF = 0.2
_LONGEST_BACKOFF = 8.0
LADDER = Ladder()
_jitter = random.Random()  # noqa: S311 - spreads retries, guards nothing


def ask(transport: Transport, asked: Question, deadline: float) -> tuple[Finding, Usage]:
    """Get one verdict.

    Args:
        transport: What carries the question.
        asked: The question.
        deadline: By `time.monotonic`, when an answer no longer helps.

    Returns:
        The finding and what it cost, failed attempts included.

    Raises:
        ContentError: Two replies held no verdict: the answer's fault.
        ServiceFaultError: No reply came in time: ours.
    """
    started, usage = time.monotonic(), Usage()
    max_tokens = asked.rubric.judge.max_tokens
    for last in (False, True):
        received = _reply(transport, asked, max_tokens, deadline)
        usage += received.usage
        try:
            found = read(received.reply, asked)
        except ContentError as error:
            if last:
                raise
            if isinstance(error, TruncatedError):
                max_tokens *= 2
        else:
            return found, usage
    raise AssertionError(started)


def _reply(transport: Transport, asked: Question, max_tokens: int, deadline: float) -> Received:
    shape, attempt = LADDER.shape(transport.model), 0
    while True:
        left = deadline - time.monotonic()
        if left <= 0:
            raise ServiceFaultError("the deadline has passed")
        try:
            received = transport.send(asked, shape, max_tokens, left)
        except UnsupportedError as error:
            lower = shape.after(str(error))
            if lower is None:
                raise ServiceFaultError(f"the model refuses every form of the request: {error}") from error
            shape = lower
        except (ThrottledError, TransientError) as error:
            attempt += 1
            pause = _jitter.uniform(0, min(_LONGEST_BACKOFF, _BACKOFF * 2**attempt))
            if attempt >= ATTEMPTS or time.monotonic() + pause >= deadline:
                raise ServiceFaultError(f"gave up after {attempt} attempts: {error}") from error
            time.sleep(pause)
        else:
            LADDER.learn(transport.model, shape)
            return received
