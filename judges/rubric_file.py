"""Read a rubric file: YAML in, a checked `Rubric` out, every fault with its line."""

from __future__ import annotations

import yaml
from pydantic import ValidationError

from judges.judgement import ConfigurationError
from judges.rubric import Anchor, Criterion, Cue, Offline, Rubric, Settings
from judges.rubric_form import RubricFile


def load(name: str, text: str, source: str) -> Rubric:
    """Read one rubric file.

    Args:
        name: The rubric's name.
        text: The YAML.
        source: Where it came from, for messages.

    Raises:
        ConfigurationError: The deployment's fault; names the file, the line and the key.

    Example:
        >>> load("brief", "instructions: Be brief.", "brief.yaml").high
        10
    """
    try:
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
        _refuse_doubled_keys(tree)
        data = yaml.safe_load(text)
    except RecursionError as error:
        raise ConfigurationError(f"{source}: nested too deeply") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        raise ConfigurationError(f"{source}{line}: {getattr(error, 'problem', None) or error}") from error
    try:
        return _rubric(name, RubricFile.model_validate(data))
    except ValidationError as error:
        faults = [
            f"{source}:{_line(tree, fault['loc'])}: {'.'.join(map(str, fault['loc'])) or 'rubric'}: {_message(fault)}"
            for fault in error.errors(include_url=False)
        ]
        raise ConfigurationError("\n".join(faults)) from error


def line_of(text: str, path: tuple[int | str, ...]) -> int:
    r"""Find the line, from 1, where a part of a sound rubric file stands.

    Example:
        >>> line_of("instructions: Ask.\nscale:\n  low: 1\n", ("scale", "low"))
        3
    """
    return _line(yaml.compose(text, Loader=yaml.SafeLoader), path)


def _message(fault: object) -> str:
    assert isinstance(fault, dict)  # noqa: S101 - pydantic types its error as a TypedDict
    if fault["type"] == "extra_forbidden":
        return "unknown key"
    if fault["type"] == "model_type":
        return "expected keys with values, `instructions` at least"
    return str(fault["msg"]).removeprefix("Value error, ")


def _refuse_doubled_keys(tree: yaml.Node | None) -> None:
    """Raise where a mapping says the same key twice: YAML would silently keep the last."""
    left, met = [tree], set[int]()
    while left:
        node = left.pop()
        if id(node) in met:  # what an alias names stands there again: a few lines can stand for billions
            continue
        met.add(id(node))
        if isinstance(node, yaml.MappingNode):
            seen: set[str] = set()
            for key, value in node.value:
                if not isinstance(key, yaml.ScalarNode):
                    raise yaml.MarkedYAMLError(problem="a key is a word", problem_mark=key.start_mark)
                if key.value in seen:
                    raise yaml.MarkedYAMLError(problem=f"key {key.value!r} stands twice", problem_mark=key.start_mark)
                seen.add(key.value)
                left.append(value)
        elif isinstance(node, yaml.SequenceNode):
            left.extend(node.value)


def _line(node: yaml.Node | None, path: tuple[int | str, ...]) -> int:
    """Find the line, from 1, of the deepest part of `path` that stands in the file."""
    line = node.start_mark.line + 1 if node else 1
    for step in path:
        if isinstance(node, yaml.MappingNode):
            found = [(key, value) for key, value in node.value if key.value == str(step)]
            if not found:
                break
            line, node = found[0][0].start_mark.line + 1, found[0][1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line + 1
        else:
            break
    return line


def _rubric(name: str, file: RubricFile) -> Rubric:
    return Rubric(
        name=name,
        instructions=file.instructions.strip(),
        low=file.scale.low,
        high=file.scale.high,
        meanings=tuple(sorted((score, meaning.strip()) for score, meaning in file.scale.meanings.items())),
        anchors=tuple(Anchor(a.prompt, a.answer, a.score, a.why) for a in file.anchors),
        criteria=tuple(Criterion(c.name, c.description.strip(), c.weight) for c in file.criteria),
        judge=Settings(**file.judge.model_dump()),
        offline=Offline(file.offline.start, tuple(Cue(**cue.model_dump()) for cue in file.offline.cues)),
    )
