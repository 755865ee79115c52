"""The first step of the command, which loads next to nothing: Ctrl-C ends it without a word, however early it comes."""

from __future__ import annotations

import signal


def main() -> None:
    """Load the command and run it; while it loads, Ctrl-C ends the process as the shell expects, with 130."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # a job in the background may not listen to it
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from workbench.cli import main as run  # noqa: PLC0415 - what takes its time stands behind this line

    run()


if __name__ == "__main__":
    main()
