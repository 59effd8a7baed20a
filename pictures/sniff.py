"""What a file that calls itself a picture really is, told from its first bytes and its header alone: nothing is decoded here.

What a server or a file name claims is not believed. Only the formats of ``KINDS`` ever reach a decoder, and only as what they are; their
pixels are counted before any is unpacked (PNG: W3C 2003, 11.2.2; JPEG: ITU T.81, B.2.2; GIF89a, 18; WebP: RFC 9649; BMP: BITMAPINFOHEADER).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

KINDS = ("png", "jpeg", "gif", "webp", "bmp")
MAX_PIXELS = 40_000_000  # a poster photographed by a phone has 12 to 24 million; more is refused before any is unpacked
MIN_SIDE = 24  # smaller ones are bullets and counting pixels: nothing can be read in them
MAX_SIDE = 20_000
_SCAN = 1_000_000  # bytes in which a JPEG's frame header must stand


class NotAPicture(ValueError):
    """A file that is not given to any decoder; the message says why."""


@dataclass(frozen=True, slots=True)
class Header:
    """What the header of a picture says: its kind (of ``KINDS``), width and height in pixels."""

    kind: str
    width: int
    height: int


def header(body: bytes) -> Header:
    """The header of a picture.

    Raises:
        NotAPicture: it is none of ``KINDS``, is cut off in its header, or has more pixels than ``MAX_PIXELS``.
    """
    kind = kind_of(body)
    try:
        width, height = _SIZES[kind](body)
    except (struct.error, IndexError) as error:
        raise NotAPicture(f"{kind}: expected a whole header, found it cut off") from error
    if width < 1 or height < 1:
        raise NotAPicture(f"{kind}: expected a width and a height, found {width} x {height}")
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        raise NotAPicture(f"{kind}: {width} x {height} pixels, more than the {MAX_PIXELS:,} that are unpacked")
    return Header(kind, width, height)


def kind_of(body: bytes) -> str:
    """The kind of a picture by its magic bytes.

    Raises:
        NotAPicture: it is none of ``KINDS``; what it looks like instead is told.
    """
    if body.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if body.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if body.startswith((b"GIF87a", b"GIF89a")):
        return "gif"
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return "webp"
    if body[:2] == b"BM" and len(body) > 30 and body[14:18] in (b"\x28\0\0\0", b"\x7c\0\0\0", b"\x6c\0\0\0"):
        return "bmp"
    raise NotAPicture(f"expected {', '.join(KINDS)}, found {_looks_like(body)}")


def _looks_like(body: bytes) -> str:
    start = body[:1_000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not body:
        return "nothing"
    if b"<svg" in start or (start.startswith(b"<?xml") and b"svg" in start):
        return "SVG: markup that may hold scripts, never drawn"
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<body", b"<script")):
        return "an HTML page"
    if body[4:12] in (b"ftypavif", b"ftypheic", b"ftypmif1", b"ftypheix"):
        return "AVIF or HEIC, which are not read"
    if start.startswith(b"%pdf"):
        return "a PDF"
    if start.startswith(b"pk\x03\x04"):
        return "a ZIP"
    return f"bytes that begin {body[:8]!r}"


def _png(body: bytes) -> tuple[int, int]:
    length, name = struct.unpack_from(">I4s", body, 8)
    if name != b"IHDR" or length != 13:
        raise NotAPicture("png: expected IHDR first, found another chunk")
    width, height = struct.unpack_from(">II", body, 16)
    return width, height


def _gif(body: bytes) -> tuple[int, int]:
    width, height = struct.unpack_from("<HH", body, 6)
    return width, height


def _bmp(body: bytes) -> tuple[int, int]:
    width, height = struct.unpack_from("<ii", body, 18)
    return width, abs(height)


def _webp(body: bytes) -> tuple[int, int]:
    name = body[12:16]
    if name == b"VP8X":
        return 1 + int.from_bytes(body[24:27], "little"), 1 + int.from_bytes(body[27:30], "little")
    if name == b"VP8L":
        (bits,) = struct.unpack_from("<I", body, 21)
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if name == b"VP8 ":
        width, height = struct.unpack_from("<HH", body, 26)
        return width & 0x3FFF, height & 0x3FFF
    raise NotAPicture(f"webp: expected VP8, VP8L or VP8X, found {name!r}")


def _jpeg(body: bytes) -> tuple[int, int]:
    at = 2
    while at < min(len(body), _SCAN):
        if body[at] != 0xFF:
            raise NotAPicture(f"jpeg: expected a marker at byte {at}, found {body[at]:#04x}")
        marker = body[at + 1]
        if marker == 0xFF or 0xD0 <= marker <= 0xD8 or marker == 0x01:
            at += 1 if marker == 0xFF else 2
            continue
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", body, at + 5)
            return width, height
        if marker in (0xD9, 0xDA):
            break
        at += 2 + struct.unpack_from(">H", body, at + 2)[0]
    raise NotAPicture("jpeg: expected a frame header, found none")


_SIZES = {"png": _png, "jpeg": _jpeg, "gif": _gif, "webp": _webp, "bmp": _bmp}
