"""Lone surrogates, NUL bytes and other things no author writes, in every field that comes from outside."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stored import NOW, RATER, capture, document, judgement

from core.store import Store
from core.store.judged import bystander
from core.store.rows import clean, pack
from core.types import Act, Change, ContactKind, ContactPoint, Decision, Lead, Picture, Refusal, SiteContext, Span

HOSTILE = [
    "\ud800",
    "a\udfffb",
    "\x00",
    "a\x00b",
    "\u202e\u2066",
    "'; DROP TABLE documents; --",
    "%_",
    "#",
    "\U0010ffff",
    "\r\n\t\x1b[2J",
]
every = pytest.mark.parametrize("text", HOSTILE, ids=ascii)


@every
def test_any_field_of_a_document(store: Store, text: str) -> None:
    site = SiteContext(text, (text,), text, text, text)
    hostile = replace(
        document(text, text), platform=text, url=text, kind=text, title=text, author=text, published_raw=text, site=site, source=text,
        links=(text,), pictures=(Picture(text, text),), capture=text, parent=text, fields={text: text},
    )  # fmt: skip
    id, change = store.documents.add(hostile, NOW)
    assert change is Change.NEW
    assert store.documents.add(hostile, NOW) == (id, Change.KNOWN)
    assert store.documents.find(text, text) == id
    held = store.documents.get(id)
    assert held is not None
    assert (held.text, held.title, held.native_id) == (clean(text),) * 3
    assert len(held.text) == len(text)  # so that offsets stay right
    assert (held.site, held.links, held.fields) == (site, (text,), {text: text})


@every
def test_any_field_of_a_capture_and_a_refusal(store: Store, text: str) -> None:
    store.captures.add(capture(text, source=text, url=text, media_type=text, warc=text, robots=text, address=text))
    assert store.captures.count() == 1
    refusal = Refusal(text, text, text, text, NOW)
    store.refusals.add(refusal)
    store.refusals.add(refusal)
    assert [item.url for item in store.refusals.all()] == [clean(text)]


@every
def test_any_field_of_a_page_a_robots_text_and_a_queued_page(store: Store, text: str) -> None:
    store.pages.put(text, text, NOW, 200, text, text)
    page = store.pages.get(text)
    assert page is not None
    assert page["etag"] == clean(text)
    store.robots.put(text, NOW, 200, text, text.encode("utf-8", "surrogatepass"), text)
    assert store.robots.get(text) is not None
    run = store.runs.start(text.encode("ascii", "ignore").decode(), NOW, {text: text})
    assert store.frontier.push(run, "s", "f", text, text, json.dumps(text), 0)
    leased = store.frontier.lease(run, clean(text), "w", 0, 1)
    assert leased is not None
    assert json.loads(leased.request) == text
    store.runs.finish(run, NOW, {text: 1}, [text])
    found = store.runs.get(run)
    assert found is not None
    assert found.issues == (text,)


@every
def test_any_field_of_a_judgement_and_a_contact(store: Store, text: str) -> None:
    id, _ = store.documents.add(document(), NOW)
    said = replace(judgement(), rater=f"person:{text}", label=text, labels={text: 0.5}, spans=(Span(0, 1, text, text),))
    store.judgements.add([(id, 1, said)], NOW)
    [(_, held)] = store.judgements.latest(id)
    assert (held.label, held.labels, held.spans) == (clean(text), {text: 0.5}, said.spans)
    point = ContactPoint(ContactKind.WECHAT, text, text, 0, 1, (text,))
    store.contact_points.add(id, 1, [point], flagged=True)
    [found] = store.contact_points.of(id)
    assert (found.raw, found.canonical, found.rules) == (clean(text), clean(text), (text,))
    other, _ = store.documents.add(document("2"), NOW)
    store.contact_points.add(other, 1, [point], flagged=False)
    assert bystander("wechat", text) in store.contact_points.bystanders(1)


@every
def test_any_field_of_a_lead_a_decision_and_a_ledger_entry(store: Store, text: str) -> None:
    id, _ = store.documents.add(document(), NOW)
    store.leads.put(Lead("L1", text, text, (id,), ((text, text),), 0.5, (text,), NOW, NOW), {id: text}, NOW)
    store.leads.add_event("L1", "new", {text: text}, NOW)
    lead = store.leads.get("L1")
    assert lead is not None
    assert (lead.title, lead.contacts, lead.reasons) == (clean(text), ((text, text),), (text,))
    assert store.leads.events()[0]["detail"] == {text: text}
    store.decisions.add(Decision("L1", Act.NOTE, text, NOW, text, text, {text: text}))
    [decision] = store.decisions.of(["L1"])["L1"]
    assert (decision.note, decision.detail) == (clean(text), {text: text})
    store.ledger.append(NOW, text, text, text, {text: text})
    store.ledger.append(NOW, "zq0", "confirm", "L1")
    assert list(store.ledger.breaks()) == []


@given(st.text(st.characters(exclude_categories=()), max_size=200))
def test_any_text_at_all_is_stored_at_its_full_length_and_known_again(text: str) -> None:
    with Store.in_memory() as store:
        id, _ = store.documents.add(document("1", text), NOW)
        assert store.documents.add(document("1", text), NOW) == (id, Change.KNOWN)
        held = store.documents.get(id)
        assert held is not None
        assert [a == b or a >= "\ud800" for a, b in zip(text, held.text, strict=True)] == [True] * len(text)
        assert list(store.documents.unjudged(RATER))


@given(
    st.recursive(
        st.none() | st.text(st.characters(exclude_categories=())),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_packed_structures_come_back_and_always_pack_alike(value: object) -> None:
    assert json.loads(pack(value)) == value
    assert pack(json.loads(pack(value))) == pack(value)
    pack(value).encode()
