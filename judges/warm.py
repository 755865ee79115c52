"""Send one request per rubric before a job: schemas compile, prompt caches fill, the ladder is learnt.

`JUDGE_MODEL=... python -m judges.warm` uses the deployment's own environment variables.
"""

from __future__ import annotations

import sys
import time

from judges import library
from judges.judgement import ConfigurationError
from judges.models import transports
from judges.panel import ask
from judges.prompt import question, version

_SECONDS = 300.0  # compiling a schema can take minutes
_PROBE = "Could you tell me what you see on the screen when it happens? (This is a warm-up request.)"


def warm(seconds: float = _SECONDS) -> tuple[list[str], bool]:
    """Ask each judge once by each rubric.

    Returns:
        A line for each (rubric and its version, judge, what it said, seconds), and whether all gave a verdict.
    """
    lines, well = [], True
    for rubric in library.allowed().values():
        for transport in transports():
            started = time.monotonic()
            outcome = ask(transport, question(rubric, "It does not work.", _PROBE), started + seconds)
            said = f"score {outcome.finding.score:g}" if outcome.finding else outcome.fault or outcome.failure
            well = well and outcome.finding is not None
            took = time.monotonic() - started
            lines.append(f"{rubric.name} {version(rubric)[:12]}  {transport.model}  {said}  {took:.1f} s")
    return lines, well


def main() -> int:
    """Print what came of warming; 1 where a judge gave no verdict, 3 where the settings are wrong."""
    try:
        lines, well = warm()
    except ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        return 3
    sys.stdout.write("\n".join(lines or ["offline: nothing to warm"]) + "\n")
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
