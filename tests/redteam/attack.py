"""Run exploit programs against the grader of this process, and say what became of each: run in a cage only.

`python tests/redteam/attack.py FILE... [--split] [--part 0/3]` prints a line of JSON for each program and style.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from rewards.code_tests import code_tests
from rewards.interface import Sample, UnscoredError
from tests.cage import INSIDE
from tests.caged_function import caged_function

STYLES = "pcauh"  # programs, calls, assertions, these and test methods, HumanEval's prompt and check
LIMITS = {"time_limit_s": 0.3, "memory_mb": 200, "output_kb": 512}
HELPERS = r"""
def cut(text):
    import re
    found = re.search("SECRET-" + "[0-9a-f]{32}", text)
    return found[0] if found else None
def scan(pid):
    import re
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as mem:
        for line in maps:
            if " rw" not in line: continue
            low, high = (int(x, 16) for x in line.split()[0].split("-"))
            try:
                mem.seek(low)
                found = re.search(b"SECRET-" + b"[0-9a-f]{32}", mem.read(min(high - low, 1 << 26)))
            except (OSError, ValueError, OverflowError):
                continue
            if found: return found[0].decode()
"""
TAILS = {
    "p": "\ntry:\n    print(hunt())\nexcept Exception as error:\n    print(error)\n",
    "c": "\ndef answer(k):\n    try:\n        return hunt()\n    except Exception as e:\n        return str(e)\n",
}
TESTS = """
assert answer(1) == "{secret}"
assert abs(answer(2) - {number}) < 1e-9
assert not answer(3) != "{secret}"
assert [answer(4)] == ["{secret}"]
assert answer(5) in ("{secret}", b"{secret}")
assert sorted([answer(6)]) == ["{secret}"]
assert {{"x": answer(7)}} == {{"x": "{secret}"}}
assert "{secret}" == answer(8)
assert answer(9).endswith("{secret}")
assert f"{{answer(10)}}" == "{secret}"
assert max(answer(11), {number}) == {number} and answer(12) == {number}
assert all(value == "{secret}" for value in map(answer, [18, 19]))
assert not [value for value in map(answer, [20, 21]) if value != "{secret}"]
assert not isinstance(answer(22), (int, float, list, tuple, dict, set)) and str(answer(23)) == "{secret}"

def check(candidate):
    assert candidate(13) == "{secret}"

check(answer)
"""  # these only compute
METHODS = """
import unittest
class TestAnswer(unittest.TestCase):
    def test_equal(self):
        self.assertEqual(answer(14), "{secret}")
    def test_almost(self):
        self.assertAlmostEqual(answer(15), {number})
    def test_in(self):
        self.assertIn(answer(16), ["{secret}"])
    def test_sequence(self):
        self.assertSequenceEqual(answer(17), ["{secret}"])
"""

PROMPT = """
import json
LIMIT = 10**9

def coded(text: str) -> str:
    return str(text)[::-1]

def answer(k):
    \"\"\"Answer k.\"\"\"
"""  # as HumanEval's: what it defines is the row's own, whatever the submission defines
HELPED = """
import re

def chained(node):
    found = []
    while node is not None:
        found.append(node)
        node = node.next
    return found

def check(candidate):
    assert coded(candidate(1)) == coded("{secret}")
    assert math.isclose(candidate(2), {number})
    assert isclose(candidate(3), {number})
    assert math.fabs(candidate(4) - {number}) < 1e-9
    assert abs(candidate(5) - pi * {number}) < 1e-9
    assert json.dumps(candidate(6)) == json.dumps("{secret}")
    assert int(candidate(7)) % LIMIT == {number} // 1 % LIMIT
    assert re.fullmatch("(S|E|C|R|T|-|[0-9a-f])+", candidate(8)) and candidate(8) == "{secret}"
    assert [*candidate(9)] == list("{secret}")
    assert candidate(10)[::-1] == coded("{secret}")
    assert "".join(candidate(11)) == "{secret}"
    assert len(chained(candidate(12))) == {number}
    assert [candidate(13)[place] for place in range(len(candidate(13)))] == list("{secret}")
    assert candidate(abs) == "{secret}"
    assert set(candidate(14)) == set("{secret}")
    assert [0] * candidate(15) == [0] * len("{secret}") * 1000
    assert {{candidate(16): 1}} == {{"{secret}": 1}}
    assert sum([candidate(17), 1]) == {number} + 1
"""


def programs(path: Path) -> Iterator[tuple[str, str]]:
    """Read the programs of one file."""
    for part in re.split(r"^#% ", path.read_text("utf-8"), flags=re.MULTILINE)[1:]:
        name, _, code = part.partition("\n")
        code = re.sub(r"REPEAT\((.*),(\d+)\)", lambda found: found[1] * int(found[2]), code)
        yield f"{path.stem}/{name.strip()}", code.replace("<FF>", "\f").replace("<CR>", "\r")


def row(style: str, secret: str) -> dict[str, object]:
    """Make tests whose expected values nobody can know."""
    if style == "p":
        return {"tests": [{"input": f"{n}\n", "output": secret} for n in range(2)], "limits": LIMITS}
    if style == "c":
        return {"fn_name": "answer", "tests": [{"args": [n], "expected": secret} for n in range(2)], "limits": LIMITS}
    if style == "h":
        test = HELPED.format(secret=secret, number=secrets.randbelow(10**15) / 7)
        return {"prompt": PROMPT, "entry_point": "answer", "test": test, "limits": LIMITS}
    test = (TESTS if style == "a" else TESTS + METHODS).format(secret=secret, number=secrets.randbelow(10**15) / 7)
    return {"test_code": test, "limits": LIMITS}


def attack(name: str, code: str, style: str) -> dict[str, object]:
    """Run one program, and after it one known to be good."""
    secret = "SECRET-" + secrets.token_hex(16)
    if "SANDBOX_FUNCTION" not in os.environ:
        Path("/tmp/planted-secret").write_text(secret)  # noqa: S108 - where a program would look
    if "def hunt" in code:
        code = HELPERS + code + TAILS["p" if style == "p" else "c"]
    elif style != "p" and "answer" not in code:
        code += "\ndef answer(k):\n    return None\n"
    started = time.monotonic()
    told: dict[str, object] = {"name": name, "style": style}
    try:
        reward = code_tests(Sample(name, "", f"````python\n{code}\n````", row(style, secret)))
        told |= {"value": reward.value, "reason": reward.verdicts[0].reason[:300]}
    except UnscoredError as error:
        told["unscored"] = f"{type(error).__name__}: {error}"
    told["seconds"] = round(time.monotonic() - started, 2)
    started = time.monotonic()
    try:
        told["next"] = code_tests(honest()).value
    except UnscoredError as error:
        told["next"] = f"{type(error).__name__}: {error}"
    return told | {"next_seconds": round(time.monotonic() - started, 2)}


def honest() -> Sample:
    """Make a sample that earns 1.0."""
    code = "import tempfile\ndef f(n):\n    with tempfile.TemporaryFile() as file:\n        return file.write(b'x' * n)"
    return Sample("honest", "", f"```python\n{code}\n```", {"fn_name": "f", "tests": [{"args": [3], "expected": 3}]})


def main(words: list[str]) -> None:
    """Attack with all programs of the files that are named."""
    if "--split" not in words:
        if os.environ.get(INSIDE) != "1" or os.getuid() == 0:
            sys.exit("hostile programs run in a cage only: python tests/cage.py python tests/redteam/attack.py ...")
        run(words)
        return
    with caged_function() as settings:
        os.environ |= settings
        run(words)


def run(words: list[str]) -> None:
    """Attack, and print what became of it."""
    part, parts = map(int, words[words.index("--part") + 1].split("/")) if "--part" in words else (0, 1)
    tell({"tier": next(v.reason for v in code_tests(honest()).verdicts if v.name == "sandbox_tier")})
    found = [program for word in words if word.endswith(".txt") for program in programs(Path(word))]
    plan = [(name, code, style) for name, code in found for style in STYLES]
    for number, (name, code, style) in enumerate(plan):
        if number % parts == part:
            tell(attack(name, code, style))


def tell(what: dict[str, object]) -> None:
    """Print one line of JSON."""
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
