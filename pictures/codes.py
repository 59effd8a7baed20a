"""QR codes and bar codes in a picture, with zxing-cpp: as it is, then enlarged, then darkened or lightened, until one is found.

Needs the extra ``[pictures]``; runs in ``pictures.worker``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import zxingcpp
from PIL import Image, ImageFilter, ImageOps

from pictures.found import Line

MOST = 12  # codes of one picture
LONGEST = 1_000  # characters of one code
ENLARGED = 1_600  # pixels of the longer side that a smaller picture is enlarged to
TILE = 900  # pixels; a code in a corner of a large picture is looked for in quarters
_BARS = {"EAN13", "EAN8", "UPCA", "UPCE", "ITF", "Codabar", "Code39", "Code93", "Code128", "DataBar"}


def codes(image: Image.Image) -> list[Line]:
    """The codes of a picture, each once, in the order found: text, box and format (``kind``)."""
    found: dict[str, Line] = {}
    for tried, (left, top, scale) in _tries(image):
        for code in _read(tried):
            if code.text and len(found) < MOST:
                found.setdefault(code.text, _line(code, image, left, top, scale))
        if found and scale >= 1.0 and tried.size == image.size:
            break  # found in the picture as it is: what is hidden better is rare, and tries cost
        if found:
            break
    return list(found.values())


def _read(image: Image.Image) -> Iterator[Any]:
    for code in zxingcpp.read_barcodes(image, try_rotate=True, try_downscale=True, try_invert=True):
        name = str(code.format).rpartition(".")[2].replace(" ", "").replace("-", "")
        if name in _BARS and len(code.text) < 8:
            continue  # stripes and rows of windows read as short bar codes
        yield code


def _tries(image: Image.Image) -> Iterator[tuple[Image.Image, tuple[int, int, float]]]:
    """Pictures to look in, with where their corner lies in the first and how much larger they are."""
    yield image, (0, 0, 1.0)
    gray = ImageOps.grayscale(image)
    longer = max(image.size)
    factor = min(3.0, ENLARGED / longer) if longer < ENLARGED else 1.0
    if factor > 1.0:
        size = (round(image.width * factor), round(image.height * factor))
        yield gray.resize(size, Image.Resampling.BICUBIC), (0, 0, factor)
    yield ImageOps.autocontrast(gray.filter(ImageFilter.GaussianBlur(1.2)), cutoff=2), (0, 0, 1.0)
    yield gray.filter(ImageFilter.MedianFilter(3)), (0, 0, 1.0)
    if longer > TILE:
        for left in (0, image.width // 2):
            for top in (0, image.height // 2):
                width, height = image.width - image.width // 2, image.height - image.height // 2
                tile = gray.crop((left, top, left + width, top + height))
                yield tile.resize((width * 2, height * 2), Image.Resampling.BICUBIC), (left, top, 2.0)


def _line(code: Any, image: Image.Image, left: int, top: int, scale: float) -> Line:
    corners = code.position
    points = (corners.top_left, corners.top_right, corners.bottom_right, corners.bottom_left)
    box: list[float] = []
    for point in points:
        box += [
            min(1.0, max(0.0, (left + point.x / scale) / image.width)),
            min(1.0, max(0.0, (top + point.y / scale) / image.height)),
        ]
    name = str(code.format).rpartition(".")[2]
    return Line(code.text[:LONGEST], tuple(box), 1.0, name)  # type: ignore[arg-type]
