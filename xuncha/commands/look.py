"""Commands to look at what was found: link, leads, report."""

from __future__ import annotations

from typing import Annotated

import typer

from xuncha import screen
from xuncha.commands import Json, Limit, Workspace


def register(app: typer.Typer) -> None:
    """Hang the commands on the command line."""
    app.command()(link)
    app.command()(leads)
    app.command("report")(write_report)


def link(workspace: Workspace = None, json: Json = False) -> None:
    """Tie flagged documents into leads by shared contacts and shared text."""
    from classifier.models import load
    from core.store import Store
    from xuncha import stages
    from xuncha.workspace import find, locked, now, settings_of

    settings = settings_of(find(workspace))
    rater = load(str(settings["model"]))
    with locked(settings.workspace), Store.open(settings.path("database")) as store:
        counts = stages.tie(store, settings, rater, now)
    if json:
        screen.as_json(counts)
    else:
        screen.say("  ".join(f"{key} {value}" for key, value in counts.items()))


def leads(limit: Limit = 20, workspace: Workspace = None, json: Json = False) -> None:
    """List open leads, highest priority first, with the reasons. Contacts are counted, not shown: use the review application."""
    from core.labels import labels
    from core.store import Store
    from xuncha.workspace import find, settings_of

    with Store.open(settings_of(find(workspace)).path("database")) as store:
        found = store.leads.queue(limit)
    if json:
        screen.as_json(
            [
                {"id": lead.id, "label": lead.label, "title": lead.title, "priority": lead.priority, "documents": len(lead.documents),
                 "contacts": len(lead.contacts), "first_seen": lead.first_seen, "last_seen": lead.last_seen, "reasons": lead.reasons}
                for lead in found
            ]
        )  # fmt: skip
        return
    for lead in found:
        screen.say(f"{lead.id}  {lead.priority:.3f}  {labels()[lead.label].title}  {lead.title}")
        for reason in lead.reasons:
            screen.say(f"    {reason}")


def write_report(
    name: Annotated[str, typer.Argument(help="the report, e.g. digest")] = "digest",
    weekly: Annotated[bool, typer.Option("--weekly", help="the digest of seven days instead of one")] = False,
    workspace: Workspace = None,
    json: Json = False,
) -> None:
    """Write a report into the workspace's reports folder."""
    from core.errors import InputError, PluginError
    from core.plugins import suggest
    from core.store import Store
    from reports import report, reports
    from xuncha import stages
    from xuncha.workspace import find, now, settings_of, sources_of

    if name not in reports():
        raise PluginError(f"no report {name!r}; {suggest(name, reports())}")
    if weekly and name != "digest":
        raise InputError(f"--weekly: only the digest has one, {name} has not; leave it out")
    settings = settings_of(find(workspace))
    with Store.open(settings.path("database")) as store:
        if name == "digest":
            expected = {key: dict(source.expect.get("documents", {})) for key, source in sources_of(settings).items()}
            files, data = stages.digest(store, settings, now, expected, period="weekly" if weekly else "daily")
        else:
            module = report(name)
            data = module.build(store, settings, now())
            files = module.write(data, settings.path("reports"))
    if json:
        screen.as_json({"files": [str(path) for path in files], "data": data})
    else:
        for path in files:
            screen.say(f"wrote {path}")
