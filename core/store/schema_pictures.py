"""The migration that makes room for pictures; registered after those before it."""

from __future__ import annotations

from sqlite_utils import Database, Migrations

from core.store import pictures, readings


def register(migrations: Migrations) -> None:
    """Add the migrations of this area to the others."""

    @migrations(name="0040_pictures")
    def seen(db: Database) -> None:
        """Pictures of documents, where they were fetched from, and what was read in them."""
        for statement in (*pictures.TABLES, *readings.TABLES):
            db.execute(statement)
