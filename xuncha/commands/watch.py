"""Commands about the watch list: query terms that sources search for, and contact points whose appearance is told."""

from __future__ import annotations

from typing import Annotated

import typer

from xuncha import screen
from xuncha.commands import Json, Limit, Workspace

Values = Annotated[list[str], typer.Argument(help="query terms, or contact ids with --contact")]
Contact = Annotated[
    str, typer.Option(help="they are contact ids of this kind: wechat, qq, phone, telegram, whatsapp, line, email, url")
]


def register(app: typer.Typer) -> None:
    """Hang the commands on the command line."""
    watch = typer.Typer(help="The watch list: query terms and contact ids to follow.", no_args_is_help=True)
    watch.command("add")(watch_add)
    watch.command("list")(watch_list)
    watch.command("remove")(watch_remove)
    watch.command("hits")(watch_hits)
    app.add_typer(watch, name="watch")


def watch_add(
    values: Values,
    contact: Contact = "",
    note: Annotated[str, typer.Option(help="why it is followed")] = "",
    workspace: Workspace = None,
) -> None:
    """Put query terms (关注词) on the watch list, or contact ids."""
    from core.store import Store
    from xuncha.watching import entry
    from xuncha.workspace import find, now, settings_of

    settings = settings_of(find(workspace))
    entries = [entry(value, contact) for value in values]
    with Store.open(settings.path("database")) as store, store.atomic():
        for kind, value in entries:
            new = store.watched.add(kind, value, note, now())
            screen.say(f"{kind}  {value}  {'added' if new else 'was there already'}")


def watch_list(workspace: Workspace = None, json: Json = False) -> None:
    """Show the watch list."""
    from core.store import Store
    from xuncha.workspace import find, settings_of

    with Store.open(settings_of(find(workspace)).path("database")) as store:
        found = store.watched.all()
    if json:
        screen.as_json([{"kind": w.kind, "value": w.value, "note": w.note, "added_at": w.added_at} for w in found])
    else:
        rows = [(watch.kind, watch.value, f"{watch.added_at:%Y-%m-%d}", watch.note) for watch in found]
        screen.table(("kind", "value", "since", "note"), rows)


def watch_remove(values: Values, contact: Contact = "", workspace: Workspace = None) -> None:
    """Take entries off the watch list."""
    from core.errors import InputError
    from core.store import Store
    from xuncha.watching import entry
    from xuncha.workspace import find, settings_of

    settings = settings_of(find(workspace))
    entries = [entry(value, contact) for value in values]
    with Store.open(settings.path("database")) as store, store.atomic():
        for kind, value in entries:
            if not store.watched.remove(kind, value):
                raise InputError(
                    f"watch list: expected {kind} {value!r} on it, found none; `xuncha watch list` shows it"
                )
    for kind, value in entries:
        screen.say(f"{kind}  {value}  removed")


def watch_hits(
    days: Annotated[int, typer.Option(min=0, help="only what was stored within so many days; 0 for all")] = 0,
    limit: Limit = 100,
    workspace: Workspace = None,
    json: Json = False,
) -> None:
    """List documents that show a watched contact id, newest first, flagged or not."""
    from datetime import timedelta

    from core.store import Store
    from xuncha.workspace import find, now, settings_of

    since = now() - timedelta(days=days) if days else None
    with Store.open(settings_of(find(workspace)).path("database")) as store:
        hits = store.watched.hits(since, limit)
    if json:
        screen.as_json([
            {"kind": h.kind, "value": h.value, "note": h.note, "document": h.document, "url": h.url, "source": h.source, "seen_at": h.seen_at, "flagged": h.flagged, "lead": h.lead}
            for h in hits
        ])  # fmt: skip
    else:
        rows = [
            (f"{h.seen_at:%Y-%m-%d %H:%M}", h.kind, h.value, "flagged" if h.flagged else "not flagged", h.lead or "-", h.source, h.url)
            for h in hits
        ]  # fmt: skip
        screen.table(("when", "kind", "value", "judged", "lead", "source", "url"), rows)
