"""BagIt bags (RFC 8493): payload under ``data/``, manifests in SHA-256 and SHA-512, a tag manifest over all the rest.

Own writer: the ``bagit`` library stamps the day and its own name into each bag, and the same input must give the same bytes. The tests
hold ours to ``sha256sum -c`` and, where it is installed, to ``bagit``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from core.errors import EvidenceError

TAG_MANIFEST = "tagmanifest-sha256.txt"
MANIFESTS = {"manifest-sha256.txt": "sha256", "manifest-sha512.txt": "sha512"}
DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
Fault = tuple[str, str, str]  # file, expected, found


def write(
    folder: Path, payload: Mapping[str, bytes], info: Sequence[tuple[str, str]], tags: Mapping[str, bytes]
) -> None:
    """Write a bag into a folder that is there and empty; payload paths are relative to ``data/``."""
    content = {f"data/{path}": body for path, body in payload.items()}
    total = sum(map(len, content.values()))
    lines = [*info, ("Payload-Oxum", f"{total}.{len(content)}")]
    described = "".join(f"{name}: {' '.join(value.split())}\n" for name, value in lines)
    tagged = {"bagit.txt": DECLARATION, "bag-info.txt": described.encode(), **tags}
    tagged |= {name: _manifest(content, algorithm) for name, algorithm in MANIFESTS.items()}
    for path, body in {**content, **tagged, TAG_MANIFEST: _manifest(tagged, "sha256")}.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(body)


def _manifest(content: Mapping[str, bytes], algorithm: str) -> bytes:
    return "".join(
        f"{hashlib.new(algorithm, content[path]).hexdigest()}  {path}\n" for path in sorted(content)
    ).encode()


def faults(folder: Path, loose: Sequence[str]) -> Iterator[Fault]:
    """Each file that is not as the manifests say, is missing, or that no manifest names; ``loose`` top-level files need none."""
    there = {
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()
    }
    for path in sorted(there):
        if (folder / path).is_symlink() or not (folder / path).is_file():
            yield path, "a plain file", "a link or something else"
            return
    tags = {path for path in there if not path.startswith("data/")} - {TAG_MANIFEST, *loose}
    yield from _against(folder, TAG_MANIFEST, "sha256", tags)
    for name, algorithm in MANIFESTS.items():
        yield from _against(folder, name, algorithm, {path for path in there if path.startswith("data/")})


def _against(folder: Path, manifest: str, algorithm: str, there: set[str]) -> Iterator[Fault]:
    try:
        listed = entries(folder / manifest)
    except EvidenceError as error:
        yield manifest, "lines of digest and path", str(error)
        return
    for path in sorted(listed.keys() | there):
        if path not in there:
            yield path, f"the file that {manifest} names", "no such file"
        elif path not in listed:
            yield path, f"a line in {manifest}", "none"
        else:
            with (folder / path).open("rb") as stream:
                found = hashlib.file_digest(stream, algorithm).hexdigest()
            if found != listed[path]:
                yield path, f"{algorithm} {listed[path]} ({manifest})", found


def entries(manifest: Path) -> dict[str, str]:
    """Digest by path, as a manifest lists them.

    Raises:
        EvidenceError: it is missing, or a line is not a digest, two spaces and a path.
    """
    try:
        lines = manifest.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise EvidenceError(f"{manifest.name}: cannot be read: {error}") from error
    found = {}
    for number, line in enumerate(lines, 1):
        digest, gap, path = line.partition("  ")
        if not gap or not path or path in found:
            raise EvidenceError(
                f"{manifest.name}:{number}: expected a digest, two spaces and a path, found {line[:80]!r}"
            )
        found[path] = digest
    return found
