"""Read rows of a JSONL or CSV file, bounded, every fault with its line."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

_LARGEST = 500_000_000
_LONGEST = 10_000_000
_MOST = 2_000_000


def write_text(file: Path, text: str) -> None:
    """Write a file.

    Raises:
        InputError: It cannot be written.
    """
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{file}: cannot be written: {error.strerror or error}") from error


class InputError(ValueError):
    """Say what in a file from outside cannot be read, and where: whoever called the command can mend it."""


def rows(file: Path) -> Iterator[tuple[int, dict[str, object]]]:
    """Read a file's rows with their line numbers, from 1.

    Args:
        file: `.csv` with a header line; anything else is taken for JSON lines. Blank lines are passed over.

    Raises:
        InputError: It cannot be read; names file and line.
    """
    try:
        if file.stat().st_size > _LARGEST:
            raise InputError(f"{file}: larger than {_LARGEST // 1_000_000} MB")
        with file.open(encoding="utf-8-sig", newline="") as lines:
            for count, row in enumerate(_csv(lines, file) if file.suffix.lower() == ".csv" else _json(lines, file)):
                if count >= _MOST:
                    raise InputError(f"{file}: more than {_MOST} rows")
                yield row
    except OSError as error:
        raise InputError(f"{file}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{file}: no UTF-8 text: {error.reason} at byte {error.start}") from error


def _json(lines: Iterator[str], file: Path) -> Iterator[tuple[int, dict[str, object]]]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        if len(line) > _LONGEST:
            raise InputError(f"{file}:{number}: the line is longer than {_LONGEST} characters")
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise InputError(f"{file}:{number}: no JSON: {error}") from error
        if not isinstance(row, dict):
            raise InputError(f"{file}:{number}: expected an object, not {type(row).__name__}")
        yield number, row


def _csv(lines: Iterator[str], file: Path) -> Iterator[tuple[int, dict[str, object]]]:
    reader = csv.DictReader(lines, strict=True)
    try:
        for row in reader:
            if None in row:
                raise InputError(f"{file}:{reader.line_num}: more fields than the header names")
            yield reader.line_num, {key: value for key, value in row.items() if value is not None and value.strip()}
    except csv.Error as error:
        raise InputError(f"{file}:{reader.line_num}: {error}") from error
