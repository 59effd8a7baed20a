from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from core.errors import EvidenceError, SettingsError
from evidence import signature


def test_only_its_owner_reads_a_key_and_it_is_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    key = signature.new_key(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert signature.fingerprint(signature.load_key(path).public_key()) == signature.fingerprint(key.public_key())
    with pytest.raises(SettingsError, match="never written over"):
        signature.new_key(path)


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    signature.new_key(path)
    path.chmod(0o640)
    with pytest.raises(SettingsError, match="found 640"):
        signature.load_key(path)


def test_a_missing_or_foreign_key_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="xuncha key new"):
        signature.load_key(tmp_path / "none.pem")
    (tmp_path / "bad.pem").write_bytes(b"hello")
    (tmp_path / "bad.pem").chmod(0o600)
    with pytest.raises(SettingsError, match="Ed25519"):
        signature.load_key(tmp_path / "bad.pem")


def test_a_public_key_with_any_bit_changed_is_another_key_or_none(tmp_path: Path) -> None:
    pem = signature.public_pem(signature.new_key(tmp_path / "key.pem").public_key())
    for place in range(len(pem)):
        for bit in range(8):
            changed = bytearray(pem)
            changed[place] ^= 1 << bit
            with contextlib.suppress(EvidenceError):
                signature.read_public(bytes(changed))


def test_a_signature_of_something_else_is_none(tmp_path: Path) -> None:
    key = signature.new_key(tmp_path / "key.pem")
    armored = signature.sign_ssh(key, b"one")
    assert signature.ssh_fault(key.public_key(), b"one", armored) == ""
    assert signature.ssh_fault(key.public_key(), b"two", armored)
    assert signature.fault(key.public_key(), b"one", key.sign(b"one")) == ""
    assert signature.fault(key.public_key(), b"one", b"")


def test_an_ssh_signature_has_one_spelling(tmp_path: Path) -> None:
    key = signature.new_key(tmp_path / "key.pem")
    armored = signature.sign_ssh(key, b"one")
    for other in (armored + b"\n", armored.replace(b"\n", b"\r\n"), armored[:-1], b"", b"\xff" * 300):
        assert signature.ssh_fault(key.public_key(), b"one", other)
