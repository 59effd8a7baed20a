"""Two hostile files, made without any library: a PNG of a hundred megapixels and an SVG with a script."""

from __future__ import annotations

import struct
import zlib


def huge(side: int = 10_000) -> bytes:
    """A PNG of a hundred megapixels in a few thousand bytes."""
    rows = zlib.compressobj(9)
    packed = b"".join(rows.compress(b"\0" * (1 + side // 8)) for _ in range(side)) + rows.flush()
    chunks = ((b"IHDR", struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)), (b"IDAT", packed), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in chunks
    )


VECTOR = b'<svg xmlns="http://www.w3.org/2000/svg" width="300" height="300"><script>alert(document.cookie)</script><text y="40">gangjian</text></svg>\n'
