"""What a request says beyond its address: the headers that a source declares, to its own hosts alone, and the byte range of an archive."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from scrapy import Request

from crawler.sources import Source

RANGE = "bytes"  # in a page's extra: the first and last byte that are asked for


class Asking:
    """Downloader middleware behind the gate."""

    def __init__(self, crawler: Any) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Any) -> Asking:
        """Built by Scrapy."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Set the headers; a page that a search found elsewhere gets none of them."""
        source: Source | None = self.crawler.spider.patrol.sources.get(request.meta.get("source", ""))
        if source is not None and source.headers and urlsplit(request.url).netloc.lower() in source.own_hosts:
            for name, value in source.headers.items():
                request.headers[name] = value
        wanted = (request.meta.get("extra") or {}).get(RANGE)
        if wanted:
            request.headers["Range"] = f"bytes={int(wanted[0])}-{int(wanted[1])}"
            request.headers["Accept-Encoding"] = "identity"  # offsets count bytes as they are stored
