"""The set: 160 adverts in eleven manners and 50 innocent pictures, each as the bytes of a file. One seed gives the same set."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

from benchmarks.posters import drawing
from benchmarks.posters.words import Said

SEED = 8


@dataclass(frozen=True)
class Made:
    """A picture: how it was made, its file, what it says, and whether it is an advert."""

    name: str
    manner: str
    body: bytes
    said: Said
    advert: bool


def _saved(image: Image.Image, form: str = "PNG", quality: int = 85) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **({"quality": quality} if form != "PNG" else {}))
    return buffer.getvalue()


def _small(rng: random.Random) -> tuple[bytes, Said]:
    image, said = rng.choice((drawing.poster, drawing.card))(rng)
    return _saved(
        image.resize((image.width * 3 // 10, image.height * 3 // 10), Image.Resampling.LANCZOS), "JPEG", 75
    ), said


def _rotated(rng: random.Random) -> tuple[bytes, Said]:
    image, said = rng.choice((drawing.poster, drawing.card))(rng)
    angle = rng.choice((-24, -13, 8, 16, 90, 180))
    return _saved(image.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor="white"), "JPEG", 88), said


def _noisy(rng: random.Random) -> tuple[bytes, Said]:
    image, said = rng.choice((drawing.poster, drawing.card, drawing.chat))(rng)
    spread = np.random.default_rng(rng.randrange(1 << 30)).normal(0, 52, (image.height, image.width, 3))
    grained = Image.fromarray(np.clip(np.asarray(image, dtype=np.float64) + spread, 0, 255).astype(np.uint8))
    return _saved(grained.filter(ImageFilter.GaussianBlur(0.6)), "JPEG", 80), said


def _jpeg30(rng: random.Random) -> tuple[bytes, Said]:
    image, said = rng.choice((drawing.poster, drawing.table, drawing.card))(rng)
    return _saved(image.resize((image.width // 2, image.height // 2), Image.Resampling.BILINEAR), "JPEG", 30), said


def _plain(
    draw: Callable[[random.Random], drawing.Drawn], form: str = "PNG"
) -> Callable[[random.Random], tuple[bytes, Said]]:
    def make(rng: random.Random) -> tuple[bytes, Said]:
        image, said = draw(rng)
        return _saved(image, form), said

    return make


MANNERS: tuple[tuple[str, int, Callable[[random.Random], tuple[bytes, Said]]], ...] = (
    ("poster", 20, _plain(drawing.poster)),
    ("price table", 15, _plain(drawing.table)),
    ("chat", 15, _plain(drawing.chat, "WEBP")),
    ("code", 15, _plain(drawing.card)),
    ("small", 15, _small),
    ("rotated", 15, _rotated),
    ("noisy", 15, _noisy),
    ("JPEG 30", 15, _jpeg30),
    ("stylised", 15, _plain(drawing.stylised, "JPEG")),
    ("logo in the code", 10, _plain(lambda rng: drawing.card(rng, logo=True, side=150))),
    ("two codes", 10, _plain(lambda rng: drawing.card(rng, codes=2, side=110))),
)
INNOCENT = 50


def pictures(quick: bool = False, step: int = 1, seed: int = SEED) -> Iterator[Made]:
    """All pictures by manner, the innocent last (every ``step``-th of each); or with ``quick`` every tenth of each, one of each manner at a time."""
    every = (*MANNERS, ("innocent", INNOCENT, _plain(drawing.innocent, "JPEG")))
    chosen = [
        (number, manner, make) for manner, count, make in every for number in range(0, count, 10 if quick else step)
    ]
    for number, manner, make in sorted(chosen, key=lambda one: one[0]) if quick else chosen:
        body, said = make(random.Random(f"{seed} {manner} {number}"))
        yield Made(f"{manner} {number}", manner, body, said, manner != "innocent")
