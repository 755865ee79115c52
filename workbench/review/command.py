"""`touchstone review`: label answers in the browser, on this machine alone."""

from __future__ import annotations

import logging
import secrets
import socket
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
import uvicorn

from workbench.answers import Answer, identity, read_answers
from workbench.options import AsJson, Models, Record, Replay, RubricPlace
from workbench.panels import OFFLINE, Panel, panel
from workbench.review.desk import Desk
from workbench.review.pages import application
from workbench.review.store import Store
from workbench.rows import InputError, writable, write_text
from workbench.rubrics import SHIPPED, rubric_path
from workbench.terminal import emit, say

_LONGEST_NAME = 60


def review(
    rubric_place: RubricPlace,
    answers: Annotated[Path, typer.Argument(help="JSONL or CSV with prompt and response")],
    labels: Annotated[Path, typer.Option("--labels", help="where labels are kept")] = Path("labels.sqlite"),
    rater: Annotated[str, typer.Option("--rater", help="who labels")] = "me",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0 takes a free one")] = 0,
    export: Annotated[
        Path | None, typer.Option("--export", help="write the labels as JSONL, and serve nothing")
    ] = None,
    models: Models = "",
    record: Record = None,
    replay: Replay = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Label answers in the browser.

    Blind first, by keyboard; then see the judge, and mend the rubric.
    """
    rater = writable(rater.strip())
    if not 0 < len(rater) <= _LONGEST_NAME:
        raise InputError(f"--rater: a name of 1 to {_LONGEST_NAME} characters")
    file, wanted = rubric_path(rubric_place), _distinct(read_answers(answers), answers)
    if export and not labels.is_file():
        raise InputError(f"{labels}: there are no labels to export yet")
    with _opened(labels, wanted) as store:
        if export:
            desk = Desk(wanted, store, file, Panel((OFFLINE,)))
            write_text(export, desk.export())
            say(f"{sum(len(one.scores) for one in desk.labelled())} labels: {export}")
            return
        desk = Desk(wanted, store, file, panel(models, record, replay))
        if file.parent == SHIPPED:
            say("what you edit on the page is the shipped rubric itself: give a copy to keep it")
        _serve(desk, rater, port, labels, as_json=as_json)


def _serve(desk: Desk, rater: str, port: int, labels: Path, *, as_json: bool) -> None:
    desk.order(rater)  # takes a while for many answers: before the first page is asked for, not with it
    token = secrets.token_urlsafe(24)
    try:
        listening = socket.create_server(("127.0.0.1", port))
    except OSError as error:
        raise InputError(f"--port {port}: {error.strerror or error}; without it a free one is taken") from error
    with listening:
        bound = listening.getsockname()[1]
        address = f"http://127.0.0.1:{bound}/?token={token}"
        if as_json:
            emit({"url": address})
        else:
            say(f"open {address}\nCtrl-C ends it; labels are in {labels}")
        config = uvicorn.Config(
            application(desk, rater, token, bound),
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=1,
        )
        with suppress(KeyboardInterrupt):  # that is how it ends
            _Server(config).run(sockets=[listening])


class _Server(uvicorn.Server):
    """Serve until Ctrl-C; a page that waits for its judge then is cut off, which is no fault to tell of."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to end."""
        logging.getLogger("uvicorn.error").disabled = True
        super().handle_exit(sig, frame)


def _distinct(answers: Sequence[Answer], file: Path) -> list[Answer]:
    """Take each answer once: a file of labels names it once a rater.

    Raises:
        InputError: One id names two answers.
    """
    found: dict[str, Answer] = {}
    for answer in answers:
        first = found.setdefault(answer.id, answer)
        if (first.prompt, first.text) != (answer.prompt, answer.text):
            raise InputError(f"{file}: id {answer.id[:_LONGEST_NAME]!r} names two different answers")
    return list(found.values())


@contextmanager
def _opened(labels: Path, answers: Sequence[Answer]) -> Iterator[Store]:
    """Open the file of labels, which must be of these very answers as far as their ids agree."""
    try:
        store = Store(labels)
        changed = store.changed({one.id: identity(one.prompt, one.text) for one in answers})
    except sqlite3.Error as error:
        raise InputError(f"{labels}: cannot be used as a file of labels: {error}") from error
    with closing(store):
        if changed:
            told = f"{len(changed)} answers were labelled with other words under their id, {changed[0]!r} the first"
            raise InputError(f"{labels}: {told}; name another file with --labels")
        yield store
