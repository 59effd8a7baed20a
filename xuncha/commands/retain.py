"""Commands about how long things are kept: purge, hold, holds."""

from __future__ import annotations

from typing import Annotated

import typer

from xuncha import screen
from xuncha.commands import Json, Workspace, who


def register(app: typer.Typer) -> None:
    """Hang the commands on the command line."""
    app.command()(purge)
    app.command()(hold)
    app.command()(holds)


def purge(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="say what would be purged, and change nothing")] = False,
    by: Annotated[str, typer.Option(help="who purges, for the ledger (default: the system's user)")] = "",
    workspace: Workspace = None,
    json: Json = False,
) -> None:
    """Purge what has been kept long enough to hash, label and date, and erase its captures. The night does this by itself; the ledger says what went."""
    from collections import Counter

    from core.errors import EvidenceError
    from core.store import Store
    from xuncha import stages
    from xuncha.retention import periods, plan
    from xuncha.workspace import find, locked, now, settings_of

    settings = settings_of(find(workspace))
    days = periods(settings)
    with locked(settings.workspace), Store.open(settings.path("database")) as store:
        found = plan(store, settings, now())
        counts, faults = ({}, []) if dry_run else stages.purge(store, settings, now, by or who())
    going, kept = Counter(one.label for one in found.going), Counter((one.label, one.kept) for one in found.kept)
    if json:
        screen.as_json(
            {"dry_run": dry_run, "days": days, "documents": going, "captures": len(found.captures), "bytes": sum(c.size for c in found.captures),
             "kept": [{"label": label, "why": why, "documents": n} for (label, why), n in kept.items()], "counts": counts, "faults": faults}
        )  # fmt: skip
    else:
        verb = "would be purged" if dry_run else "purged"
        for label, limit in days.items():
            screen.say(f"{label}: {going[label]} documents {verb} (kept {limit} days)")
        for (label, why), number in kept.items():
            screen.say(f"{label}: {number} documents are due and stay: {why}")
        size = sum(capture.size for capture in found.captures)
        screen.say(
            f"captures: {len(found.captures)} {'would be erased' if dry_run else 'erased'} ({size / 1e6:.1f} MB as received)"
        )
    if faults:
        raise EvidenceError(f"{len(faults)} captures could not be erased and are tried again each night: {faults[0]}")


def hold(
    lead: Annotated[str, typer.Argument(help="the lead's id, as `xuncha leads` lists it")],
    why: Annotated[str, typer.Option(help="the ground: a case number, a letter; it stays in the ledger")] = "",
    release: Annotated[bool, typer.Option("--release", help="end the hold")] = False,
    by: Annotated[str, typer.Option(help="who holds or releases (default: the system's user)")] = "",
    workspace: Workspace = None,
) -> None:
    """Hold a lead (legal hold): its documents and their captures are not purged until it is released."""
    from core.errors import InputError
    from core.store import Store
    from xuncha.workspace import find, now, settings_of

    if not why:
        raise InputError("expected the ground of it; give --why")
    with Store.open(settings_of(find(workspace)).path("database")) as store, store.atomic():
        if store.leads.get(lead) is None:
            raise InputError(f"lead {lead!r}: expected a lead, found none; `xuncha leads` lists them")
        if release:
            done = store.retention.release(lead, by or who(), now())
        else:
            done = store.retention.hold(lead, by or who(), now(), why)
        if done:
            store.ledger.append(now(), by or who(), "hold released" if release else "hold placed", lead, {"why": why})
    if release:
        screen.say(f"{lead} is released" if done else f"{lead} was not on hold")
    else:
        screen.say(f"{lead} is on hold" if done else f"{lead} is on hold already")


def holds(workspace: Workspace = None, json: Json = False) -> None:
    """List the leads that are on hold."""
    from core.store import Store
    from xuncha.workspace import find, settings_of

    with Store.open(settings_of(find(workspace)).path("database")) as store:
        found = store.retention.holds()
    if json:
        screen.as_json(found)
    else:
        screen.table(
            ("lead", "by", "since", "documents", "why"),
            [(h["lead"], h["by"], f"{h['at']:%Y-%m-%d}", h["documents"], h["why"]) for h in found],
        )
