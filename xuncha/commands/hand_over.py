"""Commands that hand over: export, referral, release."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xuncha import screen
from xuncha.commands import Json, Workspace

By = Annotated[str, typer.Option(help="who takes it out, for the ledger (default: the system's user)")]
Reveal = Annotated[bool, typer.Option("--reveal", help="contacts in full; entered in the ledger")]


def register(app: typer.Typer) -> None:
    """Hang the commands on the command line."""
    app.command()(export)
    app.command()(referral)
    app.command()(release)


def export(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="leads, documents, contacts or judgements")],
    format: Annotated[str, typer.Option("--format", "-f", help="csv, xlsx, jsonl, parquet or stix")] = "csv",
    raw: Annotated[
        bool,
        typer.Option("--raw", help="CSV and XLSX for machines: exact values, no byte-order mark, no guarded cells"),
    ] = False,
    reveal: Reveal = False,
    out: Annotated[
        Path | None, typer.Option("--out", help="the file to write (default: in the workspace's reports/exports)")
    ] = None,
    by: By = "",
    workspace: Workspace = None,
    json: Json = False,
) -> None:
    """Write all leads, documents, contacts or judgements into a file. The same rows in every format; contacts masked, seekers' texts never."""
    from core.store import Store
    from reports.exports.export import export as write
    from reports.exports.formats import FORMATS
    from xuncha.commands import who
    from xuncha.workspace import find, now, settings_of

    settings, at = settings_of(find(workspace)), now()
    suffix = FORMATS[format][0] if format in FORMATS else format
    path = out or settings.path("reports") / "exports" / f"{kind}-{at:%Y%m%dT%H%M%SZ}.{suffix}"
    with Store.open(settings.path("database")) as store:
        told = write(
            store, kind, format, path, at, by=by or who(), model=str(settings["model"]), raw=raw, reveal=reveal
        )
    if json:
        screen.as_json(told)
        return
    screen.say(
        f"wrote {told['file']}: {told['rows']} {kind}, contacts {'in full (entered in the ledger)' if reveal else 'masked'}"
    )
    for note in told["notes"]:
        screen.say(note)


def referral(
    leads: Annotated[list[str], typer.Argument(metavar="LEAD...", help="ids of leads, as `xuncha leads` lists them")],
    region: Annotated[
        str,
        typer.Option(
            help="the place whose offices are addressed, before their names, e.g. 广东省 (default: a blank to fill in)"
        ),
    ] = "",
    reveal: Reveal = False,
    by: By = "",
    workspace: Workspace = None,
    json: Json = False,
) -> None:
    """Write letters (DOCX) and lists (XLSX) that refer leads to the departments they fall to. A draft with masked contacts, unless --reveal."""
    from core.store import Store
    from reports.referral.report import refer
    from xuncha.commands import who
    from xuncha.workspace import find, now, settings_of

    settings = settings_of(find(workspace))
    with Store.open(settings.path("database")) as store:
        paths, data = refer(store, settings, now(), leads, by=by or who(), reveal=reveal, region=region)
    if json:
        screen.as_json({"files": [str(path) for path in paths], "data": data})
        return
    for one in data["letters"]:
        names = [data["departments"][key]["zh"] for key in (one["to"], *one["copies"])]
        screen.say(
            f"{len(one['leads'])} leads, {len(one['exhibits'])} exhibits: to {names[0]}; copies to {', '.join(names[1:]) or 'nobody'}"
        )
    for path in paths:
        screen.say(f"wrote {path}")
    if not reveal:
        screen.say("a draft: contacts are masked; --reveal writes them in full and enters that in the ledger")


def release(
    redact: Annotated[bool, typer.Option("--redact", help="must be given: nothing is released as it is")] = False,
    rare: Annotated[
        int,
        typer.Option("--rare", min=2, help="a word outside the dictionaries in fewer groups of documents is dropped"),
    ] = 5,
    by: By = "",
    workspace: Workspace = None,
    json: Json = False,
) -> None:
    """Write a research data set without contacts, names and seekers: JSON lines, Parquet, SQLite, datasheet, Croissant, redaction report."""
    import secrets

    import xuncha
    from core.errors import InputError
    from core.store import Store
    from reports.release.report import release as write
    from xuncha.commands import who
    from xuncha.workspace import find, now, settings_of

    if not redact:
        raise InputError(
            "expected --redact: a release without redaction does not exist; `xuncha export` is for your own office"
        )
    settings = settings_of(find(workspace))
    with Store.open(settings.path("database")) as store:
        # the key lives in this call alone: nobody can compute a digest again
        paths, data = write(
            store, settings, now(), key=secrets.token_bytes(32), by=by or who(), version=xuncha.__version__, k=rare
        )
    if json:
        screen.as_json(
            {"files": [str(path) for path in paths], **{name: value for name, value in data.items() if name != "rows"}}
        )
        return
    told = data["redaction"]
    screen.say(
        f"wrote {paths[0].parent}: {data['documents']} documents ({', '.join(f'{name} {count}' for name, count in data['splits'].items())})"
    )
    screen.say(f"left out: {', '.join(f'{why} {count}' for why, count in told['withheld'].items()) or 'nothing'}")
    screen.say(
        f"taken out: {', '.join(f'{kind} {count}' for kind, count in told['tokens'].items())}; {told['characters_kept']:.1%} of the characters kept"
    )
