"""The command `touchstone`: stdout is data, stderr is progress.

Exit codes: 0 all is well, 1 a gate failed, 2 a fault in what was asked, 3 one of the infrastructure.
"""

from __future__ import annotations

import sys

import typer

from judges.judgement import ConfigurationError, ServiceFaultError
from workbench import asking, rubric_commands, training
from workbench.attack import attack
from workbench.calibration.command import calibrate
from workbench.drift import drift
from workbench.gate import gate
from workbench.review.command import review
from workbench.rows import InputError
from workbench.terminal import INFRASTRUCTURE, USAGE, say

app = typer.Typer(
    name="touchstone",
    help="Try, calibrate, gate and attack the judges whose scores a training run will learn from.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)
app.command("try")(asking.try_answer)
app.command("score")(asking.score)
app.command("calibrate")(calibrate)
app.command("review")(review)
app.command("gate")(gate)
app.command("drift")(drift)
app.command("attack")(attack)
app.command("lint")(rubric_commands.lint)
app.command("schema")(rubric_commands.schema)
app.command("profile")(training.profile)


def main() -> None:
    """Run the command, and turn what went wrong into one line and an exit code."""
    try:
        app()
    except (ConfigurationError, InputError) as error:
        say(f"error: {error}")
        sys.exit(USAGE)
    except ServiceFaultError as error:
        say(f"error: the judge could not be asked: {error}")
        sys.exit(INFRASTRUCTURE)


if __name__ == "__main__":
    main()
