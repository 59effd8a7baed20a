"""A website of our own on loopback, whose every answer a test decides, and which notes what it was asked for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SOURCE = """
title: {name}
kind: html
start_urls: ['{url}/']
list: {{link: a.t, next: a.next}}
document: {{title: h1, text: p}}
"""


@dataclass(frozen=True)
class Reply:
    """What the site answers; ``drop`` closes the connection without a word, ``after`` waits first (seconds)."""

    body: bytes | str = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    drop: bool = False
    after: float = 0.0


@dataclass(frozen=True)
class Asked:
    """One request: its path with the query, its headers (lower case) and when it came (monotonic seconds)."""

    path: str
    headers: Mapping[str, str]
    at: float


class Site:
    """Answers by path; a callable gets the number of times that the path was asked before. Use as a context manager."""

    def __init__(self, pages: Mapping[str, Reply | Callable[[int], Reply]], address: str = "127.0.0.1") -> None:
        self.pages, self.asked = dict(pages), list[Asked]()
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                before = sum(one.path == self.path for one in site.asked)
                site.asked.append(
                    Asked(self.path, {name.lower(): value for name, value in self.headers.items()}, time.monotonic())
                )
                reply = site.pages.get(self.path, Reply(status=404))
                self.answer(reply(before) if callable(reply) else reply)

            def answer(self, reply: Reply) -> None:
                time.sleep(reply.after)
                if reply.drop:
                    self.close_connection = True
                    return
                body = reply.body.encode() if isinstance(reply.body, str) else reply.body
                self.send_response(reply.status)
                for name, value in {
                    "Content-Type": "text/html; charset=utf-8",
                    "Content-Length": str(len(body)),
                    **reply.headers,
                }.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(b"" if reply.status == 304 else body)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer((address, 0), Handler)
        self.server.daemon_threads = True
        self.host = f"{address}:{self.server.server_port}"
        self.url = f"http://{self.host}"

    def __enter__(self) -> Site:
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def paths(self, since: int = 0) -> list[str]:
        """The paths that were asked for, in order, robots.txt apart."""
        return [one.path for one in self.asked[since:] if one.path != "/robots.txt"]


def listing(*paths: str, more: str = "") -> Reply:
    """A list that leads to paths, and with ``more`` to its next page."""
    after = f'<a class="next" href="{more}">下一页</a>' if more else ""
    return Reply(
        "<html><body>" + "".join(f'<a class="t" href="{path}">帖</a>' for path in paths) + after + "</body></html>",
        headers={"ETag": f'"{len(paths)}"'},
    )


def page(text: str, **more: Any) -> Reply:
    """A page with one post."""
    return Reply(f"<html><body><h1>帖</h1><p>{text}</p></body></html>", **more)


def declare(workspace: Path, name: str, text: str) -> None:
    """Write a source.yml."""
    folder = workspace / "sources" / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "source.yml").write_text(text, "utf-8")


def configure(workspace: Path, **changes: Any) -> None:
    """Write the settings: no delay and loopback allowed, unless changed."""
    chosen = {"contact": "patrol@xuncha.example", "delay_seconds": 0.0, "allow_addresses": ["127.0.0.1"], **changes}
    workspace.mkdir(parents=True, exist_ok=True)
    (workspace / "xuncha.toml").write_text("".join(f"{name} = {json.dumps(value)}\n" for name, value in chosen.items()))


def begin(workspace: Path) -> subprocess.Popen[str]:
    """A night in a process of its own."""
    return subprocess.Popen(
        [sys.executable, str(ROOT / "tests/crawler/night.py"), str(workspace)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip


def night(workspace: Path, seconds: float = 60.0) -> dict[str, Any]:
    """Crawl the workspace to the end; the run as ``night.py`` tells it."""
    process = begin(workspace)
    try:
        out, errors = process.communicate(timeout=seconds)
    finally:
        process.kill()
    assert process.returncode == 0, errors
    found: dict[str, Any] = json.loads(out.splitlines()[-1])
    return found
