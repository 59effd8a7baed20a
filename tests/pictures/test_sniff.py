"""What a file really is, told without any decoder."""

from __future__ import annotations

import contextlib
import struct

import hostile_files as hostile
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pictures.sniff import KINDS, MAX_PIXELS, Header, NotAPicture, header, kind_of

REFUSED = {
    "a hundred megapixels in 12 kB": (hostile.LARGE, "10000 x 10000 pixels"),
    "SVG with a script, called .png": (hostile.SVG, "SVG: markup that may hold scripts, never drawn"),
    "HTML that a picture follows": (hostile.HTML_BEFORE, "an HTML page"),
    "BMP of 900 megapixels without pixels": (hostile.EMPTY_BMP, "30000 x 30000 pixels"),
    "JPEG without a frame": (hostile.LYING_JPEG, "jpeg: "),
    "nothing": (b"", "nothing"),
    "PDF": (b"%PDF-1.7\n", "a PDF"),
    "PNG cut off in its header": (hostile.grey()[:20], "png: expected a whole header"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_picture_to_read_is_told_by_its_first_bytes(name: str) -> None:
    body, why = REFUSED[name]
    with pytest.raises(NotAPicture, match=why):
        header(body)


def test_a_picture_with_a_page_or_an_archive_behind_it_is_a_picture_by_its_header() -> None:
    for body in (hostile.HTML_BEHIND, hostile.ZIP_BEHIND, hostile.grey()):
        assert header(body) == Header("png", 64, 64)


def test_each_kind_is_known_by_its_own_header() -> None:
    jpeg = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x11\x08" + struct.pack(">HH", 480, 640) + bytes(12)
    gif = b"GIF89a" + struct.pack("<HH", 320, 200) + bytes(3)
    lossless = b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f" + struct.pack("<I", 99 | 49 << 14) + bytes(8)
    extended = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0" + (199).to_bytes(3, "little") + (299).to_bytes(3, "little")
    bmp = b"BM" + struct.pack("<IHHI", 60, 0, 0, 54) + struct.pack("<IiiHHIIiiII", 40, 30, -20, 1, 24, 0, 0, 0, 0, 0, 0)
    assert [header(body) for body in (jpeg, gif, lossless, extended, bmp)] == [
        Header("jpeg", 640, 480), Header("gif", 320, 200), Header("webp", 100, 50), Header("webp", 200, 300), Header("bmp", 30, 20),
    ]  # fmt: skip


@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a", b"RIFF1234WEBP", b"BM"]),
)
def test_any_bytes_get_an_answer_and_never_too_many_pixels(rest: bytes, start: bytes) -> None:
    found = None
    with contextlib.suppress(NotAPicture):
        found = header(start + rest)
    if found is not None:
        assert found.kind == kind_of(start + rest)
        assert found.kind in KINDS
        assert 0 < found.width * found.height <= MAX_PIXELS
