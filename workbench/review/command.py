"""`touchstone review`: label answers in the browser, on this machine alone."""

from __future__ import annotations

import secrets
import socket
from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from workbench.asking import read_answers
from workbench.judging import panel, rubric_path
from workbench.options import AsJson, Models, Record, Replay, RubricPlace
from workbench.review.desk import Desk
from workbench.review.pages import Pages
from workbench.review.store import Store
from workbench.rows import write_text
from workbench.terminal import emit, say


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
    unique = {answer.id: answer for answer in read_answers(answers)}
    store = Store(labels)
    desk = Desk(list(unique.values()), store, rubric_path(rubric_place), panel(models, record, replay))
    if export:
        write_text(export, desk.export())
        say(f"labels: {export}")
        return
    token = secrets.token_urlsafe(24)
    with socket.create_server(("127.0.0.1", port)) as listening:
        bound = listening.getsockname()[1]
        address = f"http://127.0.0.1:{bound}/?token={token}"
        if as_json:
            emit({"url": address})
        else:
            say(f"open {address}\nCtrl-C ends it; labels are in {labels}")
        config = uvicorn.Config(Pages(desk, rater, token).app(bound), log_level="warning", access_log=False)
        uvicorn.Server(config).run(sockets=[listening])
    store.close()
