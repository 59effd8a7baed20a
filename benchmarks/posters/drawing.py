"""Drawing: posters, price tables, chats, cards with codes, in the fonts of Debian's fonts-noto-cjk."""

from __future__ import annotations

import functools
import random
from pathlib import Path

import zxingcpp
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from benchmarks.posters import words
from benchmarks.posters.words import Said

FONTS = Path("/usr/share/fonts/opentype/noto")
SIMPLIFIED = 2  # the face of simplified Chinese in each collection
Drawn = tuple[Image.Image, Said]


@functools.cache
def font(size: int, name: str = "NotoSansCJK-Regular") -> ImageFont.FreeTypeFont:
    """A face of Noto CJK."""
    return ImageFont.truetype(str(FONTS / f"{name}.ttc"), size, index=SIMPLIFIED)


def _contacts(rng: random.Random, said: Said, count: int) -> list[str]:
    lines = []
    for make in rng.sample((words.wechat, words.phone, words.qq), count):
        line, contact = make(rng)
        lines.append(line)
        said.contacts.append(contact)
    return lines


def square(text: str, side: int, level: str = "M") -> Image.Image:
    """A QR code of about ``side`` pixels with its quiet zone."""
    made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level=level)
    small = Image.fromarray(zxingcpp.write_barcode_to_image(made, scale=1)).convert("L")
    factor = max(1, side // small.width)
    return small.resize((small.width * factor, small.height * factor), Image.Resampling.NEAREST).convert("RGB")


def _ground(rng: random.Random, size: tuple[int, int]) -> Image.Image:
    top, low = (tuple(rng.randrange(215, 256) for _ in range(3)) for _ in range(2))
    image = Image.new("RGB", (1, size[1]))
    for y in range(size[1]):
        share = y / size[1]
        image.putpixel((0, y), tuple(round(a + (b - a) * share) for a, b in zip(top, low, strict=True)))  # type: ignore[arg-type]
    return image.resize(size)


def _write(
    draw: ImageDraw.ImageDraw, said: Said, rows: list[tuple[str, int, str]], left: int, top: int, gap: int, face: str
) -> int:
    for text, size, ink in rows:
        draw.text((left, top), text, font=font(size, face), fill=ink)
        said.lines.append(text)
        top += size + gap
    return top


def poster(rng: random.Random, contacts: int = 2, rival: random.Random | None = None) -> Drawn:
    """A poster: a head, a few offers, contacts; those of a ``rival`` where one is given, on the same template."""
    said = Said()
    image = _ground(rng, (720, 900))
    draw = ImageDraw.Draw(image)
    ink = rng.choice(("#a31515", "#7a1f5c", "#1a3f7a", "#222222"))
    face = rng.choice(("NotoSansCJK-Regular", "NotoSansCJK-Bold", "NotoSerifCJK-Regular", "NotoSerifCJK-Bold"))
    top = _write(draw, said, [(rng.choice(words.HEADS), 50, ink)], 48, 60, 40, face)
    top = _write(draw, said, [(text, 30, "#333333") for text in rng.sample(words.OFFERS, 4)], 60, top, 26, face)
    _write(draw, said, [(text, 34, ink) for text in _contacts(rival or rng, said, contacts)], 60, top + 40, 26, face)
    return image, said


def table(rng: random.Random) -> Drawn:
    """A table of prices with rules, and a contact below."""
    said = Said()
    image = Image.new("RGB", (760, 720), "#fdfdf5")
    draw = ImageDraw.Draw(image)
    top = _write(draw, said, [(rng.choice(words.HEADS), 42, "#103060")], 40, 40, 40, "NotoSansCJK-Bold")
    for name, price in rng.sample(words.PRICES, 5):
        draw.rectangle((40, top - 8, 720, top + 48), outline="#888888", width=2)
        draw.line((460, top - 8, 460, top + 48), fill="#888888", width=2)
        draw.text((60, top), name, font=font(30), fill="#222222")
        draw.text((500, top), f"{price} 元", font=font(30), fill="#222222")
        said.lines += [name, f"{price} 元"]
        top += 56
    _write(
        draw, said, [(text, 30, "#103060") for text in _contacts(rng, said, 1)], 40, top + 30, 20, "NotoSansCJK-Regular"
    )
    return image, said


def chat(rng: random.Random) -> Drawn:
    """A screenshot of a chat: the customer left, the agent right, whose last words are a contact."""
    said = Said()
    image = Image.new("RGB", (640, 1040), "#ededed")
    draw = ImageDraw.Draw(image)
    turns = [
        (one, place)
        for pair in zip(rng.sample(words.ASKED, 3), rng.sample(words.TOLD, 3), strict=True)
        for place, one in enumerate(pair)
    ]
    turns += [(text, 1) for text in _contacts(rng, said, 1)]
    top = 60
    for text, mine in turns:
        width = draw.textlength(text, font=font(28)) + 40
        left = 560 - width if mine else 80
        draw.rounded_rectangle((left, top, left + width, top + 62), 12, fill="#95ec69" if mine else "#ffffff")
        draw.text((left + 20, top + 10), text, font=font(28), fill="#111111")
        draw.rectangle((580, top, 626, top + 46) if mine else (14, top, 60, top + 46), fill="#7799bb")
        said.lines.append(text)
        top += 118
    return image, said


def card(rng: random.Random, codes: int = 1, side: int = 300, logo: bool = False) -> Drawn:
    """A card: a head, codes, a line that asks to scan."""
    said = Said()
    image = _ground(rng, (740, 780))
    draw = ImageDraw.Draw(image)
    _write(draw, said, [(rng.choice(words.HEADS), 44, "#222222")], 50, 50, 20, "NotoSansCJK-Bold")
    for place in range(codes):
        text, contact = words.code(rng)
        drawn = square(text, side, "H" if logo else "M")
        if logo:
            size = drawn.width // 4
            ImageDraw.Draw(drawn).rounded_rectangle(
                ((drawn.width - size) // 2, (drawn.height - size) // 2, (drawn.width + size) // 2, (drawn.height + size) // 2),
                8, fill="#2aae67", outline="white", width=4,
            )  # fmt: skip
        left = 50 + place * 360 if codes > 1 else (740 - drawn.width) // 2
        image.paste(drawn, (left, 170 + (place % 2) * 40))
        said.codes.append(text)
        said.contacts.append(contact)
    _write(draw, said, [("扫码咨询 备注周数", 34, "#333333")], 60, 660, 20, "NotoSansCJK-Regular")
    return image, said


def stylised(rng: random.Random) -> Drawn:
    """A poster with outlines, shadows, light words on dark and a slanted head."""
    said = Said()
    image = Image.new("RGB", (720, 820), rng.choice(("#5b0f2e", "#12355b", "#274029")))
    draw = ImageDraw.Draw(image)
    for _ in range(40):
        x, y, r = rng.randrange(720), rng.randrange(820), rng.randrange(4, 40)
        draw.ellipse((x - r, y - r, x + r, y + r), outline=rng.choice(("#7a2a4a", "#2a557a", "#47604a")))
    head = rng.choice(words.HEADS)
    layer = Image.new("RGBA", (720, 140), (0, 0, 0, 0))
    pen = ImageDraw.Draw(layer)
    pen.text((34, 34), head, font=font(52, "NotoSerifCJK-Bold"), fill="#000000")
    pen.text((30, 30), head, font=font(52, "NotoSerifCJK-Bold"), fill="#ffd76a", stroke_width=2, stroke_fill="#8a4b00")
    image.paste(layer := layer.rotate(rng.choice((-7, 7)), Image.Resampling.BICUBIC), (0, 40), layer)
    said.lines.append(head)
    rows = [(text, 30, "#b99aa8") for text in rng.sample(words.OFFERS, 3)] + [
        (text, 32, "#d9a05b") for text in _contacts(rng, said, 2)
    ]
    _write(draw, said, rows, 70, 230, 44, "NotoSansCJK-Bold")
    return image, said


def innocent(rng: random.Random) -> Drawn:
    """A picture that sells nothing of the trade; now and then with a code, or without any words."""
    said = Said()
    kind = rng.randrange(6)
    image = _ground(rng, (700, 640))
    draw = ImageDraw.Draw(image)
    if kind == 0:  # a landscape
        for _ in range(60):
            x, y, r = rng.randrange(700), rng.randrange(300, 640), rng.randrange(20, 90)
            draw.ellipse(
                (x - r, y - r, x + r, y + r),
                fill=(rng.randrange(40, 90), rng.randrange(110, 180), rng.randrange(50, 90)),
            )
        return image.filter(ImageFilter.GaussianBlur(2)), said
    head, lines = rng.choice(words.INNOCENT)
    top = _write(draw, said, [(head, 46, "#2b4a2b")], 60, 50, 36, "NotoSansCJK-Bold")
    _write(draw, said, [(text, 30, "#333333") for text in lines], 70, top, 24, "NotoSansCJK-Regular")
    if kind == 1:
        text = f"https://menu.example/{rng.randrange(10_000)}"
        image.paste(square(text, 180), (480, 420))
        said.codes.append(text)
    return image, said
