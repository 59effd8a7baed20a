"""What must not leak or happen by the side: masks opened by searching, looks caused by other pages, contacts in what colleagues type."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pytest
from leads_desk import PASSWORD, Clock, add_lead
from starlette.applications import Starlette
from visitor import Visitor

from core.store import Store
from core.store.cases import Step
from core.types import Act, Decision
from review import accounts, search
from review.marks import pieces
from text.shown import masked

FIRST = "L0000000000"
FOLLOWED = {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}


@pytest.fixture
def vera(app: Starlette) -> Visitor:
    return Visitor(app).sign_in("vera")


def hits(visitor: Visitor) -> list[str]:
    return re.findall(r'<mark class="[^"]*hit[^"]*">([^<]*)', visitor.page)


@pytest.mark.parametrize("part", ["zq0y", "zq0yangben88", "0000017", "138", "yang", "薇zq0y", "加薇 zq0y"])
def test_a_search_does_not_spell_a_masked_contact_out(mei: Visitor, vera: Visitor, part: str) -> None:
    for visitor in (mei, vera):
        visitor.client.get(f"/lead/{FIRST}")
        visitor.page = visitor.client.get(f"/lead/{FIRST}", params={"q": part}).text
        assert all("•" not in lit for lit in hits(visitor))
    assert not hits(vera) or hits(vera) == ["加薇"] * 3


def test_a_revealed_contact_is_lit_like_any_word(mei: Visitor) -> None:
    mei.get(f"/lead/{FIRST}")
    mei.act(f"/lead/{FIRST}/reveal")
    mei.get(f"/lead/{FIRST}?q=zq0yangben88")
    assert "zq0yangben88" in hits(mei)


def test_no_hit_lights_a_covered_piece_or_what_touches_it() -> None:
    cut = pieces("加薇zq0gang66吧", [], [(2, 11)], [(1, 4), (11, 12)], masked)
    assert [(piece.text, piece.hit) for piece in cut if piece.hit] == [("吧", True)]


@pytest.mark.parametrize(
    ("query", "kept"),
    [("4417 寄血", "寄血"), ("138-0000", ""), ("一三八零零", ""), ("abcd 上门", "上门"), ("ab_c", ""), ("B超单 NIPT", "B超单 NIPT"), ("привет", "")],
)  # fmt: skip
def test_who_may_not_reveal_searches_for_words_alone(query: str, kept: str) -> None:
    assert search.without_identifiers(query) == kept


def test_a_viewer_is_told_that_words_were_left_out(vera: Visitor, mei: Visitor) -> None:
    vera.get("/queue?state=any&q=0000 寄血")
    assert "those words were left out" in vera.text
    mei.get("/queue?state=any&q=0000 寄血")
    assert "left out" not in mei.text


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize(
    "how",
    [
        {"sec-fetch-mode": "no-cors", "sec-fetch-dest": "image"},
        {"sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe"},
        {"sec-fetch-mode": "cors", "sec-fetch-dest": "empty"},
        {},
    ],
)
def test_another_page_causes_no_look_at_a_lead(mei: Visitor, store: Store, site: str, how: dict[str, str]) -> None:
    before = len(list(store.ledger.entries()))
    assert mei.get(f"/lead/{FIRST}", **{"sec-fetch-site": site, **how}).status_code == 403
    assert store.review.holder(FIRST, Clock()()) == ""
    assert len(list(store.ledger.entries())) == before


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
def test_a_link_from_elsewhere_may_be_followed(mei: Visitor, site: str) -> None:
    assert mei.get(f"/lead/{FIRST}", **{"sec-fetch-site": site, **FOLLOWED}).status_code == 200


def test_contacts_in_what_colleagues_type_are_masked(app: Starlette, store: Store, mei: Visitor, vera: Visitor, clock: Clock) -> None:  # fmt: skip
    store.decisions.add(Decision(FIRST, Act.CONFIRM, "mei", clock(), "sample_shipping_ad", "打了13800000017没人接"))
    case = store.cases.open("微信：zq0yangben88 一案", "mei", clock())
    store.cases.collect(case, FIRST, "mei", clock())
    store.cases.step(case, Step.NOTED, "mei", clock(), "加薇 zq0yangben88 看看")
    for visitor in (vera, mei):
        for path in ("/cases", f"/case/{case}", f"/lead/{FIRST}", "/"):
            visitor.get(path)
            assert "zq0yangben88" not in visitor.page
            assert "13800000017" not in visitor.page
    vera.get(f"/case/{case}")
    assert "zq••••••••88 一案" in vera.text


def test_an_unknown_name_a_closed_account_and_a_wrong_password_cost_the_same(app: Starlette, store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    checked: list[str] = []
    hasher: Any = accounts._HASHER

    class Counting:
        def verify(self, hashed: str, password: str) -> bool:
            checked.append(hashed.split("$")[3])  # the costs: memory, rounds, lanes
            return bool(hasher.verify(hashed, password))

        def __getattr__(self, name: str) -> Any:
            return getattr(hasher, name)

    monkeypatch.setattr(accounts, "_HASHER", Counting())
    accounts.close(store, "bo", clock())
    for name in ("mei", "nobody", "bo"):
        assert accounts.check(store, name, "not the password", "127.0.0.1", clock()) is None
    assert len(checked) == 3
    assert len(set(checked)) == 1
    assert accounts.check(store, "bo", PASSWORD, "127.0.0.1", clock()) is None


def test_a_title_of_blanks_can_still_be_clicked(store: Store, mei: Visitor, clock: Clock) -> None:
    add_lead(
        store, "Lblank", "sample_shipping_ad", "\u200b\u3164\ufeff ", ["上门抽血寄港"], "baobao-forum", 0.99, clock()
    )
    mei.get("/queue")
    assert titles(mei)[0] == "(untitled)"


def test_marks_of_any_script_are_not_piled_up(store: Store, mei: Visitor, clock: Clock) -> None:
    add_lead(store, "Lpiled", "sample_shipping_ad", "ก" + "็" * 60, ["上门抽血寄港"], "baobao-forum", 0.99, clock())
    mei.get("/queue")
    assert titles(mei)[0] == "ก็็"


def titles(visitor: Visitor) -> Sequence[str]:
    return re.findall(r'class="title"><bdi>([^<]*)', visitor.page)


def test_a_search_from_the_head_of_a_page_finds_leads_of_every_state(store: Store, mei: Visitor, clock: Clock) -> None:
    store.decisions.add(Decision(FIRST, Act.CONFIRM, "bo", clock(), "sample_shipping_ad"))
    mei.get("/queue?q=寄血")
    assert FIRST not in mei.page
    mei.get("/queue?q=顺丰到深圳")
    assert "Look in all leads" in mei.text
    mei.get("/queue?state=any&q=寄血")
    assert f'href="/lead/{FIRST}' in mei.page
    mei.post("/next", {"queue": "state=any&q=寄血"})
    assert mei.lead == "L0000000003"  # work goes on with those that nobody has decided


def test_who_holds_a_decided_lead_does_not_hide_its_answer(
    store: Store, mei: Visitor, bo: Visitor, clock: Clock
) -> None:
    store.decisions.add(Decision(FIRST, Act.CONFIRM, "bo", clock(), "sample_shipping_ad"))
    mei.get(f"/lead/{FIRST}")
    for visitor, said in ((mei, "confirmed"), (bo, "held by mei confirmed")):
        visitor.get("/queue?state=confirmed")
        assert said in visitor.text
    assert "in your hands" not in mei.text
