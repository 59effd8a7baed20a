from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from core.errors import InputError
from core.settings import load
from core.store import Store
from core.types import ContactKind, ContactPoint, Document, Judgement, Lead
from xuncha.cli import app
from xuncha.workspace import create

NOW = datetime(2026, 11, 20, 22, 30, tzinfo=UTC)


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    create(tmp_path, environ={})
    with Store.open(load(tmp_path, environ={}).path("database")) as store:
        id, _ = store.documents.add(
            Document("forum", "1", "https://forum.example/t/1", "post", "全国上门取样，微信 zq0yangben88", "上门取样"),
            NOW,
        )
        store.judgements.add([(id, 1, Judgement("sample_shipping_ad", True, 0.93, "model:stack@0"))], NOW)
        store.contact_points.add(
            id, 1, [ContactPoint(ContactKind.WECHAT, "zq0yangben88", "zq0yangben88", 9, 21)], flagged=True
        )
        store.leads.put(
            Lead(
                "L0000000001", "sample_shipping_ad", "上门取样", (id,), (("wechat", "zq0yangben88"),), 0.8, (), NOW, NOW
            ),
            {},
            NOW,
        )
    return tmp_path


def run(*words: str) -> tuple[int, str]:
    found = CliRunner().invoke(app, list(words))
    if isinstance(found.exception, InputError):
        return found.exception.exit_status, str(found.exception)
    return found.exit_code, found.stdout


@pytest.mark.parametrize("kind", ["leads", "documents", "contacts", "judgements"])
def test_an_export_says_where_it_went_and_masks_contacts_unless_told(workspace: Path, kind: str) -> None:
    status, told = run("export", kind, "--format", "jsonl", "-w", str(workspace), "--json")
    assert status == 0
    file = Path(json.loads(told)["file"])
    assert file.parent == workspace / "reports" / "exports"
    assert "zq0yangben88" not in file.read_text("utf-8")


def test_an_export_goes_where_it_is_sent_and_reveals_when_told(workspace: Path) -> None:
    target = workspace / "mine.csv"
    assert run("export", "contacts", "--raw", "--reveal", "--out", str(target), "-w", str(workspace))[0] == 0
    assert "zq0yangben88" in target.read_text("utf-8")
    assert run("export", "contacts", "--out", str(target), "-w", str(workspace))[0] == InputError.exit_status


def test_a_referral_writes_letter_and_list(workspace: Path) -> None:
    status, told = run("referral", "L0000000001", "-w", str(workspace))
    assert status == 0
    assert "a draft" in told
    assert {path.suffix for path in (workspace / "reports" / "referrals").iterdir()} == {".docx", ".xlsx"}


def test_nothing_is_released_without_redaction(workspace: Path) -> None:
    status, told = run("release", "-w", str(workspace))
    assert status == InputError.exit_status
    assert "--redact" in told
    status, told = run("release", "--redact", "-w", str(workspace), "--json")
    assert status == 0
    assert json.loads(told)["documents"] == 1


def test_a_weekly_digest_does_not_move_the_window_of_the_daily_one(workspace: Path) -> None:
    assert run("report", "--weekly", "-w", str(workspace))[0] == 0
    with Store.open(load(workspace, environ={}).path("database")) as store:
        assert [run.stage for run in store.runs.last("weekly digest", 5)] == ["weekly digest"]
        assert store.runs.last("digest", 5) == []
