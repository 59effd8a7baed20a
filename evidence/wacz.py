"""WACZ 1.1.1: one WARC with index and page list in a ZIP that browsers replay. The same input gives the same bytes.

Own writer: the ``wacz`` package brings 57 packages, one of them (``surt``) under the AGPL. The tests hold the two together where it is
installed. Every member is stored, none deflated, so that a changed byte is a changed byte of a file and not of a stream.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import string
import zipfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

from fastwarc.warc import ArchiveIterator, WarcRecordType

from core.types import Capture
from evidence.cutting import CHUNK, Cut

WARC = "archive/capture.warc.gz"
INDEX, INDEX_OF_INDEX = "indexes/index.cdx.gz", "indexes/index.idx"
PAGES, PACKAGE, PACKAGE_DIGEST = "pages/pages.jsonl", "datapackage.json", "datapackage-digest.json"
ENDS = (1980, 1, 1, 0, 0, 0)  # the ZIP's own epoch: the time of packing is no part of the evidence
Fault = tuple[str, str, str]  # member, expected, found


def write(captures: Sequence[Capture], cut: Cut, titles: dict[str, str], software: str, at: datetime) -> bytes:
    """A WACZ of captures that were cut out; ``titles`` names those that are pages by capture id, ``at`` is the time of packing (UTC)."""
    lines = sorted(
        f"{surt(capture.url)} {capture.fetched_at:%Y%m%d%H%M%S} {_entry(capture, cut)}\n" for capture in captures
    )
    index = gzip.compress("".join(lines).encode(), mtime=0)
    first = " ".join(lines[0].split(" ", 2)[:2])
    block = {"offset": 0, "length": len(index), "digest": _hash(index), "filename": "index.cdx.gz"}
    meta = {"format": "cdxj-gzip-1.0", "filename": "index.cdx.gz"}
    members = {
        WARC: cut.warc,
        INDEX: index,
        INDEX_OF_INDEX: f"!meta 0 {json.dumps(meta)}\n{first} {json.dumps(block)}\n".encode(),
        PAGES: "".join(_pages(captures, titles)).encode(),
    }
    package = {
        "profile": "data-package",
        "resources": [
            {"name": path.rsplit("/", 1)[1].lower(), "path": path, "hash": _hash(content), "bytes": len(content)}
            for path, content in members.items()
        ],
        "wacz_version": "1.1.1",
        "software": software,
        "created": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "title": "xuncha lead 线索",
    }
    members[PACKAGE] = json.dumps(package, ensure_ascii=False, indent=2).encode()
    members[PACKAGE_DIGEST] = json.dumps({"path": PACKAGE, "hash": _hash(members[PACKAGE])}).encode()
    return _zip(members)


def surt(url: str) -> str:
    """The sort-friendly form of a URL that indexes use: host reversed, ``www.`` dropped, query sorted, all in lower case."""
    parts = urlsplit(quote(url, safe=string.punctuation).lower())
    host = (parts.hostname or "").removeprefix("www.")
    port = f":{parts.port}" if parts.port and (parts.scheme, parts.port) not in (("http", 80), ("https", 443)) else ""
    query = "&".join(sorted(parts.query.split("&")))
    return f"{','.join(reversed(host.split('.')))}{port}){parts.path or '/'}{'?' if query else ''}{query}"


def payloads(wacz: bytes) -> dict[str, str]:
    """SHA-256 (hex) of the payload of each response in the WACZ's WARC, by record id."""
    with zipfile.ZipFile(io.BytesIO(wacz)) as archive:
        stream = io.BytesIO(archive.read(WARC))
    found = {}
    for record in ArchiveIterator(stream, record_types=WarcRecordType.response, parse_http=True):
        digest = hashlib.sha256()
        while chunk := record.reader.read(CHUNK):
            digest.update(chunk)
        found[(record.record_id or "").strip("<>")] = digest.hexdigest()
    return found


def faults(wacz: bytes) -> Iterator[Fault]:
    """What is wrong inside of a WACZ: members against its own package, the package against its digest."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(wacz))
        listed = archive.infolist()
        total = sum(info.file_size for info in listed)
        if total > len(wacz) or len({info.filename for info in listed}) < len(listed):
            yield (
                "",
                "members stored once, not deflated",
                f"{len(listed)} members of {total} bytes in a file of {len(wacz)}",
            )
            return
        members = {info.filename: archive.read(info) for info in listed}
        package = json.loads(members[PACKAGE])
        stated = json.loads(members[PACKAGE_DIGEST])["hash"]
        resources = {str(entry["path"]): entry["hash"] for entry in package["resources"]}
    except Exception as error:  # a damaged ZIP raises whatever its readers raise
        yield "", "a WACZ that can be read", f"{type(error).__name__}: {error}"
        return
    if _hash(members[PACKAGE]) != stated:
        yield PACKAGE, str(stated), _hash(members[PACKAGE])
    for path in sorted((resources.keys() | members.keys()) - {PACKAGE, PACKAGE_DIGEST}):
        found = _hash(members[path]) if path in members else "no such member"
        if resources.get(path) != found:
            yield path, str(resources.get(path, "not listed in datapackage.json")), found


def _entry(capture: Capture, cut: Cut) -> str:
    offset, length = cut.places[capture.id]
    mime = capture.media_type.partition(";")[0].strip() or "unk"
    entry = {
        "url": capture.url, "mime": mime, "status": str(capture.status), "digest": f"sha-256:{capture.sha256}",
        "length": str(length), "offset": str(offset), "filename": WARC.rsplit("/", 1)[1],
    }  # fmt: skip
    return json.dumps(entry, ensure_ascii=False)


def _pages(captures: Sequence[Capture], titles: dict[str, str]) -> Iterator[str]:
    yield json.dumps({"format": "json-pages-1.0", "id": "pages", "title": "All Pages"}) + "\n"
    for capture in (one for one in captures if one.id in titles):
        page: dict[str, Any] = {
            "id": capture.id.rsplit(":", 1)[-1],
            "url": capture.url,
            "title": titles[capture.id],
            "ts": f"{capture.fetched_at:%Y-%m-%dT%H:%M:%SZ}",
            "size": capture.size,
        }
        yield json.dumps(page, ensure_ascii=False) + "\n"


def _zip(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for path, content in members.items():
            archive.writestr(zipfile.ZipInfo(path, ENDS), content)
    return buffer.getvalue()


def _hash(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
