"""Pictures in a crawl: fetched like pages, believed by their bytes alone, kept within bounds; real crawls over our own servers."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from site_server import SOURCE, Reply, Site, configure, declare, listing, night

from core.store import Store
from evidence.archive import read_at

pytestmark = pytest.mark.xdist_group("shown pictures")


def png(width: int = 64, height: int = 64, grey: int = 200) -> bytes:
    """A sound PNG of one grey."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    rows = zlib.compress((b"\0" + bytes([grey]) * width) * height)
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def picture(body: bytes, media_type: str = "image/png", status: int = 200, **headers: str) -> Reply:
    return Reply(body, status, {"Content-Type": media_type, **headers})


def post(*pictures: str) -> Reply:
    return Reply(
        "<html><body><h1>帖</h1><p>看图</p>" + "".join(f'<img src="{url}">' for url in pictures) + "</body></html>"
    )


@dataclass
class Nights:
    site: Site
    other: Site
    store: Store
    archive: Path
    first: dict
    asked_first: list[str]
    asked_second: list[str]

    def address(self, path: str, site: Site | None = None) -> dict | None:
        rows = self.store.db.query(
            "SELECT * FROM picture_addresses WHERE url = ?", [f"{(site or self.site).url}{path}"]
        )
        return next(rows, None)


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nights]:
    workspace = tmp_path_factory.mktemp("shown")
    with (
        Site({"/robots.txt": picture(b"User-agent: *\nDisallow: /closed/\n", "text/plain")}) as other,
        Site({}) as off,
        Site({}) as site,
    ):
        other.pages |= {"/a.png": picture(png(grey=90)), "/closed/b.png": picture(png())}
        off.pages |= {"/x.png": picture(png())}
        site.pages |= {
            "/": listing("/1.html", "/2.html", "/3.html", "/4.html"),
            "/1.html": post(
                "/good.png", "/liar.png", "/page.png", "/moved.png", "/away.png", "/gone.png", "/forbidden.png"
            ),
            "/2.html": post(
                "/good.png",
                "/again.jpg",
                f"{other.url}/a.png",
                f"{other.url}/closed/b.png",
                f"{off.url}/x.png",
                "file:///etc/passwd",
            ),
            "/3.html": post(*(f"/many/{n}.png" for n in range(12))),
            "/4.html": post("/dot.gif", "/fat.png", "data:image/png;base64,AAAA"),
            "/good.png": picture(png()),
            "/again.jpg": picture(png(), "image/jpeg"),
            "/liar.png": picture(b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"),
            "/page.png": picture(b"<html><body>" + b"x" * 2_000 + b"</body></html>"),
            "/moved.png": Reply(status=302, headers={"Location": "/good.png"}),
            "/away.png": Reply(status=302, headers={"Location": f"{off.url}/x.png"}),
            "/gone.png": Reply(status=404),
            "/forbidden.png": Reply(status=403),
            "/dot.gif": picture(png(2, 2)),
            "/fat.png": picture(png() + bytes(60_000)),
            **{f"/many/{n}.png": picture(png(grey=n)) for n in range(12)},
        }
        configure(workspace, max_picture_bytes=50_000)
        declare(workspace, "shown", SOURCE.format(name="shown", url=site.url) + f"picture_hosts: ['{other.host}']\n")
        first = night(workspace)
        asked = site.paths()
        site.pages |= {
            "/": listing("/1.html", "/2.html", "/3.html", "/4.html", "/5.html"),
            "/5.html": post("/good.png", "/new.png"),
            "/new.png": picture(png(grey=1)),
        }
        night(workspace)
        with Store.open(workspace / "xuncha.db") as store:
            yield Nights(
                site, other, store, workspace / "archive", first, asked, site.paths(len(site.asked) and 0)[len(asked) :]
            )
        assert off.asked == [], "a host that the source does not name was asked"


def test_a_picture_is_captured_as_it_came_and_known_by_its_bytes(nights: Nights) -> None:
    row = nights.address("/good.png")
    assert row is not None
    capture = nights.store.captures.get(row["capture"])
    assert capture is not None
    assert read_at(nights.archive / capture.warc, capture.offset, capture.sha256).body == png()
    assert nights.first["state"] == "finished"


def test_a_file_under_two_names_and_types_is_one_picture_by_its_magic_bytes(nights: Nights) -> None:
    one, two = nights.address("/good.png"), nights.address("/again.jpg")
    assert one is not None
    assert two is not None
    assert one["sha256"] == two["sha256"]
    [row] = nights.store.db.query("SELECT kind, width, state FROM pictures WHERE sha256 = ?", [one["sha256"]])
    assert row == {"kind": "png", "width": 64, "state": "new"}


def test_what_is_no_picture_is_refused_with_what_it_is(nights: Nights) -> None:
    reasons = {
        refusal.url.removeprefix(nights.site.url): (refusal.reason, refusal.detail)
        for refusal in nights.store.refusals.all(1)
    }
    assert reasons["/liar.png"][0] == "no picture"
    assert "SVG: markup that may hold scripts" in reasons["/liar.png"][1]
    assert "an HTML page" in reasons["/page.png"][1]
    assert "too small" in reasons["/dot.gif"][1]
    assert "more than the 50,000" in reasons["/fat.png"][1]
    assert reasons["/forbidden.png"] == ("wall", "picture: status 403")
    for path in ("/liar.png", "/page.png", "/gone.png", "/forbidden.png", "/dot.gif", "/fat.png"):
        row = nights.address(path)
        assert row is not None
        assert row["sha256"] == ""
        assert row["why"]


def test_redirects_are_followed_on_hosts_of_the_source_alone(nights: Nights) -> None:
    moved = nights.address("/moved.png")
    good = nights.address("/good.png")
    assert moved is not None
    assert good is not None
    assert moved["sha256"] == good["sha256"]
    away = nights.address("/away.png")
    assert away is not None
    assert "redirect off the source" in away["why"]


def test_declared_hosts_of_pictures_are_asked_by_their_own_robots_and_others_are_not(nights: Nights) -> None:
    assert nights.other.paths() == ["/a.png"]
    assert nights.address("/a.png", nights.other)["sha256"]  # type: ignore[index]
    reasons = {refusal.url: refusal.reason for refusal in nights.store.refusals.all(1)}
    assert reasons[f"{nights.other.url}/closed/b.png"] == "robots.txt"
    assert "off the source" in reasons.values()


def test_a_document_has_only_so_many_pictures_fetched(nights: Nights) -> None:
    assert sum(path.startswith("/many/") for path in nights.asked_first) == 9


def test_known_pictures_are_not_asked_for_again_and_new_ones_are(nights: Nights) -> None:
    assert nights.asked_first.count("/good.png") == 1, "also where /moved.png leads"
    assert [path for path in nights.asked_second if path.endswith((".png", ".jpg", ".gif"))] == ["/new.png"]


def test_pictures_are_no_pages_to_the_counts_of_a_source(nights: Nights) -> None:
    row = next(nights.store.db.query("SELECT lists, pages, documents FROM yields WHERE run = 1"))
    assert row == {"lists": 1, "pages": 4, "documents": 4}


def test_a_source_that_wants_no_pictures_gets_none(tmp_path: Path) -> None:
    with Site({"/": listing("/1.html"), "/1.html": post("/good.png"), "/good.png": picture(png())}) as site:
        configure(tmp_path)
        declare(tmp_path, "shown", SOURCE.format(name="shown", url=site.url) + "pictures: false\n")
        night(tmp_path)
        assert site.paths() == ["/", "/1.html"]


def test_what_a_nights_share_leaves_is_fetched_by_the_next(tmp_path: Path) -> None:
    pages = {f"/{n}.png": picture(png(grey=n)) for n in range(5)}
    with Site({"/": listing("/1.html"), "/1.html": post(*pages), **pages}) as site:
        configure(tmp_path, pictures_per_source=3)
        declare(tmp_path, "shown", SOURCE.format(name="shown", url=site.url))
        night(tmp_path)
        first = len(site.asked)
        assert sum(path.endswith(".png") for path in site.paths()) == 3
        night(tmp_path)
        assert sum(path.endswith(".png") for path in site.paths(first)) == 2


def test_a_picture_that_two_sources_show_is_asked_for_once(tmp_path: Path) -> None:
    pages = {"/p.png": picture(png())}
    for name in ("a", "b"):
        pages |= {f"/{name}/": listing(f"/{name}/1"), f"/{name}/1": post("/p.png")}
    with Site(pages) as site:
        configure(tmp_path)
        for name in ("a", "b"):
            declare(tmp_path, name, SOURCE.format(name=name, url=f"{site.url}/{name}"))
        run = night(tmp_path)
    assert (run["state"], run["counts"]["new"]) == ("finished", 2)
    assert site.paths().count("/p.png") == 1
    with Store.open(tmp_path / "xuncha.db") as store:
        assert [len(store.handed.shown(d)) for batch in store.documents.unjudged("x") for _, _, d in batch] == [1, 1]
