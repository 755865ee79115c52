"""The report of a calibration: one HTML file that needs no network, and a summary for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from workbench.calibration.feel import ISOTONIC
from workbench.calibration.intervals import FEWEST_PROMPTS
from workbench.calibration.pictures import bland_altman, histogram, scatter
from workbench.terminal import plain, show

if TYPE_CHECKING:
    from rich.console import Console

NAMES = {
    "bias": ("bias", "judge less label, in points: above 0 the judge is kinder"),
    "mae": ("mean absolute error", "in points"),
    "deviation": ("deviation of differences", "in points, bias aside"),
    "limit_low": ("lower limit", "Bland-Altman: 95 % of differences lie above it"),
    "limit_high": ("upper limit", "Bland-Altman: 95 % of differences lie below it"),
    "spearman": ("Spearman", "orders all answers as people do"),
    "kendall_within_prompts": ("Kendall tau-b within prompts", "orders the answers of one prompt as people do"),
    "weighted_kappa": ("quadratic-weighted kappa", "agrees beyond chance"),
    "icc": ("ICC(2,1)", "absolute agreement of single scores"),
}
COMPARED = "The deployed function compares answers that tie (the rubric's `ties: true`), so that fewer will than these."
_SHORT = {"offline": "cue words", "length_only": "length", "constant": "constant"}
BASELINES = {"offline": "offline judge (cue words)", "length_only": "length alone", "constant": "one score for all"}


def html(told: Mapping[str, Any], low: int, high: int) -> str:
    """Write the report as one HTML page; all outside text in it is escaped."""
    environment = Environment(
        loader=PackageLoader("workbench.calibration"),
        autoescape=True,  # by name it would escape nothing: the template's name does not end in .html
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"figure": figure, "share": share, "by_what": by_what}
    drawn = {
        "scatter": scatter(told["answers"], low, high),
        "bland_altman": bland_altman(told["answers"], low, high, told["figures"]),
        "histogram": histogram(told["label_shares"], told["judge_shares"]),
    }
    pictures = {name: Markup(svg) for name, svg in drawn.items()}  # noqa: S704 - pictures escape what they quote
    page = environment.get_template("report.html.j2")
    return page.render(
        told=told,
        names=NAMES,
        baselines=BASELINES,
        pictures=pictures,
        unbeaten=unbeaten(told),
        isotonic=ISOTONIC,
        compared=COMPARED,
    )


def figure(told: Mapping[str, float | None] | None) -> str:
    """Write a figure with its interval.

    Example:
        >>> figure({"value": 0.714, "low": 0.47, "high": 0.86})
        '0.71 (0.47 to 0.86)'
    """
    if told is None or told["value"] is None:
        return "—"
    if told["low"] is None:
        return f"{told['value']:z.2f}"
    return f"{told['value']:z.2f} ({told['low']:z.2f} to {told['high']:z.2f})"


def unbeaten(told: Mapping[str, Any]) -> list[tuple[str, str]]:
    """List the baselines that the judge is not shown to beat, with by how much it is nearer to the labels."""
    gains = [(key, told["baselines"][key]["mae_gain"]) for key in BASELINES if told["judge"] != key]
    return [(BASELINES[key], figure(gain)) for key, gain in gains if gain["low"] is not None and gain["low"] <= 0]


def by_what(told: Mapping[str, Any]) -> str:
    """Say what the intervals resample, and where that makes them too narrow."""
    if told["intervals_by"] == "prompt":
        return "resampling whole prompts"
    if told["prompts"] < told["n"]:
        few = f"too narrow, for {told['prompts']} prompts are too few to resample"
        return f"resampling single answers: {few}; label answers to {FEWEST_PROMPTS} prompts or more"
    return "resampling answers"


def share(value: float | None) -> str:
    """Write a share in percent."""
    return "—" if value is None else f"{value:.1%}"


def summary(told: Mapping[str, Any], console: Console) -> None:
    """Print the sentence, the figures beside ceiling and floor (which leave out their intervals), and the rest."""
    console.print(plain(told["sentence"]), style="bold")
    console.print()
    people = [("people", told["human"])] if told["human"] else []
    others = people + [(short, told["baselines"][key]) for key, short in _SHORT.items()]
    rows = (
        (words, figure(told["figures"][name]), *(figure(of["figures"][name]).partition(" (")[0] for _, of in others))
        for name, (words, _) in NAMES.items()
    )
    show(console, ["", "judge", *(name for name, _ in others)], rows)
    console.print()
    shares = ((who, *(f"{value:.0%}" for value in told[f"{who}_shares"].values())) for who in ("label", "judge"))
    show(console, ["share of scores", *told["label_shares"]], shares)
    console.print()
    for line in _lines(told):
        console.print(plain(line), soft_wrap=True)
    console.print("\nThe worst disagreements:")
    for row in told["worst"]:
        line = f"{row['id']}: label {row['label']:g}, judge {row['judge']:g}: {' '.join(row['rationale'].split())}"
        console.print(plain(line), no_wrap=True, overflow="ellipsis")


def _lines(told: Mapping[str, Any]) -> Iterator[str]:
    felt = told["feel"]
    yield (
        f"Training with groups of {felt['group_size']} will feel: {share(felt['tied_pairs'])} of pairs tied, "
        f"{share(felt['dead_groups'])} of groups dead, {share(felt['failures'])} of answers without a verdict, "
        f"length bias {figure(felt['length_bias'])}."
    )
    if told["ties_compared"]:
        yield COMPARED
    if told["repeat_deviation"] is not None:
        yield f"Asked {told['repeats']} times, the judge deviates from itself by {told['repeat_deviation']:.2f} points."
    if fitted := told["linear_map"]:
        yield (
            f"To read its scores as people's: {fitted['slope']:.2f} x score {fitted['intercept']:+.2f} (leave-one-out "
            f"error {fitted['error']:.2f} points). For reports and thresholds only."
        )
    for words, gain in unbeaten(told):
        yield f"NOT SHOWN to beat {words}: nearer to the labels by {gain} points."
    yield f"Brackets are 95 % intervals, {by_what(told)}."
