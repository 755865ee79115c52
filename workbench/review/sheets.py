"""What all pages share: the templates, what a form carries, and whose answer a request is about."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

from workbench.calibration.report import figure
from workbench.review.guard import csrf

if TYPE_CHECKING:
    from workbench.answers import Answer
    from workbench.review.desk import Desk
    from workbench.review.store import Event

TRIAGE = {"judge": "Judge is wrong", "label": "My label is wrong", "rubric": "Rubric is unclear"}


class Sheets:
    """Write the pages of one rater at one desk.

    Args:
        desk: What is reviewed.
        rater: Who labels.
        token: This run's secret.
    """

    def __init__(self, desk: Desk, rater: str, token: str) -> None:
        self.desk, self.rater, self._token = desk, rater, token
        self._templates = Environment(
            loader=PackageLoader("workbench.review"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )
        self._templates.filters["figure"] = figure

    def page(self, name: str, status: int = 200, **shown: Any) -> HTMLResponse:  # noqa: ANN401 - what the template names
        """Write a page from the template of a name."""
        own = {"csrf": csrf(self._token), "form": secrets.token_hex(8), "rater": self.rater, "rubric": self.desk.rubric}
        return HTMLResponse(self._templates.get_template(name).render(**own, **shown), status)

    def asked(self, sent: Mapping[str, object]) -> tuple[Answer | None, Event | None]:
        """Find the answer that a request names, and this rater's label of it."""
        answer = self.desk.answers.get(str(sent.get("answer", "")))
        return answer, (self.desk.store.labels().get(answer.id, {}).get(self.rater) if answer else None)
