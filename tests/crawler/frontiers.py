"""The forms of the frontier that the contract's tests are run on; a new form is one more entry of ``FORMS``.

Each takes an empty folder and gives a frontier whose runs 1, 2 and 3 exist.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from core.store import Store
from crawler.frontier import Frontier


@contextmanager
def sqlite(folder: Path) -> Iterator[Frontier]:
    with Store.open(folder / "xuncha.db") as store:
        for _ in range(3):
            store.runs.start("crawl", datetime(2026, 11, 20, tzinfo=UTC))
        yield store.frontier


FORMS: dict[str, Callable[[Path], AbstractContextManager[Frontier]]] = {"sqlite": sqlite}
