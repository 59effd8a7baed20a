"""The pictures as plain geometry: the templates draw them as SVG, the stylesheet colours them. No script, no boundary data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

# The 34 provinces, municipalities and regions as tiles of one size (column, row): where they lie to one another, not how large they are.
TILES: Mapping[str, tuple[int, int]] = {
    "黑龙江": (8, 0), "内蒙古": (6, 1), "吉林": (8, 1), "新疆": (1, 2), "甘肃": (3, 2), "宁夏": (4, 2), "山西": (5, 2), "北京": (6, 2), "天津": (7, 2), "辽宁": (8, 2),
    "青海": (2, 3), "陕西": (4, 3), "河南": (5, 3), "河北": (6, 3), "山东": (7, 3), "西藏": (1, 4), "四川": (3, 4), "重庆": (4, 4), "湖北": (5, 4), "安徽": (6, 4),
    "江苏": (7, 4), "上海": (8, 4), "云南": (3, 5), "贵州": (4, 5), "湖南": (5, 5), "江西": (6, 5), "浙江": (7, 5), "广西": (4, 6), "广东": (5, 6), "福建": (6, 6),
    "台湾": (8, 6), "海南": (4, 7), "澳门": (5, 7), "香港": (6, 7),
}  # fmt: skip
SIDE, GAP = 58, 4
SHADES = 4  # besides the empty one


def tiles(counts: Mapping[str, int]) -> dict[str, Any]:
    """The tile map of counts by province: x, y, name, count and shade (0: none, then 1 to 4 by quarters of the largest) of each cell."""
    most = max([1, *(counts.get(name, 0) for name in TILES)])
    cells = [
        {
            "name": name, "count": (count := counts.get(name, 0)), "x": column * (SIDE + GAP), "y": row * (SIDE + GAP),
            "shade": 0 if not count else 1 + min(SHADES - 1, (count * SHADES - 1) // most),
        }
        for name, (column, row) in TILES.items()
    ]  # fmt: skip
    width = (max(column for column, _ in TILES.values()) + 1) * (SIDE + GAP) - GAP
    height = (max(row for _, row in TILES.values()) + 1) * (SIDE + GAP) - GAP
    first = min(column for column, _ in TILES.values()) * (SIDE + GAP)
    return {"cells": cells, "side": SIDE, "left": first, "width": width - first, "height": height, "most": most}


def stack(rows: Sequence[Mapping[str, Any]], width: int = 900) -> list[dict[str, Any]]:
    """One bar cut into the shares of ``rows`` (with documents): x, width, place (1, 2, ...) and percent of each that has any."""
    total = sum(row["documents"] for row in rows)
    parts: list[dict[str, Any]] = []
    at = 0.0
    for place, row in enumerate(rows, 1):
        if not row["documents"]:
            continue
        size = row["documents"] / total * width
        parts.append(
            {
                "x": round(at, 1),
                "width": round(max(1.0, size - 2), 1),
                "place": place,
                "percent": round(100 * row["documents"] / total),
            }
        )
        at += size
    return parts
