"""Pages that may be costly to read are read aside, in a process that can be killed, so that none can hold up the others.

The parser is written in C and holds the interpreter while it works. Its time grows with the square of the attributes of one tag and of
the formatting elements left open (measured: 20,000 attributes 2 s, 3,000 open ``<font>`` 7 s); the rest is linear. Time in plain Python
over many documents of one page is for ``crawler.spider`` to limit.
"""

from __future__ import annotations

import asyncio
import contextlib
import pickle
import resource
import signal
import struct
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from ahocorasick_rs import BytesAhoCorasick

from core.types import Document
from crawler.adapters import adapter
from crawler.pages import Follow, Locked, Page, Unread
from crawler.sources import Source

READ_SECONDS = 10.0  # for one page, read aside
MAX_BYTES = 600_000  # read in place; a feed of this size takes about a second
MAX_TAGS = 20_000
MAX_GAP = 12_000  # bytes without a tag's beginning
MAX_WORDS = 4_000  # in such a gap: they may be attributes
MAX_FORMATS = 500
MEMORY = 3_000_000_000
_FORMATS = BytesAhoCorasick(
    [
        f"<{name}{end}".encode()
        for name in ("b", "big", "code", "em", "font", "i", "s", "small", "strike", "strong", "tt", "u")
        for end in (" ", ">", "/", "\n", "\r", "\t", "\f")
    ]
)
_LENGTH = struct.Struct("!I")
Item = Document | Follow | Locked | Unread


class TooCostly(Exception):
    """A page that was not read within its time or memory."""


def costly(body: bytes) -> bool:
    """Whether reading a page may take long; most pages are cleared by counting."""
    if len(body) > MAX_BYTES:
        return True
    if body[:4].count(0):  # UTF-16 or UTF-32: its markup is as plain without the zeros
        body = body.replace(b"\x00", b"")
    tags = body.count(b"<")
    if tags > MAX_TAGS or any(
        gap.count(b"/") > MAX_WORDS or len(gap.split(maxsplit=MAX_WORDS)) > MAX_WORDS for gap in _gaps(body)
    ):
        return True
    return tags > MAX_FORMATS and len(_FORMATS.find_matches_as_indexes(body.lower())) > MAX_FORMATS


def _gaps(body: bytes) -> Iterator[bytes]:
    """What lies between two tags' beginnings, where that is more than ``MAX_GAP`` bytes."""
    begin = 0
    while len(body) - begin > MAX_GAP:
        last = body.rfind(b"<", begin + 1, begin + MAX_GAP)
        if last < 0:
            last = body.find(b"<", begin + MAX_GAP)
            last = len(body) if last < 0 else last
            yield body[begin:last]
        begin = last


class Aside:
    """One process that reads pages, begun when it is first needed, begun anew when it had to be killed."""

    def __init__(self, seconds: float = READ_SECONDS) -> None:
        self.seconds = seconds
        self._process: asyncio.subprocess.Process | None = None
        self._one = asyncio.Lock()

    async def read(self, source: Source, page: Page) -> list[Item]:
        """What the source's adapter reads in a page.

        Raises:
            TooCostly: it took too long, or too much memory.
            Exception: what the adapter raised.
        """
        async with self._one:
            process = self._process = self._process or await self._begin()
            try:
                found = await asyncio.wait_for(_exchange(process, (source, page)), self.seconds)
            except (TimeoutError, asyncio.IncompleteReadError, ConnectionError) as error:
                await self.close()
                why = (
                    f"longer than {self.seconds:.0f} s" if isinstance(error, TimeoutError) else "its reader died of it"
                )
                raise TooCostly(why) from error
        if isinstance(found, Exception):
            raise found
        return list(found)

    async def _begin(self) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "crawler.aside", cwd=Path(__file__).parent.parent,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=2**26,
        )  # fmt: skip

    async def close(self) -> None:
        """End the process, if any was begun."""
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


async def _exchange(process: asyncio.subprocess.Process, asked: tuple[Source, Page]) -> Iterable[Item] | Exception:
    assert process.stdin
    assert process.stdout
    packed = pickle.dumps(asked)
    process.stdin.write(_LENGTH.pack(len(packed)) + packed)
    await process.stdin.drain()
    length = _LENGTH.unpack(await process.stdout.readexactly(_LENGTH.size))[0]
    found: Iterable[Item] | Exception = pickle.loads(await process.stdout.readexactly(length))  # noqa: S301 - of our own process
    return found


def serve() -> None:
    """Read pages from standard input until it ends."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    questions, answers = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # whatever prints must not get between the answers
    while head := questions.read(_LENGTH.size):
        source, page = pickle.loads(questions.read(_LENGTH.unpack(head)[0]))  # noqa: S301 - of our own process
        signal.setitimer(signal.ITIMER_REAL, 2 * READ_SECONDS)  # ends a reader whose asker was killed meanwhile
        try:
            found: list[Item] | Exception = list(adapter(source.kind).read(source, page))
        except Exception as error:  # whatever the page does to its reader is the answer
            found = RuntimeError(f"{type(error).__name__}: {error}"[:300])
        signal.setitimer(signal.ITIMER_REAL, 0)
        packed = pickle.dumps(found)
        answers.write(_LENGTH.pack(len(packed)) + packed)
        answers.flush()


if __name__ == "__main__":
    serve()
