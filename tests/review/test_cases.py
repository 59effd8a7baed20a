"""Cases: collected, approved by somebody else, handed over with a recipient; nobody approves their own export."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from leads_desk import Clock
from starlette.applications import Starlette
from visitor import Visitor

from core.errors import EvidenceError
from core.settings import Settings
from core.store import Store
from core.types import Act, Decision
from review.tools import Export, Handover
from xuncha.desk import exports

FIRST, SECOND = "L0000000000", "L0000000001"


def letter(store: Store, settings: Settings, handover: Handover, folder: Path, now: datetime) -> Sequence[Path]:
    """An authored form of export: a letter and a folder."""
    (folder / "letter.txt").write_text(f"{handover.case} {','.join(handover.leads)} -> {handover.recipient}\n", "utf-8")
    (folder / "bag").mkdir()
    (folder / "bag" / "one.txt").write_text("一", "utf-8")
    return [folder / "letter.txt", folder / "bag"]


def broken(store: Store, settings: Settings, handover: Handover, folder: Path, now: datetime) -> Sequence[Path]:
    (folder / "half.txt").write_text("half", "utf-8")
    raise EvidenceError("archive/x.warc.gz@0: expected sha256 ab12, found 9f03; restore the WARC")


@pytest.fixture(autouse=True)
def letters(app: Starlette) -> None:
    desk = app.state.desk
    exports = {"letter": Export("函件", "Letter", letter), "broken": Export("坏的", "Broken", broken)}
    app.state.desk = replace(desk, tools=replace(desk.tools, exports=exports))


@pytest.fixture
def lin(app: Starlette) -> Visitor:
    return Visitor(app).sign_in("lin")


@pytest.fixture
def case(store: Store, clock: Clock) -> str:
    """A case of mei with one confirmed lead."""
    store.decisions.add(Decision(FIRST, Act.CONFIRM, "mei", clock(), "sample_shipping_ad"))
    case = store.cases.open("罗湖寄血", "mei", clock())
    store.cases.collect(case, FIRST, "mei", clock())
    return case


def step(visitor: Visitor, case: str, name: str, **form: str) -> None:
    visitor.get(f"/case/{case}")
    visitor.post(f"/case/{case}", {"step": name, **form})


def hand_over(visitor: Visitor, case: str, *forms: str, recipient: str = "某市卫生健康委员会") -> None:
    visitor.get(f"/case/{case}")
    visitor.post(
        f"/case/{case}/export", {"recipient": recipient, **{f"export:{form}": "1" for form in forms or ("letter",)}}
    )


def state(store: Store, case: str) -> str:
    row = store.cases.get(case)
    assert row
    return str(row["state"])


def approved(mei: Visitor, lin: Visitor, case: str) -> None:
    step(mei, case, "submit")
    step(lin, case, "approve")


def test_a_confirmed_lead_opens_a_case(mei: Visitor, store: Store) -> None:
    mei.get(f"/lead/{SECOND}")
    mei.decide("confirm:fetal_sex_test_ad")
    mei.get(f"/lead/{SECOND}")
    mei.act(f"/lead/{SECOND}/case", case="", title="")
    assert mei.text.startswith("K0001")
    row = store.cases.get("K0001")
    assert row
    assert "zq0gang66" not in row["title"]  # the title came from an advert that shows its contact
    assert [lead["id"] for lead in store.cases.leads("K0001")] == [SECOND]


def test_an_undecided_lead_goes_into_no_case(mei: Visitor, store: Store) -> None:
    mei.get(f"/lead/{FIRST}")
    mei.act(f"/lead/{FIRST}/case", case="", title="x")
    assert "only a confirmed lead" in mei.text
    assert not store.cases.listed()


def test_a_case_goes_its_way_and_leaves_a_trace_of_each_step(
    mei: Visitor, lin: Visitor, store: Store, case: str
) -> None:
    step(mei, case, "note", note="先问移交渠道")
    step(mei, case, "assign", to="bo")
    step(mei, case, "submit", note="请审")
    step(lin, case, "approve")
    hand_over(mei, case)
    assert state(store, case) == "exported"
    mei.post(f"/case/{case}/delivered", {"receiver": "王某", "channel": "机要", "reference": "卫函〔2026〕1号"})
    step(mei, case, "close")
    assert [event["act"] for event in store.cases.events(case)] == [
        "opened", "collected", "noted", "assigned", "submitted", "approved", "exported", "delivered", "closed",
    ]  # fmt: skip
    told = [entry["action"] for entry in store.ledger.entries() if entry["object"] == case]
    assert told == [
        "case noted",
        "case assigned",
        "case submitted",
        "case approved",
        "case exported",
        "case delivered",
        "case closed",
    ]
    assert not list(store.ledger.breaks())


def test_nobody_approves_what_they_submitted(lin: Visitor, store: Store, case: str) -> None:
    step(lin, case, "submit")
    lin.get(f"/case/{case}")
    assert "so somebody else approves it" in lin.text
    step(lin, case, "approve")
    assert state(store, case) == "submitted"
    assert "nobody approves their own export" in lin.text


def test_nobody_hands_over_what_they_approved(mei: Visitor, lin: Visitor, store: Store, case: str) -> None:
    approved(mei, lin, case)
    hand_over(lin, case)
    assert "nobody approves their own export" in lin.text
    assert state(store, case) == "approved"


def test_an_analyst_approves_nothing(mei: Visitor, bo: Visitor, store: Store, case: str) -> None:
    step(mei, case, "submit")
    bo.get(f"/case/{case}")
    assert bo.post(f"/case/{case}", {"step": "approve"}).status_code == 403
    assert state(store, case) == "submitted"


def test_a_case_is_not_handed_over_before_it_is_approved(mei: Visitor, store: Store, case: str) -> None:
    for _ in range(2):
        hand_over(mei, case)
        assert "no longer at that step" in mei.text
        step(mei, case, "submit")
    assert state(store, case) == "submitted"


def test_what_changed_since_it_was_submitted_is_not_approved(
    mei: Visitor, lin: Visitor, store: Store, clock: Clock, case: str
) -> None:
    step(mei, case, "submit")
    store.decisions.add(Decision(FIRST, Act.REJECT, "bo", clock()))
    step(lin, case, "approve")
    assert "changed since it was submitted" in lin.text
    assert state(store, case) == "open"


def test_what_changed_since_it_was_approved_is_not_handed_over(
    mei: Visitor, lin: Visitor, store: Store, clock: Clock, case: str
) -> None:
    approved(mei, lin, case)
    store.hands.split(FIRST, store.leads.get(FIRST).documents[:1], "bo", clock())  # type: ignore[union-attr]
    hand_over(mei, case)
    assert "changed since it was submitted" in mei.text
    assert state(store, case) == "open"


def test_a_lead_put_in_later_voids_the_approval(
    mei: Visitor, lin: Visitor, store: Store, clock: Clock, case: str
) -> None:
    approved(mei, lin, case)
    store.decisions.add(Decision(SECOND, Act.CONFIRM, "bo", clock(), "fetal_sex_test_ad"))
    mei.get(f"/lead/{SECOND}")
    mei.act(f"/lead/{SECOND}/case", case=case)
    assert state(store, case) == "open"
    hand_over(mei, case)
    assert state(store, case) == "open"


def test_a_disputed_lead_cannot_leave_the_house(mei: Visitor, store: Store, clock: Clock, case: str) -> None:
    store.decisions.add(Decision(FIRST, Act.CONFIRM, "bo", clock(), "fetal_sex_test_ad"))
    step(mei, case, "submit")
    assert "not confirmed, closed, or disputed" in mei.text
    assert state(store, case) == "open"


def test_an_empty_case_cannot_be_submitted(mei: Visitor, store: Store, case: str) -> None:
    step(mei, case, "drop", lead=FIRST)
    step(mei, case, "submit")
    assert "no leads in it" in mei.text
    assert state(store, case) == "open"


def test_a_case_is_returned_with_a_reason(mei: Visitor, lin: Visitor, store: Store, case: str) -> None:
    step(mei, case, "submit")
    step(lin, case, "return", note="缺截图")
    assert state(store, case) == "open"
    assert "缺截图" in lin.text


def test_an_export_records_files_recipient_and_refers_its_leads(
    mei: Visitor, lin: Visitor, store: Store, case: str
) -> None:
    approved(mei, lin, case)
    hand_over(mei, case)
    event = store.cases.last(case, "exported")  # type: ignore[arg-type]
    assert event
    assert event["detail"]["recipient"] == "某市卫生健康委员会"
    assert [Path(entry["file"]).name for entry in event["detail"]["files"]] == ["letter.txt", "bag.zip"]
    row = store.review.lead(FIRST)
    assert row
    assert row["answer"] == "refer"
    refer = store.review.decisions(FIRST)[-1]
    assert json.loads(refer["detail"])["case"] == case
    mei.get("/queue?state=referred")
    assert f"/lead/{FIRST}" in mei.page


def test_an_export_cannot_be_undone(mei: Visitor, lin: Visitor, store: Store, case: str) -> None:
    approved(mei, lin, case)
    hand_over(mei, case)
    mei.get("/")
    mei.post("/undo", {})
    row = store.review.lead(FIRST)
    assert row
    assert row["answer"] == "refer"


def test_a_download_is_an_attachment_and_is_logged(mei: Visitor, lin: Visitor, store: Store, case: str) -> None:
    approved(mei, lin, case)
    hand_over(mei, case)
    event = store.cases.last(case, "exported")  # type: ignore[arg-type]
    assert event
    mei.get(f"/case/{case}")
    answer = mei.post(f"/case/{case}/export/{event['id']}/1", {})
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''bag.zip"
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert hashlib.sha256(answer.content).hexdigest() == event["detail"]["files"][1]["sha256"]
    assert store.cases.events(case)[-1]["act"] == "downloaded"


def test_a_file_that_was_altered_since_is_not_handed_out(
    mei: Visitor, lin: Visitor, store: Store, database: Path, case: str
) -> None:
    approved(mei, lin, case)
    hand_over(mei, case)
    event = store.cases.last(case, "exported")  # type: ignore[arg-type]
    assert event
    (database.parent / event["detail"]["files"][0]["file"]).write_text("other", "utf-8")
    mei.get(f"/case/{case}")
    assert mei.post(f"/case/{case}/export/{event['id']}/0", {}).status_code == 410


@pytest.mark.parametrize("path", ["999/0", "1/0", "x/0", "{event}/9", "{event}/-1", "{event}/..%2f..%2fxuncha.db"])
def test_a_download_of_something_else_finds_nothing(
    mei: Visitor, lin: Visitor, store: Store, case: str, path: str
) -> None:
    approved(mei, lin, case)
    hand_over(mei, case)
    event = store.cases.last(case, "exported")  # type: ignore[arg-type]
    assert event
    mei.get(f"/case/{case}")
    assert mei.post(f"/case/{case}/export/{path.format(event=event['id'])}", {}).status_code == 404


def test_an_export_that_fails_leaves_no_file_and_says_why(
    mei: Visitor, lin: Visitor, store: Store, database: Path, case: str
) -> None:
    approved(mei, lin, case)
    hand_over(mei, case, "letter", "broken")
    assert "expected sha256 ab12" in mei.text
    assert state(store, case) == "approved"
    assert not list((database.parent / "exports").rglob("*.txt"))
    row = store.review.lead(FIRST)
    assert row
    assert row["answer"] == "confirm"


@pytest.mark.parametrize(("recipient", "forms"), [("", ("letter",)), ("  ", ("letter",)), ("某局", ("nothing",))])
def test_an_export_needs_a_recipient_and_a_form(
    mei: Visitor, lin: Visitor, store: Store, case: str, recipient: str, forms: tuple[str, ...]
) -> None:
    approved(mei, lin, case)
    hand_over(mei, case, *forms, recipient=recipient)
    assert "name the recipient" in mei.text
    assert state(store, case) == "approved"


def test_what_was_done_to_a_case_is_append_only(store: Store, case: str) -> None:
    for query in ("UPDATE case_events SET by = 'x'", "DELETE FROM case_events"):
        with pytest.raises(Exception, match="append-only"):
            store.db.execute(query)


def test_a_viewer_reads_a_case_and_changes_nothing(app: Starlette, store: Store, case: str) -> None:
    vera = Visitor(app).sign_in("vera")
    vera.get(f"/case/{case}")
    assert "罗湖寄血" in vera.text
    assert vera.post(f"/case/{case}", {"step": "submit"}).status_code == 403
    assert state(store, case) == "open"


@pytest.mark.parametrize(
    ("step_name", "form"), [("export", {}), ("assign", {"to": "vera"}), ("assign", {"to": "nobody"}), ("", {})]
)
def test_steps_that_do_not_exist_are_refused(mei: Visitor, case: str, step_name: str, form: dict[str, str]) -> None:
    mei.get(f"/case/{case}")
    assert mei.post(f"/case/{case}", {"step": step_name, **form}).status_code == 400


def test_the_first_page_tells_who_approves_what_waits(mei: Visitor, lin: Visitor, case: str) -> None:
    step(mei, case, "submit")
    lin.get("/")
    assert "Cases awaiting approval" in lin.text
    mei.get("/")
    assert "Cases awaiting approval" not in mei.text


def test_a_case_leaves_with_a_referral_and_bundles(
    app: Starlette, mei: Visitor, lin: Visitor, store: Store, case: str, database: Path
) -> None:
    desk = app.state.desk
    own = exports()
    assert set(own) >= {"bundle", "referral"}
    app.state.desk = replace(desk, tools=replace(desk.tools, exports={"referral": own["referral"]}))
    step(mei, case, "submit")
    step(lin, case, "approve")
    mei.get(f"/case/{case}")
    mei.post(f"/case/{case}/export", {"recipient": "省卫生监督所", "export:referral": "1"})
    files = {path.suffix: path for path in (database.parent / "exports").rglob("referral-*")}
    assert set(files) == {".docx", ".xlsx"}
    with zipfile.ZipFile(files[".docx"]) as letter:
        assert "zq0yangben88" in letter.read("word/document.xml").decode()  # what was approved shows contacts in full
    assert store.leads.get(FIRST)
    assert store.review.lead(FIRST)["answer"] == "refer"  # type: ignore[index]
