"""Keys of search services: from a variable or a file of the workspace, put into a request at the last moment and never stored.

A declaration names its secret and writes ``{secret}`` where it belongs. The frontier, the refusal ledger and the archive hold that word;
``crawler.outgoing`` puts the key in its place when the request leaves, and takes it out of an answer that repeats it.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path

from core.errors import SettingsError
from core.settings import SECRET_PREFIX

FOLDER = "secrets"
PLACE = "{secret}"
NAME = re.compile(r"[a-z0-9_]{1,40}")
_PLACES = re.compile(r"\{secret\}|%7[Bb]secret%7[Dd]")


def secret(workspace: Path, name: str, environ: Mapping[str, str] | None = None) -> str:
    """The secret of a name: ``XUNCHA_SECRET_<NAME>``, or the file ``secrets/<name>`` of the workspace; empty where there is neither.

    Raises:
        SettingsError: the file can be read by others than its owner, or not at all.
    """
    environ = os.environ if environ is None else environ
    given = environ.get(SECRET_PREFIX + name.upper(), "").strip()
    path = workspace / FOLDER / name
    if given or not path.exists():
        return given
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise SettingsError(
                f"{path}: expected a file that its owner alone can read; run `chmod 600 {path}`, as it holds a key"
            )
        return path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: expected a readable file with a key: {error}") from error


def put_in(text: str, key: str) -> str:
    """A text with the key where its declaration has ``{secret}``, as written or percent-encoded."""
    return _PLACES.sub(lambda _: key, text)


def taken_out(content: bytes, key: str) -> bytes:
    """What was received, without the key: blanked by as many signs, so that lengths stay."""
    return content.replace(key.encode(), b"*" * len(key.encode())) if key else content
