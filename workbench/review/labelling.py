"""The pages of labelling: the answer alone first, then the judge beside the label, then whose mistake it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from workbench.review.desk import APART
from workbench.review.sheets import TRIAGE, Sheets

if TYPE_CHECKING:
    from starlette.requests import Request

    from workbench.answers import Answer

_NOTE = 2000


class Labelling:
    """Answer the requests of a rater who labels."""

    def __init__(self, sheets: Sheets) -> None:
        self._sheets, self._desk, self._rater = sheets, sheets.desk, sheets.rater

    async def label(self, _: Request) -> Response:
        """Show the next answer, and nothing of what the judge says."""
        answer, done = await run_in_threadpool(self._desk.next, self._rater)
        return self._form(answer, done)

    async def again(self, request: Request) -> Response:
        """Show an answer that was labelled once more, for a label that replaces the first."""
        answer, label = self._sheets.asked(request.query_params)
        if answer is None or label is None:
            return RedirectResponse("/", 303)
        _, done = self._desk.next(self._rater)
        return self._form(answer, done, note=label.words, before=label.score)

    def _form(self, answer: Answer | None, done: int, **more: Any) -> HTMLResponse:  # noqa: ANN401 - as in Sheets.page
        shown = {"note": "", "fault": "", "before": None, **more}
        return self._sheets.page("label.html.j2", answer=answer, done=done, total=len(self._desk.answers), **shown)

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
            return self._form(answer, self._desk.next(self._rater)[1], status=400, note=words, fault=fault)
        self._desk.store.append(form, self._rater, answer.id, "label", score=score, words=words)
        return RedirectResponse(_page_of("seen", answer.id), 303)

    async def undo(self, request: Request) -> Response:
        """Take the last step back."""
        self._desk.store.undo(str((await request.form()).get("form", "")), self._rater)
        return RedirectResponse("/", 303)

    async def seen(self, request: Request) -> Response:
        """Show the judge's score and words beside the label, which is kept by now."""
        answer, label = self._sheets.asked(request.query_params)
        if answer is None or label is None:
            return RedirectResponse("/", 303)  # blind first
        (judged,) = await run_in_threadpool(self._desk.judged, [answer])
        labels = self._desk.store.labels()[answer.id]
        apart = judged.score is not None and abs(judged.score - (label.score or 0)) >= APART
        decided = self._desk.triaged().get((answer.id, self._rater), "")
        shown: dict[str, Any] = {"labels": labels, "apart": apart, "triage": TRIAGE, "decided": decided}
        return self._sheets.page("seen.html.j2", answer=answer, judged=judged, **shown)

    async def triage(self, request: Request) -> Response:
        """Keep whose mistake a disagreement is; an unclear rubric opens at its line, a wrong label for a new one."""
        sent = await request.form()
        answer, decided = str(sent.get("answer", "")), str(sent.get("decided", ""))
        if answer not in self._desk.answers or decided not in TRIAGE:
            return PlainTextResponse("no such decision", 400)
        self._desk.store.append(str(sent.get("form", "")), self._rater, answer, "triage", words=decided)
        page = {"rubric": "rubric", "label": "again"}.get(decided)
        return RedirectResponse(_page_of(page, answer) if page else "/", 303)


def _page_of(name: str, answer: str) -> str:
    """Address a page about an answer; its id may hold anything, so it stands in the query."""
    return f"/{name}?answer={quote(answer, safe='')}"


def _score(given: object, low: int, high: int, *, half: bool) -> float | None:
    try:
        score = float(str(given)) + half / 2
    except ValueError:
        return None
    return score if low <= score <= high and score * 2 % 1 == 0 else None
