"""STIX 2.1 bundles (OASIS, 10 June 2021) of the rows of an export, for police-cyber sharing.

A lead is a ``grouping`` (suspicious-activity): STIX's word for objects that belong together, which claims nothing. A document is
``observed-data`` with the hash of its text and, where it may leave, its address; a contact an account, an e-mail address or a URL; a
judgement a ``note``. Each object bears its whole row in a property extension, so that nothing differs from the other formats.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import stix2

from core.types import ContactKind
from reports.exports.rows import Row
from text.shown import plain

# of xuncha: names of objects are uuid5 below it (STIX 2.1, 2.9, asks for that or for random ones)
SPACE = uuid.UUID("5f0c5a0e-9d3e-5d0b-8f1c-2f3b8f6a7c11")
STANDING = "线索，不是结论；内容须由执法人员依法重新提取。A lead, not a finding: the officer captures again."
BORN = "2026-11-20T00:00:00Z"  # of the identity and the extension, which are the same in every bundle


def bundle(rows: Iterable[Row], kind: str, at: datetime, reveal: bool) -> str:
    """The bundle of some rows as JSON text. The same rows and time give the same bytes; masked contacts bear no value to compare."""
    system = stix2.Identity(
        id=_id("identity", "xuncha"),
        created=BORN,
        modified=BORN,
        name="xuncha 巡查",
        identity_class="system",
        description=STANDING,
    )
    extension = stix2.ExtensionDefinition(
        id=_id("extension-definition", "row"), created=BORN, modified=BORN, created_by_ref=system.id, name="xuncha row",
        schema="xuncha row: the columns of docs/exports.md; absent values are left out", version="1.0.0", extension_types=["property-extension"],
        description="The row of an export of xuncha, column by column.",
    )  # fmt: skip
    maker = _Maker(at, reveal, system.id)
    found: dict[str, Any] = {system.id: system, extension.id: extension}
    for row in rows:
        told = {name: value for name, value in row.items() if value is not None}
        extended = {extension.id: {"extension_type": "property-extension", "row": told}}
        for thing in getattr(maker, kind)(row, extended):
            found.setdefault(thing.id, thing)
    whole = stix2.Bundle(objects=list(found.values()), id=_id("bundle", f"{kind} {at.isoformat()}"))
    return str(whole.serialize(ensure_ascii=False))


@dataclass(frozen=True, slots=True)
class _Maker:
    """The objects of a row, by its kind."""

    at: datetime
    reveal: bool
    by: str

    def leads(self, row: Row, extended: Any) -> list[Any]:
        pairs = [line.partition(": ")[::2] for line in (row["contact_points"] or "").split("\n") if line]
        contacts = [
            _account(kind, value, self.reveal, f"{row['id']} {place} {self.at.isoformat()}")
            for place, (kind, value) in enumerate(pairs)
        ]
        lead = stix2.Grouping(
            id=_id("grouping", row["id"]), created=_time(row["created_at"]), modified=_time(max(row["created_at"], row["updated_at"])), created_by_ref=self.by,
            name=plain(row["title"], 200) or row["id"], description=STANDING, context="suspicious-activity", labels=[row["label"]] if row["label"] else ["none"],
            object_refs=[contact.id for contact in contacts] or [self.by], extensions=extended,
        )  # fmt: skip
        return [*contacts, lead]

    def documents(self, row: Row, extended: Any) -> list[Any]:
        text = stix2.File(
            id=_id("file", f"text {row['id']} {row['version']}"),
            hashes={"SHA-256": row["text_sha256"]},
            mime_type="text/plain",
        )
        # a masked address is no address
        parts = [text, stix2.URL(value=row["url"])] if self.reveal and row["url"] else [text]
        seen = stix2.ObservedData(
            id=_id("observed-data", f"document {row['id']}"), created=_time(row["first_seen"]), modified=_time(max(row["first_seen"], row["last_seen"])),
            created_by_ref=self.by, first_observed=_time(row["first_seen"]), last_observed=_time(max(row["first_seen"], row["last_seen"])), number_observed=1,
            object_refs=[part.id for part in parts], extensions=extended,
        )  # fmt: skip
        return [*parts, seen]

    def contacts(self, row: Row, extended: Any) -> list[Any]:
        thing = _account(row["kind"], row["value"], self.reveal, f"contact {row['number']} {self.at.isoformat()}")
        seen = stix2.ObservedData(
            id=_id("observed-data", f"contact {row['number']} {self.at.isoformat()}"), created=self.at, modified=self.at, created_by_ref=self.by,
            first_observed=_time(row["first_seen"]), last_observed=_time(max(row["first_seen"], row["last_seen"])), number_observed=max(1, row["documents"]),
            object_refs=[thing.id], extensions=extended,
        )  # fmt: skip
        return [thing, seen]

    def judgements(self, row: Row, extended: Any) -> list[Any]:
        note = stix2.Note(
            id=_id("note", f"judgement {row['id']}"), created=_time(row["at"]), modified=_time(row["at"]), created_by_ref=self.by, abstract=f"{row['label']} {row['score']:.3f}",
            content=f"{row['rater']}: document {row['document']}, version {row['version']}: {row['label']}, score {row['score']:.3f}",
            object_refs=[_id("observed-data", f"document {row['document']}")], extensions=extended,
        )  # fmt: skip
        return [note]


def _account(kind: str, value: str, reveal: bool, name: str) -> Any:
    """A contact as STIX has it; a masked one as an account that shows its mask alone."""
    if not reveal:
        return stix2.UserAccount(id=_id("user-account", name), account_type=kind, display_name=value)
    if kind == ContactKind.EMAIL:
        return stix2.EmailAddress(value=value)
    if kind == ContactKind.URL:
        return stix2.URL(value=value)
    return stix2.UserAccount(account_type=kind, account_login=value)


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _id(kind: str, name: str) -> str:
    return f"{kind}--{uuid.uuid5(SPACE, f'{kind} {name}')}"
