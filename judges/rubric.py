"""What a rubric says, as the judges read it. `rubric_file` makes one from YAML. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass

# The share of a criterion in the score. The judge scores every criterion in the same direction (high is good), a
# pitfall by how far the answer keeps clear of it, so a share is all that a weight has to say.
WEIGHTS = {"essential": 1.0, "important": 0.6, "optional": 0.3, "pitfall": 0.8}


@dataclass(frozen=True, slots=True)
class Anchor:
    """Hold a sample answer with its score: what the judge measures other answers against.

    Args:
        prompt: What the policy saw.
        answer: What it might write.
        score: On the rubric's scale, whole or half points.
        why: What earns that score, in a sentence.
    """

    prompt: str
    answer: str
    score: float
    why: str


@dataclass(frozen=True, slots=True)
class Criterion:
    """Name one thing that the judge scores by itself.

    Args:
        name: Short, unique within the rubric.
        description: What is observable in a good answer; for a pitfall, the fault to keep clear of.
        weight: One of `WEIGHTS`.
    """

    name: str
    description: str
    weight: str


@dataclass(frozen=True, slots=True)
class Cue:
    """Name a sign in the text that the offline judge counts.

    Args:
        name: What the sign shows.
        pattern: A regular expression, matched without regard to case.
        points: Added to the score for each match.
        at_most: How many matches count.
        absent: Count the sign once where it is *not* there.
    """

    name: str
    pattern: str
    points: float
    at_most: int = 1
    absent: bool = False


@dataclass(frozen=True, slots=True)
class Offline:
    """Tell the offline judge where to start and what to count."""

    start: float = 5.0
    cues: tuple[Cue, ...] = ()


@dataclass(frozen=True, slots=True)
class Settings:
    """Say how a model is asked.

    Args:
        max_tokens: The most that a reply may take; the quota reserves all of it.
        temperature: In [0, 1].
        samples: Replies asked for each answer; the score is their mean.
        resample_over: Ask once more where the replies differ by more points than this; None never does.
        reference: Show the judge the row's reference answer.
        ties: Compare the answers of a group that earned the same score, and tell them apart by it.
    """

    max_tokens: int = 400
    temperature: float = 0.0
    samples: int = 1
    resample_over: float | None = None
    reference: bool = False
    ties: bool = False


@dataclass(frozen=True, slots=True)
class Rubric:
    """Hold the instructions to a judge.

    Args:
        name: The file's name without its ending.
        instructions: What a good answer does.
        low: The scale's lowest score.
        high: The scale's highest score.
        meanings: Score and what it means, in rising order.
        anchors: Scored sample answers.
        criteria: Scored one by one; empty for a holistic rubric.
        judge: How a model is asked.
        offline: What the offline judge counts.

    Example:
        >>> Rubric("brief", "Be brief.").reward(5.5)
        0.5
    """

    name: str
    instructions: str
    low: int = 1
    high: int = 10
    meanings: tuple[tuple[int, str], ...] = ()
    anchors: tuple[Anchor, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    judge: Settings = Settings()
    offline: Offline = Offline()

    def reward(self, score: float) -> float:
        """Map a score on the scale to [0, 1]: (score - low) / (high - low)."""
        return (score - self.low) / (self.high - self.low)
