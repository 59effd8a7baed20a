"""Common Crawl on loopback: an index that answers by the CDX server's rules, and an archive that gives byte ranges."""

from __future__ import annotations

import io
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

FILE = "crawl-data/CC-MAIN-2026-43/segments/1794000000000.00/warc/CC-MAIN-20261106134043-20261106164043-00000.warc.gz"
CDX = "/CC-MAIN-2026-43-index"


def warc(pages: list[tuple[str, str, bytes]]) -> bytes:
    """A file as the crawl writes it: WARC/1.0, a gzip member a record, request and metadata records between."""
    stream = io.BytesIO()
    writer = WARCWriter(stream, gzip=True, warc_version="WARC/1.0")
    writer.write_record(writer.create_warcinfo_record("x.warc.gz", {"software": "Apache Nutch 1.20 (modified)"}))
    for url, kind, body in pages:
        head = StatusAndHeaders(
            "200 OK", [("Content-Type", kind), ("X-Crawler-Content-Encoding", "gzip")], protocol="HTTP/1.1"
        )
        dated = {"WARC-Date": "2026-11-06T13:40:43Z", "WARC-Identified-Payload-Type": "text/html"}
        asked = StatusAndHeaders("GET / HTTP/1.1", [("User-Agent", "CCBot/2.0")], is_http_request=True)
        writer.write_record(writer.create_warc_record(url, "request", http_headers=asked))
        writer.write_record(
            writer.create_warc_record(
                url, "response", payload=io.BytesIO(body), http_headers=head, warc_headers_dict=dated
            )
        )
    return stream.getvalue()


def entries(content: bytes, **more: Any) -> list[dict[str, Any]]:
    """The lines of the index API for a file: every value a string."""
    found, iterator = [], ArchiveIterator(io.BytesIO(content))
    for record in iterator:
        record.content_stream().read()
        if record.rec_type == "response":
            url = record.rec_headers.get_header("WARC-Target-URI")
            iterator.read_to_end(record)
            found.append({
                "urlkey": "test,river)/", "timestamp": "20261106134043", "url": url, "mime": "text/html", "mime-detected": "text/html", "status": "200",
                "digest": "AAAA", "length": str(iterator.get_record_length()), "offset": str(iterator.get_record_offset()), "filename": FILE,
                "languages": "zho", "encoding": "UTF-8", **more,
            })  # fmt: skip
    return found


class CommonCrawl:
    """The index, two lines a page, and the archive with one file; ``ranges`` False gives the whole file whatever is asked."""

    def __init__(self, content: bytes, lines: list[str], ranges: bool = True) -> None:
        self.content, self.lines, self.ranges, self.asked = content, lines, ranges, list[tuple[str, str]]()
        crawl = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                crawl.asked.append((self.path, self.headers.get("Range", "")))
                parts = urlsplit(self.path)
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                if parts.path == CDX:
                    self.index(query)
                elif parts.path == f"/{FILE}":
                    self.file()
                else:
                    self.answer(404, b"")

            def index(self, query: dict[str, str]) -> None:
                pages = -(-len(crawl.lines) // 2)
                if query.get("output") != "json":
                    self.answer(200, b"test,river)/ 20261106134043 ...")
                elif query.get("showNumPages"):
                    self.answer(
                        200,
                        json.dumps({"pages": pages, "pageSize": 5, "blocks": pages}).encode(),
                        kind="application/json",
                    )
                elif (page := int(query.get("page", 0))) >= pages:
                    self.answer(
                        400,
                        json.dumps(
                            {"message": f"Page {page} invalid: First Page is 0, Last Page is {pages - 1}"}
                        ).encode(),
                    )
                else:
                    text = "".join(f"{line}\n" for line in crawl.lines[page * 2 : page * 2 + 2])
                    self.answer(200, text.encode(), kind="text/x-ndjson")

            def file(self) -> None:
                asked = self.headers.get("Range", "")
                if crawl.ranges and asked.startswith("bytes="):
                    first, last = (int(place) for place in asked.removeprefix("bytes=").split("-"))
                    part = crawl.content[first : last + 1]
                    self.answer(
                        206,
                        part,
                        {"Content-Range": f"bytes {first}-{first + len(part) - 1}/{len(crawl.content)}"},
                        "application/octet-stream",
                    )
                else:
                    self.answer(200, crawl.content, kind="application/octet-stream")

            def answer(
                self, status: int, body: bytes, headers: dict[str, str] | None = None, kind: str = "text/plain"
            ) -> None:
                self.send_response(status)
                for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **(headers or {})}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self) -> CommonCrawl:
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()
