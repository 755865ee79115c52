"""`touchstone lint` and `touchstone schema`: a rubric's weak spots, and what a rubric file may say."""

from __future__ import annotations

from typing import Annotated

import typer

from judges.lint import lint as weak_spots
from judges.prompt import version
from judges.rubric_form import RubricFile
from workbench.options import AsJson, RubricPlace
from workbench.rubrics import read_rubric
from workbench.terminal import FAILED, emit, out, plain


def lint(
    rubric_place: RubricPlace,
    *,
    strict: Annotated[bool, typer.Option("--strict", help="exit 1 where there is a weak spot")] = False,
    as_json: AsJson = False,
) -> None:
    """Name the weak spots of a rubric."""
    rubric = read_rubric(rubric_place)
    spots = weak_spots(rubric)
    if as_json:
        emit({"rubric": rubric.name, "prompt": version(rubric), "weak_spots": spots})
    else:
        for spot in spots:
            out().print(plain(f"{rubric.name}: {spot}"), soft_wrap=True)
        if not spots:
            out().print(plain(f"{rubric.name}: no weak spot found"))
    if strict and spots:
        raise typer.Exit(FAILED)


def schema(*, as_json: AsJson = False) -> None:
    """Print the JSON Schema of rubric files."""
    del as_json  # it is JSON in any case
    emit(RubricFile.model_json_schema())
