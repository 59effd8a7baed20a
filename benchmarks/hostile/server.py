"""What a hostile server is made of: a socket, a path, and a function that may answer with any bytes at all, or none."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

CHUNK = 65_536
LONGEST = 30.0  # seconds that a connection is held at most


class Gone(Exception):
    """The asker has hung up, or the benchmark is over."""


class Asked:
    """One request: its path and headers, how often the path was asked before, and the ways to answer."""

    def __init__(
        self, server: Server, connection: socket.socket, path: str, headers: Mapping[str, str], before: int
    ) -> None:
        self.server, self.connection, self.path, self.headers, self.before = server, connection, path, headers, before
        self.until = time.monotonic() + LONGEST

    def send(self, data: bytes) -> None:
        """Bytes as they are."""
        if self.server.over.is_set() or time.monotonic() > self.until:
            raise Gone
        try:
            self.connection.sendall(data)
        except OSError as error:
            raise Gone from error
        self.server.sent += len(data)

    def rest(self, seconds: float) -> None:
        """Do nothing for a while, or until the asker hangs up."""
        readable, _, _ = select.select([self.connection], [], [], min(seconds, max(0.0, self.until - time.monotonic())))
        if self.server.over.is_set() or (readable and not self._peek()):
            raise Gone

    def _peek(self) -> bytes:
        try:
            return self.connection.recv(1, socket.MSG_PEEK)
        except OSError:
            return b""

    def head(self, status: str = "200 OK", length: int | None = None, **headers: str) -> None:
        """A status line and headers; ``length`` the Content-Length, if any."""
        given = {"Content-Type": "text/html; charset=utf-8", "Connection": "close"}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        if length is not None:
            given["Content-Length"] = str(length)
        lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in given.items())]
        self.send("\r\n".join(lines).encode("utf-8") + b"\r\n\r\n")

    def reply(self, body: bytes | str = b"", status: str = "200 OK", **headers: str) -> None:
        """A whole answer."""
        data = body.encode() if isinstance(body, str) else body
        self.head(status, len(data), **headers)
        self.send(data)

    def page(self, text: str = "好", **headers: str) -> None:
        """A page with one post."""
        self.reply(f"<html><body><h1>帖</h1><p>{text}</p></body></html>", **headers)

    def listing(self, *links: str, following: str = "") -> None:
        """A list that leads to links."""
        more = f'<a class="next" href="{following}">下一页</a>' if following else ""
        self.reply(
            "<html><body>" + "".join(f'<a class="t" href="{link}">帖</a>' for link in links) + more + "</body></html>"
        )

    def moved(self, target: str, status: str = "302 Found", **headers: str) -> None:
        """A redirect."""
        self.reply(status=status, Location=target, **headers)


@dataclass
class Facts:
    """What came of a server: texts of its documents, refusals and captures by path, paths asked and when, bytes it sent."""

    texts: list[str]
    refusals: dict[str, tuple[str, str]]
    captures: dict[str, Any]
    asked: list[str]
    at: list[float]
    sent: int
    first: int = 0  # requests of the first night

    def told(self) -> str:
        """What it got, in one line."""
        reasons = sorted({reason for reason, _ in self.refusals.values()})
        return f"{len(self.asked)} requests, {len(self.texts)} documents" + (
            f"; refused: {', '.join(reasons)}" if reasons else ""
        )


@dataclass(frozen=True)
class Trap:
    """One server: what it does, how it answers, and what must come of it.

    ``documents`` are the texts that must be stored (None: any), ``refused`` the path's refusal with its reason and words of its
    detail, ``never`` paths that must not be asked for, ``most`` requests that may come in two nights. ``check`` is for anything
    else: it gives the fault, or None. ``host`` is a name that resolves to ``resolves`` and, the second night, to ``turns``. ``bomb``
    is what has to be packed before the night, ``long`` what a quick benchmark leaves out.
    """

    name: str
    what: str
    answer: Callable[[Asked], object]
    documents: tuple[str, ...] | None = ()
    refused: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    never: tuple[str, ...] = ()
    most: int = 40
    check: Callable[[Facts], str | None] = lambda _: None
    kind: str = "html"
    more: str = ""
    host: str = ""
    resolves: str = ""
    turns: str = ""
    bomb: str = ""
    long: bool = False

    def judge(self, facts: Facts) -> str | None:
        """What is wrong with what came of it, or None."""
        if self.documents is not None and sorted(facts.texts) != sorted(self.documents):
            return f"documents {[text[:30] for text in facts.texts][:5]}, expected {[text[:30] for text in self.documents]}"
        for path, (reason, detail) in self.refused.items():
            found = facts.refusals.get(path)
            if found is None or found[0] != reason or detail not in found[1]:
                return f"{path}: expected refusal {reason!r} ({detail}), found {found}"
        strayed = [path for path in facts.asked if path in self.never]
        if strayed:
            return f"asked for {strayed[:3]}"
        if len(facts.asked) > self.most:
            return f"{len(facts.asked)} requests, at most {self.most}"
        return self.check(facts)


class Server:
    """A trap on an address; a thread for each connection. Use as a context manager."""

    def __init__(self, trap: Trap, address: str, port: int = 0, notes: Server | None = None) -> None:
        self.trap = trap
        self.asked: list[tuple[str, float]] = notes.asked if notes else []
        self.sent = 0
        self.inside = ""
        self.over = threading.Event()
        self.socket = socket.create_server((address, port), backlog=64)
        self.port = int(self.socket.getsockname()[1])

    def __enter__(self) -> Server:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.socket.close()

    def _serve(self) -> None:
        while not self.over.is_set():
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self._one, args=(connection,), daemon=True).start()

    def _one(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            data = b""
            while b"\r\n\r\n" not in data:
                piece = connection.recv(CHUNK)
                if not piece:
                    return
                data += piece
            first, *lines = data.split(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
            path = first.split(" ")[1]
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
            before = sum(one == path for one, _ in self.asked)
            self.asked.append((path, time.monotonic()))
            with contextlib.suppress(Gone):
                asked = Asked(self, connection, path, headers, before)
                if self.trap.answer(asked) is NotImplemented:
                    asked.reply(status="404 Not Found")
                connection.shutdown(socket.SHUT_WR)
                connection.settimeout(1.0)
                connection.recv(CHUNK)
