"""The application in a real headless Chromium: the keyboard, without script, and hostile content."""

from __future__ import annotations

from typing import Any

import pytest
from browser import CHROMIUM, PATIENCE_MS, Seen, arrive, on_lead, sign_in
from leads_desk import HOSTILE

from core.store import Store

pytest.importorskip("playwright.sync_api", reason="needs the Python package playwright")
pytestmark = [pytest.mark.browser, pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's Chromium")]


def test_five_leads_by_keyboard_then_undo(desk: tuple[Any, Seen], store: Store) -> None:
    page, seen = desk
    page.keyboard.press("w")
    for number, key in enumerate("2450u"):
        on_lead(page, f"L{number:010x}")
        page.keyboard.press(key)
    on_lead(page, "L0000000005")
    decided = [store.decisions.of([f"L{n:010x}"])[f"L{n:010x}"][0] for n in range(5)]
    assert [(str(decision.act), decision.label) for decision in decided] == [
        ("confirm", "sample_shipping_ad"), ("confirm", "fetal_sex_test_ad"), ("confirm", "sex_selection_ad"), ("reject", ""), ("unsure", ""),
    ]  # fmt: skip
    page.keyboard.press("z")
    on_lead(page, "L0000000004")
    assert store.review.lead("L0000000004")["answer"] == ""  # type: ignore[index]
    assert not seen.bad


def test_a_hasty_second_key_decides_nothing(desk: tuple[Any, Seen], store: Store) -> None:
    page, _ = desk
    page.keyboard.press("w")
    on_lead(page, "L0000000000")
    page.evaluate(
        "for (const key of '000') document.body.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true}))"
    )
    on_lead(page, "L0000000001")
    page.wait_for_timeout(300)
    assert len(store.decisions.of(["L0000000000"])["L0000000000"]) == 1
    assert not store.decisions.of(["L0000000001"])["L0000000001"]


def test_keys_under_a_chinese_input_method_still_work(desk: tuple[Any, Seen], store: Store) -> None:
    page, _ = desk
    page.keyboard.press("w")
    on_lead(page, "L0000000000")
    page.evaluate(
        "document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'Process', code: 'KeyU', bubbles: true}))"
    )
    on_lead(page, "L0000000001")
    assert str(store.decisions.of(["L0000000000"])["L0000000000"][0].act) == "unsure"


def test_search_and_movement_by_keyboard(desk: tuple[Any, Seen]) -> None:
    page, seen = desk
    page.keyboard.press("/")
    page.keyboard.insert_text("寄血")
    page.keyboard.press("Enter")
    arrive(page, "mark.hit")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    on_lead(page, "L0000000000")
    assert page.locator("mark.why.hit").first.inner_text() == "寄血"
    page.keyboard.press("r")
    arrive(page, "text=zq0yangben88")
    assert not seen.bad


def test_a_note_is_typed_without_deciding(desk: tuple[Any, Seen], store: Store) -> None:
    page, _ = desk
    page.keyboard.press("w")
    on_lead(page, "L0000000000")
    page.keyboard.press("n")
    page.keyboard.type("u012 seen before")
    page.keyboard.press("Control+Enter")
    arrive(page, "q:has-text('u012 seen before')")
    [note] = store.decisions.of(["L0000000000"])["L0000000000"]
    assert (str(note.act), note.note) == ("note", "u012 seen before")


def test_help_opens_and_closes(desk: tuple[Any, Seen]) -> None:
    page, seen = desk
    page.keyboard.press("?")
    arrive(page, "dialog[open]")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog[open]", state="detached")
    assert not seen.bad


def test_everything_works_without_script(chromium: Any, address: str, store: Store) -> None:
    context = chromium.new_context(locale="zh-CN", java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/")
    sign_in(page)
    page.click("button:has-text('开始审阅')")
    page.click(".pops summary")
    page.fill("textarea", "备注")
    page.click("button[value='confirm:fetal_sex_test_ad']")
    on_lead(page, "L0000000001")
    page.click(".told button")
    on_lead(page, "L0000000000")
    assert [str(decision.act) for decision in store.decisions.of(["L0000000000"])["L0000000000"]] == ["confirm", "undo"]
    page.click("text=快捷键")
    arrive(page, "main .key-form")
    context.close()


def test_the_watch_over_hostile_content_would_see_it_run(desk: tuple[Any, Seen]) -> None:
    page, seen = desk
    page.evaluate("pwned(1)")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=pwned(2)>')")
    page.wait_for_timeout(200)
    assert "executed (1,)" in seen.bad
    assert any("Content Security Policy" in entry for entry in seen.bad)


def test_hostile_content_runs_nowhere(desk: tuple[Any, Seen], address: str) -> None:
    page, seen = desk
    page.goto(f"{address}/lead/Lhostile")
    page.keyboard.press("r")
    arrive(page, "text=本次登录内已显示")
    for path in ("/lead/Lhostile?view=normalised", "/lead/Lhostile?documents=2", "/queue?q=寄血", "/queue", "/"):
        page.goto(f"{address}{path}")
        page.mouse.move(400, 400)
    page.goto(f"{address}/queue")
    for payload in HOSTILE[:15]:
        page.fill(".filters input[name=q]", payload)
        page.fill(".filters input[name=contact]", payload)
        page.press(".filters input[name=q]", "Enter")
        page.wait_for_load_state()
        page.goto(f"{address}/queue")
    assert not seen.bad


def test_paper_is_light_even_under_a_dark_theme(chromium: Any, address: str) -> None:
    context = chromium.new_context(locale="zh-CN", color_scheme="dark")
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"{address}/")
    sign_in(page)
    page.goto(f"{address}/lead/L0000000000")
    ground = "getComputedStyle(document.querySelector('article.document')).backgroundColor"
    assert page.evaluate(ground) == "rgb(26, 30, 37)"
    page.emulate_media(media="print")
    assert page.evaluate(ground) == "rgb(255, 255, 255)"
    assert not page.locator(".decide").is_visible()
    context.close()
