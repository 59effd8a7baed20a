"""Commands for several machines and for whole archives: ingest, sweep."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xuncha import screen
from xuncha.commands import Json, Workspace


def register(app: typer.Typer) -> None:
    """Hang the commands on the command line."""
    app.command()(ingest)
    app.command("sweep")(sweep_archives)


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


def sweep_archives(
    paths: Annotated[
        list[str],
        typer.Argument(
            help="WARC, WET and WACZ files, folders of them, patterns, URLs (http, s3), or Common Crawl's lists of paths (wet.paths.gz)"
        ),
    ],
    out: Annotated[
        Path, typer.Option("--out", help="folder of the results; the same one goes on with a sweep that was cut off")
    ],
    workers: Annotated[
        int, typer.Option("--workers", min=1, help="processes, or actors of Ray, each with a model of its own")
    ] = 1,
    ray: Annotated[
        bool, typer.Option("--ray", help="by Ray Data, on the cluster that RAY_ADDRESS names or on this machine")
    ] = False,
    model: Annotated[
        str, typer.Option("--model", "-m", help="a model of models/ (default: the workspace's setting)")
    ] = "",
    every: Annotated[bool, typer.Option("--every", help="judge in full what the gate would drop, too")] = False,
    base: Annotated[
        str, typer.Option("--base", help="what the paths in a list are relative to")
    ] = "https://data.commoncrawl.org/",
    workspace: Workspace = None,
    json: Json = False,
) -> None:
    """Judge whole archives: hits as Parquet with exact counts, their records as WARC, which `xuncha import` brings into the store for review."""
    from core import settings as declared
    from core.errors import InputError
    from xuncha.sweep import sweep
    from xuncha.sweep.judging import Plan
    from xuncha.sweep.paths import found
    from xuncha.workspace import find

    settings = declared.load(find(workspace))
    plan = Plan(model or str(settings["model"]), settings.path("sources"), int(settings["max_page_bytes"]), every)
    files = found(paths, base)
    with screen.progress("files") as advance:
        summary = sweep(files, out, plan, workers, ray, advance)
    if json:
        screen.as_json(summary)
    else:
        screen.say("  ".join(f"{name} {number}" for name, number in summary["counts"].items()))
        screen.say(f"{summary['files']} files, {summary['done_before']} of them done before; hits: xuncha import {out}")
    for fault in summary["faults"][:20]:
        screen.warn(f"xuncha: {fault}")
    if summary["faults"]:
        raise typer.Exit(InputError.exit_status)
