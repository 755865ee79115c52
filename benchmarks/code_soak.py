"""Score thousands of programs in one warm process, and look for anything left behind: `make soak-code`."""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import time
from pathlib import Path

from rewards.code_tests import code_tests
from rewards.interface import Sample

CALL: dict[str, object] = {"fn_name": "f", "tests": [{"args": [2], "expected": 4}]}
ASSERT: dict[str, object] = {"test_list": ["assert f(2) == 4"]}
PROGRAM: dict[str, object] = {"tests": [{"input": "2", "output": "4"}]}
# code, row, expected reward; none of them harms anything, since a soak runs outside a cage
KINDS: list[tuple[str, dict[str, object], float]] = [
    ("def f(n):\n    return 2 * n", CALL, 1.0),
    ("def f(n):\n    return 2 * n", ASSERT, 1.0),
    ("print(2 * int(input()))", PROGRAM, 1.0),
    ("def f(n):\n    return 3 * n", ASSERT, 0.0),
    ("import os\ndef f(n):\n    os._exit(0)", CALL, 0.0),
    ("import os\ndef f(n):\n    os._exit(0)", ASSERT, 0.0),
    ("raise ValueError", PROGRAM, 0.0),
    ("with open('left', 'w') as file:\n    file.write('x' * 1000)\nprint(4)", PROGRAM, 1.0),
    (
        "import threading, time\nthreading.Thread(target=time.sleep, args=(9,), daemon=True).start()\nprint(4)",
        PROGRAM,
        1.0,
    ),
    ("def f(n)", CALL, 0.0),
]


def state() -> dict[str, int]:
    """Count what a leak would add to: descriptors, processes, files, memory; of zygotes and supervisors too."""
    time.sleep(0.5)  # until what waits for the next sample waits
    processes = [Path("/proc") / str(pid) for pid in _descendants(os.getpid())]
    return {
        "descriptors": len(list(Path("/proc/self/fd").iterdir())),
        "processes": len(processes),
        "their_descriptors": sum(len(list((process / "fd").iterdir())) for process in processes),
        "files": len(list(Path(tempfile.gettempdir()).glob("sandbox-*/**/*"))),
        "memory_kb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
        "their_memory_kb": sum(map(_memory_kb, processes)),
    }


def _descendants(pid: int) -> list[int]:
    """List what runs below a process; one that has ended, and waits for its zygote to look, takes nothing."""
    children = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()]
    running = [child for child in children if ") Z " not in Path(f"/proc/{child}/stat").read_text("utf-8", "replace")]
    return running + [far for child in running for far in _descendants(child)]


def _memory_kb(entry: Path) -> int:
    try:
        return int((entry / "statm").read_text().split()[1]) * resource.getpagesize() // 1024
    except (OSError, IndexError):
        return 0


def main(count: int) -> None:
    """Score `count` programs and compare what is there after the first hundred and after the last."""
    first: dict[str, int] = {}
    began = time.monotonic()
    for number in range(count):
        code, row, expected = KINDS[number % len(KINDS)]
        value = code_tests(Sample(number, "", f"```python\n{code}\n```", row)).value
        if value != expected:
            sys.exit(f"sample {number} earned {value}, not {expected}: {code!r}")
        if number == min(100, count // 2):
            first = state()
    last = state()
    print(f"{count} samples, {(time.monotonic() - began) / count * 1000:.1f} ms each; first {first}, last {last}")
    memory = {name for name in first if name.endswith("_kb")}
    grown = {name for name in first if last[name] > first[name] * (1.2 if name in memory else 1)}
    if grown:
        sys.exit(f"something leaks: {grown}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
