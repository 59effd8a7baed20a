"""Draws the pictures of the demo's picture board, and two hostile files beside them: ``python -m benchmarks.posters.demo``."""

from __future__ import annotations

import random

from PIL import Image, ImageDraw

from benchmarks.posters import drawing
from benchmarks.posters.traps import VECTOR, huge
from core.plugins import ROOT

FOLDER = ROOT / "xuncha" / "demo" / "sites" / "album" / "pictures"
POSTER = (
    ("香港验血 测宝宝性别", 50, "#a31515"), ("满六周即可预约 准确率 99.5%", 32, "#333333"), ("不用过关，护士上门采血寄港", 32, "#333333"),
    ("费用 4500 起，次日出报告", 32, "#333333"), ("加微信：tujian_zq0", 38, "#a31515"), ("电话 138-0000-7716", 34, "#a31515"),
)  # fmt: skip
TABLE = (
    ("寄血套餐 全国可寄", "3200"),
    ("赴港套餐 含接送", "4800"),
    ("加急当天出报告", "5600"),
    ("双胞胎鉴定男女", "1200"),
)
CHAT = (
    ("在吗，想查宝宝性别", 0), ("在的，六周以上就能查", 1), ("要去香港吗", 0), ("不用去，我们上门抽血寄到香港", 1), ("多少钱", 0), ("全包 4500，错了全退", 1),
    ("加微信 liaotian_zq0", 1),
)  # fmt: skip
CODE = "https://u.wechat.com/zq0EKdemoAlbum0000"
RECIPE = (
    ("番茄炒蛋", 46, "#2b4a2b"),
    ("番茄两个切块", 30, "#333333"),
    ("鸡蛋三个打散", 30, "#333333"),
    ("热锅下油翻炒三分钟", 30, "#333333"),
)


def _rows(rows: tuple[tuple[str, int, str], ...], ground: str) -> Image.Image:
    image = Image.new("RGB", (640, 620), ground)
    draw, top = ImageDraw.Draw(image), 44
    for text, size, ink in rows:
        draw.text(
            (44, top),
            text,
            font=drawing.font(size, "NotoSansCJK-Bold" if size > 40 else "NotoSansCJK-Regular"),
            fill=ink,
        )
        top += size + 42
    return image


def _table() -> Image.Image:
    image = _rows((("性别鉴定 价目表 2026", 44, "#103060"),), "#fdfdf5")
    draw = ImageDraw.Draw(image)
    for place, (name, price) in enumerate(TABLE):
        top = 140 + place * 62
        draw.rectangle((44, top - 10, 600, top + 50), outline="#888888", width=2)
        draw.text((60, top), name, font=drawing.font(28), fill="#222222")
        draw.text((460, top), f"{price} 元", font=drawing.font(28), fill="#222222")
    draw.text((44, 440), "预约 QQ：3100002209", font=drawing.font(34), fill="#103060")
    return image


def _chat() -> Image.Image:
    image = Image.new("RGB", (600, 820), "#ededed")
    draw, top = ImageDraw.Draw(image), 40
    for text, mine in CHAT:
        width = draw.textlength(text, font=drawing.font(26)) + 40
        left = 580 - width if mine else 20
        draw.rounded_rectangle((left, top, left + width, top + 58), 10, fill="#95ec69" if mine else "#ffffff")
        draw.text((left + 20, top + 9), text, font=drawing.font(26), fill="#111111")
        top += 108
    return image


def _card() -> Image.Image:
    image = _rows((("早知道是弟弟还是妹妹", 46, "#222222"),), "#f3eef8")
    code = drawing.square(CODE, 300)
    image.paste(code, ((640 - code.width) // 2, 150))
    ImageDraw.Draw(image).text((44, 520), "扫码查男女 港检代办 备注周数", font=drawing.font(34), fill="#333333")
    return image


def _lake() -> Image.Image:
    image, rng = Image.new("RGB", (640, 420), "#bcd7ea"), random.Random(7)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 260, 640, 420), fill="#7fa7bd")
    for _ in range(30):
        x, r = rng.randrange(640), rng.randrange(20, 60)
        draw.ellipse((x - r, 250 - r, x + r, 250 + r // 3), fill=(rng.randrange(60, 100), rng.randrange(120, 160), 80))
    return image


def main() -> None:
    """Write the files."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    poster = _rows(POSTER, "#fff2e0")
    poster.quantize(32).save(FOLDER / "poster.png", optimize=True)
    poster.resize((480, 465), Image.Resampling.LANCZOS).save(FOLDER / "poster-again.jpg", quality=55)
    _table().save(FOLDER / "prices.webp", quality=70)
    _chat().save(FOLDER / "chat.jpg", quality=60)
    _card().quantize(16).save(FOLDER / "card.png", optimize=True)
    _rows(RECIPE, "#f2f7ea").save(FOLDER / "recipe.jpg", quality=60)
    _lake().save(FOLDER / "lake.jpg", quality=60)
    (FOLDER / "vector.png").write_bytes(VECTOR)
    (FOLDER / "huge.png").write_bytes(huge())
    whole = (FOLDER / "chat.jpg").read_bytes()
    (FOLDER / "cut.jpg").write_bytes(whole[: len(whole) // 3])


if __name__ == "__main__":
    main()
