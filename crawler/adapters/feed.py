"""Feeds: RSS and Atom by feedparser (so any RSSHub route), and JSON Feed 1.1 (jsonfeed.org/version/1.1)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

import feedparser

from core.errors import InputError
from core.types import Document, SiteContext
from crawler.extract import html_text, locked, tidy
from crawler.pages import Follow, Locked, Page
from crawler.sources import Source
from crawler.times import resolve


def start(source: Source) -> Iterable[Follow]:
    """The feeds themselves."""
    for url in source.start_urls:
        yield Follow(url, "list", priority=10)


def read(source: Source, page: Page) -> Iterable[Document | Locked]:
    """One document for each entry; an entry without any text is passed over.

    Raises:
        InputError: the page is no feed.
    """
    body = page.body.lstrip()
    site, entries = _json(page) if body.startswith(b"{") else _xml(page)
    for entry in entries:
        if locked(entry["html"]):
            yield Locked(page.join(entry["url"] or page.url), "under a password")
            continue
        text = html_text(entry["html"]) or tidy(entry["plain"])
        if not text and not entry["title"]:
            continue
        url = page.join(entry["url"]) or page.url
        where = urlsplit(url)
        match = re.search(source.id_pattern, entry["id"]) if source.id_pattern else None
        yield Document(
            platform=source.platform,
            native_id=match[1] if match and match.groups() else entry["id"],
            url=url,
            kind="article",
            text=text,
            title=tidy(html_text(entry["title"])),
            author=tidy(entry["author"]),
            published_at=resolve(entry["published"], page.at, source.zone),
            published_raw=entry["published"],
            site=SiteContext(title=site, host=where.netloc.lower(), path=where.path),
            source=source.name,
            capture=page.capture,
        )


def _xml(page: Page) -> tuple[str, list[dict[str, str]]]:
    # no sanitising of HTML: text is taken from it, and evidence must not be tidied away
    feed = feedparser.parse(
        page.body, response_headers=dict(page.headers), sanitize_html=False, resolve_relative_uris=False
    )
    if not feed.get("version") and not feed.entries:
        raise InputError(f"{page.url}: expected RSS, Atom or JSON Feed, found {page.body[:40]!r}")
    entries = []
    for entry in feed.entries:
        content = next((part.get("value", "") for part in entry.get("content", ())), "") or entry.get("summary", "")
        entries.append(
            {
                "id": str(entry.get("id") or entry.get("link") or entry.get("title", "")),
                "url": entry.get("link", ""),
                "title": entry.get("title", ""),
                "author": entry.get("author", ""),
                "html": content,
                "plain": "",
                "published": entry.get("published", "") or entry.get("updated", ""),
            }
        )
    return tidy(feed.feed.get("title", "")), entries


def _json(page: Page) -> tuple[str, list[dict[str, str]]]:
    try:
        feed: dict[str, Any] = json.loads(page.body)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{page.url}: expected a JSON Feed: {error}") from error
    items = feed.get("items")
    if not isinstance(items, list):
        raise InputError(
            f"{page.url}: expected a JSON Feed with a list of items, found the keys {', '.join(list(feed)[:8])}"
        )
    entries = []
    for entry in items:
        if not isinstance(entry, dict):
            continue
        authors = [author for author in entry.get("authors") or feed.get("authors") or () if isinstance(author, dict)]
        entries.append(
            {
                "id": str(entry.get("id") or entry.get("url") or ""),
                "url": str(entry.get("url") or ""),
                "title": str(entry.get("title") or ""),
                "author": ", ".join(str(author.get("name", "")) for author in authors),
                "html": str(entry.get("content_html") or ""),
                "plain": str(entry.get("content_text") or entry.get("summary") or ""),
                "published": str(entry.get("date_published") or ""),
            }
        )
    return tidy(str(feed.get("title", ""))), entries
