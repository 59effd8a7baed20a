"""The archive: WARC files (ISO 28500:2017), one gzip member a record, written before anything is parsed.

Each writer starts a file of its own, so a record torn by a crash is always the last of its file. The SHA-256 of each payload
is kept beside the record in the store; the WARC's own digests are SHA-1, as the format's readers expect.
"""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Literal

from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType
from isal import isal_zlib

from core.errors import EvidenceError, InputError

# A real page of 67 KB takes 0.2 ms and 30 % of its size; fastwarc's own gzip writer takes 2 ms and 25 % (measured 2026-11-21).
LEVEL = 2
GZIP = 31  # zlib's window bits for a gzip member
MAX_FILE_BYTES = 1_000_000_000  # a WARC of about 1 GB is what the tools of the field expect


@dataclass(frozen=True, slots=True)
class Filed:
    """Where a record was written: its id (``urn:uuid:...``), file, byte offset, and SHA-256 (hex) and size of the payload."""

    id: str
    warc: str
    offset: int
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Response:
    """An archived response: ``body`` as received, content encodings still applied."""

    id: str
    url: str
    at: datetime
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


class Archive:
    """Writes records into ``folder``; ``name`` must be unique to this writer (a run and process id, say)."""

    def __init__(self, folder: Path, name: str, software: str, max_bytes: int = MAX_FILE_BYTES) -> None:
        self.folder, self.name, self.software, self.max_bytes = folder, name, software, max_bytes
        self._number = 0
        self._file: BinaryIO | None = None

    def add(
        self,
        url: str,
        at: datetime,
        status_line: str,
        headers: Sequence[tuple[str, str]],
        body: bytes,
        *,
        request: str = "",
        request_headers: Sequence[tuple[str, str]] = (),
        address: str = "",
        truncated: str = "",
    ) -> Filed:
        """Write a response record (and its request record), flushed to the operating system before this returns.

        ``truncated`` says why a body was not taken to its end, in the format's words (``length``); empty for a whole one.
        """
        stream = self._stream()
        offset = stream.tell()
        record = self._record(WarcRecordType.response, url, at)
        record.headers["WARC-Payload-SHA256"] = sha256 = hashlib.sha256(body).hexdigest()
        if address:
            record.headers["WARC-IP-Address"] = address
        if truncated:
            record.headers["WARC-Truncated"] = truncated
        record.is_http = True
        record.set_bytes_content(_head(status_line, headers) + body)
        _write(record, stream)
        id = (record.record_id or "").strip("<>")
        if request:
            asked = self._record(WarcRecordType.request, url, at)
            asked.headers["WARC-Concurrent-To"] = f"<{id}>"
            asked.is_http = True
            asked.set_bytes_content(_head(request, request_headers))
            _write(asked, stream)
        stream.flush()
        return Filed(id, self.path.name, offset, sha256, len(body))

    @property
    def path(self) -> Path:
        """The file that is being written."""
        return self.folder / f"{self.name}-{self._number:05d}.warc.gz"

    def secure(self) -> None:
        """Wait until the disk holds what was written: it outlives a power cut, not only this process."""
        if self._file:
            os.fdatasync(self._file.fileno())

    def close(self) -> None:
        """Close the file, if any was begun; the disk holds it then."""
        if self._file:
            self.secure()
            self._file.close()
            self._file = None

    def _stream(self) -> BinaryIO:
        if self._file and self._file.tell() >= self.max_bytes:
            self.close()
            self._number += 1
        if not self._file:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("xb")  # never into an existing file: evidence is not appended to by two
            info = WarcRecord()
            info.init_headers(record_type=WarcRecordType.warcinfo)
            info.headers["Content-Type"] = "application/warc-fields"
            info.headers["WARC-Filename"] = self.path.name
            info.set_bytes_content(f"software: {self.software}\r\nformat: WARC File Format 1.1\r\n".encode())
            _write(info, self._file)
        return self._file

    def _record(self, kind: WarcRecordType, url: str, at: datetime) -> WarcRecord:
        record = WarcRecord()
        record.init_headers(record_type=kind)
        record.headers["WARC-Target-URI"] = url
        record.headers["WARC-Date"] = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return record


def _write(record: WarcRecord, stream: BinaryIO) -> None:
    plain = io.BytesIO()
    record.write(plain, checksum_data=record.record_type != WarcRecordType.warcinfo)
    # one gzip member a record, as the format wants it, written at once
    stream.write(isal_zlib.compress(plain.getbuffer(), LEVEL, GZIP))


def _head(first: str, headers: Sequence[tuple[str, str]]) -> bytes:
    lines = [first, *(f"{name}: {value}" for name, value in headers)]
    text = "\r\n".join(line.replace("\r", " ").replace("\n", " ") for line in lines)
    return text.encode("utf-8", "surrogateescape") + b"\r\n\r\n"


def read(path: Path, decode: bool = False, max_bytes: int | None = None) -> Iterator[Response]:
    """The response records of a WARC file (gzip or plain), in order; a torn last record ends the reading.

    With ``decode``, transfer and content encodings are undone and a body is cut after ``max_bytes``.

    Raises:
        InputError: the file cannot be opened, or holds no WARC at its start.
    """
    try:
        with path.open("rb") as stream:
            start = stream.read(10)
            if not (start.startswith(b"\x1f\x8b") or start.startswith(b"WARC/")):
                raise InputError(
                    f"{path}: expected a WARC file, found {start!r}; is it a WACZ? unpack its archive/ folder"
                )
            stream.seek(0)
            how: Literal["all", "none"] = "all" if decode else "none"
            for record in ArchiveIterator(
                stream, record_types=WarcRecordType.response, parse_http=True, auto_decode=how
            ):
                if record.is_http and record.http_headers is not None:
                    yield _response(record, max_bytes)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error}") from error


def read_at(path: Path, offset: int, sha256: str, max_bytes: int | None = None) -> Response:
    """The response record at a byte offset, its payload checked; with ``max_bytes``, encodings are undone and the body is cut there.

    Raises:
        EvidenceError: there is no such record, or its payload has another SHA-256 than the store recorded.
    """
    try:
        with path.open("rb") as stream:
            stream.seek(offset)
            record = next(iter(ArchiveIterator(stream, record_types=WarcRecordType.response, parse_http=True)), None)
            if record is None:
                raise EvidenceError(f"{path}@{offset}: expected a response record, found none; restore the WARC")
            response = _response(record)
            if max_bytes is not None:
                stream.seek(offset)
                plain = ArchiveIterator(
                    stream, record_types=WarcRecordType.response, parse_http=True, auto_decode="all"
                )
                decoded = _response(next(iter(plain)), max_bytes)
    except OSError as error:
        raise EvidenceError(f"{path}@{offset}: cannot be read: {error}; restore the WARC") from error
    found = hashlib.sha256(response.body).hexdigest()
    if found != sha256:
        raise EvidenceError(
            f"{path}@{offset}, {response.id}: expected sha256 {sha256[:12]}, found {found[:12]}; restore the WARC or drop the exhibit"
        )
    return response if max_bytes is None else decoded


def decoded_at(path: Path, offset: int, sha256: str, max_bytes: int | None = None) -> Response:
    """The same with transfer and content encodings undone, once the payload as received has been checked."""
    read_at(path, offset, sha256)
    with path.open("rb") as stream:
        stream.seek(offset)
        record = next(
            iter(ArchiveIterator(stream, record_types=WarcRecordType.response, parse_http=True, auto_decode="all"))
        )
        return _response(record, max_bytes)


def _response(record: WarcRecord, max_bytes: int | None = None) -> Response:
    date = record.record_date or datetime.now(UTC)
    return Response(
        id=(record.record_id or "").strip("<>"),
        url=(record.headers.get("WARC-Target-URI") or "").strip("<>"),
        at=date if date.tzinfo else date.replace(tzinfo=UTC),
        status=record.http_headers.status_code or 0,
        headers=tuple((name, value) for name, value in record.http_headers.items()),
        body=record.reader.read() if max_bytes is None else record.reader.read(max_bytes),
    )
