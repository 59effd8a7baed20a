from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import CHROMIUM, FLAGS, PATIENCE_MS, Seen, serving, sign_in
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


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A browser for the tests of one module."""
    playwright = pytest.importorskip("playwright.sync_api", reason="needs the Python package playwright")
    with playwright.sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def address(app: Starlette) -> Iterator[str]:
    """Where the application is served."""
    with serving(app) as at:
        yield at


@pytest.fixture
def desk(chromium: Any, address: str) -> Iterator[tuple[Any, Seen]]:
    """A page that mei has signed in to."""
    context = chromium.new_context(locale="zh-CN", viewport={"width": 1280, "height": 860}, accept_downloads=True)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    seen = Seen(page, address)
    page.goto(f"{address}/")
    sign_in(page)
    yield page, seen
    context.close()
