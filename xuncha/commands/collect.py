"""Commands that collect: crawl, import, sources, refused, nightly."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

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
    sources = typer.Typer(help="The places that are patrolled.", no_args_is_help=True)
    sources.command("list")(sources_list)
    sources.command("test")(sources_test)
    app.add_typer(sources, name="sources")


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
    if json:
        screen.as_json({"run": run.id, "state": run.state, "counts": dict(run.counts), "issues": list(run.issues)})
    else:
        screen.counts_table(stages.crawl_counts(run))
        screen.say(f"crawl run {run.id} {run.state}")


def import_files(
    files: Annotated[list[Path], typer.Argument(help="JSONL, CSV or WARC files")],
    platform: Annotated[str, typer.Option(help="the platform that the documents come from, e.g. xiaohongshu")],
    format: Annotated[str, typer.Option(help="the format, where the file's ending does not tell it")] = "",
    column: Annotated[list[str] | None, typer.Option(help="field=column, for columns with names of their own")] = None,
    workspace: Workspace = None,
    json: Json = False,
) -> None:
    """Bring in files that you lawfully have; each is kept in the archive by its SHA-256. A broken record does not stop the rest."""
    from core.errors import InputError
    from core.store import Store
    from crawler.imports import import_file
    from crawler.replay import is_warc, replay
    from xuncha import stages
    from xuncha.workspace import find, locked, now, settings_of, sources_of

    settings = settings_of(find(workspace))
    mapping = dict(part.split("=", 1) for part in column or () if "=" in part)
    if column and len(mapping) != len(column):
        raise InputError(f"--column: expected field=column, found {column}")
    results, faulty = [], 0
    with locked(settings.workspace), Store.open(settings.path("database")) as store:
        for path in files:
            counts: dict[str, int] = {}
            issues: list[str] = []
            with stages.recorded(store, "import", now, counts, issues, file=path.name, platform=platform) as run:
                if is_warc(path):
                    found, told = replay(store, settings, path, sources_of(settings, enabled_only=False), now(), run)
                else:
                    found, faults = import_file(store, settings, path, platform, now(), run, format, mapping)
                    told = [f"{path}:{fault.line}: {fault.what}" for fault in faults]
                counts.update(found)
                issues += told[:100]
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
        screen.say(f"judged {done['classify']}")
        screen.say(f"leads {done['link']}")
        for path in done["digest"]:
            screen.say(f"digest {path}")
        for alarm in done["alarms"]:
            screen.say(f"ALARM {alarm}")
    if done["alarms"]:
        raise typer.Exit(ALARMS)


def sources_list(workspace: Workspace = None, json: Json = False) -> None:
    """List the declared sources, shipped ones and those of the workspace."""
    from crawler import sources
    from xuncha.workspace import find, settings_of

    found = sources.discover(settings_of(find(workspace)).path("sources"))
    rows = [
        (s.name, s.kind, s.title, "on" if s.enabled else "off", s.robots_read, s.start_urls[0]) for s in found.values()
    ]
    columns = ("source", "kind", "title", "state", "robots read", "begins at")
    if json:
        screen.as_json([dict(zip(columns, row, strict=True)) for row in rows])
    else:
        screen.table(columns, rows)


def sources_test(
    name: Annotated[str, typer.Argument(help="the source to try")],
    pages: Annotated[int, typer.Option(min=1, max=50, help="how many pages to fetch")] = 3,
    workspace: Workspace = None,
    json: Json = False,
) -> None:
    """Fetch a few pages of a source, politely, and show what would be taken; nothing of it enters the store."""
    import tempfile
    from dataclasses import replace

    import xuncha
    from core.store import Store
    from crawler.run import crawl
    from xuncha.workspace import find, now, settings_of, sources_of

    settings = settings_of(find(workspace))
    source = replace(sources_of(settings, [name])[name], max_pages=pages)
    with tempfile.TemporaryDirectory() as folder:
        trial = settings.replace(archive=f"{folder}/archive")
        with Store.open(Path(folder) / "trial.db") as store:
            crawl(store, trial, {name: source}, xuncha.__version__, now, screen.warn)
            robots: list[dict[str, Any]] = [
                {"url": c.url, "status": c.status} for c in store.captures.all("robots.txt")
            ]
            taken: list[dict[str, Any]] = [
                {
                    "url": d.url,
                    "id": d.native_id,
                    "title": d.title,
                    "author": d.author,
                    "published": d.published_at,
                    "text": d.text[:300],
                }
                for id in range(1, store.documents.count() + 1)
                if (d := store.documents.get(id))
            ]
            refusals: list[dict[str, Any]] = [
                {"url": r.url, "reason": r.reason, "detail": r.detail} for r in store.refusals.all()
            ]
    if json:
        screen.as_json({"source": name, "robots": robots, "documents": taken, "refused": refusals})
        return
    for row in robots:
        screen.say(f"robots.txt  {row['url']}  status {row['status']}")
    for row in taken:
        screen.say(
            f"\n{row['url']}\n  id {row['id']}  author {row['author'] or '-'}  published {row['published'] or '-'}\n  {row['title']}\n  {row['text']}"
        )
    for row in refusals:
        screen.say(f"refused  {row['url']}  {row['reason']}  {row['detail']}")
    screen.say(f"\n{len(taken)} documents, {len(refusals)} refused, at most {pages} pages")
