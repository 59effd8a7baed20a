from __future__ import annotations

from pathlib import Path

import pytest
from nights import filled

from core.settings import Settings, load
from core.store import Store


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load(tmp_path, environ={})


@pytest.fixture
def empty() -> Store:
    return Store.in_memory()


@pytest.fixture(scope="session")
def filled_once() -> Store:
    return filled()


@pytest.fixture
def store(filled_once: Store) -> Store:
    copy = Store.in_memory()
    filled_once.db.conn.backup(copy.db.conn)
    return copy
