"""Posters: pictures that look alike, and what they tie."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from core.store import Store
from core.types import Capture, Document, Judgement, Provenance
from leads.networks import networks
from leads.posters import ALIKE, group

NOW = datetime(2026, 11, 20, 22, 0, tzinfo=UTC)
ONE = "0f" * 32
RATER = "model:linear@1"


def near(likeness: str, bits: int) -> str:
    """A hash that differs in so many bits."""
    return f"{int(likeness, 16) ^ ((1 << bits) - 1):064x}"


def shown(store: Store, number: int, sha256: str, likeness: str, flagged: bool = True, side: int = 400) -> int:
    """A document that shows a picture."""
    id, _ = store.documents.add(Document("p", str(number), f"http://p.example/{number}", "post", "看图"), NOW)
    url = f"http://p.example/{number}.png"
    store.pictures.show(id, [url], 9)
    capture = Capture(
        f"urn:uuid:{number}", "p", url, NOW, 200, "image/png", sha256, 9, "a.warc.gz", 0, "allowed", Provenance.LIVE
    )
    store.captures.add(capture)
    store.pictures.came(url, capture, sha256, 9, ("png", side, side))
    store.pictures.looked(sha256, {"width": side, "height": side, "codes": [], "likeness": likeness})
    label = "fetal_sex_test_ad" if flagged else "unrelated"
    store.judgements.add([(id, 1, Judgement(label, flagged, 0.9 if flagged else 0.1, RATER))], NOW)
    return id


@pytest.fixture
def store() -> Store:
    return Store.in_memory()


def test_pictures_that_look_alike_are_one_poster_by_its_first_and_no_chain_leads_away(store: Store) -> None:
    likenesses = [ONE, near(ONE, ALIKE), near(ONE, ALIKE + 20), near(ONE, 200)]
    for number, likeness in enumerate(likenesses):
        shown(store, number, f"{number:064d}", likeness)
    assert group(store) == {"compared": 4, "new": 3}
    assert dict(store.pictures.shared(RATER, 20)) == {1: f"{0:064d}", 2: f"{0:064d}", 3: f"{2:064d}", 4: f"{3:064d}"}
    assert group(store) == {"compared": 0, "new": 0}


def test_small_and_plain_pictures_are_no_posters(store: Store) -> None:
    shown(store, 1, "1" * 64, ONE, side=80)
    shown(store, 2, "2" * 64, "")
    group(store)
    assert store.pictures.shared(RATER, 20) == []


def test_a_picture_that_many_others_show_ties_nothing(store: Store) -> None:
    for number in range(3):
        shown(store, number, f"{number:064d}", ONE, flagged=number < 1)
    group(store)
    assert store.pictures.shared(RATER, 2) == []
    assert len(store.pictures.shared(RATER, 3)) == 1


def test_a_shared_poster_ties_documents_that_no_contact_parts_and_says_why() -> None:
    contacts = {1: (("wechat", "a_zq0"),), 2: (), 3: (("wechat", "b_zq0"),), 4: (), 5: ()}
    found = networks(contacts, {}, {"f" * 64: [1, 2], "e" * 64: [1, 3, 4, 5]})
    assert {network.documents for network in found} == {(1, 2), (3,), (4, 5)}
    why = {document: text for network in found for document, text in network.why.items()}
    assert why[2] == f"same picture as others, {'f' * 12}"
    assert why[4] == f"same picture as others, {'e' * 12}"
    assert why[3] == "on its own"
