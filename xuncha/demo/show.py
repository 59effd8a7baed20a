"""Running the demo: a fresh workspace, the real night over our own small websites, and what came of it in plain words."""

from __future__ import annotations

import secrets
import shutil
import time
from collections import Counter
from pathlib import Path
from typing import Any

from core.errors import SettingsError
from core.labels import labels
from core.store import Store
from review import accounts
from xuncha import screen
from xuncha.demo.server import serve, write_sources
from xuncha.nightly import night
from xuncha.seeing import not_read
from xuncha.workspace import create, now, settings_of, sources_of

MARK = ".xuncha-demo"
CONTACT = "mailto:operator@xuncha.example"
PAGE_DEADLINE_SECONDS = 2.0


def show(folder: Path, json: bool) -> None:
    """Make a demo workspace in a folder, run the night over the demo's websites there, and tell what was found and refused.

    Raises:
        SettingsError: the folder holds something that is not an earlier demo.
    """
    if folder.exists() and any(folder.iterdir()) and not (folder / MARK).exists():
        raise SettingsError(
            f"{folder}: expected an empty folder or an earlier demo, found other files; name another with --workspace"
        )
    shutil.rmtree(folder, ignore_errors=True)
    create(folder, CONTACT, environ={})
    (folder / MARK).touch()
    started = time.monotonic()
    settings = settings_of(folder, environ={}).replace(  # variables may point to the operator's own store
        allow_addresses=["127.0.0.1"], delay_seconds=0.02, page_deadline_seconds=PAGE_DEADLINE_SECONDS
    )
    with serve() as bases:
        write_sources(settings.path("sources"), bases)
        mine = {
            name: source
            for name, source in sources_of(settings).items()
            if source.folder.parent == settings.path("sources")
        }
        say = (lambda _: None) if json else screen.warn
        if not json:
            screen.say(f"Patrolling {len(bases)} small websites of our own on 127.0.0.1 ...\n")
        done = night(settings, mine, now, say)
    with Store.open(settings.path("database")) as store:
        for name, role in (("analyst", "analyst"), ("reviewer", "lead_reviewer")):
            accounts.add(store, name, role, secrets.token_urlsafe(24), now())  # entered by one-time links alone
        result = {
            "captures": store.captures.count(),
            "documents": store.documents.count(),
            "flagged": done["classify"]["flagged"],
            "leads": store.leads.count(),
            "refused": len(store.refusals.all()),
            "digest": next(path for path in done["digest"] if path.endswith(".html")),
        }
        if json:
            screen.as_json(result)
        else:
            _tell(store, done, result, folder, time.monotonic() - started)


def _tell(store: Store, done: dict[str, Any], result: dict[str, Any], folder: Path, seconds: float) -> None:
    screen.counts_table(done["sources"])
    screen.say(
        f"\nFound: {result['flagged']} adverts flagged in {result['documents']} documents, tied into {result['leads']} leads 线索:\n"
    )
    rows = [
        (f"{lead.priority:.2f}", labels()[lead.label].title, len(lead.documents), len(lead.contacts), lead.title[:36])
        for lead in store.leads.queue(12)
    ]
    screen.table(("priority", "label", "documents", "contacts", "title"), rows)
    seen = store.pictures.counts()
    screen.say(
        f"\nPictures: {seen['pictures']} captured, words of {seen['words_read']} read, codes in {seen['with_codes']}."
    )
    if why := not_read():
        screen.say(f"Pictures stay not read (未读): {why}")
    screen.say("\nRefused, and why:\n")
    refused = Counter((item.reason, item.detail.split(" (")[0][:70]) for item in store.refusals.all())
    screen.table(
        ("reason", "detail", "URLs"), [(reason, detail, count) for (reason, detail), count in sorted(refused.items())]
    )
    screen.say(f"\n{seconds:.0f} seconds. Look at it:")
    screen.say(f"  the digest       file://{result['digest']}")
    screen.say(f"  the leads        xuncha leads -w {folder}")
    screen.say(f"  the refusals     xuncha refused -w {folder}")
    screen.say(
        f"  the review page  xuncha review -w {folder} --link analyst   (or --link reviewer, for the second look)"
    )
