"""Run the cases of a `*.reward.yaml` file: score what they name, and say what differs from what they expect."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from judges import offline
from rewards import app, rft
from rewards.batch import score_batch
from rewards.interface import Sample
from workbench.answers import Answer
from workbench.case_files import Case, CaseFile
from workbench.judging import judge_one
from workbench.panels import panel
from workbench.rows import InputError
from workbench.rubrics import read_rubric, rubric_path

_TIMES = 3
_FLOAT = 1e-9


@dataclass(frozen=True, slots=True)
class Earned:
    """Hold what was earned, with its floor and why."""

    value: float
    floor: float
    why: str
    unscored: bool = False


Scorer = Callable[[Case, str], Earned]  # a case, and which of its completions


def scorer(file: CaseFile, path: Path) -> Scorer:
    """Make what scores the completions of a file's cases."""
    return _rubric_scorer(file, path) if file.rubric else _reward_scorer(file)


def _reward_scorer(file: CaseFile) -> Scorer:
    def score(case: Case, completion: str) -> Earned:
        with _environment({"JUDGE_MODEL": offline_name(), **file.environment}):
            module = app.serve(file.reward)
            sample = _sample(case, completion)
            reward = score_batch([sample], getattr(module, file.reward), file.reward, 1)[0]
        marks = {verdict.name for verdict in reward.verdicts if not verdict.weight}
        why = "; ".join(f"{verdict.name} {verdict.score:g}: {verdict.reason}" for verdict in reward.verdicts)
        return Earned(reward.value, 0.0, why, "unscored" in marks)

    return score


def offline_name() -> str:
    """Name the judge that needs no account."""
    return Path(offline.__file__).stem


def _sample(case: Case, completion: str) -> Sample:
    if case.row is not None:
        return rft.parse([case.row])[0]
    return Sample(case.name, case.prompt, completion, case.reference_answer, case.metadata)


def _rubric_scorer(file: CaseFile, path: Path) -> Scorer:
    beside = path.parent / file.rubric
    rubric = read_rubric(str(beside) if beside.exists() else file.rubric)
    if not rubric_path(file.rubric).exists() and not beside.exists():
        raise InputError(f"{path}: rubric {file.rubric!r} is neither a file nor shipped")
    judges = panel(file.judge, replay=path.parent / file.replay if file.replay else None)

    def score(case: Case, completion: str) -> Earned:
        judged = judge_one(rubric, judges, Answer(case.name, case.prompt, completion, case.reference_answer))
        if judged.fault:
            raise InputError(f"the judge gave no verdict: {judged.fault}")
        floor = float(rubric.low)
        return Earned(floor if judged.score is None else judged.score, floor, judged.rationale)

    return score


@contextmanager
def _environment(changed: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in changed}
    os.environ.update(changed)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def differences(case: Case, score: Scorer) -> list[str]:
    """Score a case, and say in a line each what differs from what it expects; empty where nothing does."""
    if case.completions:
        return list(_misordered(case, {name: score(case, text) for name, text in case.completions.items()}))
    earned = score(case, case.completion or "")
    found = list(_off(case, earned))
    if case.deterministic:
        times = _TIMES if case.deterministic is True else case.deterministic
        others = [score(case, case.completion or "").value for _ in range(times)]
        if any(abs(other - earned.value) > _FLOAT for other in others):
            found.append(f"not deterministic: {earned.value:g} at first, then {', '.join(map(str, others))}")
    return [*found, f"because {earned.why}"] if found else []


def _off(case: Case, earned: Earned) -> Iterator[str]:
    if case.score is not None and abs(earned.value - case.score) > case.within:
        yield f"expected {case.score:g}, earned {earned.value:g}"
    if case.at_least is not None and earned.value < case.at_least - _FLOAT:
        yield f"expected at least {case.at_least:g}, earned {earned.value:g}"
    if case.at_most is not None and earned.value > case.at_most + _FLOAT:
        yield f"expected at most {case.at_most:g}, earned {earned.value:g}"
    if case.malformed == "row" and not earned.unscored:
        yield f"expected the row to be refused as unscored, earned {earned.value:g}"
    if case.malformed == "completion" and (earned.unscored or earned.value > earned.floor):
        refused = "refused as unscored" if earned.unscored else f"earned {earned.value:g}"
        yield f"expected a malformed completion to earn the floor, {earned.floor:g}: {refused}"


def _misordered(case: Case, earned: Mapping[str, Earned]) -> Iterator[str]:
    names, signs = case.ranks[::2], case.ranks[1::2]
    for first, sign, second in zip(names, signs, names[1:], strict=False):
        above, below = earned[first].value, earned[second].value
        kept = {">": above > below + _FLOAT, ">=": above >= below - _FLOAT, "=": abs(above - below) <= _FLOAT}[sign]
        if not kept:
            yield f"expected {first} {sign} {second}, earned {above:g} and {below:g}"
            yield f"  {first}: {earned[first].why}"
            yield f"  {second}: {earned[second].why}"
