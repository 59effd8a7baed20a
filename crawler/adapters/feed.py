"""Feeds: RSS and Atom by feedparser (so any RSSHub route), and JSON Feed 1.1 (jsonfeed.org/version/1.1)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import feedparser

from core.errors import InputError
from core.types import Document, Picture, SiteContext
from crawler.extract import fragment, locked, plain_text, tidy
from crawler.pages import Follow, Locked, Page, absolute
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
    body = page.body.lstrip(b"\xef\xbb\xbf \r\n\t")
    site, entries = _json(page) if body.startswith(b"{") else _xml(page)
    for entry in entries:
        if locked(entry.html):
            yield Locked(page.join(entry.url or page.url), "under a password")
            continue
        url = page.join(entry.url) or page.url
        text, links, pictures = fragment(entry.html, partial(absolute, url))
        text = text or tidy(entry.plain)
        if not text and not entry.title:
            continue
        where = urlsplit(url)
        match = re.search(source.id_pattern, entry.id) if source.id_pattern else None
        more = {picture.url for picture in pictures}
        attached = (found for link in entry.pictures if (found := page.join(link)) and found not in more)
        yield Document(
            platform=source.platform, native_id=match[1] if match and match.groups() else entry.id, url=url, kind="article", text=text,
            title=tidy(plain_text(entry.title)), author=tidy(entry.author), published_at=resolve(entry.published, page.at, source.zone),
            published_raw=entry.published, site=SiteContext(title=site, host=where.netloc.lower(), path=where.path),
            links=tuple(dict.fromkeys([*links, *(found for link in entry.links if (found := page.join(link)))])),
            pictures=(*pictures, *(Picture(found) for found in dict.fromkeys(attached))), source=source.name, capture=page.capture,
            fields={"tags": ", ".join(entry.tags)} if entry.tags else {},
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """What a feed says of one entry, in whichever of the three forms; ``links`` and ``pictures`` are those attached to it."""

    id: str
    url: str
    title: str
    author: str
    html: str
    plain: str
    published: str
    tags: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()


def _xml(page: Page) -> tuple[str, list[Entry]]:
    # no sanitising of HTML: text is taken from it, and evidence must not be tidied away
    feed = feedparser.parse(
        page.body, response_headers=dict(page.headers), sanitize_html=False, resolve_relative_uris=False
    )
    if not feed.get("version") and not feed.entries:
        raise InputError(f"{page.url}: expected RSS, Atom or JSON Feed, found {page.body[:40]!r}")
    twice = str(feed.feed.get("generator", "")).startswith("Discuz")  # it escapes the HTML of its descriptions twice
    entries = []
    for entry in feed.entries:
        content = next((part.get("value", "") for part in entry.get("content", ())), "") or entry.get("summary", "")
        attached = [(str(item.get("href") or ""), str(item.get("type") or "")) for item in entry.get("enclosures", ())]
        entries.append(
            Entry(
                id=str(entry.get("id") or entry.get("link") or entry.get("title", "")),
                url=entry.get("link", ""),
                title=entry.get("title", ""),
                author=entry.get("author", ""),
                html=unescape(content) if twice else content,
                plain="",
                published=entry.get("published", "") or entry.get("updated", ""),
                tags=tuple(tidy(str(tag.get("term") or "")) for tag in entry.get("tags", ()) if tag.get("term")),
                links=tuple(link for link, kind in attached if not kind.startswith("image/")),
                pictures=tuple(link for link, kind in attached if kind.startswith("image/")),
            )
        )
    return tidy(feed.feed.get("title", "")), entries


def _json(page: Page) -> tuple[str, list[Entry]]:
    try:
        feed: dict[str, Any] = json.loads(page.body.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{page.url}: expected a JSON Feed: {error}") from error
    items = feed.get("items")
    if not isinstance(items, list):
        raise InputError(
            f"{page.url}: expected a JSON Feed with a list of items, found the keys {', '.join(list(feed)[:8])}"
        )
    return tidy(str(feed.get("title", ""))), [_item(feed, item) for item in items if isinstance(item, dict)]


def _item(feed: dict[str, Any], item: dict[str, Any]) -> Entry:
    """One item; version 1 of the format has ``author`` where 1.1 has ``authors``."""
    people = next(
        (
            given
            for given in (item.get("authors"), [item.get("author")], feed.get("authors"), [feed.get("author")])
            if given and given != [None]
        ),
        (),
    )
    authors = [str(author.get("name") or "") for author in _listed(people) if isinstance(author, dict)]
    attached = [
        (str(one.get("url") or ""), str(one.get("mime_type") or ""))
        for one in _listed(item.get("attachments"))
        if isinstance(one, dict)
    ]
    shown = [str(item[name]) for name in ("image", "banner_image") if item.get(name)]
    return Entry(
        id=str(item.get("id") or item.get("url") or ""),
        url=str(item.get("url") or item.get("external_url") or ""),
        title=str(item.get("title") or ""),
        author=", ".join(filter(None, authors)),
        html=str(item.get("content_html") or ""),
        plain=str(item.get("content_text") or item.get("summary") or ""),
        published=str(item.get("date_published") or ""),
        tags=tuple(str(tag) for tag in _listed(item.get("tags")) if tag),
        links=tuple(link for link, kind in attached if link and not kind.startswith("image/")),
        pictures=(*shown, *(link for link, kind in attached if link and kind.startswith("image/"))),
    )


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
