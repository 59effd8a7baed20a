"""The bytes of pictures that were captured, wherever they lie: in our own WARC at their offset, or somewhere in a file made by others."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from fastwarc.warc import ArchiveIterator, WarcRecordType

from core.errors import EvidenceError
from core.types import Capture, Provenance
from evidence.archive import decoded_at

PACKAGE = ".wacz"


def bodies(archive: Path, captures: Sequence[Capture], max_bytes: int) -> Mapping[str, bytes | EvidenceError]:
    """The files of pictures by capture id, encodings undone, each cut after ``max_bytes``; or why one cannot be had.

    A file of others is read through once for all that are wanted of it; its records are known by their ids.
    """
    found: dict[str, bytes | EvidenceError] = {}
    foreign: dict[str, set[str]] = {}
    for capture in captures:
        if capture.provenance is not Provenance.LIVE:
            foreign.setdefault(capture.warc, set()).add(capture.id)
            continue
        try:
            found[capture.id] = decoded_at(archive / capture.warc, capture.offset, capture.sha256, max_bytes).body
        except (EvidenceError, OSError) as error:
            found[capture.id] = EvidenceError(str(error))
    for warc, ids in foreign.items():
        missing = f"{archive / warc}: expected its record, found none; restore the file"
        found |= dict.fromkeys(ids, EvidenceError(missing))
        try:
            for id, body in _records(archive / warc, ids, max_bytes):
                found[id] = body
        except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
            why = EvidenceError(f"{archive / warc}: cannot be read: {error}; restore the file")
            found |= {id: why for id in ids if not isinstance(found[id], bytes)}
    return found


def body(archive: Path, capture: Capture, max_bytes: int) -> bytes:
    """The file of one picture.

    Raises:
        EvidenceError: the archive does not hold it, or holds something else.
    """
    found = bodies(archive, [capture], max_bytes)[capture.id]
    if isinstance(found, EvidenceError):
        raise found
    return found


def _records(path: Path, ids: set[str], max_bytes: int) -> Iterator[tuple[str, bytes]]:
    left = set(ids)
    for stream in _streams(path):
        for record in ArchiveIterator(stream, record_types=WarcRecordType.response, parse_http=True, auto_decode="all"):
            id = (record.record_id or "").strip("<>")
            if id in left:
                left.discard(id)
                yield id, record.reader.read(max_bytes)
            if not left:
                return


def _streams(path: Path) -> Iterator[Any]:
    if path.name.endswith(PACKAGE):
        with zipfile.ZipFile(path) as package:
            for name in sorted(package.namelist()):
                if name.startswith("archive/") and name.endswith((".warc", ".warc.gz")):
                    with package.open(name) as member:
                        yield member
    else:
        with path.open("rb") as stream:
            yield stream
