"""The audit of the ledger: its chain, the guards of its tables, and every head of it that was kept elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import EvidenceError
from core.store import Store
from core.store.ledger import Ledger
from core.store.stamps import LEDGER
from evidence import stamp


@dataclass(frozen=True, slots=True)
class Audit:
    """What was looked at, and the damages in words, each naming an entry or a witness; a ledger without damages is whole."""

    entries: int
    head: str
    witnesses: int
    stamps: int
    unchecked: int
    damages: tuple[str, ...]


def examine(store: Store, reports: Path, trusted: bytes, heads: Sequence[str] = ()) -> Audit:
    """Verify the whole ledger.

    Witnesses are the digests in ``reports`` that bear a head, the time stamps, and ``heads`` that somebody kept (hex, or ``seq:hex``): the
    chain alone cannot show that its end was cut off or that all of it was hashed anew. ``trusted`` is the PEM that time stamps are checked
    by; without it they are compared only.
    """
    ledger = store.ledger
    damages = list(ledger.breaks())
    damages += [
        f"table {table}: its triggers against change are missing; somebody removed them" for table in ledger.unguarded()
    ]
    witnesses = 0
    for name, seq, head in [*_digests(reports), *_given(heads)]:
        witnesses += 1
        damages += _missing(ledger, name, seq, head)
    unchecked = 0
    held = store.stamps.held()
    for one in held:
        name = f"time stamp {one.id} of {one.stamped_at:%Y-%m-%dT%H:%M:%SZ}"
        try:
            stamp.check(one.data, one.request, one.response, trusted)
        except EvidenceError as error:
            damages.append(f"{name}: {error}")
            continue
        unchecked += not trusted
        if one.subject == LEDGER:
            witnesses += 1
            damages += _missing(ledger, name, one.seq, one.data.decode("ascii", "replace"))
    seq, head = ledger.head()
    return Audit(seq, head, witnesses, len(held), unchecked, tuple(damages))


def _missing(ledger: Ledger, name: str, seq: int | None, head: str) -> Iterator[str]:
    if seq is None:
        if head not in {entry["hash"] for entry in ledger.entries()}:
            yield f"{name}: expected an entry with hash {head[:12]}, found none; entries were removed or all was hashed anew"
        return
    found = ledger.hash_of(seq)
    if found != head and seq:
        yield (
            f"ledger entry {seq}: {name} has hash {head[:12]} for it, found {found[:12] or 'no such entry'};"
            " entries were removed or all was hashed anew after that"
        )


def _digests(reports: Path) -> Iterator[tuple[str, int, str]]:
    for path in sorted(reports.glob("digest-*.json")):
        try:
            head = json.loads(path.read_text("utf-8"))["ledger"]
            yield path.name, int(head["seq"]), str(head["head"])
        except (
            OSError,
            ValueError,
            LookupError,
            TypeError,
        ):  # an older digest bears none, and a broken one is no witness
            continue


def _given(heads: Sequence[str]) -> Iterator[tuple[str, int | None, str]]:
    for given in heads:
        number, colon, head = given.strip().lower().partition(":")
        yield f"head {given[:24]}", int(number) if colon and number.isdigit() else None, head if colon else number
