"""Whole archives judged: every record counted, hits found again, a sweep that was cut off gone on with."""

from __future__ import annotations

import functools
import gzip
import hashlib
import http.server
import io
import json
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyarrow import parquet
from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from classifier import material
from core.errors import InputError
from core.store import Store
from crawler.replay import Reading
from xuncha.sweep import sweep
from xuncha.sweep.judging import Plan
from xuncha.sweep.parts import hits_in, told
from xuncha.sweep.paths import found

GOLD = [example for example in material.training() if 80 < len(example.text.text) < 500]
ADVERTS = [example.text.text for example in GOLD if example.label == "fetal_sex_test_ad"][:3]
QUIET = [example.text.text for example in GOLD if example.label == "unrelated"][:4]
ENGLISH = "A page in English about birds, boats and the weather at the harbour. " * 10
Given = tuple[str, str, bytes, str]  # URL, status line, body, media type


def page(text: str) -> bytes:
    return f"<html><head><title>页</title></head><body><article><p>{text}</p></article></body></html>".encode()


def given(host: str = "a.test") -> list[Given]:
    """11 responses: three adverts, four quiet pages, an English one, a picture, a page that is gone, one that breaks its reader."""
    texts = [*ADVERTS, *QUIET, ENGLISH]
    pages = [(f"http://{host}/{n}", "200 OK", page(text), "text/html; charset=utf-8") for n, text in enumerate(texts)]
    return [
        *pages,
        (f"http://{host}/p.jpg", "200 OK", b"\xff\xd8\xff" * 50, "image/jpeg"),
        (f"http://{host}/gone", "404 Not Found", page(QUIET[0]), "text/html"),
        (f"http://{host}/broken", "200 OK", page(ADVERTS[0]), "text/html; charset=utf-8"),
    ]


def warc(records: list[Given]) -> bytes:
    stream = io.BytesIO()
    writer = WARCWriter(stream, gzip=True)
    writer.write_record(writer.create_warcinfo_record("x.warc.gz", {"software": "others"}))
    for url, status, body, kind in records:
        head = StatusAndHeaders(status, [("Content-Type", kind), ("X-Own", "yes")], protocol="HTTP/1.1")
        record = writer.create_warc_record(url, "response", payload=io.BytesIO(body), http_headers=head)
        asked = StatusAndHeaders("GET / HTTP/1.1", [("Host", "a.test")], is_http_request=True)
        writer.write_request_response_pair(writer.create_warc_record(url, "request", http_headers=asked), record)
    return stream.getvalue()


def wet(texts: list[str]) -> bytes:
    stream = io.BytesIO()
    writer = WARCWriter(stream, gzip=True)
    for n, text in enumerate(texts):
        payload = io.BytesIO(f"标题\n{text}".encode())
        writer.write_record(
            writer.create_warc_record(
                f"http://w.test/{n}", "conversion", payload=payload, warc_content_type="text/plain"
            )
        )
    return stream.getvalue()


@pytest.fixture
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plan:
    read = Reading.documents

    def documents(self, record, source, page):  # type: ignore[no-untyped-def]
        if record.url.endswith("/broken"):
            raise RuntimeError("this page breaks its reader")
        return read(self, record, source, page)

    monkeypatch.setattr(Reading, "documents", documents)
    return Plan("linear", tmp_path / "sources", 10_000_000)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "crawl" / "one.warc.gz"
    path.parent.mkdir()
    path.write_bytes(warc(given()))
    return path


def rows(out: Path) -> list[dict[str, object]]:
    return [row for part in sorted((out / "parts").glob("*.parquet")) for row in parquet.read_table(part).to_pylist()]


def test_every_record_is_counted_once_as_read_skipped_or_failed(archive: Path, plan: Plan, tmp_path: Path) -> None:
    done = sweep([str(archive)], tmp_path / "out", plan)
    counts = done["counts"]
    assert (counts["records"], counts["read"], counts["skipped"], counts["foreign"], counts["failed"]) == (
        11,
        7,
        3,
        1,
        1,
    )
    assert counts["documents"] + counts["gated"] == 7
    assert counts["flagged"] == 3
    assert [fault.rpartition(": ")[2] for fault in done["faults"]] == ["this page breaks its reader"]
    assert json.loads((tmp_path / "out" / "sweep.json").read_text("utf-8")) == done


def test_a_hit_says_where_it_lies_and_its_record_is_copied_as_it_was(archive: Path, plan: Plan, tmp_path: Path) -> None:
    sweep([str(archive)], tmp_path / "out", plan)
    hits = {row["url"]: row for row in rows(tmp_path / "out") if row["flagged"]}
    assert set(hits) == {"http://a.test/0", "http://a.test/1", "http://a.test/2"}
    row = hits["http://a.test/1"]
    assert row["label"] == "fetal_sex_test_ad"
    plain = "".join(ADVERTS[1].split())  # HTML makes one space of a line's end
    assert all("".join(quote.split()) in plain for quote in row["quotes"])  # type: ignore[attr-defined]
    assert "text" not in row  # it is in the record; a table that goes round holds no contacts
    first, copied = digests(archive), digests(hits_in(tmp_path / "out")[0])
    assert row["record"] in copied
    assert {id: first[id] for id in copied} == copied


def digests(path: Path) -> dict[str, tuple[str, str]]:
    """Of each response: the digest of its payload and its own header."""
    with path.open("rb") as stream:
        return {
            record.rec_headers.get_header("WARC-Record-ID").strip("<>"): (
                hashlib.sha256(record.content_stream().read()).hexdigest(), record.http_headers.get_header("X-Own"),
            )
            for record in ArchiveIterator(stream)
            if record.rec_type == "response"
        }  # fmt: skip


def test_hits_are_brought_into_the_store_and_judged_there(archive: Path, plan: Plan, tmp_path: Path, xuncha) -> None:  # type: ignore[no-untyped-def]
    out, work = tmp_path / "out", tmp_path / "work"
    assert xuncha("sweep", archive, "--out", out, "--model", "linear").returncode == 0
    assert xuncha("init", work).returncode == 0
    done = xuncha("import", out, "-w", work, "--json")
    assert done.returncode == 0, done.stderr
    xuncha("classify", "-w", work, "--model", "linear")
    with Store.open(work / "xuncha.db") as store:
        captures = {capture.url for capture in store.captures.all()}
        assert captures == {row["url"] for row in rows(out)}
        assert store.documents.count() == len(captures)
        assert sum(judged.flagged for _, _, _, judged in store.judgements.undecided(_rater(out), 1.0, 50)) >= 3


def _rater(out: Path) -> str:
    return str(told(next((out / "parts").glob("*.parquet")))["rater"])


def test_a_sweep_that_was_cut_off_goes_on_with_the_files_that_are_left(
    archive: Path, plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = archive.with_name("two.warc.gz")
    other.write_bytes(warc(given("b.test")))
    out = tmp_path / "out"
    with monkeypatch.context() as patched:
        patched.setattr("xuncha.sweep.judging.write", _cut_off_at(1))
        with pytest.raises(KeyboardInterrupt):
            sweep([str(archive), str(other)], out, plan)
    assert len(rows(out)) > 0
    done = sweep([str(archive), str(other)], out, plan)
    assert (done["files"], done["done_before"], done["counts"]["records"]) == (2, 1, 22)
    assert sweep([str(archive), str(other)], out, plan)["done_before"] == 2
    assert len(hits_in(out)) == 2


def _cut_off_at(number: int):  # type: ignore[no-untyped-def]
    from xuncha.sweep import parts

    calls = []

    def write(*given: object) -> None:
        calls.append(given)
        if len(calls) > number:
            raise KeyboardInterrupt
        parts.write(*given)  # type: ignore[arg-type]

    return write


def test_two_processes_count_as_one_does(archive: Path, tmp_path: Path) -> None:
    plan = Plan("linear", tmp_path / "sources", 10_000_000)
    archive.with_name("two.warc.gz").write_bytes(warc(given("b.test")))
    files = found([str(archive.parent)])
    assert len(files) == 2
    one, two = (sweep(files, tmp_path / f"out{workers}", plan, workers) for workers in (1, 2))
    assert one["counts"] == two["counts"]
    assert one["counts"]["records"] == 22


def test_a_damaged_file_is_judged_up_to_there_and_what_is_no_archive_is_told(
    archive: Path, plan: Plan, tmp_path: Path
) -> None:
    whole = archive.read_bytes()
    at = [i for i in range(len(whole)) if whole[i : i + 3] == b"\x1f\x8b\x08"]
    broken, none = archive.with_name("broken.warc.gz"), archive.with_name("none.warc.gz")
    broken.write_bytes(whole[: at[9]] + b"\x1f\x8b\x08" + b"\x77" * 60 + whole[at[10] :])
    none.write_bytes(b"<html>")
    done = sweep([str(broken), str(none)], tmp_path / "out", plan)
    assert done["files"] == 1
    assert done["unread"] == 1
    assert any("expected a WARC file, found b'<html>'" in fault for fault in done["faults"])
    counts = done["counts"]
    assert 0 < counts["records"] < 11
    assert counts["records"] == counts["read"] + counts["skipped"] + counts["failed"]


def test_texts_and_packages_are_judged_too(plan: Plan, tmp_path: Path) -> None:
    (tmp_path / "t.wet.gz").write_bytes(wet([*ADVERTS, *QUIET, ENGLISH]))
    content = warc(given("p.test")[:5])
    with zipfile.ZipFile(tmp_path / "p.wacz", "w") as package:
        package.writestr("archive/data.warc.gz", content)
        digest = hashlib.sha256(content).hexdigest()
        listed = {"resources": [{"path": "archive/data.warc.gz", "hash": f"sha256:{digest}"}]}
        package.writestr("datapackage.json", json.dumps(listed))
    done = sweep(found([str(tmp_path / "*.w*")]), tmp_path / "out", plan)
    assert done["faults"] == []
    assert (done["counts"]["records"], done["counts"]["foreign"], done["counts"]["flagged"]) == (13, 1, 6)
    copied = [digests(path) for path in hits_in(tmp_path / "out") if "wacz" in path.name]
    assert len(copied[0]) == 3


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    folder = tmp_path / "served"
    folder.mkdir()

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield folder, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_archives_of_a_list_come_over_http_and_what_cannot_be_fetched_is_left_for_the_next_time(
    served: tuple[Path, str], plan: Plan, tmp_path: Path
) -> None:
    pytest.importorskip("aiohttp")
    folder, url = served
    (folder / "crawl-data").mkdir()
    (folder / "crawl-data" / "a.warc.gz").write_bytes(warc(given()))
    (folder / "wet.paths.gz").write_bytes(gzip.compress(b"crawl-data/a.warc.gz\ncrawl-data/b.warc.gz\n"))
    files = found([f"{url}/wet.paths.gz"], url)
    assert files == [f"{url}/crawl-data/a.warc.gz", f"{url}/crawl-data/b.warc.gz"]
    done = sweep(files, tmp_path / "out", plan)
    assert (done["files"], done["unread"], done["counts"]["records"], done["counts"]["flagged"]) == (1, 1, 11, 3), done[
        "faults"
    ]
    (folder / "crawl-data" / "b.warc.gz").write_bytes(warc(given("b.test")))
    done = sweep(files, tmp_path / "out", plan)
    assert (done["files"], done["unread"], done["done_before"], done["counts"]["records"]) == (2, 0, 1, 22)


def test_archives_of_an_object_store_are_read_by_ranges(plan: Plan, tmp_path: Path) -> None:
    """fsspec's own store in memory stands for S3: both are asked through the same interface."""
    import fsspec

    store = fsspec.filesystem("memory")
    store.pipe("/sweep-test/segments/a.warc.gz", warc(given()))
    try:
        files = found(["memory://sweep-test/**/*.warc.gz"])
        assert files == ["memory:///sweep-test/segments/a.warc.gz"]
        done = sweep(files, tmp_path / "out", plan)
    finally:
        store.rm("/sweep-test", recursive=True)
    assert (done["counts"]["records"], done["counts"]["flagged"]) == (11, 3)
    assert len(digests(hits_in(tmp_path / "out")[0])) >= 3


def test_a_folder_holds_the_sweep_of_one_model(archive: Path, plan: Plan, tmp_path: Path) -> None:
    sweep([str(archive)], tmp_path / "out", plan)
    with pytest.raises(InputError, match="name another folder"):
        sweep([str(archive)], tmp_path / "out", Plan("stack", plan.sources, plan.max_bytes))


def test_without_the_gate_every_chinese_page_is_judged(archive: Path, plan: Plan, tmp_path: Path) -> None:
    done = sweep([str(archive)], tmp_path / "out", Plan("linear", plan.sources, plan.max_bytes, every=True))
    assert (done["counts"]["judged"], done["counts"]["gated"]) == (7, 0)


def test_paths_that_name_no_archive_are_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x", "utf-8")
    for path in (str(tmp_path), str(tmp_path / "notes.txt"), str(tmp_path / "*.warc.gz")):
        with pytest.raises(InputError, match="found none"):
            found([path])


def test_ray_counts_as_one_process_does(archive: Path, tmp_path: Path) -> None:
    pytest.importorskip("ray")
    plan = Plan("linear", tmp_path / "sources", 10_000_000)
    archive.with_name("two.warc.gz").write_bytes(warc(given("b.test")))
    files = found([str(archive.parent)])
    here, there = sweep(files, tmp_path / "here", plan), sweep(files, tmp_path / "ray", plan, 2, ray=True)
    assert here["counts"] == there["counts"]
    assert len(rows(tmp_path / "ray")) == len(rows(tmp_path / "here"))
