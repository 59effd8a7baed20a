"""The doctor: whatever is wrong is a finding with its cure, and the doctor never dies of it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from classifier import models
from core.store import Store
from core.types import Capture, Document, Provenance
from xuncha.doctor import Finding, examine
from xuncha.workspace import create

Xuncha = Callable[..., "CompletedProcess[bytes]"]
NOW = datetime(2026, 11, 20, 22, 30, tzinfo=UTC)


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    create(tmp_path, "mailto:patrol@xuncha.example", environ={})
    return tmp_path


def findings(workspace: Path) -> dict[str, Finding]:
    return {finding.check: finding for finding in examine(workspace)}


def fill(workspace: Path, documents: int = 0, warc: str = "") -> None:
    with Store.open(workspace / "xuncha.db") as store:
        for number in range(documents):
            store.documents.add(Document("p", str(number), "http://a.test/", "post", "正文" * 50), NOW)
        if warc:
            store.captures.add(
                Capture(
                    "urn:uuid:1",
                    "s",
                    "http://a.test/",
                    NOW,
                    200,
                    "text/html",
                    "0" * 64,
                    1,
                    warc,
                    0,
                    "allowed",
                    Provenance.LIVE,
                )
            )


def test_a_sound_workspace_has_no_failure(workspace: Path) -> None:
    found = findings(workspace)
    assert {check: finding for check, finding in found.items() if finding.state == "fail"} == {}
    assert {
        check: found[check].state
        for check in ("python", "sqlite", "model", "labels", "settings", "contact", "store", "ledger", "archive")
    } == dict.fromkeys(
        ("python", "sqlite", "model", "labels", "settings", "contact", "store", "ledger", "archive"), "ok"
    )
    assert found["labels"].found == "11 labels, 5 flagged"
    assert found["store"].found == "0 documents, 0 open leads"


def test_whatever_is_not_well_says_how_to_mend_it(workspace: Path) -> None:
    assert all(bool(finding.mend) is (finding.state != "ok") for finding in examine(workspace))


def test_an_empty_folder_is_no_workspace_and_stays_empty(tmp_path: Path) -> None:
    found = findings(tmp_path)
    assert found["workspace"] == Finding("workspace", "warn", f"{tmp_path} is no workspace", f"xuncha init {tmp_path}")
    assert found["python"].state == "ok"
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_no_workspace(tmp_path: Path) -> None:
    assert findings(tmp_path / "nowhere")["workspace"].state == "warn"


def test_a_workspace_without_a_contact_fails(tmp_path: Path) -> None:
    create(tmp_path, environ={})
    found = findings(tmp_path)["contact"]
    assert (found.state, found.found) == ("fail", "empty: live crawls are refused")
    assert found.mend.startswith("set 'contact' in xuncha.toml")


def test_a_store_that_is_gone_is_missed(workspace: Path) -> None:
    for path in workspace.glob("xuncha.db*"):
        path.unlink()
    assert findings(workspace)["store"] == Finding(
        "store", "warn", f"{workspace / 'xuncha.db'} is not there yet", f"xuncha init {workspace}"
    )
    assert not (workspace / "xuncha.db").exists()


def test_a_store_that_is_no_database_is_named(workspace: Path) -> None:
    (workspace / "xuncha.db").write_bytes(b"no database at all " * 500)
    found = findings(workspace)["workspace"]
    assert found.state == "fail"
    assert "xuncha.db: expected a store of xuncha" in found.found


def test_a_damaged_store_is_found(workspace: Path) -> None:
    fill(workspace, documents=2_000)
    content = bytearray((workspace / "xuncha.db").read_bytes())
    middle = len(content) // 2 // 4096 * 4096
    content[middle : middle + 4096] = b"\xaa" * 4096
    (workspace / "xuncha.db").write_bytes(content)
    found = findings(workspace)["store"]
    assert (found.state, found.mend) == ("fail", "restore the newest back-up")


def test_a_missing_archive_file_is_named(workspace: Path) -> None:
    fill(workspace, warc="night-1.warc.gz")
    assert findings(workspace)["archive"] == Finding(
        "archive", "fail", "night-1.warc.gz is missing", "restore the archive folder"
    )
    (workspace / "archive" / "night-1.warc.gz").touch()
    assert findings(workspace)["archive"] == Finding("archive", "ok", "1 captures")


def test_a_broken_ledger_is_found(workspace: Path) -> None:
    with Store.open(workspace / "xuncha.db") as store:
        for number in range(3):
            store.ledger.append(NOW, "zq0", "confirm", f"L{number}")
        store.db.execute("DROP TRIGGER ledger_no_DELETE")
        store.db.execute("DELETE FROM ledger WHERE seq = 2")
    found = findings(workspace)["ledger"]
    assert (found.state, found.found) == ("fail", "ledger entry 3: expected entry 2; entries were removed")


def test_an_unfinished_crawl_is_told(workspace: Path) -> None:
    with Store.open(workspace / "xuncha.db") as store:
        store.runs.start("crawl", NOW)
    assert findings(workspace)["crawl"] == Finding(
        "crawl", "warn", "run 1 of 2026-11-20 is unfinished", "xuncha nightly goes on with it"
    )


@pytest.mark.parametrize("file", ["weights.npz", "close.npz"])
def test_an_altered_model_is_found(workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str) -> None:
    shutil.copytree(models.FOLDER / "stack", tmp_path / "models" / "stack")
    shutil.copytree(models.FOLDER / "linear", tmp_path / "models" / "linear")
    weights = tmp_path / "models" / "stack" / file
    content = bytearray(weights.read_bytes())
    content[len(content) // 2] ^= 1
    weights.write_bytes(content)
    load = models.load
    monkeypatch.setattr(models, "load", lambda name: load(name, tmp_path / "models"))
    found = findings(workspace)["model"]
    assert found.state == "fail"
    assert "expected sha256 " in found.found
    assert "restore the file or train anew" in found.found
    weights.unlink()
    assert "run `xuncha train stack`" in findings(workspace)["model"].found


def test_a_model_that_is_not_there_is_named_with_the_nearest(workspace: Path) -> None:
    (workspace / "xuncha.toml").write_text('contact = "c"\nmodel = "linaer"', "utf-8")
    assert "did you mean 'linear'" in findings(workspace)["model"].found


def test_a_faulty_setting_and_a_faulty_source_are_findings(workspace: Path) -> None:
    (workspace / "sources" / "bad").mkdir()
    (workspace / "sources" / "bad" / "source.yml").write_text(
        "title: x\nkind: htm\nstart_urls: [http://a.test/]", "utf-8"
    )
    assert "unknown kind 'htm'; did you mean 'html'" in findings(workspace)["sources"].found
    (workspace / "xuncha.toml").write_text("delay_second = 1", "utf-8")
    assert "did you mean 'delay_seconds'" in findings(workspace)["workspace"].found


def test_a_check_that_breaks_is_a_finding_too(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: 1 / 0)
    found = findings(workspace)["disk"]
    assert (found.state, found.found) == ("fail", "ZeroDivisionError: division by zero")


def test_tools_that_are_missing_are_optional_and_named(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)
    found = findings(workspace)
    assert {check: found[check].state for check in ("chromium", "chinese fonts")} == {
        "chromium": "warn",
        "chinese fonts": "warn",
    }
    assert "apt install chromium" in found["chromium"].mend


def test_the_command_ends_with_status_1_when_something_fails_and_0_when_not(xuncha: Xuncha, workspace: Path) -> None:
    done = xuncha("doctor", "--json", cwd=workspace)
    assert done.returncode == 0
    assert {"check", "state", "found", "mend"} == set(json.loads(done.stdout)[0])
    (workspace / "xuncha.toml").write_text("", "utf-8")
    done = xuncha("doctor", cwd=workspace)
    assert done.returncode == 1
    lines = done.stdout.decode().splitlines()
    at = lines.index("FAIL  contact: empty: live crawls are refused")
    assert lines[at + 1].startswith("      -> set 'contact' in xuncha.toml")
