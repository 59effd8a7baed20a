"""What holds a lead together: edges of two kinds, each with its evidence and dates."""

from __future__ import annotations

from datetime import timedelta

from flagged import FIRST, TEXTS, Nights, wechat

from core.types import ContactKind, ContactPoint

ROUTE = TEXTS["route"]


def edges(nights: Nights, lead: str) -> list[tuple[int, str, str, bool]]:
    found = nights.store.leads.get(lead)
    assert found is not None
    return [(edge.document, edge.kind, edge.value, edge.ties) for edge in nights.store.edges.of(found)]


def test_contacts_and_texts_are_edges_of_two_kinds() -> None:
    nights = Nights()
    nights.see("a", "zq0one", text=ROUTE + "加 zq0one")
    nights.see("b", text=ROUTE)
    nights.link()
    assert edges(nights, nights.only().id) == [
        (1, "contact", "wechat:zq0one", True), (1, "text", "c1", True), (2, "text", "c1", True),
    ]  # fmt: skip


def test_an_edge_bears_its_evidence_and_dates() -> None:
    nights = Nights()
    nights.see("a", "zq0one", text=ROUTE + "加 zq0one")
    nights.link()
    nights.see("b", "zq0one", text=ROUTE + "薇 zq0one 有意私信")
    nights.link()
    contact, _, text, _ = nights.store.edges.of(nights.only())
    assert contact.evidence["raw"] == "薇 zq0one"
    assert (contact.evidence["rules"], contact.evidence["confidence"]) == (["labelled"], 1.0)
    assert (contact.first, contact.last) == (FIRST, FIRST)
    assert text.evidence["nearest"] == 2
    assert 0.6 <= text.evidence["similarity"] <= 1.0
    assert (text.first, text.last) == (FIRST + timedelta(days=1), FIRST)  # it joined when the second one came


def test_the_template_of_rivals_is_an_edge_that_ties_nothing_and_names_the_other_lead() -> None:
    nights = Nights()
    nights.see("a", "zq0one", text=ROUTE + "加 zq0one")
    nights.see("b", "zq0two", text=ROUTE + "加 zq0two")
    nights.link()
    one, two = sorted(nights.leads())
    assert {(kind, ties) for _, kind, _, ties in edges(nights, one)} == {("contact", True), ("text", False)}
    assert nights.store.edges.rivals(one) == [{"campaign": "c1", "lead": two, "documents": 1}]


def test_hubs_and_uncertain_readings_are_shown_and_tie_nothing() -> None:
    nights = Nights(hub_documents=2, official_contacts=["wechat:zq0office"])
    for number in range(3):
        nights.see(f"shop-{number}", "zq0shop", flagged=False)
    nights.see("a", "zq0shop", "zq0office", wechat("zq0maybe", 0.3), "zq0one")
    nights.link()
    assert {value: ties for _, _, value, ties in edges(nights, nights.only().id)} == {
        "wechat:zq0one": True, "wechat:zq0shop": False, "wechat:zq0office": False, "wechat:zq0maybe": False,
    }  # fmt: skip


def test_the_best_reading_of_a_contact_that_stands_twice_is_the_evidence() -> None:
    nights = Nights()
    again = ContactPoint(ContactKind.WECHAT, "V zq0one", "zq0one", 40, 48, ("label",), 0.9)
    nights.see("a", wechat("zq0one", 0.6), again)
    nights.link()
    [edge] = nights.store.edges.of(nights.only())
    assert (edge.evidence["confidence"], edge.evidence["start"]) == (0.9, 40)
