"""Files that want to hurt whoever opens them, made here so that nothing hostile lies in the repository."""

from __future__ import annotations

import io
import random
import struct
import zlib

from benchmarks.posters.traps import VECTOR, huge


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width: int, height: int, rows: bytes, *more: bytes) -> bytes:
    """A grey PNG of 8 bits with these packed rows, whatever the header says."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(more) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


def grey(side: int = 64) -> bytes:
    """A sound PNG of grey stripes."""
    return png(side, side, b"".join(b"\0" + bytes([255 * (y // 8 % 2)]) * side for y in range(side)))


PROFILE_BOMB = png(64, 64, bytes(65 * 64), chunk(b"iCCP", b"x\0\0" + zlib.compress(bytes(200_000_000), 9)))
TEXT_BOMB = png(64, 64, bytes(65 * 64), chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(200_000_000), 9)))
ROWS_BOMB = png(64, 64, bytes(300_000_000))
LARGE = huge()
CUT = png(64, 64, b"".join(b"\0" + random.Random(y).randbytes(64) for y in range(64)))[:2_000]
HTML_BEHIND = grey() + b"<script>alert(1)</script>"
ZIP_BEHIND = grey() + b"PK\x03\x04" + bytes(200)
HTML_BEFORE = b"<html><script>alert(1)</script>" + grey()
LYING_JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(40)
EMPTY_BMP = (
    b"BM"
    + struct.pack("<IHHI", 60, 0, 0, 54)
    + struct.pack("<IiiHHIIiiII", 40, 30_000, 30_000, 1, 24, 0, 0, 0, 0, 0, 0)
)
SVG = VECTOR


def animated() -> bytes:
    """A WebP of sixty frames, of which the second says something else than the first. Needs Pillow."""
    from PIL import Image

    frames = [Image.new("RGB", (80, 80), (255, 255, 255) if n else (200, 30, 30)) for n in range(60)]
    buffer = io.BytesIO()
    frames[0].save(buffer, "WEBP", save_all=True, append_images=frames[1:], duration=20, loop=0)
    return buffer.getvalue()
