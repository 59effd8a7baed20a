"""Commands that collect: crawl, import, refused, nightly."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xuncha import screen
from xuncha.commands import Json, Limit, Workspace

Names = Annotated[
    list[str] | None, typer.Option("--source", "-s", help="only this source (may be given several times)")
]


def register(app: typer.Typer) -> None:
    """Hang the commands on the command line."""
    app.command("crawl")(crawl_sources)
    app.command("import")(import_files)
    app.command()(refused)
    app.command()(nightly)


def crawl_sources(source: Names = None, workspace: Workspace = None, json: Json = False) -> None:
    """Crawl the enabled sources, or those named; an unfinished crawl is gone on with."""
    import xuncha
    from core.store import Store
    from crawler.run import crawl
    from xuncha import stages
    from xuncha.workspace import find, locked, now, settings_of, sources_of

    settings = settings_of(find(workspace))
    with (
        locked(settings.workspace),
        Store.open(settings.path("database")) as store,
        screen.progress("pages") as advance,
    ):
        run = crawl(
            store, settings, sources_of(settings, source), xuncha.__version__, now, screen.warn, lambda: advance(1)
        )
        if settings["hand_over"]:
            from xuncha.handing import hand_over

            screen.warn(f"handed over: {hand_over(store, settings)} WARC files and the store")
    if json:
        screen.as_json({"run": run.id, "state": run.state, "counts": dict(run.counts), "issues": list(run.issues)})
    else:
        screen.counts_table(stages.crawl_counts(run))
        screen.say(f"crawl run {run.id} {run.state}")


def import_files(
    files: Annotated[
        list[Path],
        typer.Argument(
            help="exports (JSONL, CSV, XLSX, SQLite), archives (WARC, WET, WACZ), saved pages, folders of them, the folder of a sweep"
        ),
    ],
    platform: Annotated[
        str,
        typer.Option(help="the platform that the documents come from, e.g. xiaohongshu, where the file does not tell"),
    ] = "",
    format: Annotated[str, typer.Option(help="the format, where the file's ending does not tell it")] = "",
    column: Annotated[list[str] | None, typer.Option(help="field=column, for columns with names of their own")] = None,
    workspace: Workspace = None,
    json: Json = False,
) -> None:
    """Bring in files that you lawfully have; each is kept in the archive by its SHA-256. A broken record does not stop the rest."""
    from core.errors import InputError
    from core.store import Store
    from crawler.saved import pages_in
    from xuncha.bringing import bring
    from xuncha.sweep.parts import hits_in
    from xuncha.workspace import find, locked, settings_of, sources_of

    settings = settings_of(find(workspace))
    mapping = dict(part.split("=", 1) for part in column or () if "=" in part)
    if column and len(mapping) != len(column):
        raise InputError(f"--column: expected field=column, found {column}")
    paths = [
        path for given in files for path in ((hits_in(given) or list(pages_in(given))) if given.is_dir() else [given])
    ]
    if not paths:
        raise InputError(f"{files[0]}: expected files or a folder with saved pages, found none")
    results, faulty = [], 0
    with locked(settings.workspace), Store.open(settings.path("database")) as store:
        sources = sources_of(settings, enabled_only=False)
        for path in paths:
            counts, told = bring(store, settings, path, sources, platform, format, mapping)
            for line in told:
                screen.warn(line)
            faulty += len(told)
            results.append({"file": str(path), **counts})
    if json:
        screen.as_json(results)
    else:
        for result in results:
            screen.say("  ".join(f"{key} {value}" for key, value in result.items()))
    if faulty:
        raise typer.Exit(InputError.exit_status)


def refused(
    source: Names = None,
    run: Annotated[int | None, typer.Option(help="only this crawl run")] = None,
    by_reason: Annotated[bool, typer.Option("--by-reason", help="count them by source and reason instead")] = False,
    limit: Limit = 100,
    workspace: Workspace = None,
    json: Json = False,
) -> None:
    """List URLs that were not fetched or not kept, and why, newest last."""
    from core.store import Store
    from xuncha.workspace import find, settings_of

    with Store.open(settings_of(find(workspace)).path("database")) as store:
        if by_reason:
            counts = store.refusals.counts(run, source)
            if json:
                screen.as_json(counts)
            else:
                screen.table(
                    ("source", "reason", "URLs", "for example"),
                    [(row["source"], row["reason"], row["n"], row["example"]) for row in counts],
                )
            return
        rows = store.refusals.latest(limit, run, source)
    if json:
        screen.as_json(
            [
                {"at": r.at, "source": r.source, "url": r.url, "reason": r.reason, "detail": r.detail, "run": r.run}
                for r in rows
            ]
        )
    else:
        screen.table(
            ("when", "source", "url", "reason", "detail"),
            [(f"{r.at:%Y-%m-%d %H:%M}", r.source, r.url, r.reason, r.detail) for r in rows],
        )


def nightly(source: Names = None, workspace: Workspace = None, json: Json = False) -> None:
    """The whole night: crawl, classify, link, digest. Start it again after any stop: it goes on where it was."""
    from xuncha.cli import ALARMS
    from xuncha.nightly import night
    from xuncha.workspace import find, now, settings_of, sources_of

    settings = settings_of(find(workspace))
    done = night(settings, sources_of(settings, source), now, screen.warn)
    if json:
        screen.as_json(done)
    else:
        screen.counts_table(done["sources"])
        screen.say(f"crawl {done['crawl']}")
        screen.say(f"pictures {done['pictures']}")
        screen.say(f"judged {done['classify']}")
        screen.say(f"leads {done['link']}")
        for path in done["digest"]:
            screen.say(f"digest {path}")
        for alarm in done["alarms"]:
            screen.say(f"ALARM {alarm}")
    if done["alarms"]:
        raise typer.Exit(ALARMS)
