"""The workspace: a folder with ``xuncha.toml``, the store, the archive, the operator's sources and the reports."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from core import settings as declared
from core.errors import Busy, SettingsError
from core.plugins import suggest
from core.settings import Settings
from core.store import Store
from crawler import sources as source_folders
from crawler.sources import Source

LOCK = ".xuncha.lock"


def now() -> datetime:
    """The time, UTC."""
    return datetime.now(UTC)


def find(given: Path | None) -> Path:
    """The workspace: the one given, ``XUNCHA_WORKSPACE``, or this folder."""
    return (given or Path(os.environ.get("XUNCHA_WORKSPACE") or ".")).resolve()


def settings_of(workspace: Path, environ: Mapping[str, str] | None = None) -> Settings:
    """The settings of a workspace, under the variables of ``environ`` (default: those of this process).

    Raises:
        SettingsError: it is no workspace, or a setting is wrong.
    """
    if not (workspace / declared.FILE).exists():
        raise SettingsError(
            f"{workspace}: expected a workspace with {declared.FILE}, found none; run `xuncha init {workspace}`"
        )
    return declared.load(workspace, environ)


def create(workspace: Path, contact: str = "", environ: Mapping[str, str] | None = None) -> list[Path]:
    """Make a workspace; what is there already is left alone. Returns what was made."""
    made = []
    for folder in (workspace, workspace / "sources", workspace / "reports", workspace / "archive"):
        if not folder.exists():
            folder.mkdir(parents=True)
            made.append(folder)
    file = workspace / declared.FILE
    if not file.exists():
        text = declared.template()
        if contact:
            text = text.replace(
                '# contact = ""', f"contact = {json.dumps(contact, ensure_ascii=False)}"
            )  # a TOML string is written like JSON's
        file.write_text(text, "utf-8")
        made.append(file)
    with Store.open(declared.load(workspace, environ).path("database")):
        pass
    return made


def sources_of(settings: Settings, names: list[str] | None = None, enabled_only: bool = True) -> dict[str, Source]:
    """The sources of a workspace, shipped and its own: those named, or all that are on.

    A source is on when its declaration says so, unless it was switched in this workspace (`xuncha sources on`, `off`).

    Raises:
        SettingsError: a name is unknown.
    """
    known = source_folders.discover(settings.path("sources"))
    if names:
        missing = [name for name in names if name not in known]
        if missing:
            raise SettingsError(f"no source {missing[0]!r}; {suggest(missing[0], known)}")
        return {name: known[name] for name in names}
    if not enabled_only:
        return known
    switched = _switches(settings)
    return {name: source for name, source in known.items() if switched.get(name, source.enabled)}


def _switches(settings: Settings) -> dict[str, bool]:
    path = settings.path("database")
    if not path.exists():
        return {}
    with Store.open(path) as store:
        return store.checked.switches()


@contextmanager
def locked(workspace: Path) -> Iterator[None]:
    """Hold the workspace against a second run; the lock falls with the process, however it ends.

    Raises:
        Busy: another process holds it.
    """
    with (workspace / LOCK).open("a+") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            stream.seek(0)
            raise Busy(
                f"{workspace}: process {stream.read().strip() or 'unknown'} is at work here; wait for it or stop it"
            ) from None
        stream.truncate(0)
        stream.write(str(os.getpid()))
        stream.flush()
        yield
