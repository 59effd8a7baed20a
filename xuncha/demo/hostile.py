"""What a site can do to a crawler: each function answers one request in its own way."""

from __future__ import annotations

import functools
import gzip
import re
import time
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler

BOMB_BYTES = 60_000_000  # after decompression; about 60 KB on the wire
DEPTH = 100_000
DRIP_SECONDS = 0.5  # a page of a megabyte then takes six days


def bomb(handler: BaseHTTPRequestHandler) -> None:
    """A small gzip body that inflates to 60 MB."""
    _send(handler, _bomb(), [("Content-Encoding", "gzip")])


@functools.cache
def _bomb() -> bytes:
    return gzip.compress(b"<h1>" + b" " * BOMB_BYTES, 9, mtime=0)


def flood(handler: BaseHTTPRequestHandler) -> None:
    """A body without an announced length that goes on until the reader hangs up."""
    _head(handler, [("Transfer-Encoding", "chunked")])
    while True:
        handler.wfile.write(b"10000\r\n" + b" " * 0x10000 + b"\r\n")


def drip(handler: BaseHTTPRequestHandler) -> None:
    """A page that comes byte by byte until the reader hangs up, which ends this with a ConnectionError."""
    _head(handler, [("Content-Length", "1000000")])
    while True:
        handler.wfile.write(b" ")
        time.sleep(DRIP_SECONDS)


def lie(handler: BaseHTTPRequestHandler) -> None:
    """A Content-Length of 9,000 before a body of a few bytes."""
    _head(handler, [("Content-Length", "9000")])
    handler.wfile.write("<h1>说好九千字节</h1>".encode())
    handler.close_connection = True


def drop(handler: BaseHTTPRequestHandler) -> None:
    """The connection closed without a word."""
    handler.close_connection = True


def deep(handler: BaseHTTPRequestHandler) -> None:
    """An innocent sentence below 100,000 nested elements."""
    html = f"<!DOCTYPE html><meta charset=utf-8><title>十万层</title><h1>井底</h1><div class=text>{'<div>' * DEPTH}井底只有一句话：今天天气不错。"
    _send(handler, html.encode())


def chain(handler: BaseHTTPRequestHandler) -> None:
    """A redirect to the next number, for ever."""
    number = int(re.sub(r"\D", "", handler.path)[:12] or 0)
    handler.send_response(302)
    handler.send_header("Location", f"/page/chain/{number + 1}")
    handler.send_header("Content-Length", "0")
    handler.end_headers()


def calendar(handler: BaseHTTPRequestHandler) -> None:
    """An empty page for each day, with a link to the next, for ever."""
    day = date.fromisoformat(handler.path.rsplit("/", 1)[-1])
    later = f'<a class="later" href="/calendar/{day + timedelta(days=1)}">下一天</a>'
    _send(handler, f"<!DOCTYPE html><meta charset=utf-8><title>{day}</title><h1>{day} 没有活动</h1>{later}".encode())


def _send(handler: BaseHTTPRequestHandler, body: bytes, headers: list[tuple[str, str]] | None = None) -> None:
    _head(handler, [*(headers or []), ("Content-Length", str(len(body)))])
    handler.wfile.write(body)


def _head(handler: BaseHTTPRequestHandler, headers: list[tuple[str, str]]) -> None:
    handler.send_response(200)
    for name, value in [("Content-Type", "text/html; charset=utf-8"), *headers]:
        handler.send_header(name, value)
    handler.end_headers()


BEHAVIOURS: Mapping[str, Callable[[BaseHTTPRequestHandler], None]] = {
    behaviour.__name__: behaviour for behaviour in (bomb, flood, drip, lie, drop, deep, chain, calendar)
}
