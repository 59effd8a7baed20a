"""Whatever the nights bring, every document that comes to a lead or leaves it does so with an event."""

from __future__ import annotations

from typing import Any

from flagged import TEXTS, Nights, happened
from hypothesis import given, settings
from hypothesis import strategies as st

document = st.tuples(
    st.integers(0, 7), st.lists(st.sampled_from(["zq0one", "zq0two", "zq0three"]), max_size=2, unique=True),
    st.sampled_from(["", *TEXTS]), st.booleans(),
)  # fmt: skip
some_nights = st.lists(st.lists(document, max_size=5), min_size=1, max_size=5)


def told(events: list[dict[str, Any]], before: dict[int, str]) -> dict[int, str]:
    """The lead of each document, as one who only reads a night's events believes it."""
    believed = dict(before)
    for event in [event for event in events if event["kind"] in ("emptied", "merged", "shrunk")]:
        gone = event["detail"].get("left", [doc for doc, lead in before.items() if lead == event["lead"]])
        for doc in gone:
            believed.pop(doc, None)
    for event in [event for event in events if event["kind"] in ("new", "grown", "split")]:
        believed |= dict.fromkeys(event["detail"]["documents"], event["lead"])
    return believed


@settings(max_examples=60)
@given(some_nights)
def test_the_events_alone_tell_where_every_document_is(given: list[list[tuple[int, list[str], str, bool]]]) -> None:
    nights = Nights()
    for number, seen in enumerate(given):
        before = nights.store.leads.of_documents()
        open_before = set(nights.leads())
        for name, contacts, text, flagged in seen:
            body = f"{TEXTS.get(text, '')}{number % 2}" if text else ""
            nights.see(str(name), *contacts, text=f"{body} {' '.join(contacts)}", flagged=flagged)
        at = nights.now
        counts = nights.link()
        held = nights.store.leads.of_documents()
        events = nights.store.leads.events(at)
        assert told(events, before) == held
        # one document, one open lead; leads hold what is flagged and nothing else
        assert held == {doc: lead for lead, documents in nights.leads().items() for doc in documents}
        assert set(held) == {id for id, *_ in nights.store.judgements.flagged("model:stack@0123456789ab")}
        # a lead that closed says so, and is kept
        assert open_before - set(nights.leads()) == {
            row["lead"] for row in events if row["kind"] in ("merged", "emptied")
        }
        assert all(nights.store.leads.get(lead) for lead in open_before)
        # an id stays with its documents: it never passes to strangers
        for lead, documents in nights.leads().items():
            if lead in open_before:
                assert any(before.get(doc) == lead for doc in documents)
        assert sum(happened(counts).values()) == len(events)
        assert happened(nights.link()) == {}, "a night without news changes nothing"
