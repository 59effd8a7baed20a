"""Commands about the ledger: audit verify, audit log, audit head, audit stamp, audit erase."""

from __future__ import annotations

from typing import Annotated

import typer

from xuncha import screen
from xuncha.commands import Json, Limit, Workspace, who


def register(app: typer.Typer) -> None:
    """Hang the commands on the command line."""
    audit = typer.Typer(
        help="The ledger of every act: verify it, read it, have its head stamped.", no_args_is_help=True
    )
    audit.command()(verify)
    audit.command()(log)
    audit.command()(head)
    audit.command()(stamp)
    audit.command()(erase)
    app.add_typer(audit, name="audit")


def verify(
    heads: Annotated[
        list[str] | None,
        typer.Option("--head", help="a head that was kept elsewhere (hex, or number:hex); may be given again"),
    ] = None,
    workspace: Workspace = None,
    json: Json = False,
) -> None:
    """Verify the whole ledger: chain, guards, and the heads in digests, time stamps and --head. Each fault names its entry; exit status 4."""
    from core.errors import EvidenceError
    from core.store import Store
    from evidence.audit import examine
    from evidence.stamp import roots
    from xuncha.workspace import find, settings_of

    settings = settings_of(find(workspace))
    with Store.open(settings.path("database")) as store:
        found = examine(store, settings.path("reports"), roots(settings), heads or ())
    if json:
        screen.as_json(
            {"whole": not found.damages, "entries": found.entries, "head": found.head, "witnesses": found.witnesses,
             "stamps": found.stamps, "stamps_unchecked": found.unchecked, "damages": found.damages}
        )  # fmt: skip
    else:
        for damage in found.damages:
            screen.say(damage)
    if found.damages:
        raise EvidenceError(
            f"the ledger has {len(found.damages)} faults; stop work in this workspace, keep a copy, compare it with back-ups and bundles"
        )
    if not json:
        screen.say(
            f"whole: {found.entries} entries, {found.witnesses} heads kept elsewhere agree, {found.stamps} time stamps"
        )
        if found.unchecked:
            screen.say(f"{found.unchecked} time stamps were compared but no signature checked: set 'timestamp_roots'")
        if not found.witnesses:
            screen.say("no head was kept elsewhere: that the end of the ledger was cut off would not be seen")
        screen.say(f"head {found.entries}:{found.head}")


def log(limit: Limit = 50, workspace: Workspace = None, json: Json = False) -> None:
    """List the latest acts, newest first: who did what to what, and when. Payloads are not shown."""
    from core.store import Store
    from xuncha.workspace import find, settings_of

    columns = ("seq", "at", "actor", "action", "object", "hash")
    with Store.open(settings_of(find(workspace)).path("database")) as store:
        rows = [{name: entry[name] for name in columns} for entry in store.review.ledger(limit, 0)]
    if json:
        screen.as_json(rows)
    else:
        screen.table(columns, [(*[row[name] for name in columns[:-1]], row["hash"][:12]) for row in rows])


def head(workspace: Workspace = None, json: Json = False) -> None:
    """Show number and hash of the last entry: write it down, send it, keep it where nobody of the house can change it."""
    from core.store import Store
    from xuncha.workspace import find, settings_of

    with Store.open(settings_of(find(workspace)).path("database")) as store:
        seq, hash = store.ledger.head()
    if json:
        screen.as_json({"seq": seq, "head": hash})
    else:
        screen.say(f"{seq}:{hash}")


def stamp(workspace: Workspace = None, json: Json = False) -> None:
    """Have the ledger's head stamped by the configured authorities (RFC 3161), and all that waits. The night does this by itself."""
    from core.errors import EvidenceError, SettingsError
    from core.store import Store
    from evidence.stamp import authorities, stamp_ledger
    from xuncha.workspace import find, now, settings_of

    settings = settings_of(find(workspace))
    if not authorities(settings):
        raise SettingsError("timestamp_urls: expected an authority's URL, found none; set it in xuncha.toml")
    with Store.open(settings.path("database")) as store:
        faults = stamp_ledger(store, settings, now)
        held, waiting = store.stamps.held(), store.stamps.waiting()
    if json:
        screen.as_json({"held": len(held), "waiting": len(waiting), "faults": faults})
    elif held:
        screen.say(
            f"{len(held)} time stamps; the latest is of {held[-1].stamped_at:%Y-%m-%dT%H:%M:%SZ} by {held[-1].authority}"
        )
    if faults:
        raise EvidenceError("; ".join(faults))


def erase(
    seq: Annotated[int, typer.Argument(help="the number of the entry, as `xuncha audit log` lists it")],
    why: Annotated[str, typer.Option(help="the ground of the erasure; it stays in the ledger")],
    by: Annotated[str, typer.Option(help="who erases (default: the system's user)")] = "",
    workspace: Workspace = None,
) -> None:
    """Erase the payload of an entry where the law asks for it: the chain stays whole, and a new entry says who erased what and why."""
    from core.store import Store
    from xuncha.workspace import find, now, settings_of

    with Store.open(settings_of(find(workspace)).path("database")) as store:
        made = store.ledger.erase(seq, now(), by or who(), why)
    screen.say(f"the payload of entry {seq} is erased; head {made}")
