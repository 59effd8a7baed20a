"""What an adapter is given and what it gives back; adapters are pure and know nothing of Scrapy or of the store."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, Protocol
from urllib.parse import urljoin, urlsplit, urlunsplit

from core.types import Document
from crawler.sources import Source

# links that need nothing done to them but the origin put before; no dot segments, empty parts or fragments
_PLAIN = re.compile(
    r"(?:https?://[a-z0-9.-]+(?::\d+)?)?/(?!/)[\w\-~!$&'()*+,=:@%./]*(?:\?[\w\-~!$&'()*+,=:@%./]+)?", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Page:
    """A fetched page: ``body`` is decompressed, ``role`` is what it was asked for, ``at`` when (UTC)."""

    url: str
    body: bytes
    at: datetime
    role: str
    headers: Mapping[str, str] = field(default_factory=dict)
    capture: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)
    later: bool = False  # a reading that takes long is put off (``Unread``): the page comes through the reactor

    def join(self, link: str) -> str:
        """A link made absolute against the page's own URL; a ``<base>`` is not believed."""
        return absolute(self.url, link)

    def joined(self, links: Iterable[str]) -> tuple[str, ...]:
        """Links made absolute, as ``join`` does one, without those that are malformed."""
        origin, plain = _origin(self.url), _PLAIN.fullmatch
        found = (
            origin + link
            if origin and link[:1] == "/" and plain(link) and "/." not in link
            else absolute(self.url, link)
            for link in links
        )
        return tuple(filter(None, found))


@dataclass(frozen=True, slots=True)
class Follow:
    """A page to fetch next. ``document`` marks one that holds documents: known ones are not fetched again each night.

    ``stamp`` is what the list says of the page's state (a count of replies, a time of the last change): another one than last time
    makes a known page due.
    """

    url: str
    role: str
    document: bool = False
    priority: int = 0
    extra: Mapping[str, Any] = field(default_factory=dict)
    stamp: str = ""


@lru_cache(maxsize=256)
def _origin(url: str) -> str:
    """Scheme and host of an ordinary URL; empty for any other."""
    match = re.match(r"https?://[a-z0-9.-]+(?::\d+)?(?=/|$)", url)
    return match[0] if match else ""


def absolute(base: str, link: str) -> str:
    """A link made absolute, without its fragment; empty when it is malformed (``http://[oops``), as any page may hold such a one."""
    if _PLAIN.fullmatch(link) and "/." not in link:  # most links, and a page may have hundreds: twelve times as fast
        if link[0] != "/":
            return link
        origin = _origin(base)
        if origin:
            return origin + link
    try:
        return urlunsplit(urlsplit(urljoin(base, link.strip()))._replace(fragment=""))
    except ValueError:
        return ""


@dataclass(frozen=True, slots=True)
class Locked:
    """A post that its site shows the existence of, but not the text; ``why`` is the site's reason. It goes into the refusal ledger."""

    url: str
    why: str


@dataclass(frozen=True, slots=True)
class Unread:
    """A page whose structure nobody declared: it is captured, and read in the batch after the crawl; ``native_id`` is known already."""

    native_id: str


class Adapter(Protocol):
    """One kind of source; a module of ``crawler/adapters`` with these two functions.

    One that reads HTML of its own shape may also have ``role_of(url) -> str``: what a page found in an archive was.
    """

    def start(self, source: Source) -> Iterable[Follow]:
        """The pages to begin with."""
        ...

    def read(self, source: Source, page: Page) -> Iterable[Document | Follow | Locked | Unread]:
        """The documents that a page holds, those it keeps locked or that are read later, and the pages it leads to."""
        ...
