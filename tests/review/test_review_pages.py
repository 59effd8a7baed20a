"""What the pages show: queue, search, lead, masks, both languages."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
from leads_desk import HOSTILE, Clock, add_lead
from starlette.applications import Starlette
from visitor import Visitor

from core.labels import UNCONFIRMED
from core.store import Store
from core.types import Document
from review import search
from review.marks import pieces
from review.words import LANGUAGES, Words, table
from text.shown import defanged, masked, plain, visible

FIRST = "L0000000000"
SECRETS = ("zq0yangben88", "13800000017")


def leads_in(visitor: Visitor) -> list[str]:
    return re.findall(r'class="row" href="/lead/([^"?]+)', visitor.page)


def test_the_queue_is_in_order_of_priority_with_its_reasons(mei: Visitor) -> None:
    mei.get("/queue")
    assert leads_in(mei)[:3] == ["L0000000000", "L0000000001", "L0000000002"]
    assert "probability 0.93" in mei.text


def test_a_two_character_word_is_found_and_lit(mei: Visitor) -> None:
    mei.get("/queue?q=寄血")
    assert leads_in(mei) == ["L0000000000", "L0000000003", "Lhostile"]
    assert '<mark class="hit">寄血</mark>' in mei.page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("港检预约", ["L0000000006"]), ("寄 血盒", []), ("寄血 山东", ["L0000000003"]), ("寄 血盒 血", []), ("Ｂ超单", ["L0000000001", "L0000000006"]),
        ("b超單", ["L0000000001", "L0000000006"]), ('" OR *', []), ("没有这个词", []),
    ],
)  # fmt: skip
def test_search_finds_whole_words_however_they_are_typed(mei: Visitor, query: str, found: list[str]) -> None:
    assert mei.client.get("/queue", params={"q": query}).status_code == 200
    mei.page = mei.client.get("/queue", params={"q": query}).text
    assert leads_in(mei) == found


def test_a_single_character_is_told_to_be_too_short(mei: Visitor) -> None:
    mei.get("/queue?q=血")
    assert "at least two Chinese characters" in mei.text


def test_search_leads_to_the_words_on_the_page_of_the_lead(mei: Visitor) -> None:
    mei.get(f"/lead/{FIRST}?q=寄血")
    assert re.search(r'<mark class="why hit">寄血</mark><sup>1</sup>', mei.page)


def test_what_joins_a_lead_later_is_found_after_the_next_refresh(
    app: Starlette, mei: Visitor, store: Store, clock: Clock
) -> None:
    add_lead(store, "Lnew", "sample_shipping_ad", "新帖", ["上门抽血寄港，名额有限"], "baobao-forum", 0.2, clock())
    mei.get("/queue?q=抽血寄港")
    assert "still catching up" in mei.text
    assert [app.state.index.work(store) for _ in range(2)] == [True, False]
    mei.get("/queue?q=抽血寄港")
    assert leads_in(mei) == ["Lnew"]
    assert "still catching up" not in mei.text


def test_a_changed_text_is_found_by_what_it_says_now(store: Store, mei: Visitor, clock: Clock) -> None:
    row = next(store.db.query("SELECT * FROM documents WHERE native_id = 'L0000000003-0'"))
    store.documents.add(
        Document("wenda-site", "L0000000003-0", row["url"], "post", "改成了快递样品", "改", source="wenda-site"),
        clock(),
    )
    search.refresh(store)
    mei.get("/queue?q=寄血")
    assert "L0000000003" not in leads_in(mei)
    mei.get("/queue?q=快递样品")
    assert leads_in(mei) == ["L0000000003"]


def test_only_documents_of_leads_are_searched(store: Store) -> None:
    indexed = {row["document"] for row in store.db.query("SELECT document FROM searched")}
    assert indexed == set(store.leads.of_documents())


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("label=sex_selection_ad", ["L0000000007"]), ("source=shenghuo-board", [FIRST]), ("province=云南", ["L0000000005"]),
        ("contact=zq0gang66", ["L0000000001"]), ("contact=100000456", ["L0000000003", "L0000000004"]), ("contact=zq0gang", []),
        ("label=sample_shipping_ad&province=山东", ["L0000000003"]), ("state=confirmed", []), ("state=nonsense&label=nonsense&q=顺丰", [FIRST]),
    ],
)  # fmt: skip
def test_filters_narrow_the_queue(mei: Visitor, query: str, found: list[str]) -> None:
    mei.get(f"/queue?{query}")
    assert leads_in(mei) == found


@pytest.mark.parametrize(
    "path", ["/", "/queue", "/queue?q=上门", f"/lead/{FIRST}", f"/lead/{FIRST}?view=normalised", "/lead/L0000000001"]
)
def test_contacts_are_masked_everywhere_at_first(mei: Visitor, path: str) -> None:
    mei.get(path)
    for secret in (*SECRETS, "zq0gang66"):
        assert secret not in mei.page


def test_a_reveal_shows_the_contacts_of_one_lead_and_is_logged(mei: Visitor, store: Store) -> None:
    mei.get(f"/lead/{FIRST}")
    mei.post(f"/lead/{FIRST}/reveal", {})
    assert all(mei.page.count(secret) >= 2 for secret in SECRETS)
    last = list(store.ledger.entries())[-1]
    assert (last["actor"], last["action"], last["object"]) == ("mei", "contacts revealed", FIRST)
    assert not any(secret in last["payload"] for secret in SECRETS)
    mei.get("/lead/L0000000001")
    assert "zq0gang66" not in mei.page


def test_a_look_at_a_lead_is_logged_once_in_half_an_hour(mei: Visitor, store: Store, clock: Clock) -> None:
    def looks() -> int:
        return sum(entry["action"] == "lead viewed" for entry in store.ledger.entries() if entry["object"] == FIRST)

    mei.get(f"/lead/{FIRST}")
    mei.get(f"/lead/{FIRST}?view=normalised")
    assert looks() == 1
    clock.forward(minutes=31)
    mei.get(f"/lead/{FIRST}")
    assert looks() == 2


def test_a_reveal_ends_with_the_session(mei: Visitor) -> None:
    mei.get(f"/lead/{FIRST}")
    mei.post(f"/lead/{FIRST}/reveal", {})
    mei.post("/sign-out", {})
    mei.sign_in("mei").get(f"/lead/{FIRST}")
    assert SECRETS[0] not in mei.page


def test_a_lead_tells_where_its_contacts_were_seen(mei: Visitor) -> None:
    mei.get("/lead/L0000000004")
    assert "seen in 3 ads, 2 leads" in mei.text
    assert "first 2026-11-19, last 2026-11-20" in mei.text


def test_a_lead_tells_what_it_claims_and_what_it_falls_under(mei: Visitor) -> None:
    mei.get(f"/lead/{FIRST}")
    for words in (
        "CNY 4,800",
        "week 7",
        "99 %",
        "浙江",
        "深圳",
        "Falls under",
        "SHA-256",
        "speaks of blood samples or tubes",
        "hxxp://shenghuo-board[.]example",
    ):
        assert words in mei.text
    assert 'href="http' not in mei.page


def test_a_long_lead_is_read_page_by_page(mei: Visitor) -> None:
    mei.get("/lead/L0000000002")
    assert mei.page.count('class="document"') == 10
    mei.get("/lead/L0000000002?documents=2")
    assert mei.page.count('class="document"') == 3


def test_today_tells_of_news_silence_and_refusals(mei: Visitor) -> None:
    mei.get("/")
    for words in (
        "new 不用过关",
        "grown 我是怎么",
        "jiuwu-luntan ● silent",
        "closed by robots.txt",
        "wall of a log-in",
    ):
        assert words in mei.text


def test_the_switch_of_the_language_is_kept(mei: Visitor) -> None:
    mei.get("/queue?state=unsure")
    assert mei.post("/language", {"language": "zh", "back": "/queue?state=unsure"}).url.query == b"state=unsure"
    assert "线索队列" in mei.text
    assert mei.get("/keys").text.startswith('<!doctype html>\n<html lang="zh-Hans">')


def test_a_chinese_page_says_its_reasons_in_chinese(app: Starlette) -> None:
    visitor = Visitor(app, language="zh-CN").sign_in("mei")
    visitor.get(f"/lead/{FIRST}")
    for words in ("概率 0.93", "3 篇中的最高分", "zq••••••••88 见于 3 篇", "1 个平台上的 3 篇"):
        assert words in visitor.text


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh", ["1 个工作日", "3-6 天", "当天", "4,800–6,000 元", "500 港元", "9 EUR", "某法 第一条（待核实）", "允许 (rules)", "登录", "案件提交审批", "命令行", "过大"]),
        ("en", ["1 working day", "3-6 days", "same day", "CNY 4,800–6,000", "HKD 500", "EUR 9", "某法 第一条（not yet checked at its source）", "allowed (rules)", "signed in",
                "case submitted", "command line", "too large"]),
    ],
)  # fmt: skip
def test_what_the_program_recorded_is_said_in_the_language_of_the_page(language: str, said: list[str]) -> None:
    t = Words(language)
    assert [
        *map(t.soon, ("1 working days", "3-6 days", "same day")), t.money("CNY", 4800, 6000), t.money("HKD", 500, 500), t.money("EUR", 9, 9),
        t.hook(f"某法 第一条{UNCONFIRMED}"), t.robots("allowed (rules)"), t.did("signed in"), t.did("case submitted"), t.did("command line"), t.refusal("too large"),
    ] == said  # fmt: skip
    assert t.did("something new") == "something new"


def test_one_of_a_thing_is_said_as_one() -> None:
    t = Words("en")
    assert t("lead_seen", ads=1, leads=2) == "seen in 1 ad, 2 leads"
    assert t("lead_seen", ads=11, leads=1) == "seen in 11 ads, 1 lead"


def test_every_word_is_there_in_both_languages_and_used() -> None:
    review = Path(search.__file__).parent
    sources = "".join(path.read_text("utf-8") for path in [*review.glob("*.py"), *review.glob("templates/*.html")])
    used = set(re.findall(r"""['"]([a-z]+_?[a-z_0-9]*)['"]""", sources))
    families = ("role_", "run_", "unfinished_", "count_", "news_", "state_", "part_", "reason_pattern_", "tie_pattern_", "refusal_", "kind_", "short_",
                "problem_", "said_", "history_", "error_", "language_name_", "act_", "why_", "case_state_", "case_step_", "case_problem_", "second_", "up_", "what_",
                "lead_timeline_", "slot_", "filter_", "robots_", "provenance_", "soon_pattern_", "money_", "did_")  # fmt: skip
    for key, entry in table().items():
        assert all(entry.get(language) for language in LANGUAGES), key
        assert set(entry) <= {*LANGUAGES, "start"}, f"{key}: a comma in words without quotes"
        assert key in used or key.startswith(families), f"{key} is never used"


def test_hostile_text_is_shown_as_text(mei: Visitor) -> None:
    mei.get("/lead/Lhostile")
    mei.post("/lead/Lhostile/reveal", {})
    page = mei.page + mei.get("/lead/Lhostile?documents=2").text + mei.get("/queue?q=寄血").text + mei.get("/").text
    markup = re.sub(r'<script src="/static/(keys|htmx.min).js" defer></script>', "", page)
    for sign in (
        "<script",
        "<img",
        "<iframe",
        "<style",
        "<base",
        "<svg/",
        "<a href=j",
        "<form action=//",
        "onerror=pwned(2)>\n",
        "\u202e",
        "\x1b",
        "\x00",
    ):
        assert sign not in markup
    for payload in HOSTILE[:11]:
        assert payload in html.unescape(page)


def test_control_signs_are_made_visible() -> None:
    assert visible("a\u202eb\x00c\nd") == "a⟨U+202E⟩b␀c\nd"


def test_a_long_value_is_cut_and_says_so() -> None:
    assert plain("x" * 500, 10) == "x" * 9 + "…"
    assert plain("a\n b\t c") == "a b c"


def test_a_mask_does_not_tell_the_length_of_a_long_value() -> None:
    assert masked("a" * 13) == masked("a" * 60)
    assert masked("abc") == "a••"


def test_a_defanged_address_leads_nowhere() -> None:
    assert defanged("HTTPS://a.b.example/x?y=http://c") == "hxxpS://a[.]b[.]example/x?y=hxxp://c"
    assert defanged("javascript:x") == "javascript[:]x"


def test_pieces_give_the_text_back() -> None:
    text = "满七周寄血到港"
    cut = pieces(text, [(3, 5, 1), (4, 6, 2)], [(0, 2)], [(3, 5)], None)
    assert "".join(piece.text for piece in cut) == text
    assert [piece.text for piece in cut if piece.hit] == ["寄", "血"]


def test_a_masked_contact_is_one_piece_even_under_a_span() -> None:
    cut = pieces("加zq0gang66吧", [(3, 6, 1)], [(1, 10)], [], masked)
    assert [piece.text for piece in cut] == ["加", masked("zq0gang66"), "吧"]
