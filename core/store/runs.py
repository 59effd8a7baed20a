"""Runs: one execution of a stage, its inputs, counts and issues."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from core.store.rows import pack, time_of, when
from core.types import Run


class Runs:
    """Table ``runs``."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def start(self, stage: str, at: datetime, inputs: Mapping[str, Any] | None = None) -> int:
        """Begin a run; returns its id."""
        with self.db.atomic():
            cursor = self.db.execute(
                "INSERT INTO runs (stage, started_at, state, inputs, counts, issues) VALUES (?, ?, 'running', ?, '{}', '[]')",
                [stage, when(at), pack(dict(inputs or {}))],
            )
        return int(cursor.lastrowid or 0)

    def finish(
        self, run: int, at: datetime, counts: Mapping[str, int], issues: Iterable[str] = (), state: str = "finished"
    ) -> None:
        """End a run with what it did; ``state`` is finished, failed or interrupted."""
        with self.db.atomic():
            self.db.execute(
                "UPDATE runs SET finished_at = ?, state = ?, counts = ?, issues = ? WHERE id = ?",
                [when(at), state, pack(dict(counts)), pack(list(issues)), run],
            )

    def resume(self, run: int, at: datetime) -> None:
        """Note that a run which was cut off is gone on with."""
        with self.db.atomic():
            self.db.execute("INSERT INTO run_resumptions (run, at) VALUES (?, ?)", [run, when(at)])
            self.db.execute("UPDATE runs SET state = 'running', finished_at = NULL WHERE id = ?", [run])

    def resumed(self, run: int) -> int:
        """How often a run was gone on with after it had been cut off."""
        return int(next(self.db.query("SELECT count(*) AS n FROM run_resumptions WHERE run = ?", [run]))["n"])

    def unfinished(self, stage: str) -> Run | None:
        """The latest run of a stage when it has not finished: the one to go on with."""
        last = self.last(stage, 1)
        return last[0] if last and last[0].state in ("running", "interrupted") else None

    def last(self, stage: str, count: int) -> list[Run]:
        """The latest runs of a stage, newest first."""
        rows = self.db.query("SELECT * FROM runs WHERE stage = ? ORDER BY id DESC LIMIT ?", [stage, count])
        return [run_of(row) for row in rows]

    def since(self, at: datetime) -> list[Run]:
        """Runs started at or after a time, oldest first."""
        return [
            run_of(row) for row in self.db.query("SELECT * FROM runs WHERE started_at >= ? ORDER BY id", [when(at)])
        ]

    def get(self, run: int) -> Run | None:
        """The run with an id, or None."""
        return next((run_of(row) for row in self.db.query("SELECT * FROM runs WHERE id = ?", [run])), None)


def run_of(row: dict[str, Any]) -> Run:
    """The run that a row holds."""
    return Run(
        id=row["id"],
        stage=row["stage"],
        started_at=time_of(row["started_at"]),
        finished_at=time_of(row["finished_at"]) if row["finished_at"] else None,
        state=row["state"],
        counts=json.loads(row["counts"]),
        issues=tuple(json.loads(row["issues"])),
    )
