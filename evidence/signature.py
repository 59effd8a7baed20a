"""Ed25519 signatures that stock tools verify: raw (``openssl pkeyutl -verify -rawin``) and SSHSIG (``ssh-keygen -Y verify``)."""

from __future__ import annotations

import base64
import hashlib
import os
import struct
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from core.errors import EvidenceError, SettingsError

KEY = "signing-key.pem"
IDENTITY = "xuncha"
NAMESPACE = "xuncha-bundle"  # a signature made for something else is no signature of a bundle
_MAGIC, _VERSION, _DIGEST = b"SSHSIG", 1, b"sha512"
_BEGIN, _END = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"
_LINE = 70


def new_key(path: Path) -> Ed25519PrivateKey:
    """Make a key and write it (PKCS #8, PEM) where only its owner reads it.

    Raises:
        SettingsError: the file is there already; a key is never written over.
    """
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise SettingsError(
            f"{path}: a signing key is there already and is never written over; move it away first"
        ) from None
    with os.fdopen(handle, "wb") as stream:
        stream.write(pem)
    return key


def load_key(path: Path) -> Ed25519PrivateKey:
    """The key in a file.

    Raises:
        SettingsError: it is missing, others can read it, or it is no Ed25519 key.
    """
    try:
        mode = path.stat().st_mode & 0o777
        pem = path.read_bytes()
    except OSError as error:
        raise SettingsError(f"{path}: expected a signing key: {error.strerror}; run `xuncha key new`") from error
    if mode & 0o077:
        raise SettingsError(
            f"{path}: expected mode 600, found {mode:o}: others can read the key; run `chmod 600 {path}`"
        )
    try:
        key = serialization.load_pem_private_key(pem, None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise SettingsError(f"{path}: expected an Ed25519 key in PEM: {error}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise SettingsError(f"{path}: expected an Ed25519 key, found {type(key).__name__}")
    return key


def public_pem(key: Ed25519PublicKey) -> bytes:
    """A public key as ``openssl`` reads it."""
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def read_public(pem: bytes) -> Ed25519PublicKey:
    """The public key in a PEM; EvidenceError where there is none."""
    try:
        key = serialization.load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise EvidenceError(f"expected an Ed25519 public key in PEM: {error}") from error
    if not isinstance(key, Ed25519PublicKey):
        raise EvidenceError(f"expected an Ed25519 public key, found {type(key).__name__}")
    return key


def fingerprint(key: Ed25519PublicKey) -> str:
    """What ``ssh-keygen`` shows for a key: ``SHA256:`` and 43 characters of base64."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(_blob(key)).digest()).decode().rstrip("=")


def allowed_signers(key: Ed25519PublicKey) -> bytes:
    """The file that ``ssh-keygen -Y verify -f`` wants."""
    return f'{IDENTITY} namespaces="{NAMESPACE}" ssh-ed25519 {base64.b64encode(_blob(key)).decode()}\n'.encode()


def sign_ssh(key: Ed25519PrivateKey, message: bytes) -> bytes:
    """An armored SSHSIG of a message (OpenSSH, PROTOCOL.sshsig)."""
    return _armored(key.public_key(), key.sign(_signed(message)))


def fault(key: Ed25519PublicKey, message: bytes, raw: bytes) -> str:
    """What is wrong with a raw signature of a message; empty when nothing is."""
    try:
        key.verify(raw, message)
    except InvalidSignature:
        return f"no signature by {fingerprint(key)}"
    return ""


def ssh_fault(key: Ed25519PublicKey, message: bytes, armored: bytes) -> str:
    """What is wrong with an armored SSHSIG of a message; empty when nothing is. Only the one spelling that we write passes."""
    lines = armored.decode("ascii", "replace").split("\n")
    try:
        signature = base64.b64decode("".join(lines[1:-2]), validate=True)[-64:]
    except ValueError as error:
        return f"no SSH signature: {error}"
    if _armored(key, signature) != armored:
        return f"no SSH signature by {fingerprint(key)} for {NAMESPACE}"
    return fault(key, _signed(message), signature)


def _signed(message: bytes) -> bytes:
    return _MAGIC + b"".join(map(_string, (NAMESPACE.encode(), b"", _DIGEST, hashlib.sha512(message).digest())))


def _armored(key: Ed25519PublicKey, signature: bytes) -> bytes:
    inner = _string(b"ssh-ed25519") + _string(signature)
    fields = (_blob(key), NAMESPACE.encode(), b"", _DIGEST, inner)
    text = base64.b64encode(_MAGIC + struct.pack(">I", _VERSION) + b"".join(map(_string, fields))).decode()
    lines = [text[start : start + _LINE] for start in range(0, len(text), _LINE)]
    return "\n".join([_BEGIN, *lines, _END, ""]).encode()


def _blob(key: Ed25519PublicKey) -> bytes:
    raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return _string(b"ssh-ed25519") + _string(raw)


def _string(value: bytes) -> bytes:
    return struct.pack(">I", len(value)) + value
