"""Common Crawl: queries to an index of captures, then the captures themselves by byte range, as they were when it crawled.

``start_urls`` are index queries (``https://index.commoncrawl.org/CC-MAIN-2026-43-index?url=*.river.example``), ``data_url`` is where the
archive's files lie. The index is asked how many pages an answer has, then for each; its lines are JSON, or the longer lines of raw CDX
files. Of each capture of an HTML page with status 200 the bytes from ``offset`` on are asked for, ``length`` of them: one gzip member, one WARC
record. It is read by the kind ``reads_as``, at the time that the archive captured it; nothing that it links is fetched.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from core.errors import InputError
from core.types import Document, Provenance
from crawler.adapters import adapter
from crawler.asking import RANGE
from crawler.pages import Follow, Locked, Page, Unread
from crawler.sources import Source
from crawler.warc import Record, records

MAX_BODY = 10_000_000
MAX_LENGTH = 20_000_000  # of one record, compressed: pages are cut at 5 MB there
HTML = ("text/html", "application/xhtml+xml")


def start(source: Source) -> Iterable[Follow]:
    """How many pages each query's answer has."""
    for url in source.start_urls:
        yield Follow(_asked(url, showNumPages="true"), "count", priority=10, extra={"query": url})


def _asked(query: str, **more: str) -> str:
    parts = urlsplit(query)
    given = [(name, value) for name, value in parse_qsl(parts.query) if name not in ("output", "page", "showNumPages")]
    return urlunsplit(parts._replace(query=urlencode([*given, ("output", "json"), *more.items()])))


def read(source: Source, page: Page) -> Iterable[Document | Follow | Locked | Unread]:
    """The count leads to the first page of the index, a page of it to its captures and the next page, a capture to its documents.

    Raises:
        InputError: the answer is not what it should be.
    """
    if page.role == "record":
        yield from _captured(source, page)
        return
    query = str(page.extra.get("query", page.url))
    if page.role == "count":
        yield from _index_page(query, 0, _count(page))
        return
    yield from _captures(source, page)
    yield from _index_page(query, int(page.extra.get("number", 0)) + 1, int(page.extra.get("of", 1)))


def _count(page: Page) -> int:
    try:
        return int(json.loads(page.body)["pages"])
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f'{page.url}: expected {{"pages": ...}} of a CDX index, found {page.body[:60]!r}') from error


def _index_page(query: str, number: int, of: int) -> Iterator[Follow]:
    if number < of:
        extra = {"query": query, "number": number, "of": of}
        yield Follow(_asked(query, page=str(number)), "index", priority=9, extra=extra)


def _captures(source: Source, page: Page) -> Iterator[Follow]:
    lines = page.body.decode("utf-8", "replace").splitlines()
    entries = [entry for line in lines if (entry := entry_of(line)) is not None]
    if lines and not entries:
        raise InputError(f"{page.url}: expected lines of a CDX index, found {lines[0][:60]!r}")
    for entry in entries:
        try:
            offset, length = int(entry["offset"]), int(entry["length"])
            url, filename = str(entry["url"]), str(entry["filename"])
        except (KeyError, TypeError, ValueError):
            continue
        kind = str(entry.get("mime-detected") or entry.get("mime") or "")
        if (
            str(entry.get("status", "200")) != "200"
            or kind not in (*HTML, "")
            or not 0 < length <= MAX_LENGTH
            or offset < 0
        ):
            continue
        extra = {
            RANGE: [offset, offset + length - 1], "exact": True, "provenance": Provenance.ARCHIVE.value, "url": url,
            "charset": str(entry.get("encoding") or entry.get("charset") or ""), "timestamp": str(entry.get("timestamp", "")),
        }  # fmt: skip
        where = f"{source.data_url.rstrip('/')}/{filename.lstrip('/')}#{offset}-{length}"  # one file holds many: the fragment tells them apart
        yield Follow(where, "record", document=True, extra=extra)


def entry_of(line: str) -> Mapping[str, Any] | None:
    """A line of the API (JSON), or of a raw CDX file (SURT, timestamp, JSON); None for any other."""
    before, brace, rest = line.partition("{")
    try:
        found = json.loads(brace + rest)
    except ValueError:
        return None
    words = before.split()
    return {"timestamp": words[1], **found} if len(words) >= 2 and isinstance(found, dict) else found


def _captured(source: Source, page: Page) -> Iterator[Document | Locked | Unread]:
    first, last = (int(place) for place in page.extra[RANGE])
    body = page.body
    if not page.headers.get("content-range", "").startswith(
        f"bytes {first}-"
    ):  # a server that knows no ranges gave the whole file
        body = body[first : last + 1]
    record = next((one for one in records(io.BufferedReader(io.BytesIO(body)), page.url, MAX_BODY)), None)
    if record is None:
        raise InputError(f"{page.url}: expected a response record in {len(body)} bytes, found none")
    told = dict(record.headers)
    if page.extra.get("charset") and "charset" not in told.get("content-type", ""):  # what the archive found out
        told["content-type"] = f"{told.get('content-type') or 'text/html'}; charset={page.extra['charset']}"
    archived = Page(record.url, record.body, record.at, "document", told, page.capture, later=page.later)
    for item in adapter(source.reads_as).read(source, archived):
        if isinstance(item, Document):
            yield replace(item, fields={**item.fields, **_origin(page, record)})
        elif not isinstance(item, Follow):
            yield item


def _origin(page: Page, record: Record) -> dict[str, str]:
    origin = {
        "archive": page.url,
        "archived_at": record.at.isoformat(),
        "archive_record": record.id,
        "truncated": record.truncated,
    }
    return {name: value for name, value in origin.items() if value}
