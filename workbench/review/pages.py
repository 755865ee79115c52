"""The review page as an application: which address is answered by what, behind the guard."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from workbench.review.guard import Guard
from workbench.review.labelling import Labelling
from workbench.review.overview import Overview
from workbench.review.sheets import Sheets

if TYPE_CHECKING:
    from starlette.requests import Request

    from workbench.review.desk import Desk


def application(desk: Desk, rater: str, token: str, port: int) -> Starlette:
    """Make the application of one rater's page on one desk, to be served on `port` to who brings the token."""
    sheets = Sheets(desk, rater, token)
    labelling, overview = Labelling(sheets), Overview(sheets)
    routes = [
        Route("/", labelling.label),
        Route("/label", labelling.save, methods=["POST"]),
        Route("/again", labelling.again),
        Route("/undo", labelling.undo, methods=["POST"]),
        Route("/triage", labelling.triage, methods=["POST"]),
        Route("/seen", labelling.seen),
        Route("/agreement", overview.agreement),
        Route("/rubric", overview.rubric, methods=["GET", "POST"]),
        Route("/labels.jsonl", overview.export),
        Mount("/static", StaticFiles(directory=Path(__file__).parent / "static")),
    ]
    guard = Middleware(Guard, token=token, port=port)
    return Starlette(routes=routes, middleware=[guard], exception_handlers={sqlite3.Error: not_kept, OSError: not_kept})


def not_kept(_: Request, error: Exception) -> Response:
    """Say that labels or rubric could not be read or written, so that nobody takes what was sent for kept."""
    told = f"{error.filename}: {error.strerror}" if isinstance(error, OSError) else f"the file of labels: {error}"
    return PlainTextResponse(f"Not kept: a file cannot be used: {told}. Go back, and send it again.", 503)
