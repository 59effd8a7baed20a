"""The command about pictures: how many there are, what was read in them, and reading what waits."""

from __future__ import annotations

from typing import Annotated

import typer

from xuncha import screen
from xuncha.commands import Json, Workspace


def register(app: typer.Typer) -> None:
    """Hang the command on the command line."""
    app.command()(pictures)


def pictures(
    read: Annotated[
        bool, typer.Option("--read", help="look at and read now what waits, within a night's budget, and judge it anew")
    ] = False,
    workspace: Workspace = None,
    json: Json = False,
) -> None:
    """Count the pictures of documents (图片): captured, not read (未读), with codes, words read. Reading needs the extra [pictures]."""
    import time

    from classifier.models import load
    from core.store import Store
    from xuncha import seeing, stages
    from xuncha.workspace import find, locked, now, settings_of

    settings = settings_of(find(workspace))
    done: dict[str, object] = {}
    if read:
        with locked(settings.workspace), Store.open(settings.path("database")) as store:
            rater = load(str(settings["model"]))
            seconds, begun = 60 * float(settings["picture_minutes"]), time.monotonic()
            done["look"] = stages.look(store, settings, now, time.monotonic, seconds)
            seconds -= time.monotonic() - begun
            stages.classify(store, rater, now)  # codes may have made a new version of what was judged
            done["read"] = stages.read(store, settings, rater, now, time.monotonic, seconds)
    with Store.open(settings.path("database")) as store:
        counts = store.pictures.counts()
    why = seeing.not_read()
    if json:
        screen.as_json({**counts, "why_not_read": why, **done})
        return
    for name, value in done.items():
        screen.say(f"{name} {value}")
    screen.table(("pictures", "n"), [(NAMES[name], number) for name, number in counts.items()])
    if why:
        screen.say(f"pictures stay not read (未读): {why}")


NAMES = {
    "pictures": "captured, each file once", "not_read": "not read (未读)", "unreadable": "cannot be read", "with_codes": "with QR or bar codes",
    "queued": "words wait to be read", "words_read": "words read", "refused": "addresses that gave none", "to_fetch": "addresses still to be fetched",
}  # fmt: skip
