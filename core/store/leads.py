"""Leads, what happened to them, and what people decided."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from core.store import looks
from core.store.rows import clean, cleaned, document_of, pack, time_of, when
from core.types import Act, Decision, Document, Lead


class Leads:
    """Tables ``leads``, ``lead_documents`` and ``lead_events``."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def put(self, lead: Lead, why: Mapping[int, str], at: datetime) -> None:
        """Store a lead as it is now; ``why`` says for each document what ties it. Events are the caller's to add."""
        row = cleaned({
            "id": lead.id, "label": lead.label, "title": lead.title, "priority": lead.priority, "reasons": pack(lead.reasons),
            "contacts": pack(lead.contacts), "first_seen": when(lead.first_seen), "last_seen": when(lead.last_seen),
            "updated_at": when(at),
        })  # fmt: skip
        with self.db.atomic():
            state = self.state(lead.id)
            if state is None:
                self.db.table("leads").insert({**row, "created_at": when(at), "state": "open"})
            else:
                given = {**row, "state": "open" if state in ("merged", "empty") else state}
                sets = ", ".join(f"{name} = :{name}" for name in given if name != "id")
                self.db.execute(f"UPDATE leads SET {sets} WHERE id = :id", given)
            rows = self.db.query("SELECT document, why FROM lead_documents WHERE lead = ?", [lead.id])
            before = {row["document"]: row["why"] for row in rows}
            self.db.conn.executemany(
                "DELETE FROM lead_documents WHERE document = ? AND lead = ?",
                [(doc, lead.id) for doc in before.keys() - set(lead.documents)],
            )
            reasons = {doc: clean(why.get(doc, "")) for doc in lead.documents}
            # a document keeps the time it joined; it moves from another lead
            self.db.conn.executemany(
                """INSERT INTO lead_documents (document, lead, why, joined_at) VALUES (?, ?, ?, ?) ON CONFLICT (document) DO UPDATE SET
                joined_at = CASE WHEN lead = excluded.lead THEN joined_at ELSE excluded.joined_at END,
                lead = excluded.lead, why = excluded.why""",
                [(doc, lead.id, reason, when(at)) for doc, reason in reasons.items() if before.get(doc) != reason],
            )

    def close(self, id: str, state: str, at: datetime) -> None:
        """Take a lead out of the queue; ``state`` is merged (into another) or empty (its documents are no longer flagged)."""
        with self.db.atomic():
            self.db.table("leads").update(id, {"state": state, "updated_at": when(at)})
            self.db.execute("DELETE FROM lead_documents WHERE lead = ?", [id])

    def state(self, id: str) -> str | None:
        """open, merged or empty; None when there is no such lead."""
        return next((row["state"] for row in self.db.query("SELECT state FROM leads WHERE id = ?", [id])), None)

    def get(self, id: str) -> Lead | None:
        """The lead with an id, or None."""
        return next((self._lead(row) for row in self.db.query("SELECT * FROM leads WHERE id = ?", [id])), None)

    def queue(self, limit: int = 50, offset: int = 0) -> list[Lead]:
        """Open leads, highest priority first."""
        rows = self.db.query(
            "SELECT * FROM leads WHERE state = 'open' ORDER BY priority DESC, id LIMIT ? OFFSET ?", [limit, offset]
        )
        return [self._lead(row) for row in rows]

    def count(self) -> int:
        """How many leads are open."""
        return int(next(self.db.query("SELECT count(*) AS n FROM leads WHERE state = 'open'"))["n"])

    def answered_by(self, id: str) -> Decision | None:
        """The decision that is a lead's standing answer (confirm, reject, refer or unsure); None where there is none.

        Its label is that of the last confirmation that stands, also where the answer itself names none.
        """
        kept = standing(self.db.query("SELECT * FROM decisions WHERE lead = ? ORDER BY id", [id]))
        row = next((row for row in reversed(kept) if row["act"] in ANSWERS), None)
        if row is None:
            return None
        label = next(
            (other["label"] for other in reversed(kept) if other["act"] == Act.CONFIRM and other["label"]), row["label"]
        )
        return Decision(
            id, Act(row["act"]), row["by"], time_of(row["at"]), label, row["note"], json.loads(row["detail"])
        )

    def of_documents(self) -> dict[int, str]:
        """The lead of each document that is in one."""
        return {row["document"]: row["lead"] for row in self.db.query("SELECT document, lead FROM lead_documents")}

    def ties(self, id: str) -> dict[int, tuple[str, datetime]]:
        """For each document of a lead: why it is in it, and since when."""
        rows = self.db.query("SELECT * FROM lead_documents WHERE lead = ? ORDER BY document", [id])
        return {row["document"]: (row["why"], time_of(row["joined_at"])) for row in rows}

    def add_event(self, id: str, kind: str, detail: Mapping[str, Any], at: datetime, run: int | None = None) -> None:
        """Record what happened to a lead; ``kind`` is new, grown, shrunk, merged, split or emptied."""
        with self.db.atomic():
            self.db.table("lead_events").insert(
                {"lead": id, "at": when(at), "kind": kind, "detail": pack(dict(detail)), "run": run}
            )

    def events(self, since: datetime | None = None, lead: str | None = None) -> list[dict[str, Any]]:
        """Events, oldest first, since a time and of one lead where given; ``detail`` is a mapping, ``at`` a time."""
        clauses = [("at >= ?", when(since) if since else None), ("lead = ?", lead)]
        given = [(clause, value) for clause, value in clauses if value is not None]
        where = f"WHERE {' AND '.join(clause for clause, _ in given)}" if given else ""
        rows = self.db.query(f"SELECT * FROM lead_events {where} ORDER BY id", [value for _, value in given])
        return [{**row, "at": time_of(row["at"]), "detail": json.loads(row["detail"])} for row in rows]

    def _lead(self, row: dict[str, Any]) -> Lead:
        documents = self.db.query("SELECT document FROM lead_documents WHERE lead = ? ORDER BY document", [row["id"]])
        return Lead(
            id=row["id"],
            label=row["label"],
            title=row["title"],
            documents=tuple(entry["document"] for entry in documents),
            contacts=tuple((kind, value) for kind, value in json.loads(row["contacts"])),
            priority=row["priority"],
            reasons=tuple(json.loads(row["reasons"])),
            first_seen=time_of(row["first_seen"]),
            last_seen=time_of(row["last_seen"]),
        )


class Decisions:
    """Table ``decisions``; append-only."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def add(self, decision: Decision) -> int:
        """Append a decision and let the lead's answer follow; returns its id."""
        with self.db.atomic():
            table = self.db.table("decisions").insert(
                cleaned({
                    "lead": decision.lead, "act": str(decision.act), "by": decision.by, "at": when(decision.at),
                    "label": decision.label, "note": decision.note, "detail": pack(dict(decision.detail)),
                })
            )  # fmt: skip
            id = int(table.last_rowid or 0)
            restate(self.db, decision.lead)
            self._follow(decision.lead)
        return id

    def _follow(self, lead: str) -> None:
        """Write to a lead who it is assigned to, and whether a second person agrees."""
        rows = standing(self.db.query("SELECT * FROM decisions WHERE lead = ? ORDER BY id", [lead]))
        values = [looks.assignee(rows), looks.second(rows), lead]
        self.db.execute("UPDATE leads SET assignee = ?, second = ? WHERE id = ?", values)

    def of(self, leads: Iterable[str]) -> dict[str, list[Decision]]:
        """Decisions on each of some leads, oldest first."""
        found: dict[str, list[Decision]] = {}
        for lead in leads:
            rows = self.db.query("SELECT * FROM decisions WHERE lead = ? ORDER BY id", [lead])
            found[lead] = [
                Decision(
                    row["lead"],
                    Act(row["act"]),
                    row["by"],
                    time_of(row["at"]),
                    row["label"],
                    row["note"],
                    json.loads(row["detail"]),
                )
                for row in rows
            ]
        return found

    def answered(self) -> Iterator[tuple[str, Act, str, Document, dict[str, float]]]:
        """(lead, act, label, document, label probabilities) of each document that an analyst's standing answer is about.

        ``act`` is confirm (a referred lead too) or reject; ``label`` the one confirmed, else the lead's. A document that joined its lead
        or changed after the answer is left out: the analyst never saw it so; and so is a lead on which two people disagree.
        Probabilities are those of its latest judgement.
        """
        leads = list(
            self.db.query(
                "SELECT id, label, answer FROM leads WHERE state = 'open' AND answer IN ('confirm', 'refer', 'reject') AND second <> ? ORDER BY id",
                [looks.DISAGREED],
            )
        )
        for lead in leads:
            kept = standing(self.db.query("SELECT * FROM decisions WHERE lead = ? ORDER BY id", [lead["id"]]))
            answer = next(row for row in reversed(kept) if row["act"] in ANSWERS)
            label = next(
                (row["label"] for row in reversed(kept) if row["act"] == Act.CONFIRM and row["label"]), lead["label"]
            )
            rows = self.db.query(
                """SELECT d.*, (SELECT j.labels FROM judgements j WHERE j.document = d.id AND j.version = d.version
                ORDER BY j.id DESC LIMIT 1) AS j_labels FROM lead_documents ld JOIN documents d ON d.id = ld.document
                WHERE ld.lead = ? AND ld.joined_at <= ? AND d.changed_at <= ? ORDER BY d.id""",
                [lead["id"], answer["at"], answer["at"]],
            )
            act = Act.REJECT if answer["act"] == Act.REJECT else Act.CONFIRM
            for row in rows:
                yield lead["id"], act, label, document_of(row), json.loads(row["j_labels"] or "{}")


ANSWERS = (Act.CONFIRM, Act.REJECT, Act.REFER, Act.UNSURE)


def standing(rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The decision rows of one lead (oldest first) that no undo took back.

    An undo takes back the decision whose id its detail names as ``undoes``, or the one before it when it names none.
    """
    kept: list[Mapping[str, Any]] = []
    for row in rows:
        if row["act"] != Act.UNDO:
            kept.append(row)
            continue
        undone = json.loads(row["detail"]).get("undoes", kept[-1]["id"] if kept else None)
        kept = [other for other in kept if other["id"] != undone]
    return kept


def restate(db: Database, lead: str) -> None:
    """Write the answer that stands (confirm, reject, refer or unsure; empty when none does) to a lead; notes are no answers."""
    rows = standing(db.query("SELECT id, act, detail FROM decisions WHERE lead = ? ORDER BY id", [lead]))
    answer = next((row["act"] for row in reversed(rows) if row["act"] in ANSWERS), "")
    db.execute("UPDATE leads SET answer = ? WHERE id = ?", [answer, lead])
