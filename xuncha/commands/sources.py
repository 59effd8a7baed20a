"""Commands about sources: list, check, on, off, test, new."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from xuncha import screen
from xuncha.commands import Json, Workspace

Name = Annotated[str, typer.Argument(help="the source's name")]


def register(app: typer.Typer) -> None:
    """Hang the commands on the command line."""
    sources = typer.Typer(help="The places that are patrolled.", no_args_is_help=True)
    sources.command("list")(sources_list)
    sources.command("check")(sources_check)
    sources.command("on")(sources_on)
    sources.command("off")(sources_off)
    sources.command("test")(sources_test)
    sources.command("new")(sources_new)
    app.add_typer(sources, name="sources")


def sources_list(workspace: Workspace = None, json: Json = False) -> None:
    """List the declared sources, shipped ones and those of the workspace: whether they are on, and what was last read of robots.txt."""
    from core.store import Store
    from xuncha.workspace import find, settings_of, sources_of

    settings = settings_of(find(workspace))
    with Store.open(settings.path("database")) as store:
        checks, switched = store.checked.all(), store.checked.switches()
    rows = []
    for source in sources_of(settings, enabled_only=False).values():
        check = checks.get(source.name)
        read = f"{check.verdict}, {check.read_at:%Y-%m-%d}" if check else source.robots_read
        state = "on" if switched.get(source.name, source.enabled) else "off"
        rows.append((source.name, source.kind, source.title, state, read, source.start_urls[0]))
    columns = ("source", "kind", "title", "state", "robots read", "begins at")
    if json:
        screen.as_json([dict(zip(columns, row, strict=True)) for row in rows])
    else:
        screen.table(columns, rows)


def sources_check(
    names: Annotated[list[str] | None, typer.Argument(help="these sources; all where none is named")] = None,
    workspace: Workspace = None,
    json: Json = False,
) -> None:
    """Read the robots.txt of sources, live, and keep verdict and date in the workspace; no page of theirs is asked for."""
    import xuncha
    from core.store import Store
    from crawler.check import check
    from xuncha.workspace import find, locked, now, settings_of, sources_of

    settings = settings_of(find(workspace))
    wanted = sources_of(settings, names, enabled_only=False)
    with locked(settings.workspace), Store.open(settings.path("database")) as store:
        checks = check(store, settings, wanted, xuncha.__version__, now)
    if json:
        screen.as_json(
            [{"source": c.source, "verdict": c.verdict, "read_at": c.read_at, "detail": c.detail} for c in checks]
        )
        return
    rows = [(c.source, c.verdict, f"{c.read_at:%Y-%m-%d %H:%M}Z", c.detail) for c in checks]
    screen.table(("source", "robots.txt", "read", "why"), rows)
    screen.say("`xuncha sources on NAME` switches a source on; its robots.txt is read again every night")


def sources_on(name: Name, workspace: Workspace = None) -> None:
    """Switch a source on, once its robots.txt has been read and allows its first pages."""
    from core.errors import SettingsError
    from core.store import Store
    from xuncha.workspace import find, now, settings_of, sources_of

    settings = settings_of(find(workspace))
    sources_of(settings, [name])
    with Store.open(settings.path("database")) as store:
        check = store.checked.all().get(name)
        if check is None:
            raise SettingsError(f"{name}: its robots.txt has not been read yet; run `xuncha sources check {name}`")
        if check.verdict not in ("allowed", "partly"):
            raise SettingsError(
                f"{name}: robots.txt: {check.verdict}, read {check.read_at:%Y-%m-%d}: {check.detail}; it stays off"
            )
        store.checked.switch(name, True, now())
    screen.say(f"{name} is on")


def sources_off(name: Name, workspace: Workspace = None) -> None:
    """Switch a source off; what it gave stays."""
    from core.store import Store
    from xuncha.workspace import find, now, settings_of, sources_of

    settings = settings_of(find(workspace))
    sources_of(settings, [name])
    with Store.open(settings.path("database")) as store:
        store.checked.switch(name, False, now())
    screen.say(f"{name} is off")


def sources_test(
    name: Annotated[str, typer.Argument(help="the source to try")],
    pages: Annotated[int, typer.Option(min=1, max=50, help="how many pages to fetch")] = 3,
    query: Annotated[list[str] | None, typer.Option(help="a query, for a source that searches")] = None,
    workspace: Workspace = None,
    json: Json = False,
) -> None:
    """Fetch a few pages of a source, politely, and show what would be taken; nothing of it enters the store."""
    from core.store import Store
    from xuncha.trial import try_out
    from xuncha.workspace import find, settings_of, sources_of

    settings = settings_of(find(workspace))
    source = sources_of(settings, [name])[name]
    with Store.open(settings.path("database")) as store:
        terms = query or store.watched.terms()[:1]
    trial = try_out(settings, source, pages, terms)
    found: dict[str, Any] = {
        "source": name,
        "robots": [{"url": capture.url, "status": capture.status} for capture in trial.robots],
        "documents": [shown(document) for document in trial.documents],
        "refused": [{"url": r.url, "reason": r.reason, "detail": r.detail} for r in trial.refused],
    }
    if json:
        screen.as_json(found)
        return
    show(found)
    screen.say(f"\n{len(found['documents'])} documents, {len(found['refused'])} refused, at most {pages} pages")


def sources_new(
    name: Annotated[str | None, typer.Argument(help="a name of small letters, digits and _")] = None,
    url: Annotated[str | None, typer.Option(help="the page that it begins at")] = None,
    title: Annotated[str | None, typer.Option(help="what the place is called")] = None,
    kind: Annotated[str, typer.Option(help="the kind of source, or auto: told from the address and its page")] = "auto",
    list_: Annotated[
        list[str] | None, typer.Option("--list", help="part=selector of a list, e.g. link=a.title or next=a.next")
    ] = None,
    document: Annotated[
        list[str] | None, typer.Option(help="part=selector of a page, e.g. title=h1 or text=.body")
    ] = None,
    option: Annotated[
        list[str] | None, typer.Option(help="key=value for any other key of source.yml, the value in YAML")
    ] = None,
    workspace: Workspace = None,
    json: Json = False,
) -> None:
    """Declare a source in the workspace's own folder: asks for what is not given, fetches one page, shows what it would take of it."""
    from xuncha.declaring import declare
    from xuncha.workspace import find, locked, settings_of

    settings = settings_of(find(workspace))
    asking = not (name and url)
    name = name or typer.prompt("name (small letters, digits, _)")
    url = url or typer.prompt("the page that it begins at")
    title = title or (typer.prompt("what the place is called", default=name) if asking else name)
    with locked(settings.workspace):
        done = declare(settings, name, url, title, kind, list_ or [], document or [], option or [])
    if json:
        screen.as_json(done)
        return
    show(done)
    screen.say(f"\n{done['file']}: kind {done['kind']}, {done['state']}\n{done['next']}")


def show(found: dict[str, Any]) -> None:
    """What a trial found, for a person."""
    for row in found["robots"]:
        screen.say(f"robots.txt  {row['url']}  status {row['status']}")
    for link in found.get("follow", []):
        screen.say(f"leads to  {link}")
    for row in found["documents"]:
        screen.say(
            f"\n{row['url']}\n  id {row['id']}  author {row['author'] or '-'}  published {row['published'] or '-'}\n  {row['title']}\n  {row['text']}"
        )
    for row in found["refused"]:
        screen.say(f"refused  {row['url']}  {row['reason']}  {row['detail']}")


def shown(document: Any) -> dict[str, Any]:
    """What is shown of a document."""
    return {
        "url": document.url, "id": document.native_id, "title": document.title, "author": document.author, "published": document.published_at,
        "text": document.text[:300],
    }  # fmt: skip
