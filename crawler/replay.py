"""Replay: documents from WARC files made by others (Browsertrix, ArchiveWeb.page, wget), by the declared sources' adapters."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from w3lib.url import canonicalize_url

from core.settings import Settings
from core.store import Store
from core.types import Capture, Document, Provenance
from crawler.adapters import adapter
from crawler.imports import keep_file
from crawler.pages import Page
from crawler.sources import Source
from evidence.archive import Response, read

SUFFIXES = (".warc", ".warc.gz")


def is_warc(path: Path) -> bool:
    """Whether a file is named like a WARC."""
    return path.name.lower().endswith(SUFFIXES)


def replay(
    store: Store, settings: Settings, path: Path, sources: Mapping[str, Source], at: datetime, run: int
) -> tuple[dict[str, int], list[str]]:
    """Keep a WARC file in the archive and store the documents of its HTML and feed responses; returns counts and issues.

    A record on a declared source's host is read by that source's adapter; any other by its main text.

    Raises:
        InputError: the file is no WARC.
    """
    kept = keep_file(settings, path)
    counts: Counter[str] = Counter({"records": 0, "read": 0, "skipped": 0, "new": 0, "changed": 0, "known": 0})
    issues: list[str] = []
    by_host = {host: source for source in sources.values() for host in source.hosts}
    for response in read(path, decode=True, max_bytes=int(settings["max_page_bytes"])):
        counts["records"] += 1
        headers = {name.lower(): value for name, value in response.headers}
        host = urlsplit(response.url).netloc.lower()
        declared = by_host.get(host) or _undeclared(host, response.url)
        if response.status != 200 or not _readable(headers.get("content-type", "")):
            counts["skipped"] += 1
            continue
        source, role = _reader(declared, response.url, headers.get("content-type", ""))
        capture = _capture(response, kept.path, kept.sha256, source.name, run)
        page = Page(response.url, response.body, response.at, role, headers, capture.id)
        try:
            documents = [found for found in adapter(source.kind).read(source, page) if isinstance(found, Document)]
        except Exception as error:  # one record must not end the replay, whatever it holds
            issues.append(f"{path.name}: {response.id}: {type(error).__name__}: {error}")
            continue
        counts["read"] += 1
        with store.atomic():
            if store.captures.get(capture.id) is None:
                store.captures.add(capture)
            for document in documents:
                _, change = store.documents.add(document, at, run)
                counts[change.value] += 1
    return dict(counts), issues


def _undeclared(host: str, url: str) -> Source:
    return Source(host or "archive", host, "html", host or "archive", (url,), Path(), hosts=(host,))


def _reader(source: Source, url: str, media_type: str) -> tuple[Source, str]:
    """Who reads a page of a source, and as what, told from its URL and media type alone: nobody knows what led there."""
    role = next(
        (
            follow.role
            for follow in adapter(source.kind).start(source)
            if canonicalize_url(follow.url) == canonicalize_url(url)
        ),
        "",
    )
    if role:
        return source, role
    role_of = getattr(adapter(source.kind), "role_of", None)  # kinds whose pages are HTML of their own shape
    if role_of is not None:
        return source, role_of(url)
    if source.kind != "html" and "html" in media_type.lower():
        return replace(source, kind="html"), "document"
    if source.kind == "wordpress":
        return source, "comments" if "/comments" in unquote(url) else "posts"
    if source.kind == "html" and source.follow and not re.search(source.follow, url):
        return source, "list"
    return source, {"feed": "list", "sitemap": "sitemap"}.get(source.kind, "document")


def _readable(media_type: str) -> bool:
    return any(word in media_type.lower() for word in ("html", "xml", "json", "rss", "atom"))


def _capture(response: Response, warc: str, sha256: str, source: str, run: int) -> Capture:
    return Capture(
        id=response.id, source=source, url=response.url, fetched_at=response.at, status=response.status,
        media_type=dict(response.headers).get("Content-Type", "")[:200], sha256=sha256, size=len(response.body), warc=warc, offset=0,
        robots="archive made by others", provenance=Provenance.ARCHIVE, run=run,
    )  # fmt: skip
