"""The pages beside labelling: how far all agree so far, the rubric to be mended, the labels to take away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from workbench.calibration.measure import WORST
from workbench.calibration.report import NAMES
from workbench.review.desk import digest
from workbench.review.sheets import TRIAGE, Sheets

if TYPE_CHECKING:
    from starlette.requests import Request

    from workbench.answers import Answer
    from workbench.review.store import Event


class Overview:
    """Answer the requests of a rater who looks at what there is."""

    def __init__(self, sheets: Sheets) -> None:
        self._sheets, self._desk, self._rater = sheets, sheets.desk, sheets.rater

    async def agreement(self, _: Request) -> Response:
        """Show how far judge and people agree so far."""
        told = await run_in_threadpool(self._desk.agreement)
        decided = Counter(words for (_, rater), words in self._desk.triaged().items() if rater == self._rater)
        own = [row for row in told["answers"] if self._rater in row["scores"]] if told else []  # the others stay blind
        worst = sorted(own, key=lambda row: -abs(row["judge"] - row["label"]))[:WORST]
        shown: dict[str, Any] = {"told": told, "names": NAMES, "triage": TRIAGE, "decided": decided, "worst": worst}
        return self._sheets.page("agreement.html.j2", **shown)

    async def rubric(self, request: Request) -> Response:
        """Show the rubric's file, at the line that a disagreement rests on; sent back, keep it and run it at once."""
        sent = await request.form() if request.method == "POST" else request.query_params
        answer, label = self._sheets.asked(sent)
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
        return self._sheets.page("rubric.html.j2", **({"told": None, "line": 0, "label": label} | shown))

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
