"""Pages that others captured, read by the declared sources' adapters where they lie on a source's host, by their main text elsewhere."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from w3lib.url import canonicalize_url

from core.types import Document
from crawler.adapters import adapter
from crawler.pages import Page
from crawler.sources import ANYWHERE, Source

READABLE = ("html", "xml", "json", "rss", "atom")


class Readers:
    """Who reads a page, told from its URL and media type alone: nobody knows what led there."""

    def __init__(self, sources: Mapping[str, Source]) -> None:
        self.by_host = {host: source for source in sources.values() for host in source.hosts if host != ANYWHERE}

    def of(self, url: str, media_type: str) -> tuple[Source, str]:
        """The source whose adapter reads a page, and the role that the page had."""
        host = urlsplit(url).netloc.lower()
        source = self.by_host.get(host)
        return _reader(source or _undeclared(host, url), url, media_type)

    def declared(self, url: str) -> bool:
        """Whether a declared source covers a page's host."""
        return urlsplit(url).netloc.lower() in self.by_host

    def documents(self, source: Source, page: Page) -> list[Document]:
        """The documents of a page; errors are those of the adapter."""
        return [found for found in adapter(source.kind).read(source, page) if isinstance(found, Document)]


def readable(media_type: str) -> bool:
    """Whether a response may hold documents at all."""
    return any(word in media_type.lower() for word in READABLE)


def _undeclared(host: str, url: str) -> Source:
    return Source(host or "archive", host, "html", host or "archive", (url,), Path(), hosts=(host,))


def _reader(source: Source, url: str, media_type: str) -> tuple[Source, str]:
    begins = (f for f in adapter(source.kind).start(source) if canonicalize_url(f.url) == canonicalize_url(url))
    role = next((follow.role for follow in begins), "")
    if role:
        return source, role
    role_of = getattr(adapter(source.kind), "role_of", None)  # kinds whose pages are HTML of their own shape
    html = "html" in media_type.lower()
    if source.kind in ("sitemap", "json", "search", "commoncrawl") and html:
        return replace(source, kind=source.reads_as), _role_as(source, url)
    if role_of is not None:
        return source, role_of(url)
    if source.kind != "html" and html:
        return replace(source, kind="html"), "document"
    if source.kind == "wordpress":
        return source, "comments" if "/comments" in unquote(url) else "posts"
    if source.kind == "html" and source.follow and not re.search(source.follow, url):
        return source, "list"
    return source, {"feed": "list", "sitemap": "sitemap"}.get(source.kind, "document")


def _role_as(source: Source, url: str) -> str:
    role_of = getattr(adapter(source.reads_as), "role_of", None)
    return str(role_of(url)) if role_of is not None else "document"
