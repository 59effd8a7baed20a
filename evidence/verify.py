"""Verifying a bundle: every damage is named by file, with what was expected and what was found."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from core.errors import EvidenceError, InputError
from core.store.ledger import Ledger, link
from evidence import bag, signature, stamp, wacz
from evidence.bundle import EXPORTED, HEAD, LOOSE, PROOF, RECORD, WACZ

MOST_BYTES = 2_000_000_000  # a WACZ is read into memory; ours hold the pages of one lead
PARTS = ("text", "screenshots")
READING = (ValueError, LookupError, TypeError, AttributeError, RecursionError)  # what a file of another shape raises


@dataclass(frozen=True, slots=True)
class Damage:
    """What is wrong with a file of the bundle (a member of the WACZ after ``!``), or with the ``ledger``."""

    file: str
    expected: str
    found: str

    def __str__(self) -> str:
        return f"{self.file}: expected {self.expected}, found {self.found}"


def verify(folder: Path, key: Ed25519PublicKey | None = None, ledger: Ledger | None = None) -> list[Damage]:
    """Everything that is wrong with a bundle; nothing when it is whole.

    ``key`` is the public key that its maker is known by: without it a signature only says that the bundle is of one piece.
    ``ledger`` is the living one of the workspace that made it.

    Raises:
        InputError: the folder is no bundle.
    """
    if not (folder / bag.TAG_MANIFEST).is_file():
        raise InputError(f"{folder}: expected a bundle with {bag.TAG_MANIFEST}, found none; is it unpacked?")
    damages = [Damage(*fault) for fault in bag.faults(folder, LOOSE)]
    if any(damage.expected == "a plain file" for damage in damages):
        return damages  # links lead out of the bundle: nothing behind them is read
    damages += _signature(folder, key)
    damages += _material(folder)
    damages += _audit(folder, ledger)
    damages += _stamp(folder, ledger)
    return list(dict.fromkeys(damages))


def _signature(folder: Path, expected: Ed25519PublicKey | None) -> Iterator[Damage]:
    try:
        key = signature.read_public(_bytes(folder / "pubkey.pem"))
    except EvidenceError as error:
        yield Damage("pubkey.pem", "an Ed25519 public key", str(error))
        return
    by = signature.fingerprint(key)
    if expected and signature.fingerprint(expected) != by:
        yield Damage("pubkey.pem", f"the key {signature.fingerprint(expected)}", by)
    if _bytes(folder / "allowed_signers") != signature.allowed_signers(key):
        yield Damage("allowed_signers", f"the key of pubkey.pem, {by}", "something else")
    sealed = _bytes(folder / bag.TAG_MANIFEST)
    raw = signature.fault(key, sealed, _bytes(folder / LOOSE[0]))
    ssh = signature.ssh_fault(key, sealed, _bytes(folder / LOOSE[1]))
    if raw and ssh:  # two signatures break together when what they sign was changed
        yield Damage(bag.TAG_MANIFEST, f"content signed by {by}", raw)
    elif raw or ssh:
        yield Damage(LOOSE[0] if raw else LOOSE[1], f"a signature of {bag.TAG_MANIFEST} by {by}", raw or ssh)


def _stamp(folder: Path, ledger: Ledger | None) -> Iterator[Damage]:
    """The time stamp against what it is of, and against what the living ledger says was delivered; none is no damage by itself."""
    sealed = _sha256(folder / bag.TAG_MANIFEST)
    for entry in ledger.of(sealed, stamp.STAMPED) if ledger is not None else ():
        try:
            files = dict(json.loads(entry["payload"])["files"])
        except READING:  # the chain says that this payload was changed, or erased by law
            continue
        for name, digest in files.items():
            found = _sha256(folder / name) if (folder / name).is_file() else "no such file"
            if found != digest:
                yield Damage(name, f"sha256 {digest}, as the ledger has it (entry {entry['seq']})", found)
    if not (folder / stamp.REPLY).is_file():
        return
    try:
        query, reply, chain = (_bytes(folder / name) for name in (stamp.QUERY, stamp.REPLY, stamp.CHAIN))
        stamp.check(_bytes(folder / bag.TAG_MANIFEST), query, reply, chain)
    except EvidenceError as error:
        yield Damage(stamp.REPLY, f"a time stamp of {bag.TAG_MANIFEST}", str(error))


def _material(folder: Path) -> Iterator[Damage]:
    """The WACZ against itself, and payloads and texts against the record."""
    data = folder / "data"
    packed = data / WACZ
    there: dict[str, str] = {}
    if packed.is_file():
        if packed.stat().st_size > MOST_BYTES:
            yield Damage(f"data/{WACZ}", f"at most {MOST_BYTES} bytes", str(packed.stat().st_size))
            return
        content = packed.read_bytes()
        faults = list(wacz.faults(content))
        yield from (Damage(f"data/{WACZ}!{member}".rstrip("!"), want, found) for member, want, found in faults)
        if any(not member for member, _, _ in faults):
            return
        try:
            there = wacz.payloads(content)
        except Exception as error:  # a damaged WARC raises whatever its readers raise
            yield Damage(f"data/{WACZ}!{wacz.WARC}", "a WARC that can be read", f"{type(error).__name__}: {error}")
    try:
        record = json.loads(_bytes(data / RECORD))
        exhibits = {
            str(item["record_id"]): (item["sha256"], item["url"]) for item in record["exhibits"] if item["in_bundle"]
        }
        texts = {str(item["file"]): item["sha256"] for item in (*record["texts"], *record["screenshots"])}
    except READING as error:
        yield Damage(f"data/{RECORD}", "a record of exhibits and texts", f"{type(error).__name__}: {error}")
        return
    for id in sorted(exhibits.keys() | there.keys()):
        stated, url = exhibits.get(id, ("no such exhibit in record.json", ""))
        found = there.get(id, "no such response")
        if found != stated:
            yield Damage(f"data/{WACZ}!{wacz.WARC}", f"payload of {id} {url} with sha256 {stated}", found)
    on_disk = {f"{part}/{path.name}" for part in PARTS for path in (data / part).glob("*") if path.is_file()}
    for file in sorted(texts.keys() | on_disk):
        found = _sha256(data / file) if file in on_disk else "no such file"
        if found != texts.get(file):
            yield Damage(f"data/{file}", f"sha256 {texts.get(file, 'in record.json, which does not name it')}", found)


def _audit(folder: Path, ledger: Ledger | None) -> Iterator[Damage]:
    """The ledger's entries: linked, ended by this bundle's export, and the same in the living ledger."""
    file = f"data/{PROOF}"
    try:
        entries = [json.loads(line) for line in _bytes(folder / file).splitlines()]
        yield from _chain(file, entries)
        last = entries[-1]
        if (last["action"], last["object"]) != (EXPORTED, _lead(folder)):
            yield Damage(
                file, f"a last entry {EXPORTED!r} of lead {_lead(folder)}", f"{last['action']!r} of {last['object']}"
            )
        files = dict(json.loads(last["payload"])["files"])
        head, hashes = last["hash"], {entry["seq"]: entry["hash"] for entry in entries}
    except READING as error:
        yield Damage(file, "entries of the ledger that end with the export", f"{type(error).__name__}: {error}")
        return
    data = folder / "data"
    on_disk = {path.relative_to(data).as_posix() for path in data.rglob("*") if path.is_file()} - {PROOF}
    for path in sorted(files.keys() | on_disk):
        found = _sha256(data / path) if path in on_disk else "no such file"
        if found != files.get(path):
            yield Damage(
                f"data/{path}", f"sha256 {files.get(path, 'none')}, as the ledger has it (entry {last['seq']})", found
            )
    if f"{HEAD}: {head}\n" not in _bytes(folder / "bag-info.txt").decode("utf-8", "replace"):
        yield Damage("bag-info.txt", f"{HEAD}: {head}", "another head")
    if ledger is not None:
        for line in ledger.breaks():
            yield Damage("ledger", "an unbroken chain", line)
        living = {entry["seq"]: entry["hash"] for entry in ledger.entries() if entry["seq"] in hashes}
        for seq, hash in hashes.items():
            if living.get(seq) != hash:
                found = f"{living[seq]}" if seq in living else "no such entry"
                yield Damage("ledger", f"entry {seq} with hash {hash}, as in {file}", found)


def _chain(file: str, entries: list[dict[str, Any]]) -> Iterator[Damage]:
    before: dict[str, Any] | None = None
    for number, entry in enumerate(entries, 1):
        where = f"line {number} (entry {entry['seq']})"
        if before and entry["seq"] != before["seq"] + 1:
            yield Damage(file, f"entry {before['seq'] + 1} in line {number}", f"entry {entry['seq']}")
        if before and entry["prev"] != before["hash"]:
            yield Damage(file, f"{where} after hash {before['hash']}", str(entry["prev"]))
        if link(entry) != entry["hash"]:
            yield Damage(file, f"{where} with hash {link(entry)}", str(entry["hash"]))
        payload = entry.get("payload")
        if payload is not None and hashlib.sha256(payload.encode()).hexdigest() != entry["payload_sha256"]:
            yield Damage(file, f"{where} with payload {entry['payload_sha256']}", "another payload")
        before = entry


def _lead(folder: Path) -> str:
    return str(json.loads(_bytes(folder / "data" / RECORD))["lead"]["id"])


def _bytes(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
