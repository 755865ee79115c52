"""The pages of a review: label blind, then see the judge; triage; edit the rubric; agreement so far."""

from __future__ import annotations

import secrets
import sqlite3
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from workbench.calibration.measure import WORST
from workbench.calibration.report import NAMES, figure
from workbench.review.desk import APART, Desk, digest
from workbench.review.guard import Guard, csrf

if TYPE_CHECKING:
    from starlette.requests import Request

    from workbench.answers import Answer
    from workbench.review.store import Event

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
            Route("/again", self.again),
            Route("/undo", self.undo, methods=["POST"]),
            Route("/triage", self.triage, methods=["POST"]),
            Route("/seen", self.seen),
            Route("/agreement", self.agreement),
            Route("/rubric", self.rubric, methods=["GET", "POST"]),
            Route("/labels.jsonl", self.export),
            Mount("/static", StaticFiles(directory=Path(__file__).parent / "static")),
        ]
        return Starlette(
            routes=routes,
            middleware=[Middleware(Guard, token=self._token, port=port)],
            exception_handlers={sqlite3.Error: not_kept},
        )

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
        answer, done = await run_in_threadpool(self._desk.next, self._rater)
        return self._form(answer, done)

    async def again(self, request: Request) -> Response:
        """Show an answer that was labelled once more, for a label that replaces the first."""
        answer = self._asked(request)
        label = self._label_of(answer)
        if answer is None or label is None:
            return RedirectResponse("/", 303)
        _, done = self._desk.next(self._rater)
        return self._form(answer, done, note=label.words, before=label.score)

    def _form(self, answer: Answer | None, done: int, **more: Any) -> HTMLResponse:  # noqa: ANN401 - as in _page
        shown = {"note": "", "fault": "", "before": None, **more}
        return self._page("label.html.j2", answer=answer, done=done, total=len(self._desk.answers), **shown)

    def _asked(self, request: Request) -> Answer | None:
        return self._desk.answers.get(request.query_params.get("answer", ""))

    def _label_of(self, answer: Answer | None) -> Event | None:
        return self._desk.store.labels().get(answer.id, {}).get(self._rater) if answer else None

    async def save(self, request: Request) -> Response:
        """Keep a label or a skip."""
        sent = await request.form()
        answer, form = self._desk.answers.get(str(sent.get("answer", ""))), str(sent.get("form", ""))
        if answer is None or not form:
            return PlainTextResponse("no such answer", 400)
        if sent.get("skip"):
            self._desk.store.append(form, self._rater, answer.id, "skip")
            return RedirectResponse("/", 303)
        rubric, words = self._desk.rubric, str(sent.get("note", ""))[:_NOTE]
        score = _score(sent.get("score"), rubric.low, rubric.high, half=bool(sent.get("half")))
        if score is None:
            fault = f"Not kept: a score is a whole or half point from {rubric.low} to {rubric.high}."
            page = self._form(answer, self._desk.next(self._rater)[1], note=words, fault=fault)
            page.status_code = 400
            return page
        self._desk.store.append(form, self._rater, answer.id, "label", score=score, words=words)
        return RedirectResponse(_page_of("seen", answer.id), 303)

    async def undo(self, request: Request) -> Response:
        """Take the last step back."""
        self._desk.store.undo(str((await request.form()).get("form", "")), self._rater)
        return RedirectResponse("/", 303)

    async def seen(self, request: Request) -> Response:
        """Show the judge's score and words beside the label, which is kept by now."""
        answer = self._asked(request)
        label = self._label_of(answer)
        if answer is None or label is None:
            return RedirectResponse("/", 303)  # blind first
        (judged,) = await run_in_threadpool(self._desk.judged, [answer])
        labels = self._desk.store.labels()[answer.id]
        apart = judged.score is not None and abs(judged.score - (label.score or 0)) >= APART
        decided = self._desk.triaged().get((answer.id, self._rater), "")
        shown = {"labels": labels, "apart": apart, "triage": TRIAGE, "decided": decided}
        return self._page("seen.html.j2", answer=answer, judged=judged, **shown)

    async def triage(self, request: Request) -> Response:
        """Keep whose mistake a disagreement is; an unclear rubric opens at its line, a wrong label for a new one."""
        sent = await request.form()
        answer, decided = str(sent.get("answer", "")), str(sent.get("decided", ""))
        if answer not in self._desk.answers or decided not in TRIAGE:
            return PlainTextResponse("no such decision", 400)
        self._desk.store.append(str(sent.get("form", "")), self._rater, answer, "triage", words=decided)
        page = {"rubric": "rubric", "label": "again"}.get(decided)
        return RedirectResponse(_page_of(page, answer) if page else "/", 303)

    async def agreement(self, _: Request) -> Response:
        """Show how far judge and people agree so far."""
        told = await run_in_threadpool(self._desk.agreement)
        decided = Counter(words for (_, rater), words in self._desk.triaged().items() if rater == self._rater)
        own = [row for row in told["answers"] if self._rater in row["scores"]] if told else []  # the others stay blind
        worst = sorted(own, key=lambda row: -abs(row["judge"] - row["label"]))[:WORST]
        return self._page("agreement.html.j2", told=told, names=NAMES, triage=TRIAGE, decided=decided, worst=worst)

    async def rubric(self, request: Request) -> Response:
        """Show the rubric's file, at the line that a disagreement rests on; sent back, keep it and run it at once."""
        sent = await request.form() if request.method == "POST" else request.query_params
        answer = self._desk.answers.get(str(sent.get("answer", "")))
        label = self._label_of(answer)
        shown: dict[str, Any] = {"fault": "", "before": None, "was": None, "answer": answer if label else None}
        if request.method == "POST":
            shown |= await run_in_threadpool(self._edited, sent, shown["answer"])
        else:
            shown["text"] = self._desk.rubric_file.read_text(encoding="utf-8")
            shown["shown"] = digest(shown["text"])
        if not shown["fault"]:
            shown["told"] = await run_in_threadpool(self._desk.agreement)
        if answer and label:
            shown |= await run_in_threadpool(self._rests, answer, label)
        if shown["fault"]:
            shown["line"] = 0  # it is counted in the file, which holds another text then
        return self._page("rubric.html.j2", **({"told": None, "line": 0, "label": label} | shown))

    def _edited(self, sent: Mapping[str, object], answer: Answer | None) -> dict[str, Any]:
        text, shown = str(sent.get("text", "")).replace("\r\n", "\n"), str(sent.get("shown", ""))
        was = self._desk.judged([answer])[0] if answer else None
        before = self._desk.agreement()
        fault = self._desk.edit(text, shown)
        return {"before": before, "was": was, "fault": fault, "text": text, "shown": shown if fault else digest(text)}

    def _rests(self, answer: Answer, label: Event) -> dict[str, Any]:
        return {"line": self._desk.line(answer, label.score or 0), "judged": self._desk.judged([answer])[0]}

    async def export(self, _: Request) -> Response:
        """Give the labels as JSON lines."""
        return Response(self._desk.export(), media_type="application/x-ndjson")


def not_kept(_: Request, error: Exception) -> Response:
    """Say that a label could not be written, so that nobody takes it for kept."""
    return PlainTextResponse(f"Not kept: the file of labels cannot be used: {error}. Go back, and send it again.", 503)


def _page_of(name: str, answer: str) -> str:
    """Address a page about an answer; its id may hold anything, so it stands in the query."""
    return f"/{name}?answer={quote(answer, safe='')}"


def _score(given: object, low: int, high: int, *, half: bool) -> float | None:
    try:
        score = float(str(given)) + half / 2
    except ValueError:
        return None
    return score if low <= score <= high and score * 2 % 1 == 0 else None
