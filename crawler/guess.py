"""What kind of source a place is, told from its address or from a page of it; a guess for a person to correct."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

BY_ADDRESS = (
    ("telegram", re.compile(r"^https?://t\.me/s/")),
    ("douban", re.compile(r"^https?://(?:www\.)?douban\.com/group/")),
    ("commoncrawl", re.compile(r"/CC-MAIN-\d{4}-\d\d-index\?")),
    ("sitemap", re.compile(r"sitemap[\w.\-]*\.xml(?:\.gz)?$|/wp-sitemap[\w.\-]*\.xml$", re.IGNORECASE)),
    ("wordpress", re.compile(r"/wp-json/|[?&]rest_route=")),
    ("feed", re.compile(r"(?:/feed/?|/rss(?:\.xml)?/?|/atom\.xml|/feed\.(?:xml|json|php)|/index\.xml|[?&]mod=rss\b.*|[?&]format=(?:atom|rss|json))$", re.IGNORECASE)),
    ("discuz", re.compile(r"/forum\.php\?|/thread-\d+-\d+-\d+\.html|/forum-\d+-\d+\.html|/archiver/")),
    ("search", re.compile(r"\{query\}")),
)  # fmt: skip
BY_PAGE = (
    ("feed", re.compile(rb"^\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)?<(?:rss|feed|rdf:RDF)\b|jsonfeed\.org/version/", re.DOTALL)),
    ("sitemap", re.compile(rb"^\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*|<\?xml-stylesheet[^>]*>\s*)*<(?:urlset|sitemapindex)\b", re.DOTALL)),
    ("discuz", re.compile(rb"<meta name=\"generator\" content=\"Discuz|id=\"threadlisttableid\"|id=\"postlist\"", re.IGNORECASE)),
    ("wordpress", re.compile(rb"<meta name=\"generator\" content=\"WordPress|href=[\"'][^\"']*/wp-json/", re.IGNORECASE)),
    ("telegram", re.compile(rb"tgme_channel_history")),
    ("json", re.compile(rb"^\s*(?:[\w$.]+\s*\()?\s*[\[{]")),
)  # fmt: skip


def kind_by_address(url: str) -> str:
    """The kind that an address tells; empty where it tells none."""
    return next((kind for kind, pattern in BY_ADDRESS if pattern.search(url)), "")


def kind_by_page(body: bytes, headers: Mapping[str, str]) -> str:
    """The kind that a page tells by its beginning; ``html`` where it tells none."""
    head = body[:200_000].removeprefix(b"\xef\xbb\xbf")
    found = next((kind for kind, pattern in BY_PAGE if pattern.search(head)), "html")
    if found == "json" and "html" in headers.get("content-type", ""):
        return "html"
    return found


def begin_at(kind: str, url: str) -> str:
    """Where a source of a kind begins, from an address of the place: WordPress by the site's own address."""
    if kind != "wordpress":
        return url
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/"
