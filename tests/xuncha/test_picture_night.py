"""A night over the demo's picture board: with the extra its adverts become leads, and without it they are captured and stay unread."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from core.labels import labels
from core.plugins import ROOT
from core.store import Store
from pictures.aside import NEEDED, obstacle
from xuncha.demo.pages import SITES
from xuncha.demo.server import Served, serve, write_sources
from xuncha.workspace import create, settings_of

pytestmark = pytest.mark.xdist_group("picture night")
VARIABLES = {"XUNCHA_ALLOW_ADDRESSES": "127.0.0.1", "XUNCHA_DELAY_SECONDS": "0.01"}
TRUTH = yaml.safe_load((SITES.parent / "truth.yml").read_text("utf-8"))["pictured"]["demo-album"]
WITHOUT = f"import sys; sys.modules.update(dict.fromkeys({NEEDED!r})); "
MAIN = "import sys; from xuncha.cli import main; main()"


def run(workspace: Path, *words: str, extra: bool = True) -> dict[str, Any]:
    code = MAIN if extra else WITHOUT + MAIN
    environ = {**os.environ, **VARIABLES, "PYTHONPATH": str(ROOT), "XUNCHA_WORKSPACE": str(workspace)}
    done = subprocess.run(
        [sys.executable, "-c", code, *words, "--json"],
        env=environ,
        capture_output=True,
        text=True,
        timeout=240,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@dataclass
class Night:
    workspace: Path
    told: dict[str, Any]
    store: Store

    def documents(self) -> dict[str, dict[str, Any]]:
        return {
            row["native_id"]: row
            for row in self.store.db.query("SELECT * FROM documents WHERE platform = 'demo-album'")
        }

    def label(self, id: int) -> str:
        return self.store.judgements.latest(id)[0][1].label


def made(folder: Path, served: Served, extra: bool) -> Iterator[Night]:
    create(folder, "mailto:operator@xuncha.example", environ={})
    write_sources(settings_of(folder).path("sources"), {"album": served["album"]})
    told = run(folder, "nightly", "-s", "album", extra=extra)
    with Store.open(folder / "xuncha.db") as store:
        yield Night(folder, told, store)


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with serve() as served:
        yield served


@pytest.fixture(scope="module")
def night(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    if why := obstacle():
        pytest.skip(why)
    yield from made(tmp_path_factory.mktemp("with") / "w", served, True)


@pytest.fixture(scope="module")
def bare(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    yield from made(tmp_path_factory.mktemp("without") / "w", served, False)


def test_adverts_in_pictures_become_leads_and_nothing_else_does(night: Night) -> None:
    adverts = {id for id, label in TRUTH.items() if labels()[label].flagged}
    leads = night.store.leads.of_documents()
    assert {id for id, row in night.documents().items() if row["id"] in leads} == adverts


def test_the_same_poster_ties_its_documents_and_she_who_asks_about_it_is_no_lead(night: Night) -> None:
    rows = night.documents()
    leads = night.store.leads.of_documents()
    assert leads[rows["501"]["id"]] == leads[rows["505"]["id"]]
    assert night.label(rows["506"]["id"]) == "seeker"
    lead = night.store.leads.get(leads[rows["501"]["id"]])
    assert lead is not None
    assert {edge.kind for edge in night.store.edges.of(lead)} >= {"contact", "picture"}


def test_contacts_of_words_and_codes_bear_their_provenance(night: Night) -> None:
    rows = night.documents()
    words = {
        (point.field, str(point.kind), point.canonical) for point in night.store.contact_points.of(rows["501"]["id"])
    }
    assert ("picture", "wechat", "tujian_zq0") in words
    [code] = [point for point in night.store.contact_points.of(rows["503"]["id"]) if point.field == "qr"]
    assert (code.canonical, code.rules[0]) == ("u.wechat.com/zq0EKdemoAlbum0000", "qr")


def test_spans_point_into_the_words_of_the_pictures(night: Night) -> None:
    row = night.documents()["501"]
    judgement = night.store.judgements.latest(row["id"])[0][1]
    inside = [span for span in judgement.spans if span.field == "picture"]
    assert inside
    assert all(row["picture_text"][span.start : span.end] == span.quote for span in inside)
    assert [judged.flagged for _, judged in night.store.judgements.latest(row["id"])] == [True]
    assert row["version"] == 2, "the judgement of its words alone stands beside version 1"


def test_what_cannot_be_read_is_told_and_the_night_ends_well(night: Night) -> None:
    counts = night.store.pictures.counts()
    assert (counts["unreadable"], counts["not_read"], counts["refused"]) == (1, 0, 2)
    assert night.told["alarms"] == []
    assert night.store.documents.row(night.documents()["509"]["id"])["picture_text"] == ""  # type: ignore[index]


def test_a_second_reading_changes_nothing(night: Night) -> None:
    before = {id: (row["version"], row["picture_text"]) for id, row in night.documents().items()}
    told = run(night.workspace, "pictures", "--read")
    assert (told["look"]["looked"], told["read"]["read"], told["read"]["settled"]) == (0, 0, 0)
    assert {id: (row["version"], row["picture_text"]) for id, row in night.documents().items()} == before


def test_without_the_extra_pictures_are_captured_counted_and_stay_unread(bare: Night) -> None:
    counts = bare.store.pictures.counts()
    assert counts["pictures"] == counts["not_read"] == 8
    assert bare.told["pictures"]["look"]["not_read"] == 8
    assert "pip install 'xuncha[pictures]'" in bare.told["pictures"]["look"]["why"]
    assert "xuncha[pictures]" in run(bare.workspace, "pictures", extra=False)["why_not_read"]
    assert not bare.store.leads.of_documents()


def test_what_was_captured_without_the_extra_is_read_once_it_is_there(bare: Night) -> None:
    if why := obstacle():
        pytest.skip(why)
    told = run(bare.workspace, "pictures", "--read")
    assert told["look"]["looked"] == 7
    assert told["read"]["judged_flagged"] == sum(labels()[label].flagged for label in TRUTH.values())
