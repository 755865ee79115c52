"""The command `touchstone`: stdout is data, stderr is progress.

Exit codes: 0 all is well, 1 a gate failed, 2 a fault in what was asked, 3 one of the infrastructure.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from importlib import import_module

import typer

from judges.judgement import ConfigurationError, ServiceFaultError
from workbench.rows import InputError
from workbench.terminal import INFRASTRUCTURE, USAGE, say

# Name, and where its function stands: a command loads what it needs alone, for scipy alone takes a second.
COMMANDS = {
    "try": "workbench.trying:try_answer",
    "score": "workbench.scoring:score",
    "calibrate": "workbench.calibration.command:calibrate",
    "review": "workbench.review.command:review",
    "gate": "workbench.gate:gate",
    "drift": "workbench.drift:drift",
    "attack": "workbench.attack:attack",
    "lint": "workbench.rubric_commands:lint",
    "schema": "workbench.rubric_commands:schema",
    "profile": "workbench.profiling.command:profile",
}


def command_line(names: Iterable[str] = COMMANDS) -> typer.Typer:
    """Make the command with these of its commands."""
    app = typer.Typer(
        name="touchstone",
        help="Try, calibrate, gate and attack the judges whose scores a training run will learn from.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
        rich_markup_mode=None,
        callback=lambda: None,  # so that a single command keeps its name
    )
    for name in names:
        module, _, function = COMMANDS[name].partition(":")
        app.command(name)(getattr(import_module(module), function))
    return app


def main() -> None:
    """Run the command, and turn what went wrong into one line and an exit code."""
    try:
        asked = sys.argv[1:2]
        command_line(asked if asked and asked[0] in COMMANDS else COMMANDS)()
    except (ConfigurationError, InputError) as error:
        say(f"error: {error}")
        sys.exit(USAGE)
    except ServiceFaultError as error:
        say(f"error: the judge could not be asked: {error}")
        sys.exit(INFRASTRUCTURE)


if __name__ == "__main__":
    main()
