"""A day's work in a real Chromium: twenty leads by keyboard, splitting, merging, a case to its export; without script; and axe-core."""

from __future__ import annotations

import json
import re
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from browser import CHROMIUM, PATIENCE_MS, Seen, arrive, on_lead, sign_in
from busy_desk import busy, many, rivals
from leads_desk import PASSWORD, Clock

from core.store import Store
from core.types import Act, Decision
from evidence import signature

pytest.importorskip("playwright.sync_api", reason="needs the Python package playwright")
pytestmark = [pytest.mark.browser, pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's Chromium")]
FIRST, SECOND = "L0000000000", "L0000000001"


def test_twenty_leads_by_keyboard_with_an_undo_on_the_way(desk: tuple[Any, Seen], store: Store) -> None:
    names = [*(f"L{number:010x}" for number in range(8)), *many(store, 13)]
    page, seen = desk
    page.keyboard.press("w")
    keys = "4" * 8 + "0u4" + "z" + "4" + "5" * 9  # the eleventh is taken back and given again
    at = 0
    for key in keys:
        on_lead(page, names[at])
        page.keyboard.press(key)
        at += -1 if key == "z" else 1
    on_lead(page, names[20])
    answers = {name: store.review.lead(name)["answer"] for name in names[:20]}  # type: ignore[index]
    assert [answers[name] for name in names[8:11]] == ["reject", "unsure", "confirm"]
    assert sum(answer == "confirm" for answer in answers.values()) == 18
    acts = [row["act"] for row in store.review.decisions(names[10])]
    assert acts == ["confirm", "undo", "confirm"]
    assert not seen.bad


def test_split_and_merge_by_keyboard(desk: tuple[Any, Seen], address: str, store: Store) -> None:
    page, seen = desk
    page.goto(f"{address}/lead/{FIRST}")
    for key in ("j", "j", "x", "d"):  # down to the second document, tick it, split it off
        page.keyboard.press(key)
    arrive(page, f".told a:has-text('{FIRST}-2')")
    assert len(store.leads.get(f"{FIRST}-2").documents) == 1  # type: ignore[union-attr]
    page.keyboard.press("m")
    page.keyboard.type(f"{FIRST}-2")
    page.keyboard.press("Enter")
    on_lead(page, f"{FIRST}-2")
    assert len(store.leads.get(f"{FIRST}-2").documents) == 3  # type: ignore[union-attr]
    page.keyboard.press("z")
    on_lead(page, FIRST)
    page.keyboard.press("z")
    on_lead(page, FIRST)
    assert len(store.leads.get(FIRST).documents) == 3  # type: ignore[union-attr]
    assert store.leads.state(f"{FIRST}-2") == "merged"
    assert not seen.bad


def test_enter_in_a_field_never_decides(desk: tuple[Any, Seen], address: str, store: Store) -> None:
    page, _ = desk
    for key in ("m", "e", "a"):
        page.goto(f"{address}/lead/{FIRST}")
        page.keyboard.press(key)
        if key == "m":
            page.keyboard.type("Lnothing")
        page.keyboard.press("Enter")
        page.wait_for_timeout(300)
    assert {row["act"] for row in store.review.decisions(FIRST)} <= {"assign"}


def test_the_parts_of_a_lead_come_by_themselves(
    desk: tuple[Any, Seen], address: str, store: Store, clock: Clock
) -> None:
    rivals(store)
    store.decisions.add(Decision("Lrival0001", Act.CONFIRM, "bo", clock(), "fetal_sex_test_ad"))
    page, seen = desk
    page.goto(f"{address}/lead/Lroute0001")
    page.locator("h2:has-text('相似的已确认广告')").scroll_into_view_if_needed()
    arrive(page, ".similar a[href='/lead/Lrival0001']")
    page.locator("h2:has-text('关联网络')").scroll_into_view_if_needed()
    arrive(page, "svg.network")
    page.locator("h2:has-text('文案模板')").scroll_into_view_if_needed()
    arrive(page, ".slots .slot")
    assert not seen.bad


def test_own_keys_work_and_are_shown(desk: tuple[Any, Seen], address: str, store: Store) -> None:
    page, seen = desk
    page.goto(f"{address}/keys")
    page.fill("input[name=unsure]", "q")
    page.click("button.primary")
    arrive(page, "text=已保存")
    page.goto(f"{address}/lead/{FIRST}")
    assert page.locator("button[value=unsure] kbd").inner_text() == "q"
    page.keyboard.press("u")
    page.keyboard.press("q")
    on_lead(page, SECOND)
    assert [row["act"] for row in store.review.decisions(FIRST)] == ["unsure"]
    assert not seen.bad


def test_a_case_goes_from_a_confirmed_lead_to_a_verified_bundle(
    desk: tuple[Any, Seen], chromium: Any, address: str, store: Store, database: Path, tmp_path: Path
) -> None:
    imported(store)
    signature.new_key(database.parent / signature.KEY)
    page, seen = desk
    page.goto(f"{address}/lead/{FIRST}")
    page.keyboard.press("2")
    on_lead(page, SECOND)
    page.goto(f"{address}/lead/{FIRST}")
    page.keyboard.press("e")
    page.fill(".pop input[name=title]", "罗湖寄血")
    page.click(".pop button:has-text('归入案件')")
    arrive(page, "h1:has-text('罗湖寄血')")
    page.click("button:has-text('提交审批')")
    arrive(page, ".stages [aria-current=step]:has-text('待审批')")
    other = chromium.new_context(locale="zh-CN")
    reviewer = other.new_page()
    reviewer.set_default_timeout(PATIENCE_MS)
    reviewer.goto(f"{address}/")
    sign_in(reviewer, "lin")
    reviewer.click("a:has-text('罗湖寄血')")
    reviewer.click("button:has-text('批准移交')")
    arrive(reviewer, ".stages [aria-current=step]:has-text('已批准')")
    assert reviewer.locator("text=批准人不能移交自己批准的案件").count() == 1
    other.close()
    page.reload()
    page.fill("input[name=recipient]", "某市卫生健康委员会")
    page.click("button:has-text('生成并记录移交')")
    arrive(page, ".stages [aria-current=step]:has-text('已移交')")
    with page.expect_download() as download:
        page.click("button.file")
    packed = zipfile.ZipFile(BytesIO(Path(download.value.path()).read_bytes()))
    packed.extractall(tmp_path / "out")
    [bundle] = (tmp_path / "out").iterdir()
    from evidence.verify import verify

    assert not list(verify(bundle, None, store.ledger))
    page.goto(f"{address}/lead/{FIRST}")
    assert "已移送" in page.content() or "移送" in page.content()
    assert [event["act"] for event in store.cases.events("K0001")][-2:] == ["exported", "downloaded"]
    assert not seen.bad


def imported(store: Store) -> None:
    """Let the captures of the first lead be imports, whose originals a bundle lists without cutting them out of an archive."""
    store.db.execute("DROP TRIGGER captures_no_UPDATE")
    store.db.execute("UPDATE captures SET provenance = 'import'")
    store.db.execute(
        "CREATE TRIGGER captures_no_UPDATE BEFORE UPDATE ON captures BEGIN SELECT RAISE(ABORT, 'captures is append-only'); END"
    )
    store.db.conn.commit()


def test_a_whole_round_without_script(chromium: Any, address: str, store: Store) -> None:
    context = chromium.new_context(locale="zh-CN", java_script_enabled=False)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"{address}/")
    page.fill("input[name=name]", "mei")
    page.fill("input[name=password]", PASSWORD)
    page.click("button.primary")
    page.fill("input[type=search][name=q]", "寄血")
    page.press("input[type=search][name=q]", "Enter")
    arrive(page, "mark.hit")
    page.click(f"a.row[href^='/lead/{FIRST}']")
    page.locator("[data-tick]").first.check()
    page.click("button[value='confirm:sample_shipping_ad']")  # all but the ticked one
    arrive(page, ".told")
    assert store.review.lead(FIRST)["answer"] == "confirm"  # type: ignore[index]
    assert len(store.leads.get(f"{FIRST}-2").documents) == 1  # type: ignore[union-attr]
    page.click(".told button")  # undo
    on_lead(page, FIRST)
    assert len(store.leads.get(FIRST).documents) == 3  # type: ignore[union-attr]
    page.click("a:has-text('查找相似的已确认广告')")
    arrive(page, "h2:has-text('相似的已确认广告')")
    page.goto(f"{address}/lead/{FIRST}")
    page.click("summary:has-text('合并')")
    page.fill("input[name=into]", SECOND)
    page.click(".pop button:has-text('合并')")
    on_lead(page, SECOND)
    assert len(store.leads.get(SECOND).documents) == 5  # type: ignore[union-attr]
    context.close()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 390)])
def test_axe_finds_nothing_serious(chromium: Any, address: str, store: Store, scheme: str, width: int) -> None:
    axe = pytest.importorskip(
        "axe_playwright_python", reason="needs axe-playwright-python, which brings axe-core along"
    )
    script = (Path(axe.__file__).parent / "axe.min.js").read_text("utf-8")
    busy(store)
    context = chromium.new_context(
        locale="zh-CN", color_scheme=scheme, viewport={"width": width, "height": 900}, bypass_csp=True
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"{address}/sign-in")
    faults = checked(page, script)
    sign_in(page, "lin")
    for path in (
        "/", "/queue?q=寄血", f"/lead/{FIRST}", "/lead/Lroute0001/network", "/lead/Lroute0001/template", "/cases", "/case/K0001", "/keys", "/ledger",
        "/queue?q=没有这个词", "/nowhere", f"/capture/urn:uuid:{FIRST}-0",
    ):  # fmt: skip
        page.goto(f"{address}{path}")
        page.wait_for_load_state("networkidle")
        faults += checked(page, script)
    page.goto(f"{address}/")
    page.click("form[action='/audit'] button")
    arrive(page, "article.read")
    faults += checked(page, script)
    context.close()
    assert not faults


def checked(page: Any, script: str) -> list[str]:
    """The serious and critical faults that axe-core finds on a page: rule, place, and the markup."""
    page.evaluate(script)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    at = re.sub(r"^https?://[^/]+", "", page.url)
    return [
        f"{at}: {one['id']} ({one['impact']}): {json.dumps(node['target'])} {node['html'][:160]}"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"][:3]
    ]


def test_axe_would_find_what_is_wrong(chromium: Any, address: str) -> None:
    axe = pytest.importorskip(
        "axe_playwright_python", reason="needs axe-playwright-python, which brings axe-core along"
    )
    script = (Path(axe.__file__).parent / "axe.min.js").read_text("utf-8")
    context = chromium.new_context(bypass_csp=True)
    page = context.new_page()
    page.goto(f"{address}/sign-in")
    page.evaluate(
        "document.querySelector('input[name=name]').closest('label').replaceWith(document.createElement('input'))"
    )
    assert any("label" in fault for fault in checked(page, script))
    context.close()
