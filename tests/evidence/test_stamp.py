"""Time stamps, from an authority that answers on loopback: asked for, checked, queued, delivered."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from authority import Authority
from proving import LATER, bundled

from core.errors import EvidenceError, SettingsError
from core.settings import Settings
from core.store import Store
from core.store.stamps import LEDGER
from evidence import signature, stamp
from evidence.verify import verify

pytestmark = pytest.mark.skipif(not shutil.which("openssl"), reason="needs openssl")
DATA = b"what was there"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tsa") / "one")


@pytest.fixture(autouse=True)
def as_new(authority: Authority) -> None:
    authority.chain, authority.answers = False, True


@pytest.fixture
def url(authority: Authority) -> Iterator[str]:
    with authority.serving() as url:
        yield url


@pytest.fixture
def asking(settings: Settings, authority: Authority, url: str) -> Settings:
    """The workspace, with the authority and its roots."""
    (settings.workspace / "roots.pem").write_bytes(authority.roots)
    return settings.replace(timestamp_urls=[url], timestamp_roots="roots.pem")


def now() -> datetime:
    return LATER


@pytest.mark.parametrize("chain", [False, True], ids=["read by the library", "read by openssl"])
def test_an_answer_says_when_and_a_changed_one_is_refused(authority: Authority, chain: bool) -> None:
    authority.chain = chain
    request, nonce = stamp.question(DATA)
    response = authority.answer(request)
    at = stamp.check(DATA, request, response, authority.roots, nonce)
    assert abs(datetime.now(UTC) - at) < timedelta(minutes=2)
    with pytest.raises(EvidenceError, match="expected a stamp of sha256"):
        stamp.check(DATA + b"!", request, response, authority.roots, nonce)
    signed = response.index(hashlib.sha256(DATA).digest())  # certificates beside it that nobody needs may change
    for place in (signed, signed + 40, signed + 60, *range(len(response) - 60, len(response), 12)):
        changed = response[:place] + bytes([response[place] ^ 1]) + response[place + 1 :]
        with pytest.raises(EvidenceError):
            stamp.check(DATA, request, changed, authority.roots, nonce)


@pytest.mark.parametrize("chain", [False, True])
def test_an_authority_that_nobody_trusts_is_none(authority: Authority, tmp_path: Path, chain: bool) -> None:
    other = Authority(tmp_path / "other", "another root")
    authority.chain = chain
    request, nonce = stamp.question(DATA)
    response = authority.answer(request)
    with pytest.raises(EvidenceError, match="expected a signature by a trusted authority"):
        stamp.check(DATA, request, response, other.roots, nonce)
    assert stamp.check(DATA, request, response, b"")  # without roots it is compared only


@pytest.mark.parametrize("chain", [False, True])
def test_the_answer_to_another_request_is_no_answer(authority: Authority, chain: bool) -> None:
    authority.chain = chain
    request, nonce = stamp.question(DATA)
    earlier = authority.answer(stamp.question(DATA)[0])
    with pytest.raises(EvidenceError, match="expected a signature by a trusted authority"):
        stamp.check(DATA, request, earlier, authority.roots, nonce)


def test_the_ledgers_head_is_stamped_once(asking: Settings) -> None:
    with Store.open(asking.path("database")) as store:
        seq, head = store.ledger.head()
        assert stamp.stamp_ledger(store, asking, now) == []
        assert stamp.stamp_ledger(store, asking, now) == []
        [held] = store.stamps.held()
        assert (held.subject, held.seq, held.data) == (LEDGER, seq, head.encode())
        assert held.stamped_at
        assert store.ledger.head() == (seq, head), "a stamp of the ledger is no act in it: else there would be no end"


def test_what_gets_no_answer_waits_and_is_asked_for_again(asking: Settings, authority: Authority) -> None:
    authority.answers = False
    with Store.open(asking.path("database")) as store:
        [fault, left] = stamp.stamp_ledger(store, asking, now)
        assert "HTTP Error 503" in fault
        assert left == "time stamp: 1 wait for an answer"
        [waiting] = store.stamps.waiting()
        assert (waiting.tries, "503" in waiting.fault) == (1, True)
        authority.answers = True
        store.ledger.append(LATER, "mei", "signed in", "mei")
        assert stamp.stamp_ledger(store, asking, now) == []
        assert [one.seq for one in store.stamps.held()] == [waiting.seq, waiting.seq + 1]


def test_the_next_authority_is_asked_when_one_is_silent(asking: Settings) -> None:
    [url] = asking["timestamp_urls"]
    two = asking.replace(timestamp_urls=["http://127.0.0.1:9/closed", url])
    with Store.open(two.path("database")) as store:
        [fault] = stamp.stamp_ledger(store, two, now)
        assert "127.0.0.1:9" in fault
        assert [one.authority for one in store.stamps.held()] == [url]


def test_an_answer_that_is_none_waits_too(
    asking: Settings, monkeypatch: pytest.MonkeyPatch, authority: Authority
) -> None:
    monkeypatch.setattr(authority, "answer", lambda _: b"<html>no time stamp</html>")
    with Store.open(asking.path("database")) as store:
        assert stamp.stamp_ledger(store, asking, now)
        assert len(store.stamps.waiting()) == 1


def test_without_an_authority_nothing_is_asked_and_nothing_waits(settings: Settings) -> None:
    with Store.open(settings.path("database")) as store:
        assert stamp.stamp_ledger(store, settings, now) == []
        assert store.stamps.waiting() == []


def test_settings_that_name_no_authority_or_no_certificates_are_told(settings: Settings) -> None:
    with pytest.raises(SettingsError, match="expected http or https URLs, found 'ftp:"):
        stamp.authorities(settings.replace(timestamp_urls=["ftp://tsa.example"]))
    with pytest.raises(SettingsError, match="timestamp_roots: expected the authority's certificates"):
        stamp.roots(settings.replace(timestamp_roots="none.pem"))


def test_a_bundle_is_stamped_and_stock_openssl_agrees(asking: Settings, tmp_path: Path) -> None:
    made = bundled(asking, tmp_path / "out")
    key = signature.load_key(asking.workspace / signature.KEY).public_key()
    with Store.open(asking.path("database")) as store:
        assert stamp.stamp_bundle(store, asking, made.folder, now) == []
        assert verify(made.folder, key, store.ledger) == []
    text = (made.folder / "VERIFY.txt").read_text("utf-8")
    [line] = [line.strip() for line in text.splitlines() if "openssl ts" in line]
    done = subprocess.run(line.split(), cwd=made.folder, capture_output=True, text=True, check=False)
    assert "Verification: OK" in done.stdout + done.stderr
    other = (made.folder / "tagmanifest-sha256.txt").read_bytes() + b"\n"
    (made.folder / "tagmanifest-sha256.txt").write_bytes(other)
    done = subprocess.run(line.split(), cwd=made.folder, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert stamp.REPLY in {damage.file for damage in verify(made.folder)}


@pytest.mark.parametrize("name", [stamp.QUERY, stamp.REPLY, stamp.CHAIN])
def test_a_stamp_that_was_taken_away_or_changed_is_named_by_the_living_ledger(
    asking: Settings, tmp_path: Path, name: str
) -> None:
    made = bundled(asking, tmp_path / "out")
    with Store.open(asking.path("database")) as store:
        stamp.stamp_bundle(store, asking, made.folder, now)
        renamed = made.folder.rename(tmp_path / "under another name")
        body = (renamed / name).read_bytes()
        (renamed / name).unlink()
        assert name in {damage.file for damage in verify(renamed, None, store.ledger)}
        (renamed / name).write_bytes(body[:-9] + b"x" + body[-8:])
        assert name in {damage.file for damage in verify(renamed, None, store.ledger)}


def test_a_bundle_whose_authority_is_silent_is_whole_and_gets_its_stamp_later(
    asking: Settings, authority: Authority, tmp_path: Path
) -> None:
    authority.answers = False
    made = bundled(asking, tmp_path / "out")
    with Store.open(asking.path("database")) as store:
        assert stamp.stamp_bundle(store, asking, made.folder, now)
        assert not (made.folder / stamp.REPLY).exists()
        assert verify(made.folder, None, store.ledger) == []
        authority.answers = True
        assert stamp.stamp_waiting(store, asking, now) == []
        assert (made.folder / stamp.REPLY).exists()
        assert verify(made.folder, None, store.ledger) == []
