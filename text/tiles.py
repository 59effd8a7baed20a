"""The 34 provincial divisions of China as a tile grid (省级格子图): one cell each, about where they lie. It shows no boundary.

Names are those of ``text.places``. The arrangement is our own; ``(column, row)`` count from the north-west.
"""

from __future__ import annotations

COLUMNS, ROWS = 9, 8
TILES: dict[str, tuple[int, int]] = {
    "黑龙江": (8, 0),
    "内蒙古": (5, 1), "吉林": (8, 1),
    "新疆": (0, 2), "甘肃": (2, 2), "宁夏": (3, 2), "山西": (4, 2), "河北": (5, 2), "北京": (6, 2), "天津": (7, 2), "辽宁": (8, 2),
    "西藏": (0, 3), "青海": (1, 3), "陕西": (3, 3), "河南": (4, 3), "山东": (5, 3),
    "四川": (2, 4), "重庆": (3, 4), "湖北": (4, 4), "安徽": (5, 4), "江苏": (6, 4), "上海": (7, 4),
    "云南": (2, 5), "贵州": (3, 5), "湖南": (4, 5), "江西": (5, 5), "浙江": (6, 5),
    "广西": (3, 6), "广东": (4, 6), "福建": (5, 6), "台湾": (7, 6),
    "海南": (3, 7), "澳门": (4, 7), "香港": (5, 7),
}  # fmt: skip
PINYIN: dict[str, str] = {
    "黑龙江": "Heilongjiang", "内蒙古": "Inner Mongolia", "吉林": "Jilin", "新疆": "Xinjiang", "甘肃": "Gansu", "宁夏": "Ningxia",
    "山西": "Shanxi", "河北": "Hebei", "北京": "Beijing", "天津": "Tianjin", "辽宁": "Liaoning", "西藏": "Tibet", "青海": "Qinghai",
    "陕西": "Shaanxi", "河南": "Henan", "山东": "Shandong", "四川": "Sichuan", "重庆": "Chongqing", "湖北": "Hubei", "安徽": "Anhui",
    "江苏": "Jiangsu", "上海": "Shanghai", "云南": "Yunnan", "贵州": "Guizhou", "湖南": "Hunan", "江西": "Jiangxi", "浙江": "Zhejiang",
    "广西": "Guangxi", "广东": "Guangdong", "福建": "Fujian", "台湾": "Taiwan", "海南": "Hainan", "澳门": "Macao", "香港": "Hong Kong",
}  # fmt: skip
