"""Pictures read by the real libraries, in the process that the night uses: words, codes, likeness, and what hostile files get."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator
from pathlib import Path

import hostile_files as hostile
import pytest

pytest.importorskip("PIL")
pytest.importorskip("zxingcpp")
pytest.importorskip("imagehash")
pytest.importorskip("rapidocr")

from PIL import Image

from benchmarks.posters import drawing, made
from leads.posters import ALIKE
from pictures.aside import Aside
from pictures.found import field, lines_of, under
from pictures.likeness import distance
from pictures.sniff import NotAPicture
from text.contacts import find_contacts

pytestmark = pytest.mark.xdist_group("pictures")


@pytest.fixture(scope="module")
def aside() -> Iterator[Aside]:
    with Aside(seconds=90) as aside:
        yield aside


def saved(image: Image.Image, form: str = "PNG", **options: int) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


REFUSED = {
    "a hundred megapixels": (hostile.LARGE, "10000 x 10000 pixels"),
    "cut off": (hostile.CUT, "cannot be unpacked"),
    "SVG with a script": (hostile.SVG, "SVG"),
    "a page before the picture": (hostile.HTML_BEFORE, "HTML"),
    "JPEG without a frame": (hostile.LYING_JPEG, "jpeg"),
    "BMP of 900 megapixels": (hostile.EMPTY_BMP, "30000 x 30000"),
    "a colour profile of 200 MB": (hostile.PROFILE_BOMB, "cannot be unpacked"),
    "a comment of 200 MB": (hostile.TEXT_BOMB, "cannot be unpacked"),
}
READ = {
    "rows of 300 MB behind 64 x 64": hostile.ROWS_BOMB,
    "a page behind the picture": hostile.HTML_BEHIND,
    "an archive behind the picture": hostile.ZIP_BEHIND,
}


def resident(aside: Aside) -> int:
    """The most kB that the reader has had in memory."""
    assert aside._process is not None
    return int(Path(f"/proc/{aside._process.pid}/status").read_text("ascii").split("VmHWM:")[1].split()[0])


@pytest.mark.parametrize("name", REFUSED)
def test_a_hostile_file_is_refused_and_the_next_picture_is_read_as_ever(name: str, aside: Aside) -> None:
    body, why = REFUSED[name]
    with pytest.raises(NotAPicture, match=why):
        aside.ask("look", body)
    assert aside.ask("look", hostile.grey())[0]["kind"] == "png"
    assert resident(aside) < 1_500_000


@pytest.mark.parametrize("name", READ)
def test_of_a_file_that_holds_more_than_a_picture_the_pixels_of_its_header_are_read(name: str, aside: Aside) -> None:
    told, _ = aside.ask("look", READ[name])
    assert (told["kind"], told["width"], told["height"]) == ("png", 64, 64)
    assert resident(aside) < 1_500_000


def test_what_stands_behind_a_picture_does_not_come_out_at_the_other_end(aside: Aside) -> None:
    for body in (hostile.HTML_BEHIND, hostile.ZIP_BEHIND):
        png = aside.ask("shown", body)[1]
        assert png.startswith(b"\x89PNG\r\n\x1a\n")
        assert b"script" not in png
        assert b"PK\x03\x04" not in png


def test_of_an_animation_the_first_frame_is_read(aside: Aside) -> None:
    png = aside.ask("shown", hostile.animated())[1]
    image = Image.open(io.BytesIO(png))
    red, green, _ = image.convert("RGB").getpixel((40, 40))  # type: ignore[misc]
    assert (image.size, getattr(image, "n_frames", 1)) == ((80, 80), 1)
    assert red > 150 > green


def test_metadata_is_left_behind(aside: Aside) -> None:
    image = Image.new("RGB", (120, 90), "#ddeeff")
    exif = Image.Exif()
    exif[0x010E] = "秘密 secret-zq0"
    png = aside.ask("shown", saved(image, "JPEG", exif=exif))[1]  # type: ignore[arg-type]
    assert b"secret-zq0" not in png


def test_a_reader_that_takes_too_long_is_ended_and_the_next_question_gets_a_new_one() -> None:
    with Aside(seconds=0.01) as hasty:
        with pytest.raises(NotAPicture, match="took longer than 0 s"):
            hasty.ask("read", hostile.grey())
        hasty.seconds = 60
        assert hasty.ask("look", hostile.grey())[0]["width"] == 64


def test_a_reader_that_dies_is_told_and_replaced(aside: Aside) -> None:
    aside.ask("look", hostile.grey())
    aside._process.kill()  # type: ignore[union-attr]
    aside._process.wait()  # type: ignore[union-attr]
    with pytest.raises(NotAPicture, match="its reader died of it"):
        aside.ask("look", hostile.grey())
    assert aside.ask("look", hostile.grey())[0]["width"] == 64


def test_words_come_in_reading_order_with_their_places_and_contacts_are_found_in_them(aside: Aside) -> None:
    image, said = drawing.poster(random.Random("words"))
    lines = lines_of(aside.ask("read", saved(image))[0]["lines"])
    text, places = field([("a" * 64, lines)])
    assert [line.replace(" ", "") for line in text.split("\n")] == [line.replace(" ", "") for line in said.lines]
    found = {(str(point.kind), point.canonical): point for point in find_contacts(text)}
    assert set(said.contacts) <= set(found)
    point = found[said.contacts[0]]
    [place] = under(places, point.start, point.end, text)
    assert sum(place.box[1::2]) / 4 * image.height > 400  # contacts stand in the lower half of a poster
    assert 0 <= min(place.box) <= max(place.box) <= 1


def test_codes_are_read_small_turned_two_at_a_time_and_with_a_logo(aside: Aside) -> None:
    for number, options in enumerate(({}, {"codes": 2, "side": 230}, {"logo": True})):
        image, said = drawing.card(random.Random(f"card {number}"), **options)  # type: ignore[arg-type]
        for picture in (
            image,
            image.resize((image.width // 2, image.height // 2)),
            image.rotate(8, expand=True, fillcolor="white"),
        ):
            found = {line.text for line in lines_of(aside.ask("look", saved(picture, "JPEG", quality=80))[0]["codes"])}
            assert found == set(said.codes)


def test_a_copy_of_a_poster_looks_like_it_and_another_poster_does_not(aside: Aside) -> None:
    def likeness(body: bytes) -> str:
        return str(aside.ask("look", body)[0]["likeness"])

    one, other = (drawing.poster(random.Random(name))[0] for name in ("one", "other"))
    first = likeness(saved(one))
    assert distance(first, likeness(saved(one, "JPEG", quality=30))) <= ALIKE
    assert distance(first, likeness(saved(one.resize((360, 450)), "WEBP"))) <= ALIKE
    assert distance(first, likeness(saved(other))) > ALIKE
    assert likeness(saved(Image.new("RGB", (300, 300), "#eeeeee"))) == ""


def test_the_reader_has_no_network_no_keys_and_writes_nothing(aside: Aside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XUNCHA_SECRET_SEARCH", "zq0-key")
    with Aside() as own:
        own.ask("look", hostile.grey())
        assert own._process is not None
        environ = Path(f"/proc/{own._process.pid}/environ").read_bytes()
        limits = Path(f"/proc/{own._process.pid}/limits").read_text("ascii")
    assert b"zq0-key" not in environ
    assert next(line for line in limits.splitlines() if line.startswith("Max file size")).split()[3] == "0"
    assert b"PYTHONPATH" not in environ


def test_the_set_of_the_benchmark_is_the_same_each_time_and_as_large_as_promised() -> None:
    some = list(made.pictures(quick=True))
    assert [one.body for one in some] == [one.body for one in made.pictures(quick=True)]
    assert sum(count for _, count, _ in made.MANNERS) >= 150
    assert made.INNOCENT >= 50
