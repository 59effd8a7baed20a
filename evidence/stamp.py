"""Time stamps (RFC 3161): that something was there at a time, said by an authority that is not us. Off unless one is configured.

``rfc3161-client`` makes the requests and checks the answers; where it cannot read an answer (it refuses those of OpenSSL that carry their chain)
``openssl ts -verify`` decides. Nobody waits for an authority: what gets no answer is queued and asked for again.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509

from core.errors import EvidenceError, SettingsError
from core.settings import Settings
from core.store import Store
from core.store.stamps import LEDGER, Stamp
from evidence.bag import TAG_MANIFEST

MOST_BYTES = 1_000_000  # an answer with its chain has about five thousand
QUERY, REPLY, CHAIN = "timestamp.tsq", "timestamp.tsr", "tsa-chain.pem"
STAMPED = "bundle stamped"  # of the bundle whose tag manifest has this SHA-256: a folder may be renamed
_GRANTED = 0
_TIME = re.compile(r"^Time stamp: (.+)$", re.MULTILINE)


def head_bytes(head: str) -> bytes:
    """What is stamped of a ledger: its head, 64 hexadecimal digits in ASCII, no line break."""
    return head.encode("ascii")


def authorities(settings: Settings) -> list[str]:
    """The authorities' URLs, in the order in which they are asked; SettingsError where one is none."""
    urls = [str(url) for url in settings["timestamp_urls"]]
    for url in urls:
        if not url.startswith(("https://", "http://")):
            raise SettingsError(f"timestamp_urls: expected http or https URLs, found {url!r}")
    return urls


def roots(settings: Settings) -> bytes:
    """The PEM of the certificates that answers are trusted by; empty where none is set."""
    if not settings["timestamp_roots"]:
        return b""
    path = settings.path("timestamp_roots")
    try:
        return path.read_bytes()
    except OSError as error:
        raise SettingsError(
            f"timestamp_roots: expected the authority's certificates (PEM) in {path}: {error.strerror}"
        ) from error


def question(data: bytes) -> tuple[bytes, int | None]:
    """A request (DER) to stamp the SHA-256 of ``data``, with a nonce and asking for the certificate; and the nonce."""
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

    made = TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256).build()
    return made.as_bytes(), made.nonce


def ask(url: str, request: bytes, seconds: float) -> bytes:
    """The answer (DER) of an authority; EvidenceError where there is none."""
    sent = urllib.request.Request(url, request, {"Content-Type": "application/timestamp-query"})  # noqa: S310 - see authorities
    try:
        with urllib.request.urlopen(sent, timeout=seconds) as reply:  # noqa: S310
            kind, body = reply.headers.get_content_type(), reply.read(MOST_BYTES + 1)
    except (OSError, urllib.error.URLError, ValueError) as error:
        raise EvidenceError(f"{url}: no answer: {error}") from error
    if kind != "application/timestamp-reply" or len(body) > MOST_BYTES:
        raise EvidenceError(f"{url}: expected an application/timestamp-reply, found {kind} of {len(body)} bytes")
    return bytes(body)


def check(data: bytes, request: bytes, response: bytes, trusted: bytes, nonce: int | None = None) -> datetime:
    """The authority's time (UTC) in an answer about ``data``, if it answers the request and a ``trusted`` certificate (PEM) signed it.

    Without ``trusted`` certificates only what was stamped is compared.

    Raises:
        EvidenceError: it is no time stamp of these bytes, or nobody we trust signed it.
    """
    from rfc3161_client import VerificationError, VerifierBuilder, decode_timestamp_response

    try:
        answer = decode_timestamp_response(response)
        status = answer.status
        stamped = answer.tst_info.message_imprint.message if status == _GRANTED else b""
        at = answer.tst_info.gen_time if status == _GRANTED else None
    except ValueError as error:
        return _by_openssl(data, request, response, trusted, str(error))
    if at is None:
        raise EvidenceError(
            f"expected a time stamp, found a refusal: {', '.join(answer.status_string) or f'status {status}'}"
        )
    if stamped != hashlib.sha256(data).digest():
        raise EvidenceError(
            f"expected a stamp of sha256 {hashlib.sha256(data).hexdigest()[:12]}, found {stamped.hex()[:12]}"
        )
    if trusted:
        builder = VerifierBuilder() if nonce is None else VerifierBuilder(nonce=nonce)
        try:
            for certificate in x509.load_pem_x509_certificates(trusted):
                builder = builder.add_root_certificate(certificate)
            builder.build().verify(answer, hashlib.sha256(data).digest())
        except (VerificationError, ValueError) as error:
            raise EvidenceError(f"expected a signature by a trusted authority: {error}") from error
    return at.astimezone(UTC)


def _by_openssl(data: bytes, request: bytes, response: bytes, trusted: bytes, why: str) -> datetime:
    """The same by ``openssl ts``, which reads what the library does not."""
    tool = shutil.which("openssl")
    if tool is None:
        raise EvidenceError(f"the answer cannot be read here ({why}), and there is no openssl to ask; install it")
    with tempfile.TemporaryDirectory() as folder:
        files = {name: Path(folder) / name for name in (QUERY, REPLY, CHAIN, "data")}
        for name, content in ((QUERY, request), (REPLY, response), (CHAIN, trusted), ("data", data)):
            files[name].write_bytes(content)
        shown = _run([tool, "ts", "-reply", "-in", str(files[REPLY]), "-text"])
        time = _TIME.search(shown)
        if time is None:
            raise EvidenceError(f"expected a time stamp, found none: {' '.join(shown.split())[:200] or why}")
        digest = (
            "".join(re.findall(r"^ {4}[0-9a-f]{4} - ([0-9a-f \-]+?) {3}", shown, re.MULTILINE))
            .replace(" ", "")
            .replace("-", "")
        )
        if digest[:64] != hashlib.sha256(data).hexdigest():
            raise EvidenceError(
                f"expected a stamp of sha256 {hashlib.sha256(data).hexdigest()[:12]}, found {digest[:12]}"
            )
        at = datetime.strptime(time[1].strip(), "%b %d %H:%M:%S %Y GMT").replace(tzinfo=UTC)
        if trusted:  # certificates need to have been valid then, not now
            by = ["-in", str(files[REPLY]), "-CAfile", str(files[CHAIN]), "-attime", f"{at.timestamp():.0f}"]
            for what in (["-data", str(files["data"])], ["-queryfile", str(files[QUERY])]):
                said = _run([tool, "ts", "-verify", *what, *by])
                if "Verification: OK" not in said:
                    raise EvidenceError(
                        f"expected a signature by a trusted authority: openssl says {' '.join(said.split())[-200:]}"
                    )
    return at


def _run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, timeout=30, check=False)  # noqa: S603 - fixed words and our own files
    return (done.stdout + done.stderr).decode("utf-8", "replace")


def stamp_ledger(store: Store, settings: Settings, now: Callable[[], datetime]) -> list[str]:
    """Ask for a stamp of the ledger's head and for all that wait; returns what failed, in words. Nothing is asked where none is configured."""
    if not authorities(settings):
        return []
    seq, head = store.ledger.head()
    if seq:
        store.stamps.ask(LEDGER, seq, head_bytes(head), now())
    return stamp_waiting(store, settings, now)


def stamp_bundle(store: Store, settings: Settings, folder: Path, now: Callable[[], datetime]) -> list[str]:
    """Ask for a stamp of a bundle that was just made; it is laid beside it now or later. Returns what failed, in words."""
    if not authorities(settings):
        return []
    seq, _ = store.ledger.head()
    store.stamps.ask(str(folder.resolve()), seq, (folder / TAG_MANIFEST).read_bytes(), now())
    return stamp_waiting(store, settings, now)


def stamp_waiting(store: Store, settings: Settings, now: Callable[[], datetime]) -> list[str]:
    """Ask for every stamp that waits; returns what failed, in words. After an authority has failed once it is left alone until the next time."""
    urls, trusted = authorities(settings), roots(settings)
    faults: dict[str, str] = {}
    for waiting in store.stamps.waiting():
        request, nonce = question(waiting.data)
        for url in [url for url in urls if url not in faults]:
            try:
                response = ask(url, request, float(settings["timestamp_seconds"]))
                at = check(waiting.data, request, response, trusted, nonce)
            except EvidenceError as error:
                faults[url] = str(error)
                continue
            store.stamps.answered(waiting.id, url, request, response, at)
            if waiting.subject != LEDGER:
                _deliver(store, store.stamps.get(waiting.id), trusted, now())
            break
        else:
            store.stamps.failed(waiting.id, "; ".join(faults.values()))
    left = len(store.stamps.waiting())
    return [f"time stamp: {fault}" for fault in faults.values()] + (
        [f"time stamp: {left} wait for an answer"] if left else []
    )


def _deliver(store: Store, stamp: Stamp, trusted: bytes, at: datetime) -> None:
    """Lay a bundle's time stamp beside it, if it is still there, and enter that in the ledger, so that its loss is seen."""
    folder = Path(stamp.subject)
    files = {QUERY: stamp.request, REPLY: stamp.response, CHAIN: trusted}
    told = {
        "bundle": folder.name, "authority": stamp.authority,
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in files.items() if content},
    }  # fmt: skip
    store.ledger.append(at, "xuncha", STAMPED, hashlib.sha256(stamp.data).hexdigest(), told)
    if folder.is_dir():
        for name, content in files.items():
            if content:
                (folder / name).write_bytes(content)
