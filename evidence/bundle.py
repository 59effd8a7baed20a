"""A lead's bundle: a signed BagIt bag that verifies with stock tools. The same store, time and key give the same bytes."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from core.errors import InputError
from core.labels import hooks, labels
from core.settings import Settings
from core.store import Store
from core.types import Capture, Lead
from evidence import bag, office, pictured, record, signature, stamp, wacz
from evidence.cutting import cut
from evidence.screenshot import Shot

EXPORTED = "bundle exported"
HEAD = "Xuncha-Ledger-Head"
PROOF, RECORD, WACZ = "audit-proof.jsonl", "record.json", "capture.wacz"
LOOSE = ("signature.raw", "signature.sshsig", stamp.QUERY, stamp.REPLY, stamp.CHAIN)


@dataclass(frozen=True, slots=True)
class Exported:
    """A bundle that was written: its folder, the head of the ledger after the export, the signing key's fingerprint, exhibits, pictures."""

    folder: Path
    head: str
    fingerprint: str
    exhibits: int
    screenshots: int


@dataclass(frozen=True, slots=True)
class Pictures:
    """Screenshots, and in words what could not be taken and why."""

    shots: tuple[Shot, ...] = ()
    missing: tuple[str, ...] = ()


NO_PICTURES = Pictures((), ("screenshots were not asked for",))


@dataclass(frozen=True, slots=True)
class Maker:
    """Who takes a bundle out, with what, and where: ``by`` a person, ``software`` and ``environment`` as they name themselves."""

    by: str
    software: str
    environment: str


def shown(store: Store, lead: str) -> list[Capture]:
    """The captures that a lead's documents were taken from, oldest first: what screenshots are wanted of."""
    found = store.leads.get(lead)
    versions = [version for id in (found.documents if found else ()) for version in store.documents.versions(id)]
    known = {id: store.captures.get(id) for id in {version["capture"] for version in versions}}
    return sorted((one for one in known.values() if one), key=_place)


def export(
    store: Store, settings: Settings, lead: str, out: Path, key: Ed25519PrivateKey, maker: Maker, at: datetime,
    pictures: Pictures = NO_PICTURES,
) -> Exported:  # fmt: skip
    """Write the bundle of a lead into a new folder below ``out``; the export is an act in the ledger, and proves itself by it.

    ``pictures`` are screenshots of what ``shown`` names; they are taken before, because a browser is slow and the store is not to wait.

    Raises:
        InputError: there is no such lead, or the bundle's folder is there already.
        EvidenceError: the archive does not hold what the store recorded.
    """
    found = store.leads.get(lead)
    if found is None or not found.documents:
        raise InputError(f"lead {lead!r}: expected a lead with documents, found none; `xuncha leads` lists them")
    folder = out / f"{lead}-{at:%Y%m%dT%H%M%SZ}"
    if folder.exists():
        raise InputError(f"{folder}: is there already, and a bundle is never written over; name another folder")
    partial = out / f".{folder.name}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    out.mkdir(parents=True, exist_ok=True)
    partial.mkdir(mode=0o700)  # contacts stand in it unmasked
    fingerprint = signature.fingerprint(key.public_key())
    try:
        with store.atomic():  # a failure leaves no entry, and no bundle gets its name before its entry is stored
            captures, payload = _payload(store, settings, found, maker, at, pictures, fingerprint)
            files = {path: hashlib.sha256(body).hexdigest() for path, body in payload.items()}
            told = {"files": files, "exhibits": len(captures), "key": fingerprint}
            head = store.ledger.append(at, maker.by, EXPORTED, lead, told)
            payload[PROOF] = record.proof(store.ledger.since(min([at, *(one.fetched_at for one in captures)])), lead)
            _write(partial, payload, _info(found, settings, maker, at, head), key, head)
        partial.rename(folder)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    return Exported(folder, head, fingerprint, len(captures), len(pictures.shots))


def _payload(
    store: Store, settings: Settings, lead: Lead, maker: Maker, at: datetime, pictures: Pictures, fingerprint: str
) -> tuple[list[Capture], dict[str, bytes]]:
    versions = [version for id in lead.documents for version in store.documents.versions(id)]
    pages = [*shown(store, lead.id), *pictured.captures(store, lead.documents)]
    rules = [
        store.captures.last_before(urljoin(one.url, "/robots.txt"), one.fetched_at)
        for one in pages
        if record.is_live(one)
    ]
    captures = sorted({one.id: one for one in (*pages, *rules) if one}.values(), key=_place)
    live = [one for one in captures if record.is_live(one)]
    pieces = cut(live, settings.path("archive"))
    exhibits = [
        record.exhibit(number, one, pieces, store.runs.get(one.run) if one.run is not None else None)
        for number, one in enumerate(captures, 1)
    ]
    numbers = {item["record_id"]: item["exhibit"] for item in exhibits}
    texts, payload = _texts(store, versions, numbers)
    for told, body in pictured.texts(store, versions, numbers):
        texts.append(told)
        payload[told["file"]] = body
    shots = {f"screenshots/{numbers[shot.capture]}.png": shot for shot in pictures.shots if shot.capture in numbers}
    payload |= {file: shot.png for file, shot in shots.items()}
    if live:
        titles = {version["capture"]: version["title"] or version["capture"] for version in versions}
        payload[WACZ] = wacz.write(live, pieces, titles, maker.software, at)
    made = {
        **record.times(at),
        **asdict(maker),
        "operator": settings["contact"],
        "settings_sha256": hashlib.sha256(json.dumps(dict(settings.values), sort_keys=True).encode()).hexdigest(),
    }
    label = labels().get(lead.label)
    described = [record.picture(shot, numbers[shot.capture], file) for file, shot in shots.items()]
    told = record.record(lead, exhibits, texts, made, described, pictures.missing)
    told["pictures"] = pictured.described(store, lead.documents, numbers)
    decisions = (
        {**asdict(decision), "at": decision.at.isoformat()} for decision in store.decisions.of([lead.id])[lead.id]
    )
    return captures, payload | {
        RECORD: record.written(told),
        "清单.csv": record.inventory(told),
        "清单.xlsx": office.inventory(told),
        "提取记录.docx": office.protocol(told, payload, hooks(label) if label else [], fingerprint),
        "decisions.jsonl": "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in decisions).encode(),
    }


def _place(capture: Capture) -> tuple[datetime, str, int, str]:
    return capture.fetched_at, capture.warc, capture.offset, capture.id


def _texts(
    store: Store, versions: Sequence[Mapping[str, Any]], exhibits: Mapping[str, str]
) -> tuple[list[dict[str, Any]], dict[str, bytes]]:
    """The texts of document versions: what the record says of each, and its file (title, a line break, text)."""
    texts, files = [], {}
    for version in versions:
        row = store.documents.row(version["document"])
        assert row is not None  # a version's document cannot go: foreign keys are on
        path = f"text/{version['document']}-v{version['version']}.txt"
        files[path] = body = f"{version['title']}\n{version['text']}".encode()
        texts.append({
            "file": path, "title": version["title"], "url": row["url"], "platform": row["platform"], "native_id": row["native_id"],
            "author": row["author"], "published": row["published_raw"], "version": version["version"],
            **record.times(datetime.fromisoformat(version["seen_at"])), "exhibit": exhibits.get(version["capture"], ""),
            "sha256": hashlib.sha256(body).hexdigest(), "size": len(body),
        })  # fmt: skip
    return texts, files


def _info(lead: Lead, settings: Settings, maker: Maker, at: datetime, head: str) -> list[tuple[str, str]]:
    return [
        ("Source-Organization", str(settings["contact"])),
        ("Contact-Name", maker.by),
        ("External-Identifier", lead.id),
        ("External-Description", record.STANDING),
        ("Bagging-Date", f"{at:%Y-%m-%d}"),
        ("Bag-Software-Agent", maker.software),
        (HEAD, head),
    ]


def _write(
    folder: Path, payload: Mapping[str, bytes], info: list[tuple[str, str]], key: Ed25519PrivateKey, head: str
) -> None:
    public = key.public_key()
    tags = {
        "VERIFY.txt": record.instructions(signature.fingerprint(public), head),
        "pubkey.pem": signature.public_pem(public),
        "allowed_signers": signature.allowed_signers(public),
    }
    bag.write(folder, payload, info, tags)
    sealed = (folder / bag.TAG_MANIFEST).read_bytes()
    (folder / "signature.raw").write_bytes(key.sign(sealed))
    (folder / "signature.sshsig").write_bytes(signature.sign_ssh(key, sealed))
