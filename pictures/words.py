"""The words in a picture, with rapidocr (PP-OCR; its wheel holds the models, so it works without a network), in reading order.

Needs the extra ``[pictures]``; runs in ``pictures.worker``.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from PIL import Image

from pictures.found import Line

LEAST = 0.5  # a line of which its reader is less sure is left out
THREADS = 1  # two take 1.7 times the work of one: they wait for each other by spinning (measured 2026-11-28)


@functools.cache
def _engine() -> Any:
    from rapidocr import RapidOCR

    return RapidOCR(
        params={
            "Global.log_level": "error",
            "Global.text_score": LEAST,
            "EngineConfig.onnxruntime.intra_op_num_threads": THREADS,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )


def reader() -> str:
    """The name and version of the reader, as a reading is stored with it."""
    from importlib.metadata import version

    return f"rapidocr {version('rapidocr')}"


def words(image: Image.Image) -> list[Line]:
    """The lines of a picture from top to bottom, those side by side from left to right, with boxes and confidences."""
    answer = _engine()(np.asarray(image)[:, :, ::-1])  # it takes BGR, as OpenCV does
    if answer.txts is None:
        return []
    found = []
    for text, score, box in zip(answer.txts, answer.scores, answer.boxes, strict=True):
        shares = []
        for x, y in box:
            shares += [min(1.0, max(0.0, float(x) / image.width)), min(1.0, max(0.0, float(y) / image.height))]
        found.append(Line(str(text), tuple(shares), float(score), "words"))  # type: ignore[arg-type]
    return in_order(found)


def in_order(lines: list[Line]) -> list[Line]:
    """Lines in the order in which people read them: rows from the top, each from the left; a row is what overlaps by half its height."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=_middle):
        if rows and abs(_middle(line) - _middle(rows[-1][0])) < 0.5 * min(_height(line), _height(rows[-1][0])):
            rows[-1].append(line)
        else:
            rows.append([line])
    return [line for row in rows for line in sorted(row, key=lambda line: line.box[0])]


def _middle(line: Line) -> float:
    return sum(line.box[1::2]) / 4


def _height(line: Line) -> float:
    return max(line.box[1::2]) - min(line.box[1::2])
