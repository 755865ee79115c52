"""Labels as people give them: an append-only SQLite table that a crash or a second tab cannot lose a row of."""

from __future__ import annotations

import sqlite3
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

_TABLE = """
CREATE TABLE IF NOT EXISTS events (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  form TEXT NOT NULL UNIQUE,
  rater TEXT NOT NULL,
  answer TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('label', 'skip', 'triage', 'undo')),
  score REAL CHECK (score IS NULL OR score BETWEEN 1 AND 10),
  words TEXT NOT NULL DEFAULT '',
  undone INTEGER
);
CREATE TABLE IF NOT EXISTS texts (answer TEXT PRIMARY KEY, digest TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS by_rater ON events (rater, answer, seq);
CREATE TRIGGER IF NOT EXISTS kept_as_written BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER IF NOT EXISTS never_deleted BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'append only'); END;
"""
_LIVE = """
SELECT seq, at, rater, answer, kind, score, words FROM events WHERE kind != 'undo'
  AND seq NOT IN (SELECT undone FROM events WHERE kind = 'undo')
"""


@dataclass(frozen=True, slots=True)
class Event:
    """Hold one thing that a rater did: a label, a skip, or a triage (its `words` are the decision)."""

    seq: int
    at: str
    rater: str
    answer: str
    kind: str
    score: float | None
    words: str


class Store:
    """Keep events in one file; safe for threads, and for several processes at once.

    Args:
        file: Made where there is none. Beside it SQLite keeps its write-ahead log.
    """

    def __init__(self, file: Path) -> None:
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(file, check_same_thread=False, timeout=10, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")  # a label is on the disk before the page says so
        self._connection.executescript(_TABLE)

    def append(
        self, form: str, rater: str, answer: str, kind: str, *, score: float | None = None, words: str = ""
    ) -> bool:
        """Keep an event.

        Returns:
            Whether it is new: the same form sent twice is kept once.
        """
        row = (form, rater, answer, kind, score, words)
        with self._lock:
            done = self._connection.execute(
                "INSERT OR IGNORE INTO events (form, rater, answer, kind, score, words) VALUES (?, ?, ?, ?, ?, ?)", row
            )
        return done.rowcount == 1

    def undo(self, form: str, rater: str) -> str:
        """Take the rater's last event back, by an event of its own.

        Returns:
            The answer that it was about; "" where there was nothing to take back.
        """
        with self._lock:
            last = self._connection.execute(_LIVE + " AND rater = ? ORDER BY seq DESC LIMIT 1", (rater,)).fetchone()
            if last is None:
                return ""
            self._connection.execute(
                "INSERT OR IGNORE INTO events (form, rater, answer, kind, undone) VALUES (?, ?, ?, 'undo', ?)",
                (form, rater, last[3], last[0]),
            )
        return str(last[3])

    def changed(self, texts: Mapping[str, str]) -> list[str]:
        """Remember what the answers say, unless there are labels of other words under their ids.

        Args:
            texts: Id to a digest of prompt and answer.

        Returns:
            The ids whose labels are of other words.
        """
        with self._lock:
            known = dict(self._connection.execute("SELECT answer, digest FROM texts"))
            used = {row[0] for row in self._connection.execute("SELECT DISTINCT answer FROM events")}
            found = [one for one, digest in texts.items() if one in used and known.get(one, digest) != digest]
            if not found:
                self._connection.execute("BEGIN IMMEDIATE")
                self._connection.executemany("INSERT OR REPLACE INTO texts VALUES (?, ?)", texts.items())
                self._connection.execute("COMMIT")
        return found

    def given(self) -> Counter[tuple[str, str]]:
        """Count how often each (answer, rater) was labelled, what was taken back included."""
        query = "SELECT answer, rater, COUNT(*) FROM events WHERE kind = 'label' GROUP BY answer, rater"
        with self._lock:
            return Counter({(answer, rater): count for answer, rater, count in self._connection.execute(query)})

    def live(self, rater: str = "") -> Iterator[Event]:
        """Give what holds, oldest first: of all raters, or of one."""
        query, values = (_LIVE + " AND rater = ?", (rater,)) if rater else (_LIVE, ())
        with self._lock:
            rows = self._connection.execute(query + " ORDER BY seq", values).fetchall()
        yield from (Event(*row) for row in rows)

    def labels(self) -> dict[str, dict[str, Event]]:
        """Give the label that holds for each answer and rater: the last one that was not taken back."""
        found: dict[str, dict[str, Event]] = {}
        for event in self.live():
            if event.kind == "label":
                found.setdefault(event.answer, {})[event.rater] = event
        return found

    def close(self) -> None:
        """Close the file."""
        self._connection.close()
