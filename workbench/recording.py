"""Keep a judge's replies in a file, and answer from it again: a judge in CI without an account."""

from __future__ import annotations

import hashlib
import json
import threading
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from judges.judgement import ConfigurationError, ServiceFaultError, Usage
from judges.transport import Received
from judges.verdict import Reply
from workbench.rows import drop_cut_line, lines_of

if TYPE_CHECKING:
    from judges.ladder import Shape
    from judges.prompt import Question
    from judges.transport import Transport

_LONGEST_LINE = 1_000_000
_BEGINNING = b'{"fingerprint": '  # of every line that is recorded
_USAGE = TypeAdapter(Usage)


def fingerprint(model: str, asked: Question, max_tokens: int) -> str:
    """Hash what makes two requests the same: model, assembled prompt, tool, room and temperature.

    Returns:
        64 hexadecimal digits. How the model was made to answer in form is left out: it changes no question.
    """
    parts = [model, asked.system, asked.user, asked.tool.name, asked.tool.schema, max_tokens]
    parts.append(asked.rubric.judge.temperature)
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


class Recorder:
    """Carry questions on to a real transport, and append each reply to a file as a line of JSON.

    Args:
        inner: What asks the model.
        file: Written line by line, so that a run that was cut short keeps what it paid for.
    """

    def __init__(self, inner: Transport, file: Path) -> None:
        self.model = inner.model
        self._inner, self._file, self._lock = inner, file, threading.Lock()
        drop_cut_line(file, _BEGINNING)
        try:
            file.open("a", encoding="utf-8").close()  # before a reply is paid for
        except OSError as error:
            raise ConfigurationError(f"{file}: cannot be written: {error.strerror or error}") from error

    def send(self, asked: Question, shape: Shape, max_tokens: int, seconds: float) -> Received:
        """Send once; see `Transport.send`."""
        received = self._inner.send(asked, shape, max_tokens, seconds)
        reply = asdict(received.reply)
        line = {"fingerprint": fingerprint(self.model, asked, max_tokens), "model": self.model, "reply": reply}
        line["usage"] = asdict(received.usage)
        with self._lock, self._file.open("a", encoding="utf-8") as out:
            out.write(json.dumps(line, ensure_ascii=False) + "\n")
        return received


@dataclass(frozen=True, slots=True)
class _Kept:
    model: str
    reply: Reply
    usage: Usage


class Replayer:
    """Answer from recorded replies alone. The n-th time a question is asked, its n-th recorded reply answers.

    Args:
        model: The model to answer for.
        file: As `Recorder` wrote it.

    Raises:
        ConfigurationError: The file cannot be read as recorded replies; names the line.
    """

    instant = True  # on a busy machine a reply may seem to stall: asked for twice, it would use up the next one

    def __init__(self, model: str, file: Path) -> None:
        self.model = model
        self._file, self._lock = file, threading.Lock()
        self._kept: dict[str, list[_Kept]] = defaultdict(list)
        self._asked: dict[str, int] = defaultdict(int)
        for key, kept in _read(file):
            self._kept[key].append(kept)

    def send(self, asked: Question, shape: Shape, max_tokens: int, seconds: float) -> Received:
        """Answer once; see `Transport.send`.

        Raises:
            ServiceFaultError: This question was never recorded, or less often than it is asked.
        """
        del shape, seconds
        key = fingerprint(self.model, asked, max_tokens)
        with self._lock:
            place = self._asked[key]
            self._asked[key] += 1
        if place >= len(self._kept[key]):
            raise ServiceFaultError(
                f"{self._file.name} holds {len(self._kept[key])} replies to request {key[:12]}, and reply {place + 1} "
                "was asked for: the rubric, the settings or the answers have changed since; record again with --record"
            )
        kept = self._kept[key][place]
        return Received(kept.reply, kept.usage)


def models_in(file: Path) -> list[str]:
    """List the models whose replies a file holds, in the order in which they first stand there.

    Raises:
        ConfigurationError: It cannot be read, or holds no reply.
    """
    found = list(dict.fromkeys(kept.model for _, kept in _read(file)))
    if not found:
        raise ConfigurationError(f"{file.name} holds no recorded reply")
    return found


def _read(file: Path) -> Iterator[tuple[str, _Kept]]:
    try:
        with file.open(encoding="utf-8") as lines:
            for number, line in lines_of(lines, _LONGEST_LINE, file.name):
                try:
                    yield _line(line, f"{file.name}:{number}")
                except ConfigurationError:
                    if line.endswith("\n"):  # else it is what a recording leaves that was stopped
                        raise
    except OSError as error:
        raise ConfigurationError(f"recorded replies: {file}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"recorded replies: {file} is no UTF-8 text") from error


def _line(line: str, where: str) -> tuple[str, _Kept]:
    try:
        data: dict[str, Any] = json.loads(line)
        reply = data["reply"]
        calls = [(str(name), given) for name, given in reply["calls"]]
        texts = [str(text) for text in reply["texts"]]
        kept = _Kept(
            str(data["model"]),
            Reply(str(reply["stop"]), calls, texts, bool(reply.get("doubled"))),
            _USAGE.validate_python(data.get("usage", {})),
        )
        return str(data["fingerprint"]), kept
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        lacks = f": it lacks {error}" if isinstance(error, KeyError) else ""
        raise ConfigurationError(f"{where}: no recorded reply{lacks}") from error
