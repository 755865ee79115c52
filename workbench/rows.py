"""Read rows of a JSONL or CSV file, bounded, every fault with its line."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, TypeVar

from pydantic import BaseModel, ValidationError

_LARGEST = 500_000_000
_LONGEST = 10_000_000
_MOST = 2_000_000
_TABLES = {".csv": ",;\t", ".tsv": "\t"}  # ending, and what may part its columns: Excel writes ; where , is decimal
_HALF = "\\ud"  # how JSON spells half of a character outside the basic plane
_NAMED = 12
_SHORT = 40

Model = TypeVar("Model", bound=BaseModel)


class InputError(ValueError):
    """Say what in a file from outside cannot be read, and where: whoever called the command can mend it."""


def write_text(file: Path, text: str) -> None:
    """Write a file.

    Raises:
        InputError: It cannot be written.
    """
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{file}: cannot be written: {error.strerror or error}") from error


def rows(file: Path, *, whole_lines: bool = False) -> Iterator[tuple[int, dict[str, object]]]:
    """Read a file's rows with their line numbers, from 1.

    Args:
        file: `.csv` or `.tsv` with a header line, whose names are read in lower case; anything else is taken for JSON
            lines. Blank rows are passed over, and so are fields that are blank in a table or null in JSON.
        whole_lines: Pass over a last line of JSON without its end, which a writer that was stopped leaves.

    Raises:
        InputError: It cannot be read; names file and line.
    """
    ending = file.suffix.lower()
    try:
        if file.stat().st_size > _LARGEST:
            raise InputError(f"{file}: larger than {_LARGEST // 1_000_000} MB")
        with file.open(encoding="utf-8-sig", newline="") as lines:
            found = _table(lines, file) if ending in _TABLES else _json(lines, file, whole_lines=whole_lines)
            for count, row in enumerate(found):
                if count >= _MOST:
                    raise InputError(f"{file}: more than {_MOST} rows")
                yield row
    except OSError as error:
        raise InputError(f"{file}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{file}: no UTF-8 text: {error.reason}; save it as UTF-8 (Excel: CSV UTF-8)") from error


def drop_cut_line(file: Path, beginning: bytes) -> None:
    """Take away a last line without its end, which a writer of ours that was stopped leaves.

    Args:
        file: May be missing; only a plain file is looked at.
        beginning: Of every line that such a writer writes.

    Raises:
        InputError: The line is none of those, and stays; or the file cannot be read.
    """
    try:
        text = file.read_bytes() if file.is_file() else b""
        end = text.rfind(b"\n") + 1
        if end == len(text):
            return
        if not text[end:].startswith(beginning[: len(text) - end]):
            raise InputError(f"{file}: its last line is none of ours; name another file")
        os.truncate(file, end)
    except OSError as error:
        raise InputError(f"{file}: {error.strerror or error}") from error


def checked(model: type[Model], row: Mapping[str, object], where: str, wrong: Mapping[str, str]) -> Model:
    """Read a row into a model.

    Args:
        model: What a row must be.
        row: As `rows` gives it.
        where: File and line, for the message.
        wrong: Field to what is expected of it, in words.

    Raises:
        InputError: It is no such row; names file, line and field, and what the row has where a field is missing.
    """
    try:
        return model.model_validate(row)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(map(str, fault["loc"])) or "row"
        message = wrong.get(field, fault["msg"].removeprefix("Value error, "))
        missing = fault["type"] == "missing"
        raise InputError(f"{where}: {field}: {message}{'; the row has ' + _names(row) if missing else ''}") from error


def writable(text: str) -> str:
    r"""Put ? for lone halves of characters, which a text cut by UTF-16 units holds: no file or page can hold them.

    Example:
        >>> writable("cut \ud83d")
        'cut ?'
    """
    return text.encode("utf-8", "replace").decode()


def _names(row: Mapping[str, object]) -> str:
    return ", ".join(repr(name[:_SHORT]) for name in list(row)[:_NAMED]) or "nothing"


def lines_of(text: IO[str], longest: int, where: str) -> Iterator[tuple[int, str]]:
    """Read a file line by line, numbered from 1 and with their ends; blank ones are passed over.

    Args:
        text: The open file; it may be a pipe.
        longest: Characters that a line may have.
        where: The file, for the message.

    Raises:
        InputError: A line is longer: it is not read to its end.
    """
    for number, line in enumerate(iter(lambda: text.readline(longest + 1), ""), 1):
        if len(line) > longest:
            raise InputError(f"{where}:{number}: the line is longer than {longest} characters")
        if line.strip():
            yield number, line


def _json(lines: IO[str], file: Path, *, whole_lines: bool) -> Iterator[tuple[int, dict[str, object]]]:
    for number, line in lines_of(lines, _LONGEST, str(file)):
        if whole_lines and not line.endswith("\n"):
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            whole = "; expected JSON lines, an object a line, or a table in a .csv or .tsv" if number == 1 else ""
            raise InputError(f"{file}:{number}: no JSON: {error}{whole}") from error
        if not isinstance(row, dict):
            raise InputError(f"{file}:{number}: expected JSON lines, an object a line, not one {type(row).__name__}")
        if _HALF in line.lower():
            row = json.loads(writable(json.dumps(row, ensure_ascii=False)))
        yield number, {name: value for name, value in row.items() if value is not None}


def _table(lines: IO[str], file: Path) -> Iterator[tuple[int, dict[str, object]]]:
    header = lines.readline(_LONGEST)
    lines.seek(0)
    parting = max(_TABLES[file.suffix.lower()], key=header.count)
    csv.field_size_limit(_LONGEST)  # of the process: nothing else here reads tables
    reader = csv.reader(lines, delimiter=parting, strict=True)
    try:
        names = [name.strip().lower() for name in next(reader, [])]
        if doubled := {name for name in names if name and names.count(name) > 1}:
            raise InputError(f"{file}:1: two columns share a name: {sorted(doubled)}")
        for fields in reader:
            if any(field.strip() for field in fields[len(names) :]):
                raise InputError(f"{file}:{reader.line_num}: more fields than the header names")
            row: dict[str, object] = {n: field for n, field in zip(names, fields, strict=False) if field.strip()}
            if row:
                yield reader.line_num, row
    except csv.Error as error:
        unclosed = ": a quotation mark is never closed" if "unexpected end" in str(error) else ""
        raise InputError(f"{file}:{reader.line_num}: {error}{unclosed}") from error
