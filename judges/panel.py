"""Ask the judges of a deployment about one answer, and join what they say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from judges.bedrock import Bedrock
from judges.judgement import ContentError, Judgement
from judges.prompt import question
from judges.scheduler import ask

if TYPE_CHECKING:
    from judges.rubric import Rubric


def judge(rubric: Rubric, model: str, sample: tuple[str, str, object], deadline: float, connections: int) -> Judgement:
    """Get the judgement on one answer.

    Args:
        rubric: What is judged by.
        model: A Bedrock model id or the ARN of an inference profile.
        sample: Prompt, completion, reference answer.
        deadline: By `time.monotonic`.
        connections: How many requests may be under way at once.

    Raises:
        ServiceFaultError: No judge answered in time.
    """
    asked = question(rubric, *sample)
    try:
        found, usage = ask(Bedrock(model, connections), asked, deadline)
    except ContentError as error:
        return Judgement(None, f"{type(error).__name__.removesuffix('Error').lower()}: {error}", content_failure=True)
    return Judgement(found.score, found.rationale, found.criteria, usage=usage)
