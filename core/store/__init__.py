"""The store: one SQLite file, the only place that speaks SQL. One writer; write-ahead logging, so readers never wait."""

from core.store.store import Store

__all__ = ["Store"]
