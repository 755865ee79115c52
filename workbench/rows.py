"""Read rows of a JSONL or CSV file, bounded, every fault with its line."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, TypeVar

from pydantic import BaseModel, ValidationError

_LARGEST = 500_000_000
_LONGEST = 10_000_000
_MOST = 2_000_000
_TABLES = {".csv": ",;\t", ".tsv": "\t"}  # ending, and what may part its columns: Excel writes ; where , is decimal
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


def _names(row: Mapping[str, object]) -> str:
    return ", ".join(repr(name[:_SHORT]) for name in list(row)[:_NAMED]) or "nothing"


def _json(lines: Iterator[str], file: Path, *, whole_lines: bool) -> Iterator[tuple[int, dict[str, object]]]:
    for number, line in enumerate(lines, 1):
        if not line.strip() or (whole_lines and not line.endswith("\n")):
            continue
        if len(line) > _LONGEST:
            raise InputError(f"{file}:{number}: the line is longer than {_LONGEST} characters")
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            whole = "; expected JSON lines, an object a line, or a table in a .csv or .tsv" if number == 1 else ""
            raise InputError(f"{file}:{number}: no JSON: {error}{whole}") from error
        if not isinstance(row, dict):
            raise InputError(f"{file}:{number}: expected JSON lines, an object a line, not one {type(row).__name__}")
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
