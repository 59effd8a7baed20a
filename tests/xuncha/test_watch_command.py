"""``xuncha watch``: terms that sources search for, contact ids whose appearance is told."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from core.errors import InputError
from core.store import Store
from core.types import Document, Judgement
from text.contacts import find_contacts
from xuncha.watching import entry
from xuncha.workspace import create

Xuncha = Callable[..., "CompletedProcess[bytes]"]
NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "kind", "canonical"),
    [
        ("zq0Heron", "wechat", "zq0heron"), ("138 0000 0000", "phone", "13800000000"), ("+86 138-0000-0000", "phone", "13800000000"), ("100000001", "qq", "100000001"),
        ("@zq0chan", "telegram", "zq0chan"), ("https://t.me/zq0chan", "telegram", "zq0chan"), ("85200000000", "whatsapp", "85200000000"),
        ("zq0line", "line", "zq0line"), ("ZQ0@river.example", "email", "zq0@river.example"), ("https://zq0.example/Abc9", "url", "zq0.example/Abc9"),
    ],
)  # fmt: skip
def test_a_contact_id_is_kept_as_the_store_compares_it(value: str, kind: str, canonical: str) -> None:
    assert entry(value, kind) == (kind, canonical)


def test_a_term_is_kept_as_it_is() -> None:
    assert entry("  寄血  香港 ", "") == ("query", "寄血 香港")


@pytest.mark.parametrize(
    ("value", "kind", "message"),
    [("x", "wechat", "expected a wechat id"), ("zq0", "weechat", "did you mean 'wechat'"), (" ", "", "found nothing")],
)
def test_what_is_none_of_its_kind_is_refused(value: str, kind: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        entry(value, kind)


def test_the_list_is_kept_shown_and_shortened(xuncha: Xuncha, tmp_path: Path) -> None:
    create(tmp_path / "w", environ={})
    workspace = tmp_path / "w"
    assert xuncha("watch", "add", "寄血", "港 验血", "--note", "2026 年行动", cwd=workspace).returncode == 0
    assert (
        "wechat  zq0heron  added"
        in xuncha("watch", "add", "zq0Heron", "--contact", "wechat", cwd=workspace).stdout.decode()
    )
    assert "was there already" in xuncha("watch", "add", "寄血", cwd=workspace).stdout.decode()
    found = json.loads(xuncha("watch", "list", "--json", cwd=workspace).stdout)
    assert [(row["kind"], row["value"], row["note"]) for row in found] == [
        ("query", "寄血", "2026 年行动"), ("query", "港 验血", "2026 年行动"), ("wechat", "zq0heron", ""),
    ]  # fmt: skip
    assert xuncha("watch", "remove", "zq0heron", "--contact", "wechat", cwd=workspace).returncode == 0
    gone = xuncha("watch", "remove", "zq0heron", "--contact", "wechat", cwd=workspace)
    assert (gone.returncode, "found none" in gone.stderr.decode()) == (3, True)
    with Store.open(workspace / "xuncha.db") as store:
        assert store.watched.terms() == ["寄血", "港 验血"]


def shown(store: Store, native: str, text: str, flagged: bool, at: datetime) -> int:
    id, _ = store.documents.add(Document("p", native, f"http://a.test/{native}", "post", text), at)
    store.judgements.add([(id, 1, Judgement("x", flagged, 0.9, "model:m@1"))], at)
    store.contact_points.add(id, 1, find_contacts(text), flagged)
    return id


def test_hits_are_found_in_flagged_documents_and_by_digest_in_others(xuncha: Xuncha, tmp_path: Path) -> None:
    create(tmp_path / "w", environ={})
    with Store.open(tmp_path / "w/xuncha.db") as store:
        first = shown(store, "1", "微信：zq0heron", True, NOW - timedelta(days=9))
        second = shown(store, "2", "加薇❤ zq0heron", False, NOW)
        shown(store, "3", "微信：zq0other", True, NOW)
        store.watched.add("wechat", "zq0heron", "老号", NOW)
        store.watched.add("query", "zq0other", "", NOW)
        hits = store.watched.hits()
        assert [(hit.document, hit.flagged, hit.note) for hit in hits] == [
            (second, False, "老号"),
            (first, True, "老号"),
        ]
        assert [hit.document for hit in store.watched.hits(since=NOW - timedelta(days=1))] == [second]
        assert len(store.watched.hits(limit=1)) == 1
        kept = [
            row["canonical"]
            for row in store.db.query("SELECT canonical FROM contact_points WHERE document = ?", [second])
        ]
        assert all(value.startswith("#") for value in kept)  # a bystander's contact is no plainer for being watched
    found = json.loads(xuncha("watch", "hits", "--json", cwd=tmp_path / "w").stdout)
    assert [row["document"] for row in found] == [second, first]
