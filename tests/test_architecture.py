"""Who may import whom, and what a cold start may load: the house's walls."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from rewards import app

ROOT = Path(__file__).parent.parent
PACKAGES = ("rewards", "judges", "sandbox", "workbench", "tests", "benchmarks")
MAY_IMPORT = {
    "judges": {"judges"},
    "sandbox": {"sandbox"},
    "rewards": {"rewards", "judges", "sandbox"},
    "workbench": {"rewards", "judges", "sandbox", "workbench"},
}
HEAVY = ("boto3", "sympy", "judges", "sandbox", "yaml", "openai", "pydantic")
SOURCES = [path for package in MAY_IMPORT for path in sorted((ROOT / package).rglob("*.py"))]


def imports(path, *, anywhere=True):
    """List the modules a file imports: everywhere in it, or at its top level only."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = ast.walk(tree) if anywhere else tree.body
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide who imports whom"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_packages_import_only_what_the_house_allows(path):
    """Judges and the sandbox know nothing of rewards, and nothing that ships knows the workbench or the tests."""
    package = path.relative_to(ROOT).parts[0]
    ours = {name.split(".")[0] for name in imports(path)} & set(PACKAGES)
    assert ours <= MAY_IMPORT[package]
    if package != "workbench":
        assert not any(name.startswith("rewards.app") for name in imports(path)), "nothing imports the handler"


@pytest.mark.parametrize("path", sorted((ROOT / "sandbox").rglob("*.py")), ids=lambda path: path.name)
def test_the_sandbox_needs_nothing_but_python(path):
    """It is packaged alone, and every package in it would be one more thing for hostile code to reach."""
    roots = {name.split(".")[0] for name in imports(path)}
    assert roots <= sys.stdlib_module_names | {"sandbox", "numpy"}


def test_the_interface_needs_nothing_but_python():
    """Whoever writes a reward imports it, in a notebook as well."""
    assert {name.split(".")[0] for name in imports(ROOT / "rewards" / "interface.py")} <= sys.stdlib_module_names


def loaded_by(name):
    """Import the handler for a reward in a fresh interpreter, with no AWS settings, and list what it loaded."""
    script = "import rewards.app, sys; print(*sys.modules)"
    environment = {"PATH": os.environ["PATH"], "REWARD": name, "JUDGE_MODEL": "offline"}
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return set(done.stdout.split())


def test_a_math_function_starts_without_what_other_rewards_need():
    """A cold start pays for its own reward alone."""
    modules = loaded_by("math_answer")
    assert not {module for module in modules if module.split(".")[0] in HEAVY}
    assert not modules & {"rewards.code_tests", "rewards.rubric", "botocore.client"}


@pytest.mark.parametrize("name", app.reward_names())
def test_every_reward_starts_without_credentials_or_region(name):
    """The SDK's pre-flight imports a handler on a laptop; boto3 waits until a client is needed."""
    assert "boto3" not in loaded_by(name)


@pytest.mark.parametrize("name", app.reward_names())
def test_every_reward_has_its_cases_and_its_events(name):
    """One name: the file, the function, the value of REWARD, the cases, the events."""
    assert (ROOT / "tests" / "cases" / f"{name}.jsonl").is_file()
    assert (ROOT / "events" / name / "bedrock.json").is_file()
