"""The pages of a review: label blind, then see the judge; triage; edit the rubric; agreement so far."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from workbench.calibration.report import NAMES, figure
from workbench.review.desk import APART, Desk
from workbench.review.guard import Guard, csrf

if TYPE_CHECKING:
    from starlette.requests import Request

TRIAGE = {"judge": "Judge is wrong", "label": "My label is wrong", "rubric": "Rubric is unclear"}
_NOTE = 2000


class Pages:
    """Answer requests of one rater's page on one desk."""

    def __init__(self, desk: Desk, rater: str, token: str) -> None:
        self._desk, self._rater, self._token = desk, rater, token
        self._templates = Environment(
            loader=PackageLoader("workbench.review"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )
        self._templates.filters["figure"] = figure

    def app(self, port: int) -> Starlette:
        """Make the application, to be served on `port`."""
        routes = [
            Route("/", self.label),
            Route("/label", self.save, methods=["POST"]),
            Route("/undo", self.undo, methods=["POST"]),
            Route("/triage", self.triage, methods=["POST"]),
            Route("/seen/{answer:path}", self.seen),
            Route("/agreement", self.agreement),
            Route("/rubric", self.rubric, methods=["GET", "POST"]),
            Route("/labels.jsonl", self.export),
            Mount("/static", StaticFiles(directory=Path(__file__).parent / "static")),
        ]
        return Starlette(routes=routes, middleware=[Middleware(Guard, token=self._token, port=port)])

    def _page(self, name: str, **shown: Any) -> HTMLResponse:  # noqa: ANN401 - what the template names
        own = {
            "csrf": csrf(self._token),
            "form": secrets.token_hex(8),
            "rater": self._rater,
            "rubric": self._desk.rubric,
        }
        return HTMLResponse(self._templates.get_template(name).render(**own, **shown))

    async def label(self, _: Request) -> Response:
        """Show the next answer, and nothing of what the judge says."""
        answer, done = self._desk.next(self._rater)
        return self._page("label.html.j2", answer=answer, done=done, total=len(self._desk.answers))

    async def save(self, request: Request) -> Response:
        """Keep a label or a skip."""
        sent = await request.form()
        answer, form = str(sent.get("answer", "")), str(sent.get("form", ""))
        if answer not in self._desk.answers or not form:
            return PlainTextResponse("no such answer", 400)
        if sent.get("skip"):
            self._desk.store.append(form, self._rater, answer, "skip")
            return RedirectResponse("/", 303)
        score = _score(sent.get("score"), self._desk.rubric.low, self._desk.rubric.high)
        if score is None:
            return PlainTextResponse("a score lies on the rubric's scale", 400)
        words = str(sent.get("note", ""))[:_NOTE]
        self._desk.store.append(form, self._rater, answer, "label", score=score, words=words)
        return RedirectResponse(f"/seen/{answer}", 303)

    async def undo(self, request: Request) -> Response:
        """Take the last step back."""
        self._desk.store.undo(str((await request.form()).get("form", "")), self._rater)
        return RedirectResponse("/", 303)

    async def seen(self, request: Request) -> Response:
        """Show the judge's score and words beside the label, which is kept by now."""
        answer = self._desk.answers.get(request.path_params["answer"])
        labels = self._desk.store.labels().get(answer.id, {}) if answer else {}
        if answer is None or self._rater not in labels:
            return RedirectResponse("/", 303)  # blind first
        judged = await run_in_threadpool(self._desk.judged, answer)
        apart = judged.score is not None and abs(judged.score - (labels[self._rater].score or 0)) >= APART
        return self._page("seen.html.j2", answer=answer, judged=judged, labels=labels, apart=apart, triage=TRIAGE)

    async def triage(self, request: Request) -> Response:
        """Keep whose mistake a disagreement is; an unclear rubric opens."""
        sent = await request.form()
        answer, decided = str(sent.get("answer", "")), str(sent.get("decided", ""))
        if answer not in self._desk.answers or decided not in TRIAGE:
            return PlainTextResponse("no such decision", 400)
        self._desk.store.append(str(sent.get("form", "")), self._rater, answer, "triage", words=decided)
        return RedirectResponse("/rubric" if decided == "rubric" else "/", 303)

    async def agreement(self, _: Request) -> Response:
        """Show how far judge and people agree so far."""
        told = await run_in_threadpool(self._desk.agreement)
        return self._page("agreement.html.j2", told=told, names=NAMES)

    async def rubric(self, request: Request) -> Response:
        """Show the rubric's file; sent back, check it, keep it, and run it on all that is labelled."""
        text, fault, told = self._desk.rubric_file.read_text(encoding="utf-8"), "", None
        before = None
        if request.method == "POST":
            before = await run_in_threadpool(self._desk.agreement)
            text = str((await request.form()).get("text", "")).replace("\r\n", "\n")
            fault = self._desk.edit(text)
        told = None if fault else await run_in_threadpool(self._desk.agreement)
        return self._page("rubric.html.j2", text=text, fault=fault, told=told, before=before)

    async def export(self, _: Request) -> Response:
        """Give the labels as JSON lines."""
        return Response(self._desk.export(), media_type="application/x-ndjson")


def _score(given: object, low: int, high: int) -> float | None:
    try:
        score = float(str(given))
    except ValueError:
        return None
    return score if low <= score <= high and score * 2 % 1 == 0 else None
