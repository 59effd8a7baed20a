"""WARC records made by others, from files, members of packages and byte ranges: responses, and the texts of WET files."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

from core.errors import InputError


@dataclass(frozen=True, slots=True)
class Record:
    """One record: ``body`` with transfer and content encodings undone, cut at the ceiling; ``text`` instead in a WET file.

    ``headers`` have names in lower case; ``status`` is 0 for a WET text; ``id`` is made of URL and time where the record has none.
    ``offset`` is where it begins in the stream, as it lies there.
    """

    id: str
    url: str
    at: datetime
    status: int
    headers: dict[str, str]
    body: bytes
    text: str = ""
    truncated: str = ""
    offset: int = 0


class Peekable(Protocol):
    """A stream that can be looked into: a buffered file, or a member of a ZIP."""

    def peek(self, n: int = 1, /) -> bytes:
        """Bytes that come next, at least one where there are any."""
        ...

    def read(self, n: int = -1, /) -> bytes:
        """Bytes, at most ``n``."""
        ...


def records(stream: Peekable, name: str, max_bytes: int) -> Iterator[Record]:
    """The responses and converted texts of web pages in a stream of WARC (plain, or a gzip member a record); a torn end ends it.

    Raises:
        InputError: it is no WARC at its beginning, or no longer one further on.
    """
    start = stream.peek(10)[:10]
    if not (start.startswith(b"\x1f\x8b") or start.startswith(b"WARC/")):
        raise InputError(f"{name}: expected a WARC file, found {start!r}; a WACZ must be named .wacz")
    wanted = WarcRecordType.response | WarcRecordType.conversion
    source: Any = stream
    found = iter(ArchiveIterator(source, record_types=wanted, parse_http=True, auto_decode="all"))
    while True:
        try:
            record = next(found, None)
            taken = _taken(record, max_bytes) if record is not None else None
        except (OSError, ValueError, EOFError) as error:  # what fastwarc and zlib raise of bytes that are no record
            raise InputError(f"{name}: expected a WARC record: {error}") from error
        if record is None:
            return
        if taken is not None:
            yield taken


def raw(stream: Any, offset: int) -> bytes:
    """The record that begins at an offset of a stream that can be sought in: its header and block as they were, without compression."""
    stream.seek(offset)
    record = next(iter(ArchiveIterator(stream, parse_http=False, auto_decode="none")))
    plain = io.BytesIO()
    record.write(plain)
    return plain.getvalue()


def raw_through(stream: Any, offsets: Collection[int]) -> Iterator[bytes]:
    """The same for a stream that can only be read from its beginning to its end."""
    for record in ArchiveIterator(stream, parse_http=False, auto_decode="none"):
        if record.stream_pos in offsets:
            plain = io.BytesIO()
            record.write(plain)
            yield plain.getvalue()


def _taken(record: WarcRecord, max_bytes: int) -> Record | None:
    url = (record.headers.get("WARC-Target-URI") or "").strip("<>")
    if not url.startswith(("http://", "https://")):
        return None  # dns:, urn: and the like are about a crawl, not of the web
    if record.record_type == WarcRecordType.conversion:
        return _record(record, url, 0, {}, b"", record.reader.read(max_bytes).decode("utf-8", "replace"))
    if record.is_http and record.http_headers is not None:
        headers = {str(key).lower(): str(value) for key, value in record.http_headers.items()}
        return _record(record, url, record.http_headers.status_code or 0, headers, record.reader.read(max_bytes), "")
    return None


def _record(record: WarcRecord, url: str, status: int, headers: dict[str, str], body: bytes, text: str) -> Record:
    date = record.record_date or datetime.now(UTC)
    at = date if date.tzinfo else date.replace(tzinfo=UTC)
    made = hashlib.sha256(f"{url} {at.isoformat()}".encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return Record(
        id=(record.headers.get("WARC-Record-ID") or "").strip("<>") or f"urn:xuncha:{made}",
        url=url, at=at, status=status, headers=headers, body=body, text=text, truncated=record.headers.get("WARC-Truncated") or "",
        offset=int(record.stream_pos),
    )  # fmt: skip
