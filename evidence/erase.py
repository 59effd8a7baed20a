"""Erasing records of the archive in place, where the law does not let them be kept: every other record stays at its offset, byte for byte.

The gzip members of a response and its request become members of the same length that hold a WARC ``metadata`` record saying what was erased
and when, padded in the gzip header's comment (RFC 1952, 2.3.1), which readers skip. Imported files go as a whole or not at all.
"""

from __future__ import annotations

import struct
import uuid
import zlib
from datetime import UTC, datetime
from pathlib import Path

from core.errors import EvidenceError
from core.types import Capture, Provenance
from evidence.cutting import member

_COMMENT = 0x10  # the flag of a gzip header with a comment
_FRAME = 10 + 1 + 8  # bytes of a gzip member besides comment and content


def extent(archive: Path, capture: Capture) -> int:
    """How many bytes of its file a capture's response takes, its request included; 0 for one that lies in a file of others.

    Raises:
        EvidenceError: the file cannot be read, or the record is not there.
    """
    if capture.provenance is not Provenance.LIVE:
        return 0
    path = archive / capture.warc
    try:
        response, head = member(path, capture.offset)
        if f"<{capture.id}>".encode() not in head:
            raise EvidenceError(
                f"{path}@{capture.offset}: expected record {capture.id}, found another; restore the WARC"
            )
        request, asked = member(path, capture.offset + len(response))
    except OSError as error:
        raise EvidenceError(f"{path}@{capture.offset}: cannot be read: {error}; restore the WARC") from error
    return len(response) + (len(request) if f"WARC-Concurrent-To: <{capture.id}>".encode() in asked else 0)


def erase(path: Path, offset: int, length: int, capture: str, at: datetime) -> None:
    """Write the record of an erasure over ``length`` bytes of a WARC; twice is as good as once, also after a crash halfway.

    Raises:
        EvidenceError: the file cannot be written, or the room is too small for what must be said.
    """
    try:
        with path.open("r+b") as stream:
            stream.seek(offset)
            stream.write(tombstone(length, capture, at))
    except OSError as error:
        raise EvidenceError(
            f"{path}@{offset}: cannot be erased: {error}; mend the disk or its rights, then purge again"
        ) from error


def tombstone(length: int, capture: str, at: datetime) -> bytes:
    """A gzip member of exactly ``length`` bytes that says that a record was erased.

    Raises:
        EvidenceError: it does not fit.
    """
    body = b"erased: retention\r\n"
    head = (
        "WARC/1.1\r\nWARC-Type: metadata\r\n"
        f"WARC-Record-ID: <urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, capture)}>\r\nWARC-Refers-To: <{capture}>\r\n"
        f"WARC-Date: {at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}\r\nContent-Type: application/warc-fields\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode("ascii")
    content = head + body + b"\r\n\r\n"
    squeezer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    squeezed = squeezer.compress(content) + squeezer.flush()
    room = length - _FRAME - len(squeezed)
    if room < 0:
        raise EvidenceError(
            f"{capture}: expected at least {_FRAME + len(squeezed)} bytes to erase in place, found {length}"
        )
    header = b"\x1f\x8b\x08" + bytes([_COMMENT]) + b"\0\0\0\0" + b"\0\xff"
    return header + b" " * room + b"\0" + squeezed + struct.pack("<II", zlib.crc32(content), len(content))
