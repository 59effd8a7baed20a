"""Replay: documents from WARC, WET and WACZ files made by others (Browsertrix, ArchiveWeb.page, wget, Common Crawl)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from io import BufferedReader
from pathlib import Path

from core.errors import InputError
from core.settings import Settings
from core.store import Store
from core.types import Capture, Document, Provenance, SiteContext
from crawler import wacz
from crawler.archived import Readers, readable
from crawler.extract import tidy
from crawler.imports import Kept, keep_file
from crawler.pages import Page
from crawler.shown import addresses, taken
from crawler.sources import Source
from crawler.warc import Record, records
from pictures.sniff import NotAPicture

SUFFIXES = (".warc", ".warc.gz", ".wet", ".wet.gz", wacz.SUFFIX)


def is_warc(path: Path) -> bool:
    """Whether a file is named like an archive of the web."""
    return path.name.lower().endswith(SUFFIXES)


def replay(
    store: Store, settings: Settings, path: Path, sources: Mapping[str, Source], at: datetime, run: int
) -> tuple[dict[str, int], list[str]]:
    """Keep an archive as it came and store the documents of its pages; returns counts and issues.

    A record on a declared source's host is read by that source's adapter; any other page by its main text. Of a package with a list
    of pages only those are taken that the list names, for hosts that nobody declared; a page whose HTML gives nothing is taken by the
    text that the list has of it.

    Raises:
        InputError: the file is no such archive, or a package that holds too much.
    """
    kept = keep_file(settings, path)
    desk = _Desk(store, Readers(sources), kept, at, run, path.name, int(settings["pictures_per_document"]))
    most = int(settings["max_page_bytes"])
    _through(desk.take, desk, path, most)
    if desk.wanted:  # they may stand before the pages that show them: the archive is read once more
        _through(lambda found: desk.take_pictures(found, int(settings["max_picture_bytes"])), desk, path, most)
    return dict(desk.counts), desk.issues


def _through(take: Callable[[Iterator[Record]], None], desk: _Desk, path: Path, most: int) -> None:
    """Let ``take`` have all records of an archive; damage is an issue, told once."""
    if path.name.lower().endswith(wacz.SUFFIX):
        with wacz.opened(path) as package:
            if not desk.reading.listed and not desk.counts["records"]:
                desk.issues += package.faults()
                desk.reading.listed = package.pages()
            for name in package.warcs():
                try:
                    with package.stream(name) as stream:
                        take(records(stream, f"{path}: {name}", most))
                except InputError as error:  # one damaged member must not cost the others
                    desk.issue(str(error))
    else:
        with _opened(path) as stream:
            try:
                take(records(stream, str(path), most))
            except InputError as error:
                if not desk.counts["records"]:
                    raise
                desk.issue(str(error))  # what stood before the damage is stored


def _opened(path: Path) -> BufferedReader:
    try:
        return path.open("rb")
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error}") from error


class Reading:
    """How the records of one archive are read; ``listed`` are the pages that a package names, where it does."""

    def __init__(self, readers: Readers, listed: Mapping[str, wacz.Listed] | None = None) -> None:
        self.readers, self.listed = readers, listed or {}

    def page(self, record: Record) -> tuple[Source | None, Page | None]:
        """Who reads a record, and the page that it holds; None for what is no page."""
        media_type = record.headers.get("content-type", "text/plain" if record.text else "")
        source, role = self.readers.of(record.url, media_type)
        if not record.text and (record.status != 200 or not readable(media_type)):
            return None, None
        if not self.readers.declared(record.url) and not record.text:
            beside = self.listed and record.url not in self.listed
            if beside or "html" not in media_type.lower():  # what a page loaded is no page
                return None, None
        return source, Page(record.url, record.body, record.at, role, record.headers, record.id)

    def documents(self, record: Record, source: Source, page: Page) -> list[Document]:
        """The documents of a record's page; errors are those of the adapter."""
        if record.text:
            return [of_text(source, page, record.text)]
        documents = self.readers.documents(source, page)
        listed = self.listed.get(record.url)
        if listed is not None and listed.text and not any(document.text for document in documents):
            return [replace(of_text(source, page, listed.text), title=tidy(listed.title))]
        return [
            replace(document, fields={**document.fields, "truncated": record.truncated})
            if record.truncated
            else document
            for document in documents
        ]


class _Desk:
    """One replay: what it stores into, and what came of it."""

    def __init__(
        self, store: Store, readers: Readers, kept: Kept, at: datetime, run: int, name: str, pictures: int
    ) -> None:
        self.store, self.kept, self.at, self.run, self.name = store, kept, at, run, name
        self.most, self.wanted = pictures, set[str]()
        self.reading = Reading(readers)
        self.counts: Counter[str] = Counter({"records": 0, "read": 0, "skipped": 0, "new": 0, "changed": 0, "known": 0})
        self.issues: list[str] = []

    def issue(self, what: str) -> None:
        """Note what is wrong, once."""
        if what not in self.issues:
            self.issues.append(what)

    def take_pictures(self, found: Iterator[Record], most: int) -> None:
        """Keep the pictures that the documents show, as they stand in the archive."""
        for record in found:
            if record.url not in self.wanted or record.status != 200 or record.text:
                continue
            self.wanted.discard(record.url)
            capture = self._capture(record, "")
            try:
                told = taken(record.body, most)
            except NotAPicture as error:
                self.store.pictures.failed(record.url, "", f"no picture: {error}", self.at)
                continue
            with self.store.atomic():
                if self.store.captures.get(capture.id) is None:
                    self.store.captures.add(capture)
                header = (told.header.kind, told.header.width, told.header.height)
                self.store.pictures.came(record.url, capture, told.sha256, told.size, header)
            self.counts["pictures"] += 1

    def take(self, found: Iterator[Record]) -> None:
        """Store the documents of records, a transaction each."""
        for record in found:
            self.counts["records"] += 1
            source, page = self.reading.page(record)
            if source is None or page is None:
                self.counts["skipped"] += 1
                continue
            try:
                documents = self.reading.documents(record, source, page)
            except Exception as error:  # one record must not end the replay, whatever it holds
                self.issues.append(f"{self.name}: {record.id}: {type(error).__name__}: {error}")
                continue
            self.counts["read"] += 1
            self._store(record, source, documents)

    def _store(self, record: Record, source: Source, documents: list[Document]) -> None:
        capture = self._capture(record, source.name)
        with self.store.atomic():
            if self.store.captures.get(capture.id) is None:
                self.store.captures.add(capture)
            for document in documents:
                id, change = self.store.documents.add(document, self.at, self.run)
                self.counts[change.value] += 1
                if source.pictures and self.most and document.pictures:
                    self.wanted.update(self.store.pictures.show(id, addresses(document), self.most))

    def _capture(self, record: Record, source: str) -> Capture:
        return Capture(
            id=record.id, source=source, url=record.url, fetched_at=record.at, status=record.status,
            media_type=record.headers.get("content-type", "")[:200], sha256=self.kept.sha256, size=len(record.body or record.text.encode("utf-8", "replace")),
            warc=self.kept.path, offset=0, robots="archive made by others", provenance=Provenance.ARCHIVE, run=self.run,
        )  # fmt: skip


def of_text(source: Source, page: Page, text: str) -> Document:
    """A document of a page that only its text is left of: WET files begin with the page's title, and so does its text here."""
    whole = tidy(text)
    title, _, rest = whole.partition("\n")
    parts = page.url.partition("://")[2]
    host, _, path = parts.partition("/")
    return Document(
        platform=source.platform, native_id=f"/{path}", url=page.url, kind="article", text=rest or whole, title=title if rest else "",
        site=SiteContext(title=title[:200], host=host.lower(), path=f"/{path.partition('?')[0]}"), source=source.name, capture=page.capture,
    )  # fmt: skip
