from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.store import Store


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.in_memory() as store:
        yield store


@pytest.fixture
def on_disk(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "xuncha.db") as store:
        yield store
