"""Handles and numbers that stand before their label: zq0lily，绿泡泡; 抖音号 zq0mama88 微信同号; zq0lily on telegram."""

from __future__ import annotations

from collections.abc import Iterator

from core.types import ContactKind
from text.contacts.candidate import Candidate
from text.contacts.handles import WORDS, looks_made_up
from text.contacts.labels import ACCOUNT, BEHIND, ON_SERVICE, SAME, SERVICES, SHARED


def find_behind(folded: str) -> Iterator[Candidate]:
    """The contacts in a folded text whose label stands behind them, in no order, overlapping ones left in."""
    for kind, pattern, words in BEHIND:
        for match in pattern.finditer(folded) if any(word in folded for word in words) else ():
            written = match["id"]
            if written not in WORDS and (
                written.isdigit() or looks_made_up(written) or match.group().endswith((")", "】", "]"))
            ):
                yield Candidate(*match.span("id"), kind, written, 0.8, ("label behind",))
    for match in SHARED.finditer(folded) if any(word in folded for word in SAME) else ():
        named = not match["id"].isdigit() or ACCOUNT.search(folded, max(0, match.start() - 14), match.start())
        if match["id"] not in WORDS and named:
            kind = ContactKind(match.lastgroup or "")
            yield Candidate(*match.span("id"), kind, match["id"], 0.8, ("label behind", "shared name"))
    for match in ON_SERVICE.finditer(folded) if any(service in folded for service in SERVICES) else ():
        if looks_made_up(match["id"]):
            yield Candidate(*match.span("id"), ContactKind(match["service"]), match["id"], 0.85, ("label behind",))
