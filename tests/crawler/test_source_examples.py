"""Every source's saved pages, read by its own adapter, give what lies beside them: ``examples/<page>`` and ``<page>.expected.json``."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from core.types import Document
from crawler import article, sources
from crawler.adapters import adapter
from crawler.pages import Follow, Locked, Page

MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".xml": "application/xml",
    ".json": "application/json",
    ".js": "text/javascript",
    ".gz": "application/octet-stream",
}
EXPECTED = ".expected.json"
EXAMPLES = [
    pytest.param(source, path, id=f"{name}/{path.name.removesuffix(EXPECTED)}")
    for name, source in sources.discover().items()
    for path in sorted((source.folder / "examples").glob(f"*{EXPECTED}"))
]


@pytest.fixture(autouse=True)
def without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Articles without selectors are read by resiliparse here: what trafilatura finds changes from version to version."""
    monkeypatch.setattr(article, "trafilatura", lambda: None)


def shown(document: Document) -> dict[str, Any]:
    """What an expectation says of a document: what it holds, without what any document of the source has."""
    held = {
        "id": document.native_id, "url": document.url, "kind": document.kind, "title": document.title, "text": document.text, "author": document.author,
        "published": document.published_at.isoformat() if document.published_at else "", "raw": document.published_raw, "parent": document.parent,
        "links": list(document.links), "pictures": [[picture.url, picture.alt] for picture in document.pictures], "fields": dict(document.fields),
        "site": [document.site.title, list(document.site.navigation), document.site.footer],
    }  # fmt: skip
    return {name: value for name, value in held.items() if value not in ("", [], {})}


def taken(source: sources.Source, body: bytes, suffix: str, asked: dict[str, Any]) -> dict[str, Any]:
    headers = {"content-type": MEDIA_TYPES[suffix], **asked.get("headers", {})}
    page = Page(
        asked["url"], body, datetime.fromisoformat(asked["at"]), asked["role"], headers, extra=asked.get("extra", {})
    )
    found = list(adapter(source.kind).read(source, page))
    return {
        "documents": [shown(item) for item in found if isinstance(item, Document)],
        "follow": [[item.role, item.url] for item in found if isinstance(item, Follow)],
        "locked": [[item.url, item.why] for item in found if isinstance(item, Locked)],
    }


@pytest.mark.parametrize(("source", "path"), EXAMPLES)
def test_a_saved_page_gives_what_is_expected(source: sources.Source, path: Path) -> None:
    expected = json.loads(path.read_text("utf-8"))
    example = path.with_name(path.name.removesuffix(EXPECTED))
    assert taken(source, example.read_bytes(), example.suffix, expected["asked"]) == {
        name: expected[name] for name in ("documents", "follow", "locked")
    }


@pytest.mark.parametrize("source", sources.discover().values(), ids=lambda source: source.name)
def test_a_shipped_source_has_examples_and_is_off_until_its_robots_txt_was_read(source: sources.Source) -> None:
    pages = [path for path in (source.folder / "examples").iterdir() if not path.name.endswith(EXPECTED)]
    assert pages
    assert all(path.with_name(path.name + EXPECTED).exists() for path in pages)
    assert any(json.loads(path.with_name(path.name + EXPECTED).read_text("utf-8"))["documents"] for path in pages)
    if source.robots_read == "unknown":
        assert not source.enabled


def test_at_least_fifteen_sources_of_ten_kinds_ship() -> None:
    shipped = sources.discover().values()
    assert len(shipped) >= 15
    assert len({source.kind for source in shipped}) >= 10
    assert any(source.browser for source in shipped)
