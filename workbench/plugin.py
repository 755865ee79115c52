"""The pytest plugin: collects `*.reward.yaml` files, one test a case; no account and no network by default."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from workbench.case_files import Case
    from workbench.case_runs import Scorer

ENDING = ".reward.yaml"


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Take files of cases."""
    return RewardFile.from_parent(parent, path=file_path) if file_path.name.endswith(ENDING) else None


class RewardFile(pytest.File):
    """A file of cases."""

    def collect(self) -> Iterator[pytest.Item]:
        """Make a test of each case."""
        from workbench.case_files import read_cases  # noqa: PLC0415 - loads with the first file of cases, if any
        from workbench.case_runs import scorer  # noqa: PLC0415 - the same
        from workbench.rows import InputError  # noqa: PLC0415 - the same

        try:
            file = read_cases(self.path)
            score = scorer(file, self.path)
        except (InputError, ValueError) as error:
            raise self.CollectError(str(error)) from error
        for case in file.cases:
            yield CaseItem.from_parent(self, name=case.name, case=case, score=score)


class UnexpectedError(AssertionError):
    """Say what differs from what a case expects."""


class CaseItem(pytest.Item):
    """One case of a file."""

    def __init__(self, *, case: Case, score: Scorer, **more: Any) -> None:  # noqa: ANN401 - pytest's own
        super().__init__(**more)
        self._case, self._score = case, score

    def runtest(self) -> None:
        """Score the case, and raise where it differs from what it expects."""
        from workbench.case_runs import differences  # noqa: PLC0415 - as above

        if found := differences(self._case, self._score):
            raise UnexpectedError("\n".join(found))

    def repr_failure(
        self,
        excinfo: pytest.ExceptionInfo[BaseException],
        style: Any = None,  # noqa: ANN401 - pytest's own
    ) -> Any:  # noqa: ANN401 - pytest's own
        """Show what differs, without a traceback into this plugin."""
        if isinstance(excinfo.value, UnexpectedError):
            why = f"\nthe case: {self._case.why}" if self._case.why else ""
            return f"{self.path.name}: {self.name}\n{excinfo.value}{why}"
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Name the case."""
        return self.path, None, f"{self.path.name}: {self.name}"
