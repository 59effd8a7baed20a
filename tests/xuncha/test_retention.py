"""Purging: seekers go to hash, label and date after their time, with their captures; holds keep; the ledger tells; nothing else is touched."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import CompletedProcess
from types import SimpleNamespace

import pytest
from warcio.archiveiterator import ArchiveIterator

from core.errors import EvidenceError, SettingsError
from core.settings import Settings
from core.store import Store
from core.types import Act, Capture, Change, ContactKind, ContactPoint, Decision, Document, Judgement, Provenance
from evidence.archive import Archive, read, read_at
from evidence.erase import tombstone
from review import search
from xuncha import stages
from xuncha.retention import periods, plan, purge
from xuncha.workspace import create, settings_of

Xuncha = Callable[..., "CompletedProcess[bytes]"]
FIRST = datetime(2026, 9, 1, 20, 0, tzinfo=UTC)
LATER = FIRST + timedelta(days=31)
MODEL = "model:stack@0123456789ab"
SECRET = "我和老公都很着急，请问谁去过香港验血，地址在哪里"
CONTACT = "zq0seeker"


class Patrol:
    """A workspace with pages in a real archive; every page is of a person who asks unless it is said to be an advert."""

    def __init__(self, folder: Path) -> None:
        create(folder, environ={})
        self.settings: Settings = settings_of(folder, {})
        self.store = Store.open(self.settings.path("database"))
        self.run = self.store.runs.start("crawl", FIRST)

    def page(
        self, name: str, *posts: tuple[str, str], at: datetime = FIRST, documents: bool = True, provenance: Provenance = Provenance.LIVE
    ) -> str:  # fmt: skip
        """A fetched page with (label, text) posts; returns the capture's id."""
        url = f"http://forum.example/{name}"
        archive = Archive(self.settings.path("archive"), f"night{self.store.captures.count()}", "xuncha/0.1")
        body = "".join(f"<p>{text}</p>" for _, text in posts).encode()
        filed = archive.add(
            url, at, "HTTP/1.1 200 OK", [("Content-Type", "text/html; charset=utf-8")], body,
            request=f"GET /{name} HTTP/1.1", request_headers=[("User-Agent", "xuncha/0.1")],
        )  # fmt: skip
        archive.add("http://forum.example/other", at, "HTTP/1.1 200 OK", [], b"another page")
        archive.close()
        self.store.captures.add(
            Capture(filed.id, "forum", url, at, 200, "text/html", filed.sha256, filed.size, filed.warc, filed.offset, "allowed", provenance, self.run, "192.0.2.7")
        )  # fmt: skip
        self.store.pages.put(url, "forum", at, 200, '"etag"', "")
        for number, (label, text) in enumerate(posts if documents else ()):
            self.post(f"{name}-{number}", label, text, url, filed.id, at)
        return filed.id

    def post(self, name: str, label: str, text: str, url: str, capture: str, at: datetime) -> tuple[int, Change]:
        given = Document(
            "forum", name, url, "post", text, f"标题{text[:6]}", "小云", capture=capture, parent="p", links=(url,)
        )
        id, change = self.store.documents.add(given, at)
        row = self.store.documents.row(id)
        assert row is not None
        if change is not Change.KNOWN:
            flagged = label.endswith("_ad") and label != "other_ad"
            spans = ()
            self.store.judgements.add([(id, row["version"], Judgement(label, flagged, 0.9, MODEL, {}, spans))], at)
            contact = CONTACT if label == "seeker" else "zq0gang66"
            point = ContactPoint(ContactKind.WECHAT, contact, contact, 0, 3, ("label",))
            self.store.contact_points.add(id, row["version"], [point], flagged)
        return id, change

    def tie(self, at: datetime = FIRST) -> None:
        stages.tie(self.store, self.settings, SimpleNamespace(name=MODEL), lambda: at)  # type: ignore[arg-type]

    def purge(self, at: datetime = LATER) -> dict[str, int]:
        counts, faults = purge(self.store, self.settings, lambda: at, "the test")
        assert faults == []
        return counts

    def dump(self) -> str:
        """Everything that the store holds, but for the ledger's chain and our own settings."""
        return "\n".join(self.store.db.conn.iterdump())


@pytest.fixture
def patrol(tmp_path: Path):  # type: ignore[no-untyped-def]
    made = Patrol(tmp_path / "patrol")
    yield made
    made.store.close()


def test_a_seeker_is_purged_to_hash_label_and_date(patrol: Patrol) -> None:
    patrol.page("ask", ("seeker", SECRET))
    row = patrol.store.documents.row(1)
    assert row is not None
    assert patrol.purge(FIRST + timedelta(days=29))["documents"] == 0
    assert patrol.purge()["documents"] == 1
    dump = patrol.dump()
    for secret in (SECRET, SECRET[:6], "小云", "forum.example/ask", "ask-0", CONTACT, "192.0.2.7"):
        assert secret not in dump, secret
    after = patrol.store.documents.row(1)
    assert after is not None
    kept = (
        "platform",
        "source",
        "kind",
        "text_sha256",
        "version",
        "first_seen",
        "last_seen",
        "changed_at",
        "published_at",
    )
    assert {name: after[name] for name in kept} == {name: row[name] for name in kept}
    assert [judged.label for _, judged in patrol.store.judgements.latest(1)] == ["seeker"]
    assert [version["text_sha256"] for version in patrol.store.documents.versions(1)] == [row["text_sha256"]]


def test_nothing_of_it_is_left_in_the_files_of_the_workspace(patrol: Patrol) -> None:
    patrol.page("ask", ("seeker", SECRET))
    patrol.purge()
    patrol.store.close()
    for path in (path for path in patrol.settings.workspace.rglob("*") if path.is_file()):
        body = path.read_bytes()
        if path.name.endswith(".warc.gz"):
            body += b"".join(item.raw_stream.read() for item in ArchiveIterator(io.BytesIO(body)))
        for secret in (SECRET.encode(), b"forum.example/ask", CONTACT.encode()):
            assert secret not in body, (path.name, secret)


def test_the_record_is_erased_in_place_and_every_other_record_stays(patrol: Patrol) -> None:
    patrol.page("ask", ("seeker", SECRET))
    [path] = patrol.settings.path("archive").glob("*.warc.gz")
    before = path.read_bytes()
    patrol.purge()
    after = path.read_bytes()
    assert len(after) == len(before)
    assert [response.url for response in read(path)] == ["http://forum.example/other"]
    kinds = [
        (item.rec_type, item.raw_stream.read()) for item in ArchiveIterator(io.BytesIO(after), check_digests="raise")
    ]
    assert [kind for kind, _ in kinds] == ["warcinfo", "metadata", "response"]
    assert kinds[1][1].startswith(b"erased: retention")
    other = before.rindex(b"\x1f\x8b\x08")
    assert after[other:] == before[other:]


def test_the_ledger_says_what_was_purged_and_its_chain_holds(patrol: Patrol) -> None:
    capture = patrol.page("ask", ("seeker", SECRET))
    hash = patrol.store.documents.row(1)["text_sha256"]  # type: ignore[index]
    patrol.purge()
    told = [
        (entry["actor"], entry["action"], entry["object"], json.loads(entry["payload"]))
        for entry in patrol.store.ledger.entries()
    ]
    assert told[0] == ("the test", "purged", "1 documents", {"documents": [[1, "seeker", hash, "2026-09-01"]]})
    assert told[1][2] == "1 captures"
    assert told[1][3]["captures"][0][0] == capture
    assert list(patrol.store.ledger.breaks()) == []
    assert patrol.store.ledger.unguarded() == []


def test_a_purge_twice_is_as_good_as_once(patrol: Patrol) -> None:
    patrol.page("ask", ("seeker", SECRET))
    patrol.purge()
    before = (patrol.dump(), patrol.store.ledger.head())
    assert patrol.purge(LATER + timedelta(days=1))["documents"] == 0
    assert (patrol.dump(), patrol.store.ledger.head()) == before


def test_a_page_that_an_advert_stands_on_stays_whole_and_only_the_seeker_goes(patrol: Patrol) -> None:
    capture = patrol.page("thread", ("fetal_sex_test_ad", "七周过港，加薇"), ("seeker", SECRET))
    patrol.tie()
    counts = patrol.purge()
    assert (counts["documents"], counts["captures"]) == (1, 0)
    held = patrol.store.captures.get(capture)
    assert held is not None
    assert held.url
    assert SECRET.encode() in read_at(patrol.settings.path("archive") / held.warc, held.offset, held.sha256).body
    assert patrol.store.documents.get(1).text == "七周过港，加薇"  # type: ignore[union-attr]


def test_the_capture_goes_with_the_advert_that_kept_it(patrol: Patrol) -> None:
    patrol.page("thread", ("fetal_sex_test_ad", "七周过港，加薇"), ("seeker", SECRET))
    patrol.purge()
    patrol.settings = patrol.settings.replace(retention_days=["fetal_sex_test_ad=60"])
    assert patrol.purge(FIRST + timedelta(days=61))["captures"] == 1


def test_every_capture_of_a_purged_page_goes_also_those_that_brought_nothing_new(patrol: Patrol) -> None:
    patrol.page("ask", ("seeker", SECRET))
    patrol.page("ask", ("seeker", SECRET), at=FIRST + timedelta(days=2))
    assert patrol.store.documents.count() == 1
    assert patrol.purge()["captures"] == 2


def test_a_purged_page_is_known_when_it_is_met_again(patrol: Patrol) -> None:
    patrol.page("ask", ("seeker", SECRET))
    patrol.purge()
    known = patrol.store.pages.get("http://forum.example/ask")
    assert known is not None
    assert (known["status"], known["etag"]) == (200, "")
    again = patrol.post("ask-0", "seeker", SECRET, "http://forum.example/ask", "urn:uuid:again", LATER)
    assert again == (1, Change.KNOWN)
    assert list(patrol.store.documents.unjudged("model:other@1")) == []
    changed = patrol.post(
        "ask-0", "fetal_sex_test_ad", "想去的找我，加薇", "http://forum.example/ask", "urn:uuid:again", LATER
    )
    assert changed == (2, Change.NEW), "what it has become is judged anew"


def test_a_hub_stays_a_hub_when_those_who_showed_it_are_purged(patrol: Patrol) -> None:
    for number in range(3):
        patrol.page(f"ask{number}", ("seeker", SECRET + str(number)))
    before = patrol.store.contact_points.bystanders(3)
    assert list(before.values()) == [3]
    patrol.purge()
    assert patrol.store.contact_points.bystanders(3) == before


# -- labels, holds, answers


def test_other_labels_go_by_their_own_time_and_stay_without_one(patrol: Patrol) -> None:
    patrol.page("shop", ("other_ad", "金牌月嫂"))
    assert patrol.purge(LATER + timedelta(days=999))["documents"] == 0
    patrol.settings = patrol.settings.replace(retention_days=["other_ad=365"])
    assert patrol.purge(FIRST + timedelta(days=364))["documents"] == 0
    assert patrol.purge(FIRST + timedelta(days=366))["label other_ad"] == 1


def advert(patrol: Patrol) -> str:
    patrol.page("ad", ("fetal_sex_test_ad", "七周过港，当天出结果，不出门也可以，加薇 zq0gang66 预约"))
    patrol.page("ad2", ("fetal_sex_test_ad", "七周过港，当天出结果，不出门也可以，加薇 zq0gang66 预约呀"))
    patrol.tie()
    patrol.settings = patrol.settings.replace(retention_days=["fetal_sex_test_ad=30"])
    [lead] = patrol.store.leads.queue()
    return lead.id


def test_an_advert_whose_time_is_over_leaves_its_lead_and_campaign_with_events(patrol: Patrol) -> None:
    lead = advert(patrol)
    search.refresh(patrol.store)
    assert patrol.store.campaigns.members() == {1: "c1", 2: "c1"}
    assert patrol.purge()["documents"] == 2
    patrol.tie(LATER)
    assert patrol.store.leads.state(lead) == "empty"
    assert [event["kind"] for event in patrol.store.leads.events(lead=lead)] == ["new", "emptied"]
    assert [event["kind"] for event in patrol.store.campaigns.events()] == ["new", "left", "ended"]
    assert patrol.purge(LATER + timedelta(days=1))["titles"] == 1
    assert "zq0gang66" not in patrol.dump()
    terms = search.expression("七周过港")
    assert patrol.store.db.execute(
        "SELECT count(*) FROM search_terms WHERE search_terms MATCH ?", [terms]
    ).fetchone() == (0,)


def test_a_hold_keeps_documents_and_captures_until_it_is_released(patrol: Patrol) -> None:
    lead = advert(patrol)
    assert patrol.store.retention.hold(lead, "mei", FIRST, "case 7")
    assert not patrol.store.retention.hold(lead, "mei", FIRST, "again")
    found = plan(patrol.store, patrol.settings, LATER)
    assert (found.going, found.captures) == ((), ())
    assert {one.kept for one in found.kept} == {"on hold"}
    assert patrol.purge() | {"kept": 0} == patrol.purge() | {"kept": 0}
    assert patrol.store.retention.release(lead, "bo", LATER)
    assert patrol.purge()["documents"] == 2


def test_a_hold_keeps_what_was_in_the_lead_even_when_it_has_left(patrol: Patrol) -> None:
    lead = advert(patrol)
    patrol.store.retention.hold(lead, "mei", FIRST, "case 7")
    patrol.store.judgements.add([(1, 1, Judgement("seeker", False, 0.1, "model:stack@ffff"))], FIRST)
    patrol.store.leads.close(lead, "empty", FIRST)
    assert [one.kept for one in plan(patrol.store, patrol.settings, LATER).kept] == ["on hold", "on hold"]


@pytest.mark.parametrize(
    ("act", "stays"), [(Act.CONFIRM, True), (Act.REFER, True), (Act.REJECT, False), (Act.UNSURE, False)]
)
def test_a_lead_that_stands_confirmed_or_referred_keeps_its_documents(patrol: Patrol, act: Act, stays: bool) -> None:
    lead = advert(patrol)
    patrol.store.decisions.add(Decision(lead, act, "mei", FIRST, "fetal_sex_test_ad"))
    assert bool(plan(patrol.store, patrol.settings, LATER).kept) is stays


def test_a_seeker_that_another_model_takes_for_an_advert_goes_by_the_model_that_counts(patrol: Patrol) -> None:
    patrol.page("ask", ("seeker", SECRET))
    patrol.store.judgements.add([(1, 1, Judgement("fetal_sex_test_ad", True, 0.9, "model:keywords@1"))], FIRST)
    assert patrol.purge()["documents"] == 1


# -- pages without documents, imports, crashes


def test_pages_that_gave_no_document_stay_unless_the_operator_gives_them_a_time(patrol: Patrol) -> None:
    patrol.page("list", ("seeker", SECRET), documents=False)
    assert patrol.purge()["captures"] == 0
    patrol.settings = patrol.settings.replace(page_retention_days=30)
    assert patrol.purge()["captures"] == 1
    assert not any(
        "list" in response.url for path in patrol.settings.path("archive").glob("*.gz") for response in read(path)
    )


def test_an_imported_file_goes_with_the_last_of_its_documents(patrol: Patrol) -> None:
    folder = patrol.settings.path("archive") / "imports"
    folder.mkdir()
    (folder / "one.jsonl").write_text(SECRET)
    for number, label in enumerate(("seeker", "other_ad")):
        id = f"urn:uuid:import-{number}"
        patrol.store.captures.add(
            Capture(id, "forum", f"import:one{number}.jsonl", FIRST, 0, ".jsonl", "0" * 64, 9, "imports/one.jsonl", 0, "imported", Provenance.IMPORT)
        )  # fmt: skip
        patrol.post(f"i{number}", label, SECRET + label, "", id, FIRST)
    patrol.settings = patrol.settings.replace(retention_days=["other_ad=60"])
    patrol.purge()
    assert (folder / "one.jsonl").exists(), "another capture of the file still stands"
    patrol.purge(FIRST + timedelta(days=61))
    assert not (folder / "one.jsonl").exists()


def test_an_erasure_that_failed_is_told_and_done_the_next_time(patrol: Patrol) -> None:
    patrol.page("ask", ("seeker", SECRET))
    [path] = patrol.settings.path("archive").glob("*.warc.gz")
    hidden = path.with_suffix(".away")
    found = plan(patrol.store, patrol.settings, LATER)
    assert len(found.captures) == 1
    path.rename(hidden)
    counts, faults = purge(patrol.store, patrol.settings, lambda: LATER, "the test")
    assert (counts["documents"], counts["records"]) == (1, 0)
    assert "cannot be read" in faults[0]
    assert SECRET not in patrol.dump()
    hidden.rename(path)
    assert patrol.purge(LATER + timedelta(days=1))["records"] == 1
    assert [response.url for response in read(path)] == ["http://forum.example/other"]


def test_a_record_torn_by_a_crash_while_it_was_erased_is_mended(patrol: Patrol) -> None:
    patrol.page("ask", ("seeker", SECRET))
    patrol.purge()
    [path] = patrol.settings.path("archive").glob("*.warc.gz")
    whole = path.read_bytes()
    [row] = patrol.store.db.query("SELECT * FROM erasures")
    middle = row["offset"] + row["length"] // 2
    path.write_bytes(whole[: row["offset"] + 5] + b"\xff" * 40 + whole[row["offset"] + 45 :])
    assert path.read_bytes() != whole
    patrol.store.db.execute("UPDATE erasures SET done = 0")
    patrol.store.db.conn.commit()
    assert patrol.purge()["records"] == 1
    assert path.read_bytes() == whole
    assert middle < len(whole)


@pytest.mark.parametrize("length", [300, 301, 5_000, 200_000])
def test_a_tombstone_has_the_length_that_was_asked_for(length: int) -> None:
    made = tombstone(length, "urn:uuid:0", FIRST)
    assert len(made) == length
    [item] = ArchiveIterator(io.BytesIO(made))
    assert item.rec_headers.get_header("WARC-Refers-To") == "<urn:uuid:0>"


def test_a_room_that_is_too_small_is_told() -> None:
    with pytest.raises(EvidenceError, match="expected at least"):
        tombstone(100, "urn:uuid:0", FIRST)


# -- settings and commands


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ("sekeer=3", "did you mean 'seeker'"),
        ("other_ad", "expected a whole number of days, found ''"),
        ("other_ad=soon", "found 'soon'"),
        ("seeker=3", "has a setting of its own"),
    ],
)
def test_a_faulty_entry_is_named(patrol: Patrol, entry: str, told: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(told)):
        periods(patrol.settings.replace(retention_days=[entry]))


def test_a_dry_run_says_what_would_go_and_changes_nothing(xuncha: Xuncha, patrol: Patrol) -> None:
    patrol.page("ask", ("seeker", SECRET))
    lead = advert(patrol)
    patrol.store.close()
    folder = patrol.settings.workspace
    held = xuncha("hold", lead, "--why", "case 7", "--by", "mei", "-w", folder)
    assert held.stdout.decode().strip() == f"{lead} is on hold"
    assert json.loads(xuncha("holds", "--json", "-w", folder).stdout)[0]["documents"] == 2
    variables = {"XUNCHA_RETENTION_DAYS": "fetal_sex_test_ad=30", "XUNCHA_SEEKER_RETENTION_DAYS": "5"}
    for _ in range(2):
        told = json.loads(xuncha("purge", "--dry-run", "--json", "-w", folder, **variables).stdout)
        assert (told["documents"], told["captures"]) == ({"seeker": 1}, 1)
        assert told["kept"] == [{"label": "fetal_sex_test_ad", "why": "on hold", "documents": 2}]
    done = xuncha("purge", "--by", "bo", "-w", folder, **variables)
    assert done.stdout.decode().splitlines()[:2] == [
        "seeker: 1 documents purged (kept 5 days)", "fetal_sex_test_ad: 0 documents purged (kept 30 days)",
    ]  # fmt: skip
    log = json.loads(xuncha("audit", "log", "--json", "-w", folder).stdout)
    assert [(entry["actor"], entry["action"]) for entry in log] == [
        ("bo", "purged"),
        ("bo", "purged"),
        ("mei", "hold placed"),
    ]
    assert xuncha("audit", "verify", "-w", folder).returncode == 0
    assert xuncha("hold", lead, "-w", folder).returncode == 3
    assert b"is released" in xuncha("hold", lead, "--release", "--why", "closed", "-w", folder).stdout
