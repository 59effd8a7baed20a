"""Sitemaps and sitemap indexes (sitemaps.org protocol 0.9), and the pages they name, read by the kind ``reads_as``."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterable

from lxml import etree
from scrapy.utils.sitemap import Sitemap

from core.errors import InputError
from core.types import Document
from crawler.adapters import adapter
from crawler.pages import Follow, Locked, Page, Unread
from crawler.sources import Source

MAX_BYTES = 50_000_000  # a sitemap's own ceiling by the protocol, uncompressed


def start(source: Source) -> Iterable[Follow]:
    """The sitemaps to begin with."""
    for url in source.start_urls:
        yield Follow(url, "sitemap", priority=10)


def read(source: Source, page: Page) -> Iterable[Document | Follow | Locked | Unread]:
    """A sitemap gives pages (those that ``follow`` matches), an index more sitemaps, any other page what its reader finds.

    Raises:
        InputError: what should be a sitemap is no XML.
    """
    if page.role != "sitemap":
        yield from adapter(source.reads_as).read(source, page)
        return
    wanted = re.compile(source.follow) if source.follow else None
    try:
        sitemap = Sitemap(_unzip(page.body))
    except (etree.XMLSyntaxError, StopIteration) as error:
        raise InputError(f"{page.url}: expected a sitemap, found {page.body[:40]!r}") from error
    for entry in sitemap:
        url = page.join(entry.get("loc", ""))
        if not source.covers(url):
            continue
        if sitemap.type == "sitemapindex":
            yield Follow(url, "sitemap", priority=9)
        elif wanted is None or wanted.search(url):
            yield Follow(url, "document", document=True, stamp=(entry.get("lastmod") or "")[:40])


def _unzip(body: bytes) -> bytes:
    if not body.startswith(b"\x1f\x8b"):
        return body
    try:
        return zlib.decompressobj(wbits=31).decompress(body, MAX_BYTES)
    except (zlib.error, gzip.BadGzipFile):
        return b""
