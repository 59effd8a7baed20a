"""WordPress by its own JSON interface (wp/v2): public posts, newest first, and the comments on them."""

from __future__ import annotations

import html
import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from core.types import Document, SiteContext
from crawler.extract import html_text, tidy
from crawler.pages import Follow, Page
from crawler.sources import Source
from crawler.times import resolve

PER_PAGE = 100


def start(source: Source) -> Iterable[Follow]:
    """The first page of posts and of comments of each site; ``start_urls`` are the sites' own addresses."""
    for url in source.start_urls:
        for what in ("posts", "comments"):
            yield _page_of(url, what, 1)


def _page_of(base: str, what: str, number: int) -> Follow:
    url = f"{base.rstrip('/')}/?rest_route=/wp/v2/{what}&per_page={PER_PAGE}&orderby=date&order=desc&page={number}"
    return Follow(url, f"{what}", priority=10, extra={"base": base, "number": number})


def read(source: Source, page: Page) -> Iterable[Document | Follow]:
    """A document for each public post or comment, then the next page while there is one."""
    try:
        rows = json.loads(page.body)
    except ValueError:
        rows = []
    if not isinstance(rows, list):
        return
    for row in rows:
        if isinstance(row, dict) and row.get("id"):
            yield _comment(source, page, row) if page.role == "comments" else _post(source, page, row)
    number = int(page.extra.get("number", 1))
    pages = page.headers.get("x-wp-totalpages", "")
    if rows and pages.isdigit() and number < int(pages):
        yield _page_of(str(page.extra.get("base", "")), page.role, number + 1)


def _common(source: Source, page: Page, row: dict[str, Any]) -> dict[str, Any]:
    raw = f"{row['date_gmt']}Z" if row.get("date_gmt") else str(row.get("date", ""))
    link = str(row.get("link") or page.url)
    host = urlsplit(link)
    return {
        "platform": source.platform,
        "url": page.join(link),
        "text": html_text(str((row.get("content") or {}).get("rendered", ""))),
        "published_at": resolve(raw, page.at, source.zone),
        "published_raw": raw,
        "site": SiteContext(title=source.title, host=host.netloc.lower(), path=host.path),
        "source": source.name,
        "capture": page.capture,
    }


def _post(source: Source, page: Page, row: dict[str, Any]) -> Document:
    title = tidy(html.unescape(str((row.get("title") or {}).get("rendered", ""))))
    return Document(native_id=str(row["id"]), kind="article", title=title, **_common(source, page, row))


def _comment(source: Source, page: Page, row: dict[str, Any]) -> Document:
    author = tidy(html.unescape(str(row.get("author_name", ""))))
    common = _common(source, page, row)
    return Document(native_id=f"comment-{row['id']}", kind="comment", author=author, parent=str(row.get("post", "")), **common)
