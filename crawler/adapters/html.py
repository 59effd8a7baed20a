"""Web pages with declared selectors: lists that lead to pages, and pages that hold one document or several (a thread)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from resiliparse.parse.html import ElementNode, HTMLTree

from core.types import Document, Picture
from crawler.article import article_text
from crawler.extract import (
    decode,
    html_text,
    links,
    locked,
    parse,
    pictures,
    select,
    site_context,
    tidy,
    value,
)
from crawler.hrefs import page_links
from crawler.pages import Follow, Locked, Page, Unread
from crawler.sources import Source
from crawler.times import resolve

MAX_PARTS = 200  # of one document's text; parts may lie in one another, and are then read as often as they are deep


def start(source: Source) -> Iterable[Follow]:
    """The lists to begin with; without ``list.link`` the start URLs are the documents themselves."""
    role = "list" if source.list.get("link") or source.follow else "document"
    for url in source.start_urls:
        yield Follow(url, role, priority=10)


def read(source: Source, page: Page) -> Iterable[Document | Follow | Locked | Unread]:
    """A list gives pages to follow, in its own order (newest first on most sites); any other page its documents."""
    html, _ = decode(page.body, page.headers.get("content-type", ""), source.charset)
    tree = parse(html)
    if page.role == "list":
        yield from _listed(source, page, tree)
    else:
        found = list(documents(source, page, tree, html))
        yield from found
        first = next((item for item in found if not isinstance(item, Locked)), None)
        opener = str(page.extra.get("parent", "")) or (first.native_id if first else "")
        yield from next_page(
            page, tree, source.document.get("next", ""), "document", priority=5, extra={"parent": opener}
        )


def _listed(source: Source, page: Page, tree: HTMLTree) -> Iterable[Follow]:
    wanted = re.compile(source.follow) if source.follow else None
    for element in select(tree.body, source.list.get("link", "a")):
        url = page.join(element.getattr("href") or "")
        if source.covers(url) and (wanted is None or wanted.search(url)):
            yield Follow(url, "document", document=True)
    yield from next_page(page, tree, source.list.get("next", ""), "list", priority=8, extra={})


def next_page(
    page: Page, tree: HTMLTree, selector: str, role: str, priority: int, extra: Mapping[str, str]
) -> Iterable[Follow]:
    """The page that the first link of a selector leads to, unless it is this one."""
    for element in select(tree.body, selector)[:1]:
        url = page.join(element.getattr("href") or "")
        if url and url != page.url:
            yield Follow(url, role, priority=priority, extra=extra)


def documents(source: Source, page: Page, tree: HTMLTree, html: str) -> Iterable[Document | Locked | Unread]:
    """The documents of a page: one for each ``document.each``, or one of the whole page, which without selectors takes time."""
    wanted = source.document
    if page.later and not wanted.get("each") and not wanted.get("text"):
        yield Unread(native_id(source, page.url, tree.body))
        return
    declared = (wanted.get("site_title", ""), wanted.get("navigation", ""), wanted.get("footer", ""))
    site = site_context(tree, page.url, declared)
    for selector in filter(None, [wanted.get("drop", "")]):
        for element in select(tree.body, selector):
            element.decompose()
    title = value(tree.body, wanted.get("title", "h1")) or tidy(tree.title or "")
    first = str(page.extra.get("parent", ""))  # of a thread's later page: the post that opened it
    for node in select(tree.body, wanted["each"]) if wanted.get("each") else [tree.body]:
        if node is None:
            continue
        if "post-password-form" in html and locked(node.html):
            yield Locked(page.url, "under a password")
            continue
        if wanted.get("text"):
            text = "\n".join(html_text(part.html) for part in select(node, wanted["text"])[:MAX_PARTS])
        else:
            text = html_text(node.html) if wanted.get("each") else article_text(html, page.url)
        if not text.strip() and not pictures(node):
            continue
        raw = value(node, wanted.get("published", "")) or str((page.extra.get("listed") or {}).get("published", ""))
        native = native_id(source, page.url, node)
        yield Document(
            platform=source.platform,
            native_id=native,
            url=page.url,
            kind=wanted.get("kind", "post" if wanted.get("each") else "article"),
            text=text,
            title=title,
            author=value(node, wanted.get("author", "")),
            published_at=resolve(raw, page.at, source.zone),
            published_raw=raw,
            site=site,
            links=page.joined(_links(tree, node, html, source)),
            pictures=tuple(Picture(url, picture.alt) for picture in pictures(node) if (url := page.join(picture.url))),
            source=source.name,
            capture=page.capture,
            parent=first,
        )
        first = first or native


def _links(tree: HTMLTree, node: ElementNode, html: str, source: Source) -> list[str]:
    whole = not source.document.get("each") and not source.document.get("drop")
    return page_links(tree, html) if whole else links(node)


def native_id(source: Source, url: str, node: ElementNode | None) -> str:
    """The id that the site itself gave: by selector and pattern, by pattern in the URL, or the URL's path and query.

    Of a page off the source's own hosts, which a search or an archive led to, the host is a part: two sites have the same paths.
    """
    parts = urlsplit(url)
    host = parts.netloc.lower()
    whole = (
        ("" if host in source.own_hosts or not source.own_hosts else host)
        + parts.path
        + (f"?{parts.query}" if parts.query else "")
    )
    given = value(node, source.document.get("id", "")) if source.document.get("id") else ""
    for text in filter(None, (given, whole)):
        match = re.search(source.id_pattern, text) if source.id_pattern else None
        if match:
            return match[1] if match.groups() else match[0]
    return given or whole
