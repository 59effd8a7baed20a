"""WordPress by its own JSON interface (wp/v2): public posts, newest first, and the comments on them; then those edited last.

The list by date alone would miss an edit of an old post, the list by edit alone a post that was written early and came out
late. The interface is asked by its address without permalinks, which every site has; it is ``/wp-json/`` all the same, and a
site whose robots.txt closes that is not asked.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterable
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from core.errors import InputError
from core.types import Document, SiteContext
from crawler.extract import fragment, tidy
from crawler.pages import Follow, Locked, Page, absolute
from crawler.sources import Source
from crawler.times import resolve

PER_PAGE = {"date": 100, "modified": 40}  # on most nights few posts were edited
PRIORITY = {"date": 10, "modified": 9}  # what the lists by date gave is known by then, so that the other one ends soon


def start(source: Source) -> Iterable[Follow]:
    """The first page of posts and of comments of each site; ``start_urls`` are the sites' own addresses."""
    for url in source.start_urls:
        for what, order in (("posts", "date"), ("comments", "date"), ("posts", "modified")):
            yield _page_of(url, what, order, 1)


def _page_of(base: str, what: str, order: str, number: int) -> Follow:
    site = base.rstrip("/")
    url = f"{site}/?rest_route=/wp/v2/{what}&per_page={PER_PAGE[order]}&orderby={order}&order=desc&page={number}"
    extra = {"base": base, "order": order, "number": number, "alias_of": f"{site}/wp-json/wp/v2/{what}"}
    return Follow(url, what, priority=PRIORITY[order], extra=extra)


def read(source: Source, page: Page) -> Iterable[Document | Follow | Locked]:
    """A document for each public post or comment, then the next page while there is one.

    Raises:
        InputError: the answer is no list of posts or comments.
    """
    try:
        rows = json.loads(page.body)
    except (ValueError, RecursionError):
        rows = None
    if not isinstance(rows, list):
        raise InputError(f"{page.url}: expected a JSON list of {page.role}, found {page.body[:40]!r}")
    for row in rows:
        if not isinstance(row, dict) or not row.get("id"):
            continue
        if (row.get("content") or {}).get("protected"):
            yield Locked(page.join(str(row.get("link") or page.url)), "under a password")
        else:
            yield _comment(source, page, row) if page.role == "comments" else _post(source, page, row)
    number = int(page.extra.get("number", 1))
    pages = page.headers.get("x-wp-totalpages", "")
    if rows and pages.isdigit() and number < int(pages):
        yield _page_of(str(page.extra.get("base", "")), page.role, str(page.extra.get("order", "date")), number + 1)


def _common(source: Source, page: Page, row: dict[str, Any]) -> dict[str, Any]:
    raw = f"{row['date_gmt']}Z" if row.get("date_gmt") else str(row.get("date", ""))
    link = page.join(str(row.get("link") or "")) or page.url
    host = urlsplit(link)
    text, links, pictures = fragment(str((row.get("content") or {}).get("rendered", "")), partial(absolute, link))
    return {
        "platform": source.platform,
        "url": link,
        "text": text,
        "links": links,
        "pictures": pictures,
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
    fields = {"reply_to": f"comment-{row['parent']}"} if row.get("parent") else {}
    return Document(
        native_id=f"comment-{row['id']}", kind="comment", author=author, parent=str(row.get("post", "")), fields=fields, **common
    )  # fmt: skip
