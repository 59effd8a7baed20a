"""Which leads of the queue are wanted, put as SQL: the states, the filters, and the hits of a search."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from core.store.rows import pack
from core.types import ContactKind

_SEEN_BY_ME = """EXISTS (SELECT 1 FROM decisions d WHERE d.lead = l.id AND d."by" = :me AND d.act IN ('confirm', 'reject')
    AND NOT EXISTS (SELECT 1 FROM decisions u WHERE u.lead = d.lead AND u.act = 'undo' AND json_extract(u.detail, '$.undoes') = d.id))"""
STATES = {
    "undecided": "l.state = 'open' AND l.answer = ''",
    "mine": "l.assignee = :me AND l.assignee <> '' AND l.state = 'open' AND l.answer IN ('', 'unsure')",
    "unsure": "l.state = 'open' AND l.answer = 'unsure'",
    "second": f"l.state = 'open' AND l.second = '' AND l.answer IN ('confirm', 'reject') AND NOT {_SEEN_BY_ME}",
    "disagreed": "l.state = 'open' AND l.second = 'disagreed'",
    "confirmed": "l.state = 'open' AND l.answer = 'confirm'",
    "rejected": "l.state = 'open' AND l.answer = 'reject'",
    "referred": "l.state = 'open' AND l.answer = 'refer'",
    "any": "l.state = 'open'",
    "closed": "l.state <> 'open'",
}
MOST_HITS = 2_000  # documents that one search looks at, newest first: a common word stays as quick as a rare one
COMMON = 20_000  # documents from which on a value of a facet is looked for lead by lead, in order of priority

HITS = """(SELECT s.document, ld.lead FROM
    (SELECT rowid FROM search_terms WHERE search_terms MATCH :terms ORDER BY rowid DESC LIMIT :hits) f
    JOIN searched s ON s.id = f.rowid JOIN documents d ON d.id = s.document AND d.version = s.version
    JOIN lead_documents ld ON ld.document = s.document)"""
_RARE = """l.id IN (SELECT ld.lead FROM document_facets f JOIN lead_documents ld ON ld.document = f.document
    WHERE f.kind = '{0}' AND f.value = :{0})"""
_OFTEN = """EXISTS (SELECT 1 FROM lead_documents ld CROSS JOIN document_facets f WHERE ld.lead = l.id AND f.kind = '{0}' AND f.value = :{0}
    AND f.document = ld.document)"""
FACETS = ("source", "platform", "province")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which leads of the queue are wanted; an empty value asks for nothing.

    ``terms`` is a match expression of FTS5; ``among`` are leads that its hits were found in, where somebody has looked already; ``since`` and ``until`` are days as the store writes times (UTC), between which something of
    the lead was seen; ``me`` is who asks, for the states ``mine`` and ``second``.
    """

    state: str = "undecided"
    label: str = ""
    source: str = ""
    platform: str = ""
    province: str = ""
    contact: str = ""
    since: str = ""
    until: str = ""
    terms: str = ""
    me: str = ""
    among: tuple[str, ...] | None = None


def where(db: Database, wanted: Wanted) -> tuple[str, dict[str, Any]]:
    """The condition on ``leads l`` and the values that it names.

    A rare value of a facet is looked up and its leads are taken; a common one is tested on each lead in order of priority, of which
    a page needs few.
    """
    clauses = [STATES[wanted.state]]
    if wanted.label:
        clauses.append("l.label = :label")
    for facet in FACETS:
        if value := getattr(wanted, facet):
            asked = "SELECT count(*) AS n FROM (SELECT 1 FROM document_facets WHERE kind = ? AND value = ? LIMIT ?)"
            common = next(db.query(asked, [facet, value, COMMON]))["n"] == COMMON
            clauses.append((_OFTEN if common else _RARE).format(facet))
    if wanted.contact:
        kinds = ", ".join(f"'{kind}'" for kind in ContactKind)
        clauses.append(
            f"""l.id IN (SELECT ld.lead FROM contact_points p JOIN lead_documents ld ON ld.document = p.document
            WHERE p.kind IN ({kinds}) AND p.canonical = :contact)"""
        )
    if wanted.since:
        clauses.append("l.last_seen >= :since")
    if wanted.until:
        clauses.append("l.first_seen < :until")
    if wanted.among is not None:
        clauses.append("l.id IN (SELECT value FROM json_each(:among))")
    elif wanted.terms:
        clauses.append(f"l.id IN (SELECT lead FROM {HITS})")
    named = {name: getattr(wanted, name) for name in ("label", *FACETS, "contact", "since", "until", "terms")}
    values = {"among": pack(wanted.among)} if wanted.among is not None else {}
    return " AND ".join(clauses), values | {
        "hits": MOST_HITS,
        "me": wanted.me,
        **{name: value for name, value in named.items() if value},
    }
