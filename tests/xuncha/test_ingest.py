"""What crawlers leave in a shared place comes into the one store: each row once, checked, and never over what is newer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.errors import EvidenceError, InputError
from core.settings import Settings, load
from core.store import Store
from core.types import Capture, Document, Provenance, Refusal
from evidence.archive import Archive, read_at
from xuncha.handing import hand_over, ingest
from xuncha.workspace import create

AT = datetime(2026, 11, 20, 2, tzinfo=UTC)
LATER = AT + timedelta(hours=1)


class Crawler:
    """A crawler's workspace, filled as a crawl fills it."""

    def __init__(self, folder: Path, name: str, place: str) -> None:
        create(folder / name)
        self.settings = load(folder / name, {}).replace(worker=name, hand_over=place)
        self.store = Store.open(self.settings.path("database"))
        self.run = self.store.runs.start("crawl", AT)
        self.name, self.files = name, 0

    def page(self, number: int, text: str, at: datetime = AT) -> None:
        """A page that was fetched and gave a document."""
        archive = Archive(self.settings.path("archive"), f"{self.name}-{self.files}", "test")
        self.files += 1
        url = f"http://a.test/{number}"
        filed = archive.add(url, at, "HTTP/1.1 200 OK", [("Content-Type", "text/html")], f"<p>{text}".encode())
        archive.close()
        self.store.captures.add(
            Capture(filed.id, "s", url, at, 200, "text/html", filed.sha256, filed.size, filed.warc, filed.offset, "allowed", Provenance.LIVE, self.run)
        )  # fmt: skip
        document = Document("s", str(number), url, "post", text, source="s", capture=filed.id)
        self.store.documents.add(document, at, self.run)
        with self.store.atomic():
            self.store.pages.put(url, "s", at, 200, f"etag-{text}", "")
            self.store.yields.add(self.run, "s", {"pages": 1, "documents": 1})

    def leave(self) -> None:
        """The end of its crawl."""
        self.store.runs.finish(self.run, AT, {})
        hand_over(self.store, self.settings)


@pytest.fixture
def one(tmp_path: Path) -> Iterator[tuple[Store, Settings]]:
    create(tmp_path / "one")
    settings = load(tmp_path / "one", {})
    with Store.open(settings.path("database")) as store:
        yield store, settings


@pytest.fixture
def place(tmp_path: Path) -> str:
    return str(tmp_path / "shared")


@pytest.fixture
def crawler(tmp_path: Path, place: str) -> Iterator[Crawler]:
    found = Crawler(tmp_path, "w1", place)
    yield found
    found.store.close()


def test_captures_documents_and_refusals_come_once(one: tuple[Store, Settings], crawler: Crawler, place: str) -> None:
    store, settings = one
    crawler.page(1, "一")
    crawler.page(2, "二")
    crawler.store.refusals.add(Refusal("http://a.test/3", "s", "robots.txt", "", AT, crawler.run))
    crawler.leave()
    counts, faults = ingest(store, settings, place, lambda: LATER)
    assert faults == []
    assert counts == {"w1": {"captures": 2, "new": 2, "changed": 0, "known": 0, "older": 0, "refused": 1}}
    for capture in store.captures.all():
        assert read_at(settings.path("archive") / capture.warc, capture.offset, capture.sha256).url == capture.url
    run = store.runs.last("crawl", 1)[0]
    assert (run.state, run.counts["s/new"], run.counts["s/refused"]) == ("finished", 2, 1)
    assert store.yields.last("s", 1, LATER)[0]["pages"] == 2
    assert store.pages.get("http://a.test/1")["etag"] == "etag-一"  # type: ignore[index]
    assert set(ingest(store, settings, place, lambda: LATER)[0]["w1"].values()) == {0}


def test_only_what_is_new_since_the_last_time_comes_and_a_change_is_a_version(
    one: tuple[Store, Settings], crawler: Crawler, place: str
) -> None:
    store, settings = one
    crawler.page(1, "一")
    crawler.leave()
    ingest(store, settings, place, lambda: AT)
    crawler.page(1, "改了", LATER)
    crawler.page(2, "二", LATER)
    crawler.leave()
    counts, _ = ingest(store, settings, place, lambda: LATER)
    assert counts["w1"] == {"captures": 2, "new": 1, "changed": 1, "known": 0, "older": 0, "refused": 0}
    assert [version["text"] for version in store.documents.versions(1)] == ["一", "改了"]


def test_what_another_crawler_saw_later_is_not_written_over(
    one: tuple[Store, Settings], crawler: Crawler, place: str, tmp_path: Path
) -> None:
    store, settings = one
    late = Crawler(tmp_path, "w0", place)  # taken in first
    late.page(1, "新的", LATER)
    late.leave()
    late.store.close()
    crawler.page(1, "旧的", AT)
    crawler.leave()
    counts, _ = ingest(store, settings, place, lambda: LATER)
    assert counts["w1"]["older"] == 1
    assert store.documents.get(1).text == "新的"  # type: ignore[union-attr]
    assert store.pages.get("http://a.test/1")["etag"] == "etag-新的"  # type: ignore[index]


def test_a_capture_that_was_altered_on_the_way_brings_nothing(
    one: tuple[Store, Settings], crawler: Crawler, place: str, tmp_path: Path
) -> None:
    store, settings = one
    crawler.page(1, "一")
    crawler.leave()
    file = next((Path(place) / "archive").iterdir())
    other = Archive(tmp_path / "other", file.name.removesuffix("-00000.warc.gz"), "test")
    other.add("http://a.test/1", AT, "HTTP/1.1 200 OK", [("Content-Type", "text/html")], b"<p>forged")
    other.close()
    file.write_bytes(other.path.read_bytes())
    counts, faults = ingest(store, settings, place, lambda: LATER)
    assert [fault[:4] for fault in faults] == ["w1: "]
    assert store.captures.count() == store.documents.count() == 0
    assert counts["w1"]["captures"] == 0
    assert [path.suffix for path in settings.path("archive").iterdir()] == [".damaged"]
    file.write_bytes((crawler.settings.path("archive") / file.name).read_bytes())
    assert ingest(store, settings, place, lambda: LATER)[0]["w1"]["new"] == 1


def test_a_file_of_another_crawler_is_never_written_over(crawler: Crawler, place: str, tmp_path: Path) -> None:
    crawler.page(1, "一")
    crawler.leave()
    other = Crawler(tmp_path / "other", "w1", place)
    other.page(1, "一个更长的帖子")
    with pytest.raises(EvidenceError, match="another file of that name"):
        other.leave()
    other.store.close()


def test_a_new_store_under_an_old_name_is_taken_in_from_its_beginning(
    one: tuple[Store, Settings], crawler: Crawler, place: str, tmp_path: Path
) -> None:
    store, settings = one
    crawler.page(1, "一")
    crawler.leave()
    ingest(store, settings, place, lambda: AT)
    anew = Crawler(tmp_path / "anew", "w1", place)
    anew.files = 100
    anew.page(7, "七", LATER)
    anew.leave()
    anew.store.close()
    assert ingest(store, settings, place, lambda: LATER)[0]["w1"]["new"] == 1


def test_an_object_store_serves_as_the_place(one: tuple[Store, Settings], tmp_path: Path) -> None:
    """fsspec's store in memory stands for S3: both are asked through the same interface."""
    import fsspec

    crawler = Crawler(tmp_path, "w9", "memory://ingest-test/night")
    crawler.page(1, "一")
    try:
        crawler.leave()
        crawler.store.close()
        counts, faults = ingest(*one, "memory://ingest-test/night", lambda: LATER)
        assert (counts["w9"]["new"], faults) == (1, [])
    finally:
        fsspec.filesystem("memory").rm("/ingest-test", recursive=True)


def test_a_place_where_no_crawler_left_anything_is_told(one: tuple[Store, Settings], tmp_path: Path) -> None:
    with pytest.raises(InputError, match="found none"):
        ingest(*one, str(tmp_path / "nowhere"), lambda: LATER)


def test_pictures_come_with_their_documents_and_once(one: tuple[Store, Settings], crawler: Crawler, place: str) -> None:
    store, settings = one
    crawler.page(1, "海报")
    theirs = crawler.store
    [capture] = theirs.captures.all()
    shown, missing = "http://a.test/p.png", "http://a.test/gone.png"
    theirs.pictures.show(1, [shown, missing], 9)
    theirs.pictures.came(shown, capture, "ab" * 32, 1_234, ("png", 600, 800))
    theirs.pictures.failed(missing, "", "no picture: 404", AT)
    crawler.leave()
    for _ in range(2):
        ingest(store, settings, place, lambda: LATER)
        assert [row["sha256"] for row in store.pictures.unseen(9)] == ["ab" * 32]
        assert store.pictures.unseen(9)[0]["capture"] == capture.id
        assert store.pictures.waiting("s", 9) == []
        assert store.handed.shown(next(iter(store.documents.unjudged("x")))[0][2]) == [shown, missing]
