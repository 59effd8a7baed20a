"""Pages saved by hand: HTML as browsers write it ("complete", with its ``_files`` folder), MHTML, and SingleFile pages.

Where a page lay and when it was saved is told by the page itself: ``<!-- saved from url=(0026)https://... -->`` (Internet Explorer, Chrome,
Edge), SingleFile's comment, the headers of MHTML; by ``<link rel="canonical">`` or ``og:url`` where there is none of these (Firefox).
"""

from __future__ import annotations

import email
import email.policy
import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path

from core.errors import InputError
from core.settings import Settings
from core.store import Store
from core.types import Capture, Provenance
from crawler.archived import Readers
from crawler.extract import decode, parse, value
from crawler.imports import keep_file
from crawler.pages import Page
from crawler.sources import Source

HTML, MHTML = (".html", ".htm", ".xhtml"), (".mht", ".mhtml")
SUFFIXES = (*HTML, *MHTML)
MAX_BYTES = 100_000_000
_SAVED_FROM = re.compile(rb"<!--\s*saved from url=\(\d{4}\)\s*(\S+?)\s*-->", re.IGNORECASE)
_SINGLE_FILE = re.compile(
    rb"<!--\s*Page saved with SingleFile\s*url:\s*(\S+)\s*saved date:\s*([^\n]{0,80}?)\s*-->", re.IGNORECASE
)
_SINGLE_DATE = re.compile(r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) (\d{1,2}) (\d{4}) (\d{2}:\d{2}:\d{2}) GMT([+-]\d{4})")


@dataclass(frozen=True, slots=True)
class Saved:
    """A saved page: ``url`` is empty and ``at`` None where nothing tells them."""

    url: str
    at: datetime | None
    body: bytes
    content_type: str


def pages_in(folder: Path) -> Iterator[Path]:
    """The saved pages below a folder, but not the frames and parts that browsers put into ``NAME_files``."""
    for path in sorted(folder.rglob("*")):
        inside = any(part.endswith(("_files", ".files")) for part in path.relative_to(folder).parts[:-1])
        if path.suffix.lower() in SUFFIXES and path.is_file() and not inside:
            yield path


def read_saved(path: Path) -> Saved:
    """A saved page.

    Raises:
        InputError: the file cannot be read, is too large, or is an MHTML without an HTML part.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InputError(f"{path}: expected a saved page of at most {MAX_BYTES} bytes, found {path.stat().st_size}")
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error}") from error
    return _mhtml(path, content) if path.suffix.lower() in MHTML else _html(content, "")


def _html(body: bytes, content_type: str) -> Saved:
    head = body[:20_000]
    single = _SINGLE_FILE.search(head)
    if single:
        return Saved(_address(single[1]), _single_date(single[2].decode("utf-8", "replace")), body, content_type)
    saved = _SAVED_FROM.search(head)
    if saved:
        return Saved(_address(saved[1]), None, body, content_type)
    tree = parse(decode(body, content_type)[0])
    told = value(tree.head, "link[rel=canonical]::attr(href)") or value(
        tree.head, "meta[property='og:url']::attr(content)"
    )
    return Saved(_address(told.encode("utf-8", "replace")), None, body, content_type)


def _mhtml(path: Path, content: bytes) -> Saved:
    message = email.message_from_bytes(content, policy=email.policy.default)
    parts = [part for part in message.walk() if part.get_content_type() in ("text/html", "application/xhtml+xml")]
    if not parts:
        raise InputError(f"{path}: expected an MHTML file with an HTML part, found {message.get_content_type()}")
    part = parts[0]
    payload = part.get_payload(decode=True)
    body = payload if isinstance(payload, bytes) else b""
    url = str(message.get("Snapshot-Content-Location") or part.get("Content-Location") or "")
    return Saved(
        _address(url.encode("utf-8", "replace")),
        _mail_date(message),
        body,
        str(part.get("Content-Type") or "text/html"),
    )


def _address(told: bytes) -> str:
    url = told.decode("utf-8", "replace").strip()
    return url if url.startswith(("http://", "https://")) and len(url) <= 2_000 else ""


def _single_date(text: str) -> datetime | None:
    """A date as JavaScript writes it: ``Fri Nov 06 2026 21:40:43 GMT+0800 (China Standard Time)``."""
    match = _SINGLE_DATE.match(text)
    if not match:
        return None
    try:
        found = datetime.strptime(f"{match[2]} {match[1]} {match[3]} {match[4]} {match[5]}", "%d %b %Y %H:%M:%S %z")
    except ValueError:
        return None
    return found.astimezone(UTC)


def _mail_date(message: EmailMessage) -> datetime | None:
    try:
        found = parsedate_to_datetime(str(message.get("Date") or ""))
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)


def import_saved(
    store: Store, settings: Settings, path: Path, sources: Mapping[str, Source], platform: str, at: datetime, run: int
) -> tuple[dict[str, int], list[str]]:
    """Keep a saved page and store its documents; returns counts and issues.

    A page on a declared source's host is read by that source's adapter, any other by its main text. Times such as ``3小时前`` count from
    when it was saved, or from now where nothing tells that. ``platform`` serves a page that does not tell where it lay.

    Raises:
        InputError: the file cannot be read, or is no saved page.
    """
    saved = read_saved(path)
    kept = keep_file(settings, path)
    url = saved.url or f"file:///{kept.sha256}"
    source, role = Readers(sources).of(url, "text/html")
    if not saved.url:
        source = Source(platform or "saved", platform or "saved", "html", platform or "saved", (url,), Path())
    capture = Capture(
        id=f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{kept.sha256} {run}')}", source=source.name, url=saved.url or f"import:{path.name}",
        fetched_at=saved.at or at, status=200, media_type=saved.content_type or "text/html", sha256=kept.sha256, size=kept.size, warc=kept.path,
        offset=0, robots="saved by the operator", provenance=Provenance.IMPORT, run=run,
    )  # fmt: skip
    page = Page(url, saved.body, saved.at or at, role, {"content-type": saved.content_type or "text/html"}, capture.id)
    counts, issues = {"rows": 1, "new": 0, "changed": 0, "known": 0, "faulty": 0}, []
    try:
        documents = Readers(sources).documents(source, page)
    except Exception as error:  # the file is kept; what it does to an adapter is told
        documents, counts["faulty"] = [], 1
        issues.append(f"{path}: adapter {source.kind}: {type(error).__name__}: {error}")
    if not documents and not issues:
        issues.append(f"{path}: no document in this page ({role} of {source.name})")
        counts["faulty"] = 1
    with store.atomic():
        if store.captures.get(capture.id) is None:
            store.captures.add(capture)
        for document in documents:
            counts[store.documents.add(document, at, run)[1].value] += 1
    return counts, issues
