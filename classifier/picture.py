"""The calibration picture of a card: what the model said against what was true, drawn as SVG without any library."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

SIDE, LEFT, TOP, BARS = 320, 58, 46, 60  # pixels: the square, its place, and the height of the bars under it
INK, FAINT, MARK = "#1c2733", "#c3ccd6", "#b3401f"
FONT = "font-family='Noto Sans CJK SC, Noto Sans SC, sans-serif'"


def calibration_picture(bins: Sequence[tuple[float, float, int]], title: str) -> str:
    """An SVG of (mean score, share truly flagged, documents) rows: dots with 95 % intervals on the square, documents as bars below.

    Dots on the diagonal are honest; under it the model claims too much, above it too little.
    """
    most = max((count for _, _, count in bins), default=1)
    parts = [_frame(title)]
    for said, true, count in bins:
        x, y = _x(said), _y(true)
        low, high = wilson(true, count)
        height = BARS * count / most
        top = TOP + SIDE + 44 + BARS - height
        parts += [
            f"<line x1='{x:.1f}' x2='{x:.1f}' y1='{_y(low):.1f}' y2='{_y(high):.1f}' stroke='{MARK}' stroke-width='1.5'/>",
            f"<circle cx='{x:.1f}' cy='{y:.1f}' r='4.5' fill='{MARK}'><title>{said:.2f} / {true:.2f} / {count}</title></circle>",
            f"<rect x='{x - 9:.1f}' y='{top:.1f}' width='18' height='{height:.1f}' fill='{FAINT}'/>",
            f"<text x='{x:.1f}' y='{top - 3:.1f}' text-anchor='middle' font-size='9' fill='{INK}'>{count}</text>",
        ]
    width, height = LEFT + SIDE + 24, TOP + SIDE + 44 + BARS + 26
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}' width='{width}' height='{height}' role='img' {FONT}>"
        f"<title>{escape(title)}</title><rect width='100%' height='100%' fill='#ffffff'/>{''.join(parts)}</svg>\n"
    )


def wilson(share: float, count: int) -> tuple[float, float]:
    """The 95 % interval of a share seen on so many documents (Wilson 1927)."""
    z = 1.96
    if not count:
        return 0.0, 1.0
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return max(0.0, middle - half), min(1.0, middle + half)


def _x(value: float) -> float:
    return LEFT + SIDE * value


def _y(value: float) -> float:
    return TOP + SIDE * (1.0 - value)


def _frame(title: str) -> str:
    lines = [f"<text x='{LEFT}' y='26' font-size='14' font-weight='600' fill='{INK}'>{escape(title)}</text>"]
    for tenth in range(0, 11, 2):
        value = tenth / 10
        lines += [
            f"<line x1='{LEFT}' x2='{LEFT + SIDE}' y1='{_y(value):.1f}' y2='{_y(value):.1f}' stroke='{FAINT}' stroke-width='0.6'/>",
            f"<line x1='{_x(value):.1f}' x2='{_x(value):.1f}' y1='{TOP}' y2='{TOP + SIDE}' stroke='{FAINT}' stroke-width='0.6'/>",
            f"<text x='{LEFT - 7}' y='{_y(value) + 4:.1f}' text-anchor='end' font-size='11' fill='{INK}'>{value:.1f}</text>",
            f"<text x='{_x(value):.1f}' y='{TOP + SIDE + 15}' text-anchor='middle' font-size='11' fill='{INK}'>{value:.1f}</text>",
        ]
    middle = LEFT + SIDE / 2
    lines += [
        f"<line x1='{_x(0):.1f}' y1='{_y(0):.1f}' x2='{_x(1):.1f}' y2='{_y(1):.1f}' stroke='{INK}' stroke-dasharray='4 4'/>",
        f"<text x='{middle}' y='{TOP + SIDE + 31}' text-anchor='middle' font-size='11' fill='{INK}'>模型给出的概率 · score</text>",
        f"<text x='16' y='{TOP + SIDE / 2}' transform='rotate(-90 16 {TOP + SIDE / 2})' text-anchor='middle' font-size='11' "
        f"fill='{INK}'>实际为广告的比例 · truly flagged</text>",
        f"<text x='{middle}' y='{TOP + SIDE + 44 + BARS + 16}' text-anchor='middle' font-size='11' fill='{INK}'>文档数 · documents</text>",
    ]
    return "".join(lines)
