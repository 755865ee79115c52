"""Score pairs with one verifier, in the environment that holds it: JSON lines in, JSON lines out.

Run as `python benchmarks/math_worker.py VERIFIER` with lines `[reference, completion]` on its standard input.
Standard library and the verifier only, because it runs in environments that hold nothing else.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

Verify = Callable[[str, str], bool]
Prepare = Callable[[], None]


def touchstone() -> tuple[Verify, Prepare]:
    """Score with this project's grader."""
    sys.path.insert(0, str(Path(__file__).parent.parent))
    from rewards.interface import RowError, Sample  # noqa: PLC0415  # timed as the import
    from rewards.math_answer import math_answer, prepare  # noqa: PLC0415  # the same

    def verify(reference: str, completion: str) -> bool:
        try:
            return math_answer(Sample("", "", completion, reference)).value == 1.0
        except RowError:
            return False

    return verify, prepare  # as a deployed function does before its first sample


def nothing() -> None:
    """Prepare a verifier that loads all it needs when it is imported."""


def math_verify() -> tuple[Verify, Prepare]:
    """Score as Math-Verify's documentation says: LaTeX first, then plain expressions."""
    from math_verify import ExprExtractionConfig, LatexExtractionConfig, parse, verify  # type: ignore  # noqa: PGH003, PLC0415

    gold_config = (LatexExtractionConfig(), ExprExtractionConfig())

    def checked(reference: str, completion: str) -> bool:
        wrapped = reference if "$" in reference or "boxed" in reference else f"${reference}$"
        gold = parse(wrapped, extraction_config=gold_config)
        return bool(verify(gold, parse(completion)))

    return checked, nothing


def mathruler() -> tuple[Verify, Prepare]:
    """Score the last box as mathruler does: PRM800K's grader behind the normalisation of the MATH dataset."""
    from mathruler.grader import extract_boxed_content, grade_answer  # type: ignore  # noqa: PGH003, PLC0415

    return lambda reference, completion: bool(grade_answer(extract_boxed_content(completion), reference)), nothing


VERIFIERS: dict[str, Callable[[], tuple[Verify, Prepare]]] = {
    "touchstone": touchstone,
    "math-verify": math_verify,
    "mathruler": mathruler,
}


def main() -> None:
    """Answer one line for every line read: [verdict, seconds]; then one with start times and memory.

    Lines are read before the first is scored and written after the last, so that no waiting stands between two.
    """
    start = time.perf_counter()
    verify, prepare = VERIFIERS[sys.argv[1]]()
    imported = time.perf_counter() - start
    prepare()
    ready = time.perf_counter() - start
    pairs = [json.loads(line) for line in sys.stdin]
    answers = []
    for reference, completion in pairs:
        start = time.perf_counter()
        try:
            verdict = verify(reference, completion)
        except Exception:  # noqa: BLE001  # a peer that raises has not said yes
            verdict = False
        answers.append([verdict, time.perf_counter() - start])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print("\n".join(map(json.dumps, (*answers, {"import_s": imported, "ready_s": ready, "peak_mb": peak}))))


if __name__ == "__main__":
    main()
