"""The store: one SQLite file, the only place that speaks SQL. One writer; write-ahead logging, so readers never wait.

``StoreHeld`` is what any call raises when another process holds the store for longer than its patience; outside of a
``with Store.open(...)`` block, where it becomes ``core.errors.Busy``, the caller tries again later. ``held`` tells it from SQLite's
other faults.
"""

from sqlite3 import OperationalError as StoreHeld

from core.store.store import Store, held

__all__ = ["Store", "StoreHeld", "held"]
