from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from proving import LATER, LEAD, MAKER, PAGES, bundled
from warcio.archiveiterator import ArchiveIterator

from core.errors import EvidenceError, InputError
from core.settings import Settings
from core.store import Store
from core.types import Capture, Document, Lead, Provenance
from evidence import signature
from evidence.bundle import export
from evidence.verify import verify
from evidence.wacz import surt


def test_the_five_lines_of_verify_txt_agree_without_us(bundle: Path) -> None:
    lines = re.findall(
        r"^(?:sha\d+sum|openssl|ssh-keygen) .*$", (bundle / "VERIFY.txt").read_text("utf-8"), re.MULTILINE
    )
    assert len(lines) == 5
    for line, said in zip(
        lines, ("OK", "OK", "OK", "Signature Verified Successfully", 'Good "xuncha-bundle" signature'), strict=True
    ):
        if not shutil.which(line.split()[0]):
            pytest.skip(f"{line.split()[0]} is not installed")
        done = subprocess.run(["bash", "-c", line], cwd=bundle, capture_output=True, text=True, check=False)
        assert (done.returncode, said in done.stdout) == (0, True), f"{line}: {done.stdout}{done.stderr}"


@pytest.mark.parametrize(
    "file", ["data/record.json", "data/capture.wacz", "manifest-sha512.txt", "tagmanifest-sha256.txt"]
)
def test_the_five_lines_refuse_a_changed_bundle(bundle: Path, file: str) -> None:
    body = bytearray((bundle / file).read_bytes())
    body[40] ^= 1
    (bundle / file).write_bytes(body)
    lines = re.findall(
        r"^(?:sha\d+sum|openssl|ssh-keygen) .*$", (bundle / "VERIFY.txt").read_text("utf-8"), re.MULTILINE
    )
    assert any(
        subprocess.run(["bash", "-c", line], cwd=bundle, capture_output=True, check=False).returncode for line in lines
    )


def test_ssh_keygen_shows_the_fingerprint_that_we_tell(settings: Settings, bundle: Path) -> None:
    if not shutil.which("ssh-keygen"):
        pytest.skip("ssh-keygen is not installed")
    key = signature.load_key(settings.workspace / signature.KEY).public_key()
    line = (bundle / "allowed_signers").read_text().split(" ", 2)[2]
    shown = subprocess.run(
        ["ssh-keygen", "-l", "-f", "-"], input=line, capture_output=True, text=True, check=True
    ).stdout
    assert signature.fingerprint(key) in shown
    assert signature.fingerprint(key) in (bundle / "VERIFY.txt").read_text("utf-8")


def test_a_bundle_has_the_files_of_the_design(bundle: Path) -> None:
    assert {path.relative_to(bundle).as_posix() for path in bundle.rglob("*") if path.is_file()} == {
        "bagit.txt", "bag-info.txt", "manifest-sha256.txt", "manifest-sha512.txt", "tagmanifest-sha256.txt", "VERIFY.txt",
        "pubkey.pem", "allowed_signers", "signature.raw", "signature.sshsig", "data/capture.wacz", "data/record.json",
        "data/decisions.jsonl", "data/audit-proof.jsonl", "data/清单.csv", "data/清单.xlsx", "data/提取记录.docx",
        "data/text/1-v1.txt", "data/text/2-v1.txt",
    }  # fmt: skip


def test_the_same_store_time_and_key_give_the_same_bytes(settings: Settings, tmp_path: Path) -> None:
    shutil.copytree(settings.workspace, tmp_path / "saved")
    first = bundled(settings, tmp_path / "one").folder
    shutil.copy(tmp_path / "saved" / "xuncha.db", settings.path("database"))
    second = bundled(settings, tmp_path / "two").folder
    files = [path for path in first.rglob("*") if path.is_file()]
    assert [path.name for path in files if path.read_bytes() != (second / path.relative_to(first)).read_bytes()] == []


def test_the_record_has_the_fields_that_the_rules_ask_for(bundle: Path) -> None:
    record = json.loads((bundle / "data/record.json").read_text("utf-8"))
    assert "线索" in record["standing"]
    assert (record["made"]["by"], record["made"]["environment"]) == (MAKER.by, MAKER.environment)
    assert re.fullmatch("[0-9a-f]{64}", record["made"]["settings_sha256"])
    rules, first, _ = record["exhibits"]
    assert (rules["source"], first["exhibit"]) == ("robots.txt", "E002")
    assert first["request"] == "GET /t/0?b=2&a=1 HTTP/1.1"
    assert (first["time_utc"], first["time_beijing"]) == ("2026-11-20T22:30:00Z", "2026-11-21T06:30:00+08:00")
    assert (first["ip"], first["robots"]) == ("192.0.2.7", "allowed (rules, status 200)")
    assert first["tool"] == "xuncha/0.1 (+mailto:operator@xuncha.example)"
    assert first["run"]["stage"] == "crawl"
    assert set(record["fields"]) <= {*first, *record["made"]}


def test_the_wacz_holds_the_archives_own_records_and_no_others(settings: Settings, bundle: Path) -> None:
    record = json.loads((bundle / "data/record.json").read_text("utf-8"))
    with zipfile.ZipFile(bundle / "data/capture.wacz") as wacz:
        warc = wacz.read("archive/capture.warc.gz")
        index = gzip.decompress(wacz.read("indexes/index.cdx.gz")).decode().splitlines()
        pages = [json.loads(line) for line in wacz.read("pages/pages.jsonl").splitlines()]
        package = json.loads(wacz.read("datapackage.json"))
    assert warc == b"".join(path.read_bytes() for path in settings.path("archive").glob("*.warc.gz"))  # here: all of it
    found = {
        item.rec_headers.get_header("WARC-Record-ID").strip("<>"): hashlib.sha256(item.raw_stream.read()).hexdigest()
        for item in ArchiveIterator(io.BytesIO(warc), check_digests="raise")
        if item.rec_type == "response"
    }
    assert found == {item["record_id"]: item["sha256"] for item in record["exhibits"]}
    for line in index:
        entry = json.loads(line.split(" ", 2)[2])
        place = int(entry["offset"])
        assert entry["url"].encode() in gzip.decompress(warc[place : place + int(entry["length"])])
    assert [page.get("title") for page in pages] == ["All Pages", *(title for title, _ in PAGES)]
    assert package["wacz_version"] == "1.1.1"


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("http://www.a.example/", "example,a)/"),
        ("https://bbs.a.example/F.php?tid=3&mod=view", "example,a,bbs)/f.php?mod=view&tid=3"),
        ("http://127.0.0.1:8080/x", "1,0,0,127:8080)/x"),
        ("http://a.example/中 x", "example,a)/%e4%b8%ad%20x"),
    ],
)
def test_index_keys_are_those_of_the_surt_library(url: str, key: str) -> None:
    assert surt(url) == key


@pytest.mark.parametrize(
    ("tool", "arguments"), [("wacz", ("validate", "-f", "data/capture.wacz")), ("bagit.py", ("--validate", "."))]
)
def test_other_peoples_tools_accept_it(bundle: Path, tool: str, arguments: tuple[str, ...]) -> None:
    found = shutil.which(tool) or shutil.which(tool, path=str(Path(sys.executable).parent))
    if not found:
        pytest.skip(f"{tool} is not installed (pip install wacz bagit)")
    done = subprocess.run([found, *arguments], cwd=bundle, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_list_opens_in_a_spreadsheet_and_starts_no_formula(bundle: Path) -> None:
    body = (bundle / "data/清单.csv").read_bytes()
    assert body.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))
    assert rows[0][0] == "序号"
    assert "'=HYPERLINK(1)" in [row[2] for row in rows]
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t"))]


def test_the_export_is_an_act_in_the_ledger_and_its_own_proof(settings: Settings, tmp_path: Path) -> None:
    made = bundled(settings, tmp_path / "out")
    with Store.open(settings.path("database")) as store:
        *_, last = store.ledger.entries()
    assert (last["actor"], last["action"], last["object"], last["hash"]) == (
        MAKER.by,
        "bundle exported",
        LEAD,
        made.head,
    )
    proof = [json.loads(line) for line in (made.folder / "data/audit-proof.jsonl").read_text("utf-8").splitlines()]
    assert [entry["seq"] for entry in proof] == [2, 3, 4, 5]  # entry 1 is older than the first capture
    assert proof[-1]["payload"] == last["payload"]
    assert [entry["seq"] for entry in proof if "payload" in entry] == [3, 5]  # payloads of other leads stay at home


def test_a_failed_export_leaves_neither_bundle_nor_entry(settings: Settings, tmp_path: Path) -> None:
    warc = next(settings.path("archive").glob("*.warc.gz"))
    warc.write_bytes(b"")
    with pytest.raises(EvidenceError, match="restore the WARC"):
        bundled(settings, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []
    with Store.open(settings.path("database")) as store:
        assert [entry["action"] for entry in store.ledger.entries()].count("bundle exported") == 0


def test_others_on_the_machine_do_not_read_a_bundle(bundle: Path) -> None:
    assert bundle.stat().st_mode & 0o777 == 0o700


def test_a_bundle_is_never_written_over(settings: Settings, tmp_path: Path) -> None:
    bundled(settings, tmp_path / "out")
    with pytest.raises(InputError, match="never written over"):
        bundled(settings, tmp_path / "out")


def test_a_lead_that_is_not_there_is_an_input_error(settings: Settings, tmp_path: Path) -> None:
    key = signature.load_key(settings.workspace / signature.KEY)
    with Store.open(settings.path("database")) as store, pytest.raises(InputError, match="xuncha leads"):
        export(store, settings, "Lnone", tmp_path, key, MAKER, LATER)


def test_imported_material_is_recorded_but_not_replayed(settings: Settings, tmp_path: Path) -> None:
    key = signature.load_key(settings.workspace / signature.KEY)
    with Store.open(settings.path("database")) as store:
        capture = Capture(
            "urn:sha256:1",
            "xiaohongshu",
            "file:posts.jsonl",
            LATER,
            0,
            "application/jsonl",
            "0" * 64,
            9,
            "imports/x",
            0,
            "imported by the operator",
            Provenance.IMPORT,
        )
        store.captures.add(capture)
        number, _ = store.documents.add(
            Document("xiaohongshu", "1", "http://x.example/1", "post", "寄血", capture=capture.id), LATER
        )
        store.leads.put(Lead("L2", "fetal_sex_test_ad", "寄血", (number,), (), 0.5, (), LATER, LATER), {}, LATER)
        folder = export(store, settings, "L2", tmp_path / "out", key, MAKER, LATER).folder
    assert not (folder / "data/capture.wacz").exists()
    assert (
        json.loads((folder / "data/record.json").read_text("utf-8"))["exhibits"][0]["request"]
        == "imported, not fetched by this tool"
    )
    assert verify(folder) == []
