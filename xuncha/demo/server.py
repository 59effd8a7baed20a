"""The demo's websites on loopback: a port for each, stopped on exit, quiet."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from xuncha.demo.hostile import BEHAVIOURS
from xuncha.demo.pages import Answer, answers, sites, source_files

LOOPBACK = "127.0.0.1"


class Served(dict[str, str]):
    """The base URL of each site by its name; ``asked`` are the paths that each has been asked for, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: dict[str, list[str]] = {}


@contextmanager
def serve(delay: float = 0) -> Iterator[Served]:
    """Serve all sites, each on a port that the system chose, until the context ends; each answer waits ``delay`` seconds."""
    served = Served()
    with ExitStack() as stack:
        for site in sites():
            server = stack.enter_context(_running(delay))
            served[site], served.asked[site] = server.base, server.asked
            server.answers = answers(site, server.base)
        yield served


@contextmanager
def _running(delay: float) -> Iterator[_Server]:
    server = _Server(delay)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    """One site."""

    daemon_threads = True

    def __init__(self, delay: float) -> None:
        super().__init__((LOOPBACK, 0), _Handler)
        self.base = f"http://{LOOPBACK}:{self.server_port}"
        self.delay = delay
        self.answers: Mapping[str, Answer] = {}
        self.asked: list[str] = []

    def handle_error(self, request: object, client_address: object) -> None:
        """Silent: readers hang up on hostile pages, as they should."""

    def answer(self, path: str) -> Answer:
        """The answer to a path: its own, or that of the longest ``prefix*`` it begins with, or 404."""
        if path in self.answers:
            return self.answers[path]
        prefixes = [known for known in self.answers if known.endswith("*") and path.startswith(known[:-1])]
        if prefixes:
            return self.answers[max(prefixes, key=len)]
        return Answer(404, b"404 Not Found\n", "text/plain; charset=utf-8")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body are two writes; Nagle would hold the second back for 40 ms
    server: _Server

    def do_GET(self) -> None:
        """Answer one request."""
        self.server.asked.append(self.path)
        if self.server.delay:
            time.sleep(self.server.delay)
        answer = self.server.answer(self.path)
        if answer.behave:
            BEHAVIOURS[answer.behave](self)
            return
        if answer.status == 200 and self.headers.get("If-None-Match") == answer.etag:
            self._head(304, {"ETag": answer.etag})
            return
        headers = {"Content-Length": str(len(answer.body))}
        if answer.media_type:
            headers["Content-Type"] = answer.media_type
        if answer.location:
            headers["Location"] = answer.location
        if answer.status == 200:
            headers["ETag"] = answer.etag
        self._head(answer.status, headers)
        self.wfile.write(answer.body)

    def _head(self, status: int, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def version_string(self) -> str:
        """The Server header, without Python's version."""
        return "xuncha-demo"

    def log_message(self, format: str, *args: object) -> None:
        """Silent: the demo prints what the crawler found, not what the server heard."""


def write_sources(folder: Path, bases: Mapping[str, str]) -> None:
    """Write ``<name>/source.yml`` for each source of the given sites below ``folder`` (a workspace's ``sources``).

    ``bases`` are the sites' addresses by name, as ``serve`` gives them.
    """
    for site, base in bases.items():
        for name, text in source_files(site).items():
            target = folder / name / "source.yml"
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text.replace("${base}", base), "utf-8")
