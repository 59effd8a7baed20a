"""Splits and merges by hand. Where a person put a document, it stays through all nights, until the decision is taken back.

The decision (``split`` or ``merge``, on the lead that loses documents) says it all in its detail: ``into`` the other lead, the
``documents`` that moved, those ``kept`` where they were (in the first lead after a split, in the other after a merge), and when
each that moved had ``joined``. Table ``placements`` follows from the decisions that stand.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from core.store.leads import Decisions, Leads
from core.store.rows import when
from core.types import Act, Decision

WHY = "placed by hand"


class Hands:
    """Table ``placements``, and the leads of what was placed."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def placed(self) -> dict[int, str]:
        """The lead that a person put each document in; documents that nobody placed are left out."""
        return {row["document"]: row["lead"] for row in self.db.query("SELECT document, lead FROM placements")}

    def split(self, lead: str, documents: Sequence[int], by: str, at: datetime, note: str = "") -> tuple[str, int]:
        """Take some documents of a lead out into a new one; returns the new lead's id and that of the decision.

        Raises:
            ValueError: the documents are none or all of the lead's, or not all of them are in it.
        """
        with self.db.atomic():
            held = self._documents(lead)
            moved = sorted(set(documents))
            if not moved or not set(moved) < set(held):
                raise ValueError(
                    f"split of {lead}: expected some of its {len(held)} documents and not all, found {moved}"
                )
            into = self._free_name(lead)
            self.db.execute(
                """INSERT INTO leads (id, label, title, priority, reasons, contacts, first_seen, last_seen, created_at, updated_at, state)
                SELECT :into, label, title, priority, reasons, contacts, first_seen, last_seen, :at, :at, 'open' FROM leads WHERE id = :lead""",
                {"into": into, "lead": lead, "at": when(at)},
            )
            number = self._decide(Act.SPLIT, lead, into, moved, sorted(set(held) - set(moved)), held, by, at, note)
            self._move(moved, lead, into, {}, at)
            self._event(into, "split", {"from": [lead], "documents": moved, "by": by}, at)
            self._event(lead, "shrunk", {"left": moved, "into": into, "by": by}, at)
        return into, number

    def merge(self, lead: str, into: str, by: str, at: datetime, note: str = "") -> int:
        """Put all documents of a lead into another, and close the first; returns the id of the decision, which is on the first.

        Raises:
            ValueError: it is the same lead, or one of the two has no documents.
        """
        with self.db.atomic():
            held, others = self._documents(lead), self._documents(into)
            if lead == into or not held or not others:
                raise ValueError(f"merge of {lead} into {into}: expected two leads with documents")
            number = self._decide(Act.MERGE, lead, into, sorted(held), sorted(others), held, by, at, note)
            moved = sorted(held)
            self._move(moved, lead, into, dict.fromkeys(moved, when(at)), at)
            self._event(into, "grown", {"from": [lead], "documents": moved, "by": by}, at)
            self._close_empty(lead, into, by, at)
        return number

    def take_back(self, decision: int, by: str, at: datetime) -> list[str]:
        """Let a split or merge that an undo now names be as if it had not been; returns the leads whose documents changed.

        Documents that another standing decision places go where that one says; the others return to where they came from. What a
        night has moved elsewhere since stays there.
        """
        with self.db.atomic():
            row = next(self.db.query("SELECT * FROM decisions WHERE id = ?", [decision]))
            detail = json.loads(row["detail"])
            lead, into, moved = row["lead"], detail["into"], detail["documents"]
            placed = self._replay([*moved, *detail["kept"]])
            back: dict[str, list[int]] = {}
            for document in moved:
                back.setdefault(placed.get(document, (lead, 0))[0], []).append(document)
            changed = {lead, into}
            for target, documents in back.items():
                joined = {document: detail["joined"].get(str(document), when(at)) for document in documents}
                came = self._move(documents, into, target, joined, at)
                if came:
                    changed.add(target)
                    self._event(target, "grown", {"from": [into], "documents": came, "by": by}, at)
                    self._event(into, "shrunk", {"left": came, "into": target, "by": by}, at)
            self._close_empty(into, lead, by, at)
            self._close_empty(lead, into, by, at)
        return sorted(id for id in changed if self._documents(id))

    def _documents(self, lead: str) -> dict[int, str]:
        """The documents of a lead, each with when it joined."""
        rows = self.db.query("SELECT document, joined_at FROM lead_documents WHERE lead = ? ORDER BY document", [lead])
        return {row["document"]: row["joined_at"] for row in rows}

    def _free_name(self, lead: str) -> str:
        """A name for what breaks away: that of the lead with the first number that is free."""
        stem, number = lead, 2
        while any(self.db.query("SELECT 1 FROM leads WHERE id = ?", [f"{stem}-{number}"])):
            number += 1
        return f"{stem}-{number}"

    def _decide(
        self,
        act: Act,
        lead: str,
        into: str,
        moved: list[int],
        kept: list[int],
        held: dict[int, str],
        by: str,
        at: datetime,
        note: str,
    ) -> int:
        detail: dict[str, Any] = {
            "into": into,
            "documents": moved,
            "kept": kept,
            "joined": {str(id): held[id] for id in moved},
        }
        number = Decisions(self.db).add(Decision(lead, act, by, at, note=note, detail=detail))
        self._replay([*moved, *kept])
        return number

    def _replay(self, documents: Iterable[int]) -> dict[int, tuple[str, int]]:
        """Write the placements of some documents as the standing decisions say; returns (lead, decision) of each that has one."""
        wanted = set(documents)
        placed: dict[int, tuple[str, int]] = {}
        rows = self.db.query(
            """SELECT d.id, d.lead, d.act, d.detail FROM decisions d WHERE d.act IN ('split', 'merge') AND NOT EXISTS
            (SELECT 1 FROM decisions u WHERE u.lead = d.lead AND u.act = 'undo' AND json_extract(u.detail, '$.undoes') = d.id) ORDER BY d.id"""
        )
        for row in rows:
            detail = json.loads(row["detail"])
            stays = row["lead"] if row["act"] == Act.SPLIT else detail["into"]
            for ids, lead in ((detail["documents"], detail["into"]), (detail["kept"], stays)):
                placed |= dict.fromkeys(wanted.intersection(ids), (lead, row["id"]))
        self.db.execute(f"DELETE FROM placements WHERE document IN ({', '.join('?' * len(wanted))})", sorted(wanted))
        self.db.table("placements").insert_all(
            {"document": document, "lead": lead, "decision": decision} for document, (lead, decision) in placed.items()
        )
        return placed

    def _move(
        self, documents: Sequence[int], origin: str, target: str, joined: dict[int, str], at: datetime
    ) -> list[int]:
        """Move those of the documents that are in ``origin``; returns them. ``joined``: since when, where that is to be changed."""
        came = []
        for document in documents:
            cursor = self.db.execute(
                "UPDATE lead_documents SET lead = ?, why = ?, joined_at = coalesce(?, joined_at) WHERE document = ? AND lead = ?",
                [target, WHY, joined.get(document), document, origin],
            )
            came += [document] * cursor.rowcount
        if came:
            self.db.execute("UPDATE leads SET state = 'open', updated_at = ? WHERE id = ?", [when(at), target])
        return came

    def _close_empty(self, lead: str, into: str, by: str, at: datetime) -> None:
        if not self._documents(lead) and Leads(self.db).state(lead) == "open":
            Leads(self.db).close(lead, "merged", at)
            self._event(lead, "merged", {"into": into, "by": by}, at)

    def _event(self, lead: str, kind: str, detail: dict[str, Any], at: datetime) -> None:
        Leads(self.db).add_event(lead, kind, detail, at)
