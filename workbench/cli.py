"""The command `touchstone`: stdout is data, stderr is progress.

Exit codes: 0 all is well, 1 a gate failed, 2 a fault in what was asked, 3 one of the infrastructure. As any command it
ends by the signal itself after Ctrl-C (a shell calls it 130) and where nobody reads on (141).
"""

from __future__ import annotations

import os
import signal
import sys
import threading
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

_INTERRUPTED = 130  # as Typer ends after Ctrl-C


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
        command = command_line(asked if asked and asked[0] in COMMANDS else COMMANDS)
        if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
            signal.signal(signal.SIGINT, signal.default_int_handler)  # all is loaded: from now on ends are tidy
        command()
    except (ConfigurationError, InputError) as error:
        say(f"error: {error}")
        sys.exit(USAGE)
    except ServiceFaultError as error:
        say(f"error: the judge could not be asked: {error}")
        sys.exit(INFRASTRUCTURE)
    except OSError as error:
        say(f"error: {error.filename or 'output'}: {error.strerror or error}")
        os._exit(INFRASTRUCTURE)  # what could not be written would be tried again at the end, and told of again
    except SystemExit as end:
        if end.code == _INTERRUPTED:
            _end_by(signal.SIGINT)
        if isinstance(end.__context__, BrokenPipeError):  # Typer and rich call that 1, which is a gate's
            _end_by(signal.SIGPIPE)
        if threading.active_count() > 1 and not end.code:
            sys.stdout.flush()
            os._exit(0)  # a review was ended: a thread that still waits for a judge would hold the process for minutes
        raise


def _end_by(number: signal.Signals) -> None:
    """End at once, by a signal, so that a shell knows why and no thread is waited for."""
    signal.signal(number, signal.SIG_DFL)
    signal.raise_signal(number)
