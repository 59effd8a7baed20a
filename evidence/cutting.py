"""Cutting records out of the archive: gzip members are copied byte for byte, so that what is handed over is what was written."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from core.errors import EvidenceError
from core.types import Capture
from evidence.archive import read_at

CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Cut:
    """Records in one new WARC, and by capture id: where (offset, length) the response stands, what was asked, by which software."""

    warc: bytes
    places: dict[str, tuple[int, int]]
    requests: dict[str, str]
    software: dict[str, str]


def cut(captures: Iterable[Capture], archive: Path) -> Cut:
    """The WARC of some captures, in the given order: each file's own warcinfo, then each response with its request.

    Raises:
        EvidenceError: a WARC cannot be read, or a payload has another SHA-256 than the store recorded.
    """
    warc = bytearray()
    infos: dict[str, str] = {}
    places: dict[str, tuple[int, int]] = {}
    requests: dict[str, str] = {}
    software: dict[str, str] = {}
    for capture in captures:
        path = archive / capture.warc
        response = read_at(path, capture.offset, capture.sha256)
        if response.id != capture.id:
            raise EvidenceError(
                f"{path}@{capture.offset}: expected record {capture.id}, found {response.id}; restore the WARC"
            )
        if capture.warc not in infos:
            piece, head = member(path, 0)
            infos[capture.warc] = _field(head, "software")
            warc += piece if _field(head, "WARC-Type") == "warcinfo" else b""
        piece, _ = member(path, capture.offset)
        places[capture.id] = (len(warc), len(piece))
        warc += piece
        software[capture.id] = infos[capture.warc]
        asked, head = member(path, capture.offset + len(piece))
        if _field(head, "WARC-Concurrent-To") == f"<{capture.id}>":
            warc += asked
            line = re.search(rb"(?m)^([A-Z]+ \S+ HTTP/[0-9.]+)\r?$", head)
            requests[capture.id] = line[1].decode("utf-8", "replace") if line else ""
    return Cut(bytes(warc), places, requests, software)


def member(path: Path, offset: int) -> tuple[bytes, bytes]:
    """The gzip member at an offset as it stands in the file, and the first bytes that it holds; nothing at the file's end.

    Raises:
        EvidenceError: something else stands there.
    """
    squeezed, head = bytearray(), b""
    inflater = zlib.decompressobj(wbits=31)
    with path.open("rb") as stream:
        stream.seek(offset)
        while not inflater.eof and (chunk := stream.read(CHUNK)):
            try:
                head = (head + inflater.decompress(chunk))[:CHUNK]
            except zlib.error as error:
                raise EvidenceError(
                    f"{path}@{offset}: expected a gzip member, found none: {error}; restore the WARC"
                ) from error
            squeezed += chunk[: len(chunk) - len(inflater.unused_data)]
    return bytes(squeezed), head


def _field(head: bytes, name: str) -> str:
    found = re.search(rb"(?im)^" + name.encode() + rb":[ \t]*(.*?)\r?$", head)
    return found[1].decode("utf-8", "replace") if found else ""
