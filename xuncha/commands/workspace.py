"""Commands for the workspace itself: init, doctor, config, backup, demo."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xuncha import screen
from xuncha.commands import Json, Workspace, who


def register(app: typer.Typer) -> None:
    """Hang the commands on the command line."""
    app.command()(init)
    app.command()(doctor)
    app.command()(demo)
    app.command()(backup)
    config = typer.Typer(help="Settings.", no_args_is_help=True)
    config.command("show")(config_show)
    app.add_typer(config, name="config")


def init(
    folder: Annotated[Path, typer.Argument(help="the folder of the new workspace")] = Path("."),
    contact: Annotated[str, typer.Option(help="address or URL that site owners can write to")] = "",
) -> None:
    """Make a workspace: settings, store, and folders for sources, archive and reports."""
    from core.settings import FILE
    from xuncha.workspace import create

    made = create(folder.resolve(), contact)
    for path in made:
        screen.say(f"made {path}")
    if contact and folder.resolve() / FILE not in made:
        screen.warn(
            f"{folder / FILE} was there already and is left alone: write contact = {contact!r} into it yourself"
        )
    screen.say(
        f"next: {'' if contact else f'set contact in {folder / FILE}, '}declare sources, then `xuncha nightly -w {folder}`"
    )


def doctor(workspace: Workspace = None, json: Json = False) -> None:
    """Say what is missing or wrong on this machine and in this workspace, and how to mend it."""
    from xuncha.doctor import examine
    from xuncha.workspace import find

    findings = examine(find(workspace))
    if json:
        screen.as_json([{"check": f.check, "state": f.state, "found": f.found, "mend": f.mend} for f in findings])
    else:
        marks = {"ok": "ok  ", "warn": "warn", "fail": "FAIL"}
        for finding in findings:
            screen.say(f"{marks[finding.state]}  {finding.check}: {finding.found}")
            if finding.mend:
                screen.say(f"      -> {finding.mend}")
    if any(finding.state == "fail" for finding in findings):
        raise typer.Exit(1)


def config_show(workspace: Workspace = None, json: Json = False) -> None:
    """Show every setting, its value and where the value comes from."""
    from core import settings as declared
    from xuncha.workspace import find

    settings = declared.load(find(workspace))
    shown = {name: "(set, not shown)" for name in declared.SECRETS if settings[name]}
    rows = [
        (item.name, shown.get(item.name, settings[item.name]), settings.origins[item.name], item.help)
        for item in declared.SETTINGS
    ]
    if json:
        screen.as_json([dict(zip(("name", "value", "origin", "help"), row, strict=True)) for row in rows])
    else:
        screen.table(("setting", "value", "from", "what it is"), rows)


def backup(
    target: Annotated[Path, typer.Argument(help="the file to write; it must not exist")], workspace: Workspace = None
) -> None:
    """Write a consistent copy of the store; that is an act in the ledger, for all of it leaves the house with the file."""
    from core.store import Store
    from xuncha.workspace import find, now, settings_of

    with Store.open(settings_of(find(workspace)).path("database")) as store:
        store.backup(target)
        store.ledger.append(now(), who(), "backup written", target.name)
    screen.say(f"wrote {target}")


def demo(
    folder: Annotated[
        Path,
        typer.Option("--workspace", "-w", help="where the demo's workspace is made; an earlier demo there is replaced"),
    ] = Path("xuncha-demo"),
    json: Json = False,
) -> None:
    """The newcomer's minute: crawl a small website of our own on this machine, judge, link, and write the digest. Offline."""
    from xuncha.demo.show import show

    show(folder.resolve(), json)
