"""What holds a lead together, on the command line: contacts masked unless somebody reveals them, and says who."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from subprocess import CompletedProcess
from types import SimpleNamespace

import pytest

from core.store import Store
from core.types import ContactKind, ContactPoint, Document, Judgement
from xuncha import stages
from xuncha.workspace import create, settings_of

Xuncha = Callable[..., "CompletedProcess[bytes]"]
NOW = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
ADVERT = "香港验血查胎儿性别，七周可以预约，胎芽满三毫米当天出结果，{}人可以陪同，加薇 {}"


@pytest.fixture
def patrol(tmp_path: Path) -> Path:
    """A workspace with a lead of two documents, and a rival that has its template."""
    create(tmp_path / "patrol", environ={})
    settings = settings_of(tmp_path / "patrol", {})
    with Store.open(settings.path("database")) as store:
        for number, contact in enumerate(("zq0gang00", "zq0gang00", "zq0rival0")):
            text = ADVERT.format("一二三"[number], contact)
            id, _ = store.documents.add(
                Document("forum", str(number), "http://forum.example/1", "post", text, f"标题{number}"), NOW
            )
            store.judgements.add([(id, 1, Judgement("fetal_sex_test_ad", True, 0.9, "model:x@1"))], NOW)
            point = ContactPoint(ContactKind.WECHAT, contact, contact, text.index(contact), len(text), ("label",), 0.9)
            store.contact_points.add(id, 1, [point], flagged=True)
        stages.tie(store, settings, SimpleNamespace(name="model:x@1"), lambda: NOW)  # type: ignore[arg-type]
    return tmp_path / "patrol"


def test_a_lead_shows_its_parts_and_hides_its_contacts(xuncha: Xuncha, patrol: Path) -> None:
    listed = json.loads(xuncha("leads", "--json", "-w", patrol).stdout)
    lead, rival = sorted(listed, key=lambda one: -one["documents"])
    done = xuncha("lead", lead["id"], "-w", patrol, "--json")
    data = json.loads(done.stdout)
    assert b"zq0gang00" not in done.stdout
    assert [part.split()[0] for part in data["priority"]["parts"]] == [
        "probability",
        "harm",
        "novelty",
        "reachability",
        "spread",
    ]
    assert any("第三条" in hook for hook in data["law"])
    assert {edge["kind"] for edge in data["edges"]} == {"contact", "text"}
    assert [one["lead"] for one in data["rivals"]] == [rival["id"]]
    assert data["campaigns"][0]["terms"]
    assert data["places"] == {"claimed": {"香港": 2}, "phone": {}, "account": {}}
    assert [event["kind"] for event in data["events"]] == ["new"]


def test_looking_and_revealing_enter_the_ledger_with_who_did(xuncha: Xuncha, patrol: Path) -> None:
    [lead, *_] = json.loads(xuncha("leads", "--json", "-w", patrol).stdout)
    done = xuncha("lead", lead["id"], "--reveal", "--by", "mei", "-w", patrol)
    assert b"zq0gang00" in done.stdout
    with Store.open(settings_of(patrol, {}).path("database")) as store:
        acts = [(entry["actor"], entry["action"], entry["object"]) for entry in store.ledger.entries()]
    assert acts == [("mei", "lead viewed", lead["id"]), ("mei", "contacts revealed", lead["id"])]


def test_a_campaign_is_shown_as_template_and_slots_with_contacts_masked(xuncha: Xuncha, patrol: Path) -> None:
    [first] = json.loads(xuncha("campaigns", "--json", "-w", patrol).stdout)
    assert (first["id"], first["size"]) == ("c1", 3)
    done = xuncha("campaign", "c1", "-w", patrol, "--json")
    assert b"zq0" not in done.stdout.replace(b"zq\xe2\x80\xa2", b"")
    data = json.loads(done.stdout)
    assert any("胎芽满三毫米当天出结果" in part.get("constant", "") for part in data["template"])
    [contact] = [part for part in data["template"] if part.get("slot") == "contact"]
    assert contact["distinct"] == 2
    assert [event["kind"] for event in data["events"]] == ["new"]


@pytest.mark.parametrize("command", ["lead", "campaign"])
def test_what_is_not_there_is_an_input_error(xuncha: Xuncha, patrol: Path, command: str) -> None:
    done = xuncha(command, "zq0nothing", "-w", patrol)
    assert done.returncode == 3
    assert b"lists them" in done.stderr
