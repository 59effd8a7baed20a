"""Pictures in a bundle: as received in the WACZ, with what was read in them and where in the record."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from proving import LATER, LEAD, NOW, bundled, workspace

from core.store import Store
from core.store.readings import Reading
from core.types import Capture, Provenance
from evidence import wacz
from evidence.archive import Archive
from evidence.verify import verify

ADDRESS = "http://forum.example/p.png"
BODY = b"\x89PNG\r\n\x1a\n" + bytes(100)
BOX = [0.1, 0.1, 0.9, 0.1, 0.9, 0.2, 0.1, 0.2]


def test_the_record_says_what_was_read_and_the_wacz_holds_the_picture_as_it_came(tmp_path: Path) -> None:
    settings = workspace(tmp_path / "w")
    sha256 = hashlib.sha256(BODY).hexdigest()
    archive = Archive(settings.path("archive"), "night2", "xuncha/0.1")
    filed = archive.add(
        ADDRESS, NOW, "HTTP/1.1 200 OK", [("Content-Type", "image/png")], BODY, request="GET /p.png HTTP/1.1"
    )
    archive.close()
    with Store.open(settings.path("database")) as store:
        capture = Capture(
            filed.id, "forum", ADDRESS, NOW, 200, "image/png", filed.sha256, filed.size, filed.warc, filed.offset, "allowed", Provenance.LIVE, 1, "192.0.2.7"
        )  # fmt: skip
        store.captures.add(capture)
        lead = store.leads.get(LEAD)
        assert lead is not None
        document = lead.documents[0]
        store.pictures.show(document, [ADDRESS], 9)
        store.pictures.came(ADDRESS, capture, sha256, len(BODY), ("png", 400, 300))
        code = ["https://u.wechat.com/zq0EK0000", BOX, 1.0, "QRCode"]
        store.pictures.looked(sha256, {"width": 400, "height": 300, "codes": [code], "likeness": ""})
        store.pictures.read(sha256, [["香港验血", BOX, 0.9, "words"]], "rapidocr 3", NOW)
        store.readings.settle(document, Reading("香港验血", code[0], ([0, 4, sha256, BOX, 0.9],), ()), NOW)
    folder = bundled(settings, tmp_path / "out", LATER).folder
    record = json.loads((folder / "data/record.json").read_text("utf-8"))
    [told] = record["pictures"]
    exhibit = next(one for one in record["exhibits"] if one["exhibit"] == told["exhibit"])
    assert (exhibit["url"], exhibit["sha256"], told["sha256"]) == (ADDRESS, filed.sha256, sha256)
    assert told["words"] == [{"text": "香港验血", "box": BOX, "confidence": 0.9, "kind": "words"}]
    assert told["codes"][0]["text"] == code[0]
    assert told["documents"] == [document]
    text = (folder / f"data/text/{document}-v1-pictures.txt").read_text("utf-8")
    assert "香港验血" in text
    assert code[0] in text
    assert wacz.payloads((folder / "data/capture.wacz").read_bytes())[filed.id] == hashlib.sha256(BODY).hexdigest()
    assert verify(folder) == []
