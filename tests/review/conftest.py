from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from leads_desk import Clock, filled
from starlette.applications import Starlette
from visitor import Visitor

from core.settings import load
from core.store import Store
from review.app import create
from xuncha.desk import tools


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("review") / "template.db"
    filled(path).close()
    return path


@pytest.fixture
def database(template: Path, tmp_path: Path) -> Path:
    target = tmp_path / "xuncha.db"
    with sqlite3.connect(template) as source, sqlite3.connect(target) as copy:
        source.backup(copy)
    source.close()
    copy.close()
    return target


@pytest.fixture
def store(database: Path) -> Iterator[Store]:
    with Store.open(database) as store:
        yield store


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(database: Path, clock: Clock) -> Iterator[Starlette]:
    app = create(database, load(database.parent, environ={}), clock, tools=tools())
    yield app
    app.state.desk.stores.close()


@pytest.fixture
def mei(app: Starlette) -> Visitor:
    return Visitor(app).sign_in("mei")


@pytest.fixture
def bo(app: Starlette) -> Visitor:
    return Visitor(app).sign_in("bo")
