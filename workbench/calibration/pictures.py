"""The report's pictures, as SVG text: drawn here, since a report must need no network and no script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

_WIDE, _HIGH, _EDGE = 420, 320, 44
_MARKS = 10


def scatter(answers: Sequence[Mapping[str, object]], low: int, high: int) -> str:
    """Draw the judge's score over the label, one dot an answer, with the line of agreement."""
    plot = _Plot((low, high), (low, high), "label", "judge")
    plot.line(low, low, high, high, "ideal")
    for x, y, title in _shaken(answers):
        plot.dot(x, y, title)
    return plot.svg("Judge's score over label, one dot an answer; on the line both agree.")


def bland_altman(
    answers: Sequence[Mapping[str, object]], low: int, high: int, figures: Mapping[str, Mapping[str, float | None]]
) -> str:
    """Draw the difference over the mean, with the bias and the limits within which 95 % of differences lie."""
    gaps = [_number(row["judge"]) - _number(row["label"]) for row in answers]
    reach = max(2.0, *(abs(gap) for gap in gaps)) + 0.5
    plot = _Plot((low, high), (-reach, reach), "mean of judge and label", "judge less label")
    plot.line(low, 0, high, 0, "ideal")
    for name in ("bias", "limit_low", "limit_high"):
        value = figures[name]["value"]
        if value is not None:
            plot.line(low, value, high, value, "limit" if name != "bias" else "middle")
    for row, gap in zip(answers, gaps, strict=True):
        plot.dot((_number(row["judge"]) + _number(row["label"])) / 2, gap, str(row["id"]))
    return plot.svg("Judge less label over their mean; the lines are the bias and the limits of 95 % of differences.")


def histogram(people: Mapping[str, float], judge: Mapping[str, float]) -> str:
    """Draw the share of answers at each score, people's beside the judge's."""
    points = list(people)
    most = max(*people.values(), *judge.values(), 0.01)
    plot = _Plot((0, len(points)), (0, most), "score", "share of answers", labels=points)
    for place, point in enumerate(points):
        plot.bar(place + 0.12, people[point], "people", f"people {point}: {people[point]:.0%}")
        plot.bar(place + 0.50, judge[point], "judge", f"judge {point}: {judge[point]:.0%}")
    return plot.svg("Share of answers at each score: people's in the paler colour, the judge's in the stronger.")


def _number(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) else 0.0


def _shaken(answers: Sequence[Mapping[str, object]]) -> list[tuple[float, float, str]]:
    """Move dots that would hide one another apart, by the same little each time."""
    seen: dict[tuple[float, float], int] = {}
    moved: list[tuple[float, float, str]] = []
    for row in answers:
        spot = (_number(row["label"]), _number(row["judge"]))
        place = seen[spot] = seen.get(spot, -1) + 1
        moved.append((spot[0] + 0.09 * (place % 4), spot[1] + 0.09 * (place // 4 % 4), str(row["id"])))
    return moved


class _Plot:
    """Hold a picture being drawn, with its axes."""

    def __init__(
        self,
        across: tuple[float, float],
        up: tuple[float, float],
        x_name: str,
        y_name: str,
        labels: Sequence[str] | None = None,
    ) -> None:
        self._across, self._up, self._parts = across, up, [""]
        right, bottom = _WIDE - 10, _HIGH - _EDGE
        self._parts.append(f'<path class="axis" d="M{_EDGE} 10V{bottom}H{right}"/>')
        for place, name in self._marks(labels):
            self._text(self._x(place), bottom + 16, name, "middle")
        for value in _steps(*up):
            self._text(_EDGE - 6, self._y(value) + 4, f"{value:.2g}", "end")
        self._text((_EDGE + right) / 2, _HIGH - 8, x_name, "middle")
        self._parts.append(
            f'<text transform="translate(12 {bottom / 2}) rotate(-90)" text-anchor="middle">{y_name}</text>'
        )

    def _marks(self, labels: Sequence[str] | None) -> list[tuple[float, str]]:
        if labels is not None:
            return [(place + 0.5, name) for place, name in enumerate(labels)]
        return [(value, f"{value:g}") for value in _steps(*self._across)]

    def _x(self, value: float) -> float:
        share = (value - self._across[0]) / (self._across[1] - self._across[0])
        return _EDGE + share * (_WIDE - 10 - _EDGE)

    def _y(self, value: float) -> float:
        share = (value - self._up[0]) / (self._up[1] - self._up[0])
        return _HIGH - _EDGE - share * (_HIGH - _EDGE - 10)

    def _text(self, x: float, y: float, text: str, anchor: str) -> None:
        self._parts.append(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>')

    def dot(self, x: float, y: float, title: str) -> None:
        """Put a dot, named when pointed at."""
        place = f'cx="{self._x(x):.1f}" cy="{self._y(y):.1f}"'
        self._parts.append(f'<circle {place} r="4"><title>{escape(title)}</title></circle>')

    def line(self, x1: float, y1: float, x2: float, y2: float, kind: str) -> None:
        """Draw a line."""
        path = f"M{self._x(x1):.1f} {self._y(y1):.1f}L{self._x(x2):.1f} {self._y(y2):.1f}"
        self._parts.append(f'<path class="{kind}" d="{path}"/>')

    def bar(self, x: float, value: float, kind: str, title: str) -> None:
        """Draw a bar, named when pointed at."""
        top, left, right = self._y(value), self._x(x), self._x(x + 0.36)
        size = f'width="{right - left:.1f}" height="{max(0.0, _HIGH - _EDGE - top):.1f}"'
        self._parts.append(
            f'<rect class="{kind}" x="{left:.1f}" y="{top:.1f}" {size}><title>{escape(title)}</title></rect>'
        )

    def svg(self, words: str) -> str:
        """Close the picture; `words` say what it shows to whoever cannot see it."""
        head = f'<svg role="img" aria-label="{escape(words)}" viewBox="0 0 {_WIDE} {_HIGH}">'
        return head + "".join(self._parts) + "</svg>"


def _steps(low: float, high: float) -> list[float]:
    """Choose at most about ten round places for marks."""
    span = high - low
    step = next(step for step in (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 1000) if span / step <= _MARKS)
    first = -(-low // step)
    return [step * (first + number) for number in range(int((high - first * step) / step + 1e-9) + 1)]
