"""Programs in JavaScript and C++, where node and g++ are: run, compared and fenced in as Python's are."""

from __future__ import annotations

import pytest

from rewards.code_tests import code_tests
from rewards.interface import RowError, Sample, ServiceError
from sandbox import languages
from sandbox.app import lambda_handler
from sandbox.running import tier
from tests.cage import why_no_cage
from tests.caged_function import caged_function
from tests.invoke_api import invoke_api

TESTS = [{"input": "2\n3\n", "output": "5"}, {"input": "4 5", "output": "9"}, {"input": "1 1", "output": "3"}]
NODE = "const [a, b] = require('fs').readFileSync(0, 'utf8').split(/\\s+/).map(Number);\nconsole.log(a + b);"
LINES = (
    "const it = require('readline').createInterface({input: process.stdin}); let s = 0;\n"
    "it.on('line', l => { for (const w of l.split(' ')) s += Number(w); });\nit.on('close', () => console.log(s));"
)
CPP = "#include <bits/stdc++.h>\nusing namespace std;\n"
CPP += "int main() { long long a, b; cin >> a >> b; cout << a + b << endl; }"


def needs(binary):
    try:
        languages.binary(binary)
        missing = tier() != "kernel"
    except languages.LanguageMissingError:
        missing = True
    return pytest.mark.skipif(missing, reason=f"nothing here runs {binary}, or this machine lacks the kernel's guards")


node, cpp = needs("javascript"), needs("cpp")


def scored(language, code, **more):
    label = {"javascript": "js", "cpp": "cpp"}[language]
    reference = {"language": language, "tests": TESTS, "limits": {"time_limit_s": 2.0}} | more
    return code_tests(Sample("1", "", f"```{label}\n{code}\n```", reference))


@node
@pytest.mark.parametrize("code", [NODE, LINES, NODE.replace("(0,", "('/dev/stdin',")])
def test_javascript_is_run(code):
    """Whichever way it reads its input."""
    assert scored("javascript", code).value == pytest.approx(2 / 3)


@cpp
def test_cpp_is_compiled_and_run():
    """Once compiled, it is run anew for each test."""
    assert scored("cpp", CPP).value == pytest.approx(2 / 3)


@cpp
@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("int main() { return x; }", "error"),
        ("int main() { for (;;); }", "time"),
        ("int main() { return 3; }", "error"),
        ("int main() { int *p = 0; *p = 1; }", "killed"),
        ('#include <cstdio>\nint main() { for (;;) puts("xxxxxxxxxxxxxxxxxxxxxxxxxxx"); }', "output"),
    ],
)
def test_a_failing_program_earns_nothing_and_says_why(code, status):
    """A program that does not compile, never ends, crashes or floods."""
    reward = scored("cpp", code)
    assert reward.value == 0.0
    assert f"tests_{status}" in {verdict.name for verdict in reward.verdicts}, reward


FORBIDDEN = {
    "fork": "fork() < 0",
    "socket": "socket(2, 1, 0) < 0",
    "signal its parent": "kill(getppid(), 0) < 0",
    "read other files": 'open("/etc/passwd", 0) < 0',
    "read its parent": 'open(("/proc/" + std::to_string(getppid()) + "/environ").c_str(), 0) < 0',
    "write elsewhere": 'open("/tmp/sandbox-test-native", O_CREAT | O_WRONLY, 0600) < 0',
    "debug its parent": "ptrace((enum __ptrace_request)16906, getppid(), 0, 0) < 0",
}


@cpp
@pytest.mark.parametrize("refused", FORBIDDEN.values(), ids=FORBIDDEN)
def test_native_code_is_fenced_in(refused):
    """The kernel says no to native code as it does to Python."""
    headers = ["cstdio", "string", "unistd.h", "fcntl.h", "signal.h", "sys/socket.h", "sys/ptrace.h"]
    code = "\n".join(f"#include <{name}>" for name in headers)
    code += f'\nint main() {{ puts({refused} ? "refused" : "allowed"); }}'
    reward = scored("cpp", code, tests=[{"input": "", "output": "refused"}])
    assert reward.value == 1.0, reward


@cpp
def test_a_compiler_reads_no_other_files():
    """What the compiler is told to include is fenced in too."""
    code = '__asm__(".globl t\\nt: .incbin \\"/etc/passwd\\"");\nextern char t[];\n'
    code += "#include <cstdio>\nint main() { puts(t); }"
    reward = scored("cpp", code, tests=[{"input": "", "output": ""}])
    assert "tests_error" in {verdict.name for verdict in reward.verdicts}, reward


def test_what_is_not_installed_is_named(monkeypatch):
    """A row that asks for an absent language raises and says what is missing: no zero of the completion."""
    monkeypatch.setattr(languages, "PATH", "/nowhere")
    with pytest.raises(ServiceError, match=r"node|tier"):
        scored("javascript", NODE)
    with pytest.raises(ServiceError, match="haskell"):
        code_tests(Sample("1", "", "```\nmain\n```", {"language": "haskell", "tests": TESTS}))


def test_other_languages_have_programs_only():
    """A row that calls functions of another language is the row's fault."""
    with pytest.raises(RowError, match="standard input"):
        code_tests(Sample("1", "", "```js\n1\n```", {"language": "js", "fn_name": "f", "inputs": [], "outputs": []}))


NO_CAGE = why_no_cage()
LOOPS = {"javascript": "for (;;);", "cpp": "int main() { for (;;); }"}
STARTS = {
    "javascript": "require('child_process').execSync('true'); console.log(5);",
    "cpp": '#include <cstdlib>\n#include <iostream>\nint main() { std::system("true") || (std::cout << 5); }',
}


def handled(event):
    return lambda_handler(event, None)


@pytest.fixture(scope="module")
def function():
    """Serve the Sandbox function as Lambda would run it; gives the variables that lead to it."""
    with caged_function() as variables:
        yield variables


@pytest.mark.skipif(bool(NO_CAGE), reason=NO_CAGE or "a cage can be had")
@pytest.mark.parametrize(
    ("language", "code"), [pytest.param("javascript", NODE, marks=node), pytest.param("cpp", CPP, marks=cpp)]
)
def test_they_run_in_a_function_of_their_own(function, monkeypatch, language, code):
    """In tier split, where Lambda refuses the kernel's guards: right, wrong, endless, broken ones as next door."""
    for name, value in function.items():
        monkeypatch.setenv(name, value)
    reward = scored(language, code)
    metrics = {verdict.name: verdict.score for verdict in reward.verdicts}
    assert reward.value == pytest.approx(2 / 3)
    assert metrics["sandbox_tier"] == 2
    endless = scored(language, LOOPS[language], limits={"time_limit_s": 0.5})
    assert {v.name: v.score for v in endless.verdicts}["tests_time"] == 3
    assert scored(language, "}").value == 0.0
    assert scored(language, code).value == pytest.approx(2 / 3)


@pytest.mark.skipif(bool(NO_CAGE), reason=NO_CAGE or "a cage can be had")
@pytest.mark.parametrize("language", [pytest.param("javascript", marks=node), pytest.param("cpp", marks=cpp)])
def test_what_they_leave_in_a_function_harms_no_other(function, monkeypatch, language):
    """A program may start others there, where nothing forbids it; what it leaves is gone before the next sample."""
    for name, value in function.items():
        monkeypatch.setenv(name, value)
    scored(language, STARTS[language])
    good = {"tests": [{"input": "", "output": "[] 1"}]}
    code = "import os\nprint(os.listdir('.'), 1)"
    assert code_tests(Sample("1", "", f"```python\n{code}\n```", good)).value == 1.0


def test_a_function_without_the_language_names_what_is_missing(monkeypatch):
    """A deployment's fault, told by the function that lacks it; never a zero."""
    monkeypatch.setattr(languages, "PATH", "")
    settings = {"SANDBOX_FUNCTION": "Sandbox", "AWS_DEFAULT_REGION": "us-east-1"}
    with invoke_api(handled) as url:
        settings |= {"AWS_ENDPOINT_URL_LAMBDA": url, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(ServiceError, match=r"LanguageMissingError.*javascript"):
            scored("javascript", NODE)
