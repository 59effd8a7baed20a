"""Screenshots from the archive: what was received is shown, nothing is fetched, nothing of the page runs."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from proving import LATER, LEAD, MAKER, NOW

from core.errors import EvidenceError, Unavailable
from core.settings import Settings
from core.store import Store
from core.types import Capture, Provenance
from evidence import screenshot, signature
from evidence.archive import Archive
from evidence.bundle import Pictures, export, shown
from evidence.screenshot import HEIGHT, MOST_HEIGHT, WIDTH, Photographer, photographer, take_all, takeable
from evidence.verify import verify

pytestmark = pytest.mark.browser
Image = pytest.importorskip("PIL.Image", reason="looks at the pictures with Pillow")
missing = screenshot.obstacle()
chromium = pytest.mark.skipif(bool(missing), reason=missing)
RED, PAGE = (255, 0, 0), "http://forum.example/page"


class Desk:
    """An archive of pages, and a camera before it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = Store.in_memory()

    def page(self, body: str | bytes, url: str = PAGE, kind: str = "text/html; charset=utf-8") -> Capture:
        content = body if isinstance(body, bytes) else body.encode()
        archive = Archive(self.folder / "archive", f"night{self.store.captures.count()}", "xuncha/0.1")
        filed = archive.add(url, NOW, "HTTP/1.1 200 OK", [("Content-Type", kind)], content)
        archive.close()
        made = Capture(
            filed.id,
            "forum",
            url,
            NOW,
            200,
            kind,
            filed.sha256,
            filed.size,
            filed.warc,
            filed.offset,
            "allowed",
            Provenance.LIVE,
        )
        self.store.captures.add(made)
        return made

    def lookup(self, url: str, at: datetime) -> Capture | None:
        return self.store.captures.last_before(url, at)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def camera(desk: Desk) -> Iterator[Photographer]:
    with photographer(desk.folder / "archive", desk.lookup) as camera:
        yield camera


@pytest.fixture
def asked() -> Iterator[tuple[str, list[str]]]:
    """A server on loopback, and every request that reached it: there must be none."""
    seen: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", seen
    server.shutdown()
    thread.join()
    server.server_close()


def running(camera: Photographer) -> Photographer:
    """The same camera, with JavaScript on."""
    return Photographer(camera.browser, camera.archive, camera.lookup, javascript=True)


def pixel(png: bytes, x: int = 5, y: int = 5) -> Any:
    with Image.open(io.BytesIO(png)) as picture:
        return picture.convert("RGB").getpixel((x, y))


@chromium
def test_a_page_is_shown_as_it_was_received_with_what_the_archive_holds(desk: Desk, camera: Photographer) -> None:
    desk.page("body{background:red;margin:0}", "http://forum.example/own.css", "text/css")
    shot = camera.take(desk.page("<link rel=stylesheet href=own.css><img src=/none.png><p>七周过港"))
    assert (pixel(shot.png, 600, 800), shot.missing) == (RED, 1)
    assert (shot.width, shot.height, shot.cut) == (WIDTH, HEIGHT, False)
    assert (shot.viewport, shot.javascript, shot.served) == ((WIDTH, HEIGHT), False, 2)
    assert shot.chromium.split(".")[0].isdigit()


@chromium
def test_nothing_is_fetched_whatever_the_page_asks_for(
    desk: Desk, camera: Photographer, asked: tuple[str, list[str]]
) -> None:
    there, seen = asked
    body = f"""<link rel=stylesheet href={there}/a.css><link rel=preload as=image href={there}/b><link rel=dns-prefetch href={there}>
    <img src={there}/c.png><iframe src={there}/d></iframe><object data={there}/e></object><video src={there}/f poster={there}/g></video>
    <style>@import url({there}/h); body{{background:red url({there}/i)}} @font-face{{font-family:x;src:url({there}/j)}} p{{font-family:x}}</style>
    <script src={there}/k></script><script>fetch("{there}/l"); new WebSocket("{there.replace("http", "ws")}/m")</script>
    <meta http-equiv=refresh content="0;url={there}/n"><p style="color:red">字</p>"""
    for one in (camera, running(camera)):
        shot = one.take(desk.page(body, f"{PAGE}{one.javascript}"))
        assert shot.missing >= 5
        assert pixel(shot.png, 600, 800) == RED
    assert seen == []


@chromium
def test_scripts_do_not_run(desk: Desk, camera: Photographer) -> None:
    body = "<body style='margin:0'><script>document.body.style.background='red'</script><p onload=1>字<img src=x onerror=\"document.body.style.background='red'\">"
    assert pixel(camera.take(desk.page(body)).png, 600, 600) == (255, 255, 255)
    shot = running(camera).take(desk.page(body, f"{PAGE}2"))
    assert (shot.javascript, pixel(shot.png, 600, 600)) == (True, RED)


@chromium
def test_a_refresh_leads_nowhere_even_to_what_the_archive_holds(desk: Desk, camera: Photographer) -> None:
    desk.page("<body style='background:red'>", "http://forum.example/away")
    shot = camera.take(desk.page("<meta http-equiv=refresh content='0;url=/away'><p>字"))
    assert pixel(shot.png, 600, 600) == (255, 255, 255)


@chromium
def test_a_long_page_is_cut_and_says_so(desk: Desk, camera: Photographer) -> None:
    tall = camera.take(desk.page("<div style='height:3000px'>字</div>"))
    endless = camera.take(desk.page("<div style='height:99999px'>字</div>", f"{PAGE}2"))
    assert (tall.height >= 3000, tall.cut) == (True, False)
    assert (endless.height, endless.cut) == (MOST_HEIGHT, True)


@chromium
def test_a_page_whose_encoding_is_misdeclared_is_shown_in_the_one_that_fits(desk: Desk, camera: Photographer) -> None:
    text = "香港验血，七周就能知道，当天出结果，不用排队，加薇预约。" * 4
    assert camera.take(desk.page(f"<meta charset=utf-8><p>{text}".encode("gb18030"))).charset == "gb18030"
    assert camera.take(desk.page(f"<meta charset=utf-8><p>{text}", f"{PAGE}2")).charset == ""


@chromium
def test_a_record_that_was_altered_gives_no_picture(desk: Desk, camera: Photographer) -> None:
    capture = replace(desk.page("<p>字"), sha256="0" * 64)
    with pytest.raises(EvidenceError, match="expected sha256 000000000000"):
        camera.take(capture)


def test_only_pages_that_were_fetched_can_be_shown(desk: Desk) -> None:
    capture = desk.page("<p>字")
    assert takeable(capture)
    for change in (
        {"media_type": "application/json"},
        {"provenance": Provenance.IMPORT},
        {"status": 404},
        {"status": 302},
    ):
        assert not takeable(replace(capture, **change))


def test_where_chromium_is_missing_it_says_so_and_nothing_else_fails(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    with pytest.raises(Unavailable, match="no Chromium was found"), photographer(desk.folder, desk.lookup):
        pass
    assert take_all([desk.page("<p>字")], desk.folder / "archive", desk.lookup) == (
        [], ["no screenshots: no Chromium was found; apt install chromium, or playwright install chromium"],
    )  # fmt: skip
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert "pip install 'xuncha[screenshots]'" in screenshot.obstacle()


@chromium
def test_a_bundle_carries_its_pictures_and_verify_names_a_changed_one(settings: Settings, tmp_path: Path) -> None:
    key = signature.load_key(settings.workspace / signature.KEY)
    with Store.open(settings.path("database")) as store:
        pages = shown(store, LEAD)
        shots, faults = take_all(pages, settings.path("archive"), store.captures.last_before)
        made = export(store, settings, LEAD, tmp_path / "out", key, MAKER, LATER, Pictures(tuple(shots), tuple(faults)))
        assert (made.screenshots, faults) == (2, [])
        assert verify(made.folder, key.public_key(), store.ledger) == []
    told = json.loads((made.folder / "data/record.json").read_text("utf-8"))["screenshots"]
    assert [(one["exhibit"], one["network"], one["javascript"]) for one in told] == [
        ("E002", "off; rendered from the WARC", False), ("E003", "off; rendered from the WARC", False),
    ]  # fmt: skip
    picture = made.folder / "data" / told[0]["file"]
    picture.write_bytes(picture.read_bytes()[:-1] + b"x")
    assert f"data/{told[0]['file']}" in {damage.file for damage in verify(made.folder)}
