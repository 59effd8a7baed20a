"""WACZ packages in the shapes that the three tools of the field write, of our own pages."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

Page = tuple[str, str, str]  # URL, media type, body


def warc(pages: list[Page], version: str = "1.1", extra: bool = False) -> bytes:
    """A WARC with a gzip member a record; ``extra`` adds the ``urn:`` resource records that Browsertrix writes."""
    stream = io.BytesIO()
    writer = WARCWriter(stream, gzip=True, warc_version=f"WARC/{version}")
    writer.write_record(writer.create_warcinfo_record("x.warc.gz", {"software": "others"}))
    for url, kind, body in pages:
        head = StatusAndHeaders("200 OK", [("Content-Type", kind)], protocol="HTTP/1.1")
        dated = {"WARC-Date": "2026-11-06T13:40:43.123Z" if version == "1.1" else "2026-11-06T13:40:43Z"}
        record = writer.create_warc_record(
            url, "response", payload=io.BytesIO(body.encode()), http_headers=head, warc_headers_dict=dated
        )
        writer.write_record(record)
        if extra:
            info = json.dumps({"url": url, "counts": {}}).encode()
            writer.write_record(
                writer.create_warc_record(
                    f"urn:pageinfo:{url}", "resource", payload=io.BytesIO(info), warc_content_type="application/json"
                )
            )
    return stream.getvalue()


def wacz(path: Path, members: dict[str, bytes], profile: bool = True, deflated: bool = False) -> Path:
    """A package of members, with the ``datapackage.json`` that lists their digests."""
    resources = [
        {
            "name": name.rsplit("/", 1)[1],
            "path": name,
            "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
            "bytes": len(content),
        }
        for name, content in members.items()
    ]
    package: dict[str, Any] = {
        "resources": resources,
        "wacz_version": "1.1.1",
        "software": "others",
        "created": "2026-11-06T13:40:43Z",
    }
    if profile:
        package["profile"] = "data-package"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED if deflated else zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
        archive.writestr("datapackage.json", json.dumps(package))
    return path


def lines(*entries: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(entry, ensure_ascii=False).encode() + b"\n" for entry in entries)


def by_archiveweb(path: Path, pages: list[Page], first: Page) -> Path:
    """ArchiveWeb.page: one WARC, a plain index, one list of pages whose header says hasText with a word."""
    listed = lines({"format": "json-pages-1.0", "id": "pages", "title": "All Pages", "hasText": "true"}, {"id": "a", "url": first[0], "title": "白鹭", "ts": "2026-11-06T13:40:43.000Z", "size": 1, "text": "看见白鹭"})  # fmt: skip
    return wacz(path, {"archive/data.warc.gz": warc(pages), "indexes/index.cdx": b"", "pages/pages.jsonl": listed})


def by_browsertrix(path: Path, pages: list[Page], seed: Page, deeper: dict[str, Any]) -> Path:
    """Browsertrix: several WARCs, seeds and deeper pages in two lists, no profile, ``urn:`` records."""
    head = {"format": "json-pages-1.0", "id": "pages", "title": "Seed Pages", "hasText": True}
    half = len(pages) // 2
    members = {
        "archive/rec-1.warc.gz": warc(pages[:half], extra=True), "archive/rec-2.warc.gz": warc(pages[half:], extra=True), "indexes/index.cdxj": b"",
        "pages/pages.jsonl": lines(head, {"id": "a", "url": seed[0], "title": "", "loadState": 4, "seed": True}),
        "pages/extraPages.jsonl": lines({**head, "id": "extra"}, {"depth": 1, "id": "b", **deeper}) + b"{broken\n",
    }  # fmt: skip
    return wacz(path, members, profile=False)


def by_pywacz(path: Path, pages: list[Page]) -> Path:
    """py-wacz: a compressed index with its index, deflated, and no list of pages."""
    return wacz(
        path,
        {"archive/x.warc.gz": warc(pages, "1.0"), "indexes/index.cdx.gz": gzip.compress(b""), "indexes/index.idx": b""},
        deflated=True,
    )
