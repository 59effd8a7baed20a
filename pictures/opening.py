"""Opening a picture with Pillow: one format, the one that its bytes showed, one frame, so many pixels, the right way up, on white.

Runs in a process of its own (``pictures.worker``): decoders are where hostile files strike. Needs the extra ``[pictures]``.
"""

from __future__ import annotations

import io

from PIL import Image, ImageFile, ImageOps

from pictures.sniff import MAX_PIXELS, Header, NotAPicture, header

SIDE = 2_400  # pixels of the longer side of what is read; phones' 4,000 are no easier to read
SHOWN = 1_200  # of what a browser is shown
Image.MAX_IMAGE_PIXELS = MAX_PIXELS
ImageFile.LOAD_TRUNCATED_IMAGES = False


def opened(body: bytes, side: int = SIDE) -> tuple[Image.Image, Header]:
    """A picture as RGB, its longer side at most ``side`` pixels, and its header.

    Of an animation the first frame is taken. Text, profiles and all else that the file holds beside pixels is left behind.

    Raises:
        NotAPicture: it is none, or its pixels cannot be unpacked.
    """
    told = header(body)
    try:
        image = Image.open(io.BytesIO(body), formats=[told.kind.upper()])
        if image.width * image.height > MAX_PIXELS or (image.width, image.height) != (told.width, told.height):
            raise NotAPicture(
                f"{told.kind}: header of {told.width} x {told.height}, decoder of {image.width} x {image.height}"
            )
        if told.kind == "jpeg":
            image.draft("RGB", (side, side))  # unpacks no more than is wanted
        image.load()
        upright = ImageOps.exif_transpose(image)
        plain = _on_white(upright)
    except NotAPicture:
        raise
    except Exception as error:  # whatever its decoder stumbles over, it is not read
        raise NotAPicture(f"{told.kind}: cannot be unpacked: {type(error).__name__}: {error}"[:200]) from error
    plain.thumbnail((side, side), Image.Resampling.LANCZOS)
    return plain, told


def png(body: bytes) -> bytes:
    """A picture as a new PNG for the browser: pixels alone, its longer side at most ``SHOWN``.

    Raises:
        NotAPicture: it is none, or its pixels cannot be unpacked.
    """
    buffer = io.BytesIO()
    opened(body, SHOWN)[0].save(buffer, "PNG")
    return buffer.getvalue()


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        layered = image.convert("RGBA")
        plain = Image.new("RGB", layered.size, "white")
        plain.paste(layered, mask=layered.getchannel("A"))
        return plain
    if image.mode.startswith(("I", "F")):  # 16 and 32 bits: Pillow's own conversion clips them
        low, high = (float(part) for part in image.getextrema())  # type: ignore[arg-type]
        scale = 255.0 / (high - low) if high > low else 1.0
        return image.point(lambda value: (value - low) * scale).convert("L").convert("RGB")
    return image.convert("RGB")
