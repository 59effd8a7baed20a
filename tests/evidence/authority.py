"""A time-stamp authority of our own: ``openssl ts`` behind an HTTP server on loopback."""

from __future__ import annotations

import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

CONFIG = """
[req]
distinguished_name = dn
[dn]
[ca]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign, cRLSign
[signer]
basicConstraints = CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[stamping]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
{chain}
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
ess_cert_id_alg = sha256
"""
KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]


class Authority:
    """Its certificate in ``roots`` (PEM). With ``chain`` its answers carry the root too, which rfc3161-client refuses to read."""

    def __init__(self, folder: Path, name: str = "test root") -> None:
        self.folder, self.chain, self.answers = folder, False, True
        folder.mkdir(parents=True)
        self._configure()
        self._openssl(
            "req",
            "-x509",
            *KEY,
            "-keyout",
            "ca.key",
            "-out",
            "ca.pem",
            "-subj",
            f"/CN={name}",
            "-days",
            "30",
            "-extensions",
            "ca",
        )
        self._openssl("req", *KEY, "-keyout", "tsa.key", "-out", "tsa.csr", "-subj", "/CN=test authority")
        self._openssl(
            "x509", "-req", "-in", "tsa.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "30",
            "-extfile", "tsa.cnf", "-extensions", "signer", "-out", "tsa.pem", config=False,
        )  # fmt: skip
        (folder / "serial").write_text("01\n")

    @property
    def roots(self) -> bytes:
        return (self.folder / "ca.pem").read_bytes()

    def answer(self, request: bytes) -> bytes:
        """The reply (DER) to a request."""
        self._configure()
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "q").write_bytes(request)
            self._openssl("ts", "-reply", "-queryfile", f"{folder}/q", "-section", "stamping", "-out", f"{folder}/r")
            return (Path(folder) / "r").read_bytes()

    @contextmanager
    def serving(self) -> Iterator[str]:
        """Its URL."""
        authority = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked = self.rfile.read(int(self.headers["Content-Length"]))
                good = authority.answers and self.headers["Content-Type"] == "application/timestamp-query"
                body = authority.answer(asked) if good else b"closed today"
                self.send_response(200 if good else 503)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/tsa"
        finally:
            server.shutdown()
            thread.join()
            server.server_close()

    def _configure(self) -> None:
        chain = f"certs = {self.folder}/ca.pem" if self.chain else ""
        (self.folder / "tsa.cnf").write_text(CONFIG.format(folder=self.folder, chain=chain))

    def _openssl(self, *arguments: str, config: bool = True) -> None:
        more = ("-config", "tsa.cnf") if config else ()
        subprocess.run(["openssl", *arguments, *more], cwd=self.folder, check=True, capture_output=True)
