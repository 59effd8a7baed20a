from __future__ import annotations

import gzip
import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from core.errors import EvidenceError, InputError
from evidence.archive import Archive, Filed, read, read_at

AT = datetime(2026, 11, 20, 4, 0, 5, tzinfo=UTC)
BODY = "<html><p>看见白鹭</p></html>".encode()
HEADERS = [("Content-Type", "text/html; charset=utf-8"), ("X-Twice", "1"), ("X-Twice", "2")]


def archive(folder: Path, **more: int) -> Archive:
    return Archive(folder, "run1", "xuncha/0.1 (+patrol@xuncha.example)", **more)


def add(into: Archive, number: int = 1, body: bytes = BODY, headers: list[tuple[str, str]] = HEADERS) -> Filed:
    return into.add(
        f"http://a.test/{number}", AT, "HTTP/1.1 200 OK", headers, body,
        request=f"GET /{number} HTTP/1.1", request_headers=[("Host", "a.test"), ("User-Agent", "xuncha")], address="192.0.2.1",
    )  # fmt: skip


@pytest.fixture
def written(tmp_path: Path) -> tuple[Path, list[Filed]]:
    writer = archive(tmp_path)
    filed = [add(writer, number, BODY + str(number).encode()) for number in range(3)]
    writer.close()
    return tmp_path / filed[0].warc, filed


def test_another_reader_reads_our_files(written: tuple[Path, list[Filed]]) -> None:
    path, filed = written
    with path.open("rb") as stream:
        found = [
            (record.rec_type, record.rec_headers.get_header("WARC-Target-URI"), record.content_stream().read())
            for record in ArchiveIterator(stream, check_digests="raise")
        ]
    assert [kind for kind, _, _ in found] == ["warcinfo", *["response", "request"] * 3]
    assert b"software: xuncha/0.1 (+patrol@xuncha.example)" in found[0][2]
    assert [(url, body) for kind, url, body in found if kind == "response"] == [
        (f"http://a.test/{number}", BODY + str(number).encode()) for number in range(3)
    ]
    assert all(one.warc == path.name for one in filed)


def test_a_record_says_when_where_from_and_what_was_asked(written: tuple[Path, list[Filed]]) -> None:
    path, filed = written
    with path.open("rb") as stream:
        _, response, request, *_ = [
            (record.rec_headers, record.http_headers) for record in ArchiveIterator(stream, no_record_parse=False)
        ]
    assert response[0].get_header("WARC-Date") == "2026-11-20T04:00:05Z"
    assert response[0].get_header("WARC-IP-Address") == "192.0.2.1"
    assert response[0].get_header("WARC-Record-ID") == f"<{filed[0].id}>"
    assert request[0].get_header("WARC-Concurrent-To") == f"<{filed[0].id}>"
    assert request[1].get_header("User-Agent") == "xuncha"


def test_each_record_is_a_gzip_member_of_its_own(written: tuple[Path, list[Filed]]) -> None:
    path, filed = written
    body = path.read_bytes()
    for one in filed:
        assert body[one.offset : one.offset + 2] == b"\x1f\x8b"
        assert gzip.decompress(body[one.offset :]).startswith(b"WARC/1.")


def test_what_was_filed_is_read_back_by_its_place(written: tuple[Path, list[Filed]]) -> None:
    path, filed = written
    for number, one in enumerate(filed):
        response = read_at(path, one.offset, one.sha256)
        assert (response.id, response.url, response.status, response.at) == (one.id, f"http://a.test/{number}", 200, AT)
        assert response.body == BODY + str(number).encode()
        assert one.sha256 == hashlib.sha256(response.body).hexdigest()
        assert one.size == len(response.body)
        assert [value for name, value in response.headers if name == "X-Twice"] == ["1", "2"]


def test_a_body_is_kept_as_it_was_received_and_decoded_only_for_reading(tmp_path: Path) -> None:
    squeezed = gzip.compress(BODY)
    writer = archive(tmp_path)
    filed = add(writer, body=squeezed, headers=[("Content-Type", "text/html"), ("Content-Encoding", "gzip")])
    writer.close()
    assert read_at(writer.path, filed.offset, filed.sha256).body == squeezed
    assert [response.body for response in read(writer.path)] == [squeezed]
    assert [response.body for response in read(writer.path, decode=True)] == [BODY]


def test_what_inflates_beyond_the_ceiling_is_cut(tmp_path: Path) -> None:
    writer = archive(tmp_path)
    add(writer, body=gzip.compress(b"0" * 5_000_000), headers=[("Content-Encoding", "gzip")])
    writer.close()
    (response,) = read(writer.path, decode=True, max_bytes=1_000)
    assert len(response.body) <= 1_000


@pytest.mark.parametrize("at", range(0, 400, 23))
def test_an_altered_byte_is_seen(tmp_path: Path, at: int) -> None:
    writer = archive(tmp_path)
    filed = add(writer)
    add(writer, 2)
    writer.close()
    body = bytearray(writer.path.read_bytes())
    end = body.index(b"\x1f\x8b\x08", filed.offset + 3)
    place = filed.offset + at * (end - filed.offset) // 400
    body[place] ^= 0x55
    writer.path.write_bytes(body)
    try:
        found = read_at(writer.path, filed.offset, filed.sha256).body
    except EvidenceError:
        return
    assert found == BODY  # the byte stood in the gzip header, or in the record's own: the payload is whole


def test_an_altered_payload_is_told_with_both_digests(tmp_path: Path) -> None:
    writer = archive(tmp_path)
    filed = add(writer)
    writer.close()
    wrong = "0" * 64
    with pytest.raises(
        EvidenceError, match=f"expected sha256 {wrong[:12]}, found {filed.sha256[:12]}; restore the WARC"
    ):
        read_at(writer.path, filed.offset, wrong)


@pytest.mark.parametrize("offset", [1, 7, 10_000_000])
def test_a_wrong_place_holds_no_evidence(tmp_path: Path, offset: int) -> None:
    writer = archive(tmp_path)
    filed = add(writer)
    writer.close()
    with pytest.raises(EvidenceError):
        read_at(writer.path, filed.offset + offset, filed.sha256)


def test_a_missing_file_is_an_evidence_error(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="cannot be read"):
        read_at(tmp_path / "none.warc.gz", 0, "0" * 64)


def test_a_torn_last_record_costs_only_itself(written: tuple[Path, list[Filed]]) -> None:
    path, filed = written
    whole = path.read_bytes()
    for cut in (filed[2].offset + 40, filed[2].offset + 5, filed[2].offset):
        path.write_bytes(whole[:cut])
        assert [response.url for response in read(path)][:2] == ["http://a.test/0", "http://a.test/1"]


def test_a_torn_body_is_not_handed_out_as_whole(written: tuple[Path, list[Filed]]) -> None:
    path, filed = written
    path.write_bytes(path.read_bytes()[: filed[2].offset + 150])
    assert all(response.body.startswith(BODY) for response in read(path))


def test_a_writer_never_writes_into_a_file_that_is_there(tmp_path: Path) -> None:
    first = archive(tmp_path)
    add(first)
    with pytest.raises(FileExistsError):
        add(archive(tmp_path))
    first.close()


def test_a_new_file_is_begun_when_one_is_full(tmp_path: Path) -> None:
    writer = archive(tmp_path, max_bytes=1_000)
    filed = [add(writer, number) for number in range(6)]
    writer.close()
    assert len({one.warc for one in filed}) > 1
    for one in filed:
        read_at(tmp_path / one.warc, one.offset, one.sha256)


def test_a_header_cannot_break_out_of_its_line(tmp_path: Path) -> None:
    writer = archive(tmp_path)
    filed = add(writer, headers=[("X-Evil", "a\r\nX-Injected: 1\r\n\r\nbody")])
    writer.close()
    response = read_at(writer.path, filed.offset, filed.sha256)
    assert "X-Injected" not in dict(response.headers)


def test_an_empty_body_and_odd_headers_are_kept(tmp_path: Path) -> None:
    writer = archive(tmp_path)
    filed = add(
        writer, body=b"", headers=[("X-Chinese", "白鹭"), ("Content-Length", "999"), ("Transfer-Encoding", "chunked")]
    )
    writer.close()
    assert read_at(writer.path, filed.offset, filed.sha256).body == b""


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"<html>", b"hello"])
def test_a_file_that_is_no_warc_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.warc.gz").write_bytes(content)
    with pytest.raises(InputError, match="expected a WARC file"):
        list(read(tmp_path / "x.warc.gz"))


def test_nothing_is_created_before_there_is_something_to_keep(tmp_path: Path) -> None:
    writer = archive(tmp_path / "archive")
    writer.close()
    assert not (tmp_path / "archive").exists()
