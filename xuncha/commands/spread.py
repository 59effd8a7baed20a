"""Commands for several machines and for whole archives: ingest, sweep."""

from __future__ import annotations

from typing import Annotated

import typer

from xuncha import screen
from xuncha.commands import Json, Workspace


def register(app: typer.Typer) -> None:
    """Hang the commands on the command line."""
    app.command()(ingest)


def ingest(
    place: Annotated[str, typer.Argument(help="the folder or URL of setting `hand_over` of the crawlers")],
    workspace: Workspace = None,
    json: Json = False,
) -> None:
    """Take in what the crawlers of other machines left in a shared place: captures, documents, refusals. Each row once, however often it is run."""
    from core.errors import EvidenceError
    from core.store import Store
    from xuncha.handing import ingest as take_in
    from xuncha.workspace import find, locked, now, settings_of

    settings = settings_of(find(workspace))
    with locked(settings.workspace), Store.open(settings.path("database")) as store:
        counts, faults = take_in(store, settings, place, now)
    if json:
        screen.as_json(counts)
    else:
        screen.counts_table(counts)
    for fault in faults:
        screen.warn(f"xuncha: {fault}")
    if faults:
        raise typer.Exit(EvidenceError.exit_status)
