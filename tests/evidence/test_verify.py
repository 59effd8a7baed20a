from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from proving import bundled, edit, remade

from core.errors import InputError
from core.settings import Settings
from core.store import Store
from evidence import signature
from evidence.verify import verify

FILES = [
    "bagit.txt", "bag-info.txt", "manifest-sha256.txt", "manifest-sha512.txt", "tagmanifest-sha256.txt", "VERIFY.txt", "pubkey.pem",
    "allowed_signers", "signature.raw", "signature.sshsig", "data/capture.wacz", "data/record.json", "data/decisions.jsonl",
    "data/audit-proof.jsonl", "data/清单.csv", "data/清单.xlsx", "data/提取记录.docx", "data/text/1-v1.txt",
]  # fmt: skip


def named(folder: Path, **more: object) -> set[str]:
    return {damage.file.split("!")[0] for damage in verify(folder, **more)}  # type: ignore[arg-type]


def flip(body: bytes) -> bytes:
    return body[: len(body) // 2] + bytes([body[len(body) // 2] ^ 1]) + body[len(body) // 2 + 1 :]


def test_a_bundle_as_it_was_made_has_no_damage(settings: Settings, bundle: Path) -> None:
    key = signature.load_key(settings.workspace / signature.KEY).public_key()
    with Store.open(settings.path("database")) as store:
        assert verify(bundle, key, store.ledger) == []


@pytest.mark.parametrize("file", FILES)
def test_a_changed_byte_is_named_by_its_file(bundle: Path, file: str) -> None:
    edit(bundle / file, flip)
    assert file in named(bundle)


@pytest.mark.parametrize("file", [file for file in FILES if file != "tagmanifest-sha256.txt"])
def test_a_missing_file_is_named(bundle: Path, file: str) -> None:
    (bundle / file).unlink()
    assert file in named(bundle)


@pytest.mark.parametrize("file", ["note.txt", "data/extra.txt", "data/text/3-v1.txt", "data/text/deep/x.txt"])
def test_a_file_that_nobody_listed_is_named(bundle: Path, file: str) -> None:
    (bundle / file).parent.mkdir(exist_ok=True)
    (bundle / file).write_text("x")
    assert file in named(bundle)


def test_a_damage_says_what_was_expected_and_what_was_found(bundle: Path) -> None:
    stated = json.loads((bundle / "data/record.json").read_text("utf-8"))["texts"][0]["sha256"]
    edit(bundle / "data/text/1-v1.txt", flip)
    (first, *_) = [damage for damage in verify(bundle) if damage.file == "data/text/1-v1.txt"]
    assert stated in first.expected
    assert first.found != stated


@pytest.mark.parametrize(
    "file",
    [
        "data/record.json",
        "data/decisions.jsonl",
        "data/清单.csv",
        "data/清单.xlsx",
        "data/提取记录.docx",
        "data/text/1-v1.txt",
        "data/capture.wacz",
    ],
)
@pytest.mark.parametrize("sign", [False, True])
def test_made_anew_manifests_hide_nothing(settings: Settings, bundle: Path, file: str, sign: bool) -> None:
    edit(bundle / file, flip)
    remade(bundle, sign, settings)
    assert file in named(bundle)  # the ledger's entry of the export knows each file
    assert ("tagmanifest-sha256.txt" in named(bundle)) is not sign


def test_a_payload_that_is_not_the_records_is_named_by_its_capture(settings: Settings, bundle: Path) -> None:
    path = bundle / "data/record.json"
    record = json.loads(path.read_text("utf-8"))
    record["exhibits"][1]["sha256"] = "0" * 64
    path.write_text(json.dumps(record), "utf-8")
    remade(bundle, True, settings)
    (damage,) = [damage for damage in verify(bundle) if damage.file == "data/capture.wacz!archive/capture.warc.gz"]
    assert record["exhibits"][1]["record_id"] in damage.expected


def row_changed(rows: list[str]) -> list[str]:
    return [rows[0], rows[1].replace('"mei"', '"bo"'), *rows[2:]]


def row_removed(rows: list[str]) -> list[str]:
    return [rows[0], *rows[2:]]


def rows_swapped(rows: list[str]) -> list[str]:
    return [rows[1], rows[0], *rows[2:]]


@pytest.mark.parametrize("change", [row_changed, row_removed, rows_swapped])
def test_the_chain_shows_changed_removed_and_re_ordered_entries_even_under_our_own_key(
    settings: Settings, bundle: Path, change
) -> None:  # type: ignore[no-untyped-def]
    path = bundle / "data/audit-proof.jsonl"
    edit(path, lambda body: "".join(change(body.decode().splitlines(keepends=True))).encode())
    remade(bundle, True, settings)
    assert named(bundle) == {"data/audit-proof.jsonl"}


def test_another_key_is_seen_by_who_knows_the_right_one(settings: Settings, bundle: Path, tmp_path: Path) -> None:
    other = tmp_path / "other" / signature.KEY
    other.parent.mkdir()
    public = signature.new_key(other).public_key()
    (bundle / "pubkey.pem").write_bytes(signature.public_pem(public))
    (bundle / "allowed_signers").write_bytes(signature.allowed_signers(public))
    right = signature.load_key(settings.workspace / signature.KEY).public_key()
    shutil.copy(other, settings.workspace / signature.KEY)
    remade(bundle, True, settings)
    assert verify(bundle) == []  # of one piece: only the fingerprint, told by another way, shows the forger
    assert named(bundle, key=right) == {"pubkey.pem"}


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE ledger SET actor = 'x' WHERE seq = 3", "DELETE FROM ledger WHERE seq = 3", "DELETE FROM ledger WHERE seq = 5",
        "UPDATE ledger SET seq = CASE seq WHEN 3 THEN -4 WHEN 4 THEN -3 END WHERE seq IN (3, 4); UPDATE ledger SET seq = -seq WHERE seq < 0",
    ],
)  # fmt: skip
def test_a_bundle_outside_shows_what_was_done_to_the_ledger_inside(
    settings: Settings, bundle: Path, change: str
) -> None:
    with Store.open(settings.path("database")) as store:
        store.db.executescript(f"DROP TRIGGER ledger_no_UPDATE; DROP TRIGGER ledger_no_DELETE; {change};")
        assert named(bundle, ledger=store.ledger) == {"ledger"}


def test_a_link_out_of_the_bundle_is_named_and_not_followed(bundle: Path) -> None:
    (bundle / "data/record.json").unlink()
    (bundle / "data/record.json").symlink_to("/etc/hostname")
    assert [damage.file for damage in verify(bundle)] == ["data/record.json"]


@pytest.mark.parametrize("line", ["0  ../../etc/passwd\n", "no digest\n", "\x00\n", "a  b\na  b\n"])
def test_a_hostile_manifest_is_a_damage_and_no_crash(bundle: Path, line: str) -> None:
    (bundle / "manifest-sha256.txt").write_text(line)
    assert "manifest-sha256.txt" in named(bundle)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b"[" * 100_000, b"null\n", b'{"seq":[]}\n', b"\xff\xfe", b'{"exhibits":[1],"texts":{}}']
)
@pytest.mark.parametrize("file", ["data/record.json", "data/audit-proof.jsonl", "data/capture.wacz", "pubkey.pem"])
def test_a_file_of_another_shape_is_a_damage_and_no_crash(
    settings: Settings, bundle: Path, file: str, body: bytes
) -> None:
    (bundle / file).write_bytes(body)
    remade(bundle, True, settings)
    assert file in named(bundle)


def test_a_folder_that_is_no_bundle_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected a bundle"):
        verify(tmp_path)


def test_the_command_line_makes_a_key_a_bundle_and_a_verdict(settings: Settings, xuncha, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    here = settings.workspace
    (here / "xuncha.toml").write_text('contact = "mailto:operator@xuncha.example"\n')
    (here / signature.KEY).unlink()
    assert xuncha("bundle", "L0123456789", "--out", tmp_path / "out", "-w", here).returncode == 2  # no key yet
    assert b"SHA256:" in xuncha("key", "new", "-w", here).stdout
    made = xuncha("bundle", "L0123456789", "--out", tmp_path / "out", "--by", "li", "-w", here, "--json")
    folder = Path(json.loads(made.stdout)["folder"])
    known = here / "signing-key.pub.pem"
    whole = xuncha("verify", folder, "--key", known, "-w", here)
    assert (whole.returncode, b"whole; signed by SHA256:" in whole.stdout) == (0, True)
    edit(folder / "data/decisions.jsonl", flip)
    broken = xuncha("verify", folder, "--json")
    assert broken.returncode == 4
    assert "data/decisions.jsonl" in {damage["file"] for damage in json.loads(broken.stdout)["damages"]}


def test_two_exports_in_a_row_both_verify_against_the_ledger(settings: Settings, bundle: Path, tmp_path: Path) -> None:
    second = bundled(settings, tmp_path / "again").folder
    with Store.open(settings.path("database")) as store:
        assert verify(bundle, ledger=store.ledger) == verify(second, ledger=store.ledger) == []
