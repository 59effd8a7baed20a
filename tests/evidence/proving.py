"""A workspace with a lead, its pages in a real archive, decisions and a signing key. All text and contacts are authored."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from core.settings import Settings, load
from core.store import Store
from core.types import Act, Capture, Decision, Document, Lead, Provenance
from evidence import bag, signature
from evidence.archive import Archive
from evidence.bundle import LOOSE, Exported, Maker, export

NOW = datetime(2026, 11, 20, 22, 30, tzinfo=UTC)
LATER = NOW + timedelta(hours=2)
LEAD = "L0123456789"
MAKER = Maker("li, duty desk", "xuncha/0.1.0", "Linux, Python 3.11")
PAGES = [("七周过港，当天出结果", "香港验血，加薇 zq0gang66"), ("=HYPERLINK(1)", "寄血到港，薇 zq0gang66，四千八全包")]


def workspace(folder: Path) -> Settings:
    """A filled workspace in a folder, with a key."""
    folder.mkdir(parents=True)
    settings = load(folder, {}).replace(contact="mailto:operator@xuncha.example")
    archive = Archive(settings.path("archive"), "night1", "xuncha/0.1 (+mailto:operator@xuncha.example)")
    with Store.open(settings.path("database")) as store:
        store.ledger.append(NOW - timedelta(days=2), "mei", "signed in", "mei")
        run = store.runs.start("crawl", NOW)
        store.ledger.append(NOW, "mei", "signed in", "mei", {"how": "password"})
        fetched(
            store,
            archive,
            "http://forum.example/robots.txt",
            NOW - timedelta(minutes=5),
            b"User-agent: *\nAllow: /\n",
            run,
            "robots.txt",
        )
        documents = [page(store, archive, number, run) for number in range(len(PAGES))]
        archive.close()
        lead = Lead(
            LEAD,
            "fetal_sex_test_ad",
            PAGES[0][0],
            tuple(documents),
            (("wechat", "zq0gang66"),),
            0.7,
            ("harm",),
            NOW,
            NOW,
        )
        store.leads.put(lead, dict.fromkeys(documents, "wechat zq0gang66"), NOW)
        store.decisions.add(Decision(LEAD, Act.CONFIRM, "mei", NOW, "fetal_sex_test_ad", "两处同一微信"))
        store.ledger.append(NOW, "mei", "decided", LEAD, {"act": "confirm"})
        store.ledger.append(NOW, "bo", "contacts revealed", "L_other", {"contacts": 3})
    signature.new_key(folder / signature.KEY)
    return settings


def page(store: Store, archive: Archive, number: int, run: int) -> int:
    """A page that was fetched, and its document."""
    title, text = PAGES[number]
    url, at = f"http://forum.example/t/{number}?b=2&a=1", NOW + timedelta(seconds=number)
    capture = fetched(store, archive, url, at, f"<html><h1>{title}</h1><p>{text}</p></html>".encode(), run)
    return store.documents.add(
        Document("forum", str(number), url, "post", text, title, "小云", capture=capture), at, run
    )[0]


def fetched(
    store: Store, archive: Archive, url: str, at: datetime, body: bytes, run: int, source: str = "forum"
) -> str:
    """The capture of a response."""
    filed = archive.add(
        url, at, "HTTP/1.1 200 OK", [("Content-Type", "text/html; charset=utf-8")], body,
        request=f"GET {url.removeprefix('http://forum.example')} HTTP/1.1", request_headers=[("User-Agent", "xuncha/0.1")], address="192.0.2.7",
    )  # fmt: skip
    store.captures.add(
        Capture(
            filed.id, source, url, at, 200, "text/html; charset=utf-8", filed.sha256, filed.size, filed.warc, filed.offset,
            "allowed (rules, status 200)", Provenance.LIVE, run, "192.0.2.7",
        )
    )  # fmt: skip
    return filed.id


def bundled(settings: Settings, out: Path, at: datetime = LATER) -> Exported:
    """The lead's bundle."""
    key = signature.load_key(settings.workspace / signature.KEY)
    with Store.open(settings.path("database")) as store:
        return export(store, settings, LEAD, out, key, MAKER, at)


def remade(folder: Path, sign: bool, settings: Settings) -> None:
    """Make manifests, and with ``sign`` the signatures, anew, as somebody would who wants a change not to be seen."""
    payload = {
        path.relative_to(folder / "data").as_posix(): path.read_bytes()
        for path in (folder / "data").rglob("*")
        if path.is_file()
    }
    tags = {name: (folder / name).read_bytes() for name in ("VERIFY.txt", "pubkey.pem", "allowed_signers")}
    lines = (folder / "bag-info.txt").read_text("utf-8").splitlines()
    info = [(name, value) for name, _, value in (line.partition(": ") for line in lines) if name != "Payload-Oxum"]
    bag.write(folder, payload, info, tags)
    if sign:
        key = signature.load_key(settings.workspace / signature.KEY)
        sealed = (folder / bag.TAG_MANIFEST).read_bytes()
        (folder / LOOSE[0]).write_bytes(key.sign(sealed))
        (folder / LOOSE[1]).write_bytes(signature.sign_ssh(key, sealed))


def edit(path: Path, change: Callable[[bytes], bytes]) -> None:
    """Write a changed file; a change that changes nothing would prove nothing."""
    before = path.read_bytes()
    after = change(before)
    assert hashlib.sha256(before).digest() != hashlib.sha256(after).digest()
    path.write_bytes(after)
