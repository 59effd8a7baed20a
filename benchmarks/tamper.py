"""Whether a changed bundle or ledger is seen, and the change named: every kind of file, every way to change the log.

    python benchmarks/tamper.py [--quick]

The demo's websites are crawled, judged and linked; the leads are decided on and their bundles taken out; the bundle of the first is
changed, verified, and mended, one change at a time. Who changes it: a stranger (bytes, missing and added files); a forger, who makes all
manifests anew but has no key; an insider, who has the key and signs again; an administrator, who writes into the ledger's table past its
triggers. The bundle has screenshots where Chromium is there, and a time stamp by an authority of our own (``openssl ts`` on loopback) where
openssl is. ``named`` means that a damage bears the changed file's name, or for the ledger the number of its entry. What is done to the ledger
alone is put to ``xuncha audit verify`` as well, with the night's digest as witness, and once without any: ``unseen alone`` counts what the
chain by itself does not show. The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from core.settings import Settings, load  # noqa: E402
from core.store import Store  # noqa: E402
from core.store.ledger import link  # noqa: E402
from core.types import Act, Decision  # noqa: E402
from evidence import bag, signature, stamp  # noqa: E402
from evidence.audit import examine  # noqa: E402
from evidence.bundle import LOOSE, PROOF, Maker, Pictures, export, shown  # noqa: E402
from evidence.screenshot import take_all  # noqa: E402
from evidence.verify import verify  # noqa: E402
from xuncha import stages  # noqa: E402

sys.path.insert(0, str(ROOT / "tests" / "evidence"))
from authority import Authority  # noqa: E402

MAKER = Maker("benchmark", "xuncha", "benchmark")
NOW = datetime(2030, 1, 1, tzinfo=UTC)
BUNDLES = 3
Change = tuple[str, str, str, Callable[[], None]]  # who and what, the file, what a damage must name, the act


def crawled(folder: Path) -> Settings:
    """The demo's workspace, with decisions and a key."""
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "xuncha.cli", "demo", "-w", str(folder), "--json"]
    subprocess.run(command, check=True, capture_output=True, env=environ, cwd=folder.parent)
    settings = load(folder, {})
    signature.new_key(folder / signature.KEY)
    with Store.open(settings.path("database")) as store:
        for lead in store.leads.queue(BUNDLES):
            store.decisions.add(Decision(lead.id, Act.CONFIRM, "benchmark", NOW, lead.label))
            store.ledger.append(NOW, "benchmark", "decided", lead.id, {"act": "confirm"})
    return settings


def exported(settings: Settings, here: Path) -> Path:
    """The bundles of the first leads, with all that a bundle can have; the folder of the last one."""
    key = signature.load_key(settings.workspace / signature.KEY)
    with Store.open(settings.path("database")) as store:
        leads = store.leads.queue(BUNDLES)
        for lead in leads[:-1]:
            export(store, settings, lead.id, here / "out", key, MAKER, NOW)
        for lead in leads[-1:]:
            shots, missing = take_all(shown(store, lead.id), settings.path("archive"), store.captures.last_before)
            print(f"lead {lead.id}: {len(shots)} screenshots {' '.join(missing)}")
            made = export(
                store, settings, lead.id, here / "out", key, MAKER, NOW, Pictures(tuple(shots), tuple(missing))
            )
        if shutil.which("openssl"):
            authority = Authority(here / "tsa")
            (settings.workspace / "roots.pem").write_bytes(authority.roots)
            with authority.serving() as url:
                asking = settings.replace(timestamp_urls=[url], timestamp_roots="roots.pem")
                faults = stamp.stamp_bundle(store, asking, made.folder, lambda: NOW)
            assert not faults, faults
        stages.digest(store, settings, lambda: NOW)  # as each night does; it bears the ledger's head
    return made.folder


def remake(folder: Path, key_file: Path | None) -> None:
    """Make the manifests of a changed bundle anew; sign again where there is a key."""
    data = folder / "data"
    payload = {
        path.relative_to(data).as_posix(): path.read_bytes() for path in sorted(data.rglob("*")) if path.is_file()
    }
    tags = {name: (folder / name).read_bytes() for name in ("VERIFY.txt", "pubkey.pem", "allowed_signers")}
    lines = (folder / "bag-info.txt").read_text("utf-8").splitlines()
    info = [(name, value) for name, _, value in (line.partition(": ") for line in lines) if name != "Payload-Oxum"]
    bag.write(folder, payload, info, tags)
    if key_file:
        key = signature.load_key(key_file)
        sealed = (folder / bag.TAG_MANIFEST).read_bytes()
        (folder / LOOSE[0]).write_bytes(key.sign(sealed))
        (folder / LOOSE[1]).write_bytes(signature.sign_ssh(key, sealed))


def changes_of_bundle(folder: Path, key: Path, each: int, draw: random.Random) -> Iterator[Change]:
    """What stranger, forger and insider do to a bundle; ``each`` bytes are changed in each kind of file, one in others of the kind."""
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    for file in files:
        path = folder / file
        first = file == next(other for other in files if kind(other) == kind(file))
        for place in sorted(draw.sample(range(path.stat().st_size), min(each if first else 1, path.stat().st_size))):
            bit = 1 << draw.randrange(8)
            yield (
                f"stranger: one byte of {kind(file)}",
                file,
                file,
                lambda path=path, place=place, bit=bit: flip(path, place, bit),
            )
        yield "stranger: a byte more", file, file, lambda path=path: path.write_bytes(path.read_bytes() + b"\n")
        if file != bag.TAG_MANIFEST:
            yield "stranger: a file missing", file, file, path.unlink
    for file in ("note.txt", "data/note.txt", "data/text/note.txt"):
        yield "stranger: a file more", file, file, lambda path=folder / file: path.write_bytes(b"x")
    for who, signing in (("forger", None), ("insider", key)):
        for file in (file for file in files if file.startswith("data/")):
            for place in sorted(draw.sample(range((folder / file).stat().st_size), max(1, each // 4))):

                def act(path: Path = folder / file, place: int = place, signing: Path | None = signing) -> None:
                    flip(path, place, 1)
                    remake(folder, signing)

                yield f"{who}: one byte of a data file, manifests anew", file, file, act
        yield from changes_of_proof(folder, who, signing)


def changes_of_proof(folder: Path, who: str, signing: Path | None) -> Iterator[Change]:
    """Rows of the audit proof changed, removed and re-ordered, manifests made anew."""
    path = folder / "data" / PROOF
    rows = path.read_bytes().splitlines(keepends=True)

    def written(changed: list[bytes]) -> Callable[[], None]:
        def act() -> None:
            path.write_bytes(b"".join(changed))
            remake(folder, signing)

        return act

    for number, row in enumerate(rows):
        before, after = rows[:number], rows[number + 1 :]
        changed = row.replace(b'"actor": "', b'"actor": "x')
        yield f"{who}: audit row changed", f"data/{PROOF}", f"data/{PROOF}", written([*before, changed, *after])
        if number:  # the first row may go: the proof then starts later, and says so by its seq
            yield f"{who}: audit row removed", f"data/{PROOF}", f"data/{PROOF}", written([*before, *after])
        if after:
            yield (
                f"{who}: audit rows swapped",
                f"data/{PROOF}",
                f"data/{PROOF}",
                written([*before, after[0], row, *after[1:]]),
            )
        entries = [json.loads(line) for line in rows]
        entries[number]["actor"] += "x"
        again = [json.dumps(entry, ensure_ascii=False).encode() + b"\n" for entry in rehashed(entries)]
        yield (
            f"{who}: audit row changed, chain hashed anew",
            f"data/{PROOF}",
            "ledger",
            written(again),
        )  # the living ledger shows it


def changes_of_ledger(database: Path, every: bool) -> Iterator[Change]:
    """Rows of the living ledger changed (``every`` column of each), removed and re-ordered behind the triggers' back."""
    with sqlite3.connect(database) as connection:
        last = connection.execute("SELECT max(seq) FROM ledger").fetchone()[0]
    connection.close()

    def sql(statements: str) -> Callable[[], None]:
        def act() -> None:
            connection = sqlite3.connect(database)
            connection.executescript(f"DROP TRIGGER ledger_no_UPDATE; DROP TRIGGER ledger_no_DELETE; {statements};")
            connection.close()

        return act

    for seq in range(1, last + 1):
        columns = ("at", "actor", "action", "object", "payload", "payload_sha256", "prev", "hash")
        for column in columns if every or seq in (1, last) else (columns[seq % len(columns)],):
            statement = f"UPDATE ledger SET {column} = {column} || 'x' WHERE seq = {seq}"
            yield "administrator: ledger row changed", "ledger", f"entry {seq}", sql(statement)
        yield (
            "administrator: ledger row removed",
            "ledger",
            f"entry {seq}",
            sql(f"DELETE FROM ledger WHERE seq = {seq}"),
        )
        yield "administrator: ledger row changed, chain hashed anew", "ledger", f"entry {seq}", rewritten(database, seq)
        if seq < last:
            swap = f"UPDATE ledger SET seq = -(2 * {seq} + 1 - seq) WHERE seq IN ({seq}, {seq + 1}); UPDATE ledger SET seq = -seq WHERE seq < 0"
            yield "administrator: ledger rows swapped", "ledger", f"entry {seq}", sql(swap)


def rehashed(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Entries whose chain holds again after a change."""
    prev = entries[0]["prev"]
    for entry in entries:
        entry["prev"] = prev
        entry["hash"] = prev = link(entry)
    return entries


def rewritten(database: Path, seq: int) -> Callable[[], None]:
    """An act that changes the actor of a ledger row and hashes the whole chain anew: only heads kept outside show it."""

    def act() -> None:
        connection = sqlite3.connect(database)
        connection.row_factory = sqlite3.Row
        connection.executescript("DROP TRIGGER ledger_no_UPDATE")
        entries = [dict(row) for row in connection.execute("SELECT * FROM ledger ORDER BY seq")]
        entries[seq - 1]["actor"] += "x"
        for entry in rehashed(entries):
            connection.execute("UPDATE ledger SET actor = :actor, prev = :prev, hash = :hash WHERE seq = :seq", entry)
        connection.commit()
        connection.close()

    return act


def kind(file: str) -> str:
    """The kind of a file: those with numbers in their names are one."""
    return re.sub(r"[0-9]+", "N", file)


def flip(path: Path, place: int, bit: int) -> None:
    """Change one bit of a file."""
    body = bytearray(path.read_bytes())
    body[place] ^= bit
    path.write_bytes(body)


def main(arguments: list[str] | None = None) -> int:
    """Print the table and, as the last line, the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true", help="3 bytes of each kind of file instead of 40")
    each = 3 if parser.parse_args(arguments).quick else 40
    table: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    lost: list[str] = []
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as temporary:
        here = Path(temporary)
        settings = crawled(here / "patrol")
        key, database = settings.workspace / signature.KEY, settings.path("database")
        whole, folder = exported(settings, here), here / "changed"
        signer = signature.load_key(key)
        shutil.copytree(whole, folder)
        shutil.copy(database, here / "whole.db")

        def verdict() -> list[str]:
            with Store.open(database) as store:
                told = [str(damage) for damage in verify(folder, signer.public_key(), store.ledger)]
                return told + list(examine(store, settings.path("reports"), b"").damages)

        def alone() -> list[str]:
            with Store.open(database) as store:
                return [
                    damage for damage in examine(store, here / "none", b"").damages if not damage.startswith("table")
                ]

        clean = [*verdict(), *alone()]
        assert not clean, f"the bundle is not whole before any change: {clean}"
        changes = [*changes_of_bundle(folder, key, each, random.Random(20)), *changes_of_ledger(database, each > 3)]
        for what, file, must, act in changes:
            act()
            damages = verdict()
            if file == "ledger":
                named = any(must in damage for damage in damages)
            else:
                named = any(damage.startswith((f"{must}:", f"{must}!")) for damage in damages)
            row = table[what]
            row[0], row[1], row[2] = row[0] + 1, row[1] + (not damages), row[2] + (not named)
            row[3] += file == "ledger" and not alone()
            lost += [] if named else [f"{what} ({file}): {damages[:2] or 'no damage found'}"]
            if file == "ledger":
                shutil.copy(here / "whole.db", database)
            else:
                shutil.rmtree(folder)
                shutil.copytree(whole, folder)
    width = max(map(len, table))
    print(f"{'change':<{width}}  changes  unseen  unnamed  unseen alone")
    for what, (count, unseen, unnamed, alone_unseen) in table.items():
        print(f"{what:<{width}}  {count:>7}  {unseen:>6}  {unnamed:>7}  {alone_unseen or '':>12}")
    for line in lost[:20]:
        print(line)
    print(f"{time.perf_counter() - started:.0f} seconds, the demo's crawl included")
    totals = [sum(column) for column in zip(*table.values(), strict=True)]
    print(json.dumps(dict(zip(("changes", "unseen", "unnamed", "unseen_alone"), totals, strict=True))))
    return 1 if totals[1] else 0


if __name__ == "__main__":
    sys.exit(main())
