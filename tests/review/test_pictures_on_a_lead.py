"""Pictures on the page of a lead: hidden until contacts are revealed, drawn anew, boxes over what counted, nothing of a stranger's bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from leads_desk import NOW, Clock
from starlette.applications import Starlette
from visitor import Visitor

from core.settings import Settings, load
from core.store import Store
from core.store.readings import Reading
from core.types import Capture, Document, Judgement, Lead, Provenance, Span
from evidence.archive import Archive
from pictures.aside import obstacle
from review import seen
from review.app import create

ADDRESS = "http://pics.example/p.png"
WORDS = "香港验血 测男女\n加微信 zq0tujian88"
SECRET = b"zq0-secret-in-a-comment"
BOX = [0.1, 0.1, 0.9, 0.1, 0.9, 0.2, 0.1, 0.2]
LOW = [0.1, 0.5, 0.9, 0.5, 0.9, 0.6, 0.1, 0.6]


def body() -> bytes:
    """A PNG with a script behind it."""
    import struct
    import zlib

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = zlib.compress((b"\0" + bytes([180]) * 400) * 300)
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 400, 300, 8, 0, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n"
        + head
        + chunk(b"tEXt", b"Comment\0" + SECRET)
        + chunk(b"IDAT", rows)
        + chunk(b"IEND", b"")
        + b"<script>pwned(1)</script>"
    )


@pytest.fixture
def settings(database: Path) -> Settings:
    return load(database.parent, environ={})


@pytest.fixture
def sha256(store: Store, settings: Settings) -> str:
    """A lead with a picture in the archive; returns the picture's SHA-256."""
    archive = Archive(settings.path("archive"), "pics", "xuncha/0.1")
    filed = archive.add(ADDRESS, NOW, "HTTP/1.1 200 OK", [("Content-Type", "image/png")], body())
    archive.close()
    capture = Capture(
        filed.id, "baobao-forum", ADDRESS, NOW, 200, "image/png", filed.sha256, filed.size, filed.warc, filed.offset, "allowed", Provenance.LIVE
    )  # fmt: skip
    store.captures.add(capture)
    id, _ = store.documents.add(
        Document("baobao-forum", "pic1", "http://pics.example/1", "post", "看图", "分享一张", source="baobao-forum"),
        NOW,
    )
    store.pictures.show(id, [ADDRESS, "http://pics.example/gone.png"], 9)
    store.pictures.came(ADDRESS, capture, filed.sha256, filed.size, ("png", 400, 300))
    store.pictures.failed("http://pics.example/gone.png", "", "status 404", NOW)
    code = ["https://u.wechat.com/zq0EK0000", LOW, 1.0, "QRCode"]
    store.pictures.looked(filed.sha256, {"width": 400, "height": 300, "codes": [code], "likeness": ""})
    store.pictures.read(
        filed.sha256,
        [["香港验血 测男女", BOX, 0.9, "words"], ["加微信 zq0tujian88", LOW, 0.9, "words"]],
        "rapidocr 3",
        NOW,
    )
    places = ([0, 8, filed.sha256, BOX, 0.9], [9, len(WORDS), filed.sha256, LOW, 0.9])
    store.readings.settle(id, Reading(WORDS, code[0], places, ([0, 30, filed.sha256, LOW, 1.0],)), NOW)
    spans = (Span(0, 4, "香港验血", "names Hong Kong or the way there", "picture"),)
    store.judgements.add(
        [(id, 1, Judgement("fetal_sex_test_ad", True, 0.9, "model:stack@4f2c81d09ab3", {}, spans))], NOW
    )
    from dataclasses import replace

    from text.contacts import find_contacts

    store.contact_points.add(id, 1, [replace(point, field="picture") for point in find_contacts(WORDS)], True)
    lead = Lead(
        "Lpictured001",
        "fetal_sex_test_ad",
        "分享一张",
        (id,),
        (("wechat", "zq0tujian88"),),
        0.99,
        ("harm 1.0: x",),
        NOW,
        NOW,
    )
    store.leads.put(lead, {id: "on its own"}, NOW)
    return filed.sha256


@pytest.fixture
def mine(database: Path, settings: Settings, sha256: str) -> Iterator[Visitor]:
    app: Starlette = create(database, settings, Clock())
    yield Visitor(app).sign_in("mei")
    app.state.desk.stores.close()


def place(store: Store, sha256: str) -> str:
    lead = store.leads.get("Lpictured001")
    assert lead is not None
    return f"/lead/Lpictured001/picture/{lead.documents[0]}/{sha256}.png"


def test_before_contacts_are_revealed_words_are_shown_masked_and_no_picture(
    mine: Visitor, store: Store, sha256: str
) -> None:
    page = mine.get("/lead/Lpictured001")
    assert page.status_code == 200
    assert "香港验血" in mine.text
    assert "zq0tujian88" not in mine.page
    assert "u.wechat.com/zq0EK0000" not in mine.page
    assert "<img" not in mine.page
    assert sha256 not in mine.page
    assert mine.get(place(store, sha256)).status_code == 403


def test_each_picture_says_what_became_of_it(mine: Visitor) -> None:
    mine.get("/lead/Lpictured001")
    assert "not had" in mine.text
    assert "status 404" in mine.text


@pytest.mark.skipif(bool(obstacle()), reason="the extra [pictures] is not installed")
def test_once_revealed_the_picture_is_a_new_png_with_boxes_over_what_counted(
    mine: Visitor, store: Store, sha256: str
) -> None:
    mine.get("/lead/Lpictured001")
    mine.act("/lead/Lpictured001/reveal")
    assert f'src="{place(store, sha256)}"' in mine.page
    assert len(re.findall(r'<polygon class="(cue|contact|code)"', mine.page)) == 3
    assert 'points="100.0,100.0 523.8,100.0 523.8,200.0 100.0,200.0"' in mine.page, (
        "the first four of seven and a half characters"
    )
    assert "style=" not in mine.page
    assert "u.wechat.com/zq0EK0000" in mine.page
    answer = mine.get(place(store, sha256))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    assert answer.content.startswith(b"\x89PNG\r\n\x1a\n")
    for hostile in (SECRET, b"pwned"):
        assert hostile in body()
        assert hostile not in answer.content
    assert answer.content != body()
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_only_pictures_of_the_leads_own_documents_are_given_out(mine: Visitor, store: Store, sha256: str) -> None:
    mine.get("/lead/Lpictured001")
    mine.act("/lead/Lpictured001/reveal")
    document = place(store, sha256).split("/")[4]
    for path in (
        f"/lead/Lpictured001/picture/{document}/{'0' * 64}.png", f"/lead/Lpictured001/picture/1/{sha256}.png", f"/lead/Lpictured001/picture/x/{sha256}.png",
        f"/lead/Lpictured001/picture/{document}/{sha256}", f"/lead/Lpictured001/picture/{document}/..%2f{sha256}.png", f"/lead/Lnone/picture/{document}/{sha256}.png",
    ):  # fmt: skip
        assert mine.get(path).status_code == 404, path


def test_without_the_extra_the_page_says_so_and_shows_none(
    mine: Visitor, store: Store, sha256: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seen, "obstacle", lambda: "rapidocr not installed")
    store.db.execute("UPDATE pictures SET state = 'new', lines = NULL")
    store.db.conn.commit()
    mine.get("/lead/Lpictured001")
    mine.act("/lead/Lpictured001/reveal")
    assert "<img" not in mine.page
    assert "not read" in mine.text
