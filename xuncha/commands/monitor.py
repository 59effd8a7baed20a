"""Commands for who watches the patrol: metrics, notify, standing."""

from __future__ import annotations

from typing import Annotated

import typer

from xuncha import screen
from xuncha.commands import Json, Limit, Workspace


def register(app: typer.Typer) -> None:
    """Hang the commands on the command line."""
    app.command()(metrics)
    app.command()(notify)
    app.command()(standing)


def metrics(workspace: Workspace = None) -> None:
    """Write the metrics file (Prometheus text format) and show it; `xuncha nightly` writes it each night."""
    from core.store import Store
    from reports import report
    from xuncha import metrics as numbers
    from xuncha.workspace import find, now, settings_of, sources_of

    settings = settings_of(find(workspace))
    with Store.open(settings.path("database")) as store:
        expected = {name: dict(source.expect.get("documents", {})) for name, source in sources_of(settings).items()}
        found = numbers.registry(
            store, settings, report("digest").build(store, settings, now(), expected=expected), now()
        )
    path = numbers.write(found, settings)
    screen.say(numbers.text(found).rstrip())
    if path:
        screen.warn(f"wrote {path}")


def notify(
    test: Annotated[bool, typer.Option("--test", help="send a message that says it is a test")] = False,
    workspace: Workspace = None,
    json: Json = False,
) -> None:
    """Say how many addresses nights are told to, and with --test send each a message."""
    from xuncha import notify as messages
    from xuncha.workspace import find, settings_of

    settings = settings_of(find(workspace))
    urls = messages.addresses(settings)
    sent = 0
    if test:
        trial = messages.Message("巡查 xuncha: 测试 test", "这是一条测试消息。 This is a test message.", False)
        sent = messages.send(trial, urls, screen.warn)
    kinds = sorted(url.partition(":")[0] for url in urls)
    if json:
        screen.as_json({"addresses": len(urls), "kinds": kinds, "when": settings["notify_when"], "sent": sent})
    else:
        screen.say(
            f"{len(urls)} addresses ({', '.join(kinds) or 'none'}), told: {settings['notify_when']}"
            + (f"; sent {sent}" if test else "")
        )
    if test and sent < len(urls):
        raise typer.Exit(1)


def standing(
    state: Annotated[str, typer.Option(help="only pages that are up, changed, gone, returned or unreached")] = "",
    limit: Limit = 50,
    workspace: Workspace = None,
    json: Json = False,
) -> None:
    """List flagged documents' pages and what became of them, last looked at first. Neither titles nor contacts are shown."""
    from core.errors import SettingsError
    from core.plugins import suggest
    from core.store import Store
    from core.store.visits import STATES
    from xuncha.workspace import find, settings_of

    if state and state not in STATES:
        raise SettingsError(f"--state {state!r} is unknown; {suggest(state, STATES)}")
    with Store.open(settings_of(find(workspace)).path("database")) as store:
        rows = store.sightings.latest(state, limit)
    columns = (
        "document",
        "lead",
        "source",
        "state",
        "since",
        "checked_at",
        "seen_at",
        "gone_at",
        "returned_at",
        "reason",
    )
    shown = [
        (row.document, lead, source, row.state, row.since, row.checked_at, row.seen_at, row.gone_at, row.returned_at, row.reason)
        for row, lead, source in rows
    ]  # fmt: skip
    if json:
        screen.as_json([dict(zip(columns, row, strict=True)) for row in shown])
    else:
        screen.table(
            columns,
            [[f"{cell:%Y-%m-%d %H:%M}" if hasattr(cell, "strftime") else cell or "-" for cell in row] for row in shown],
        )
