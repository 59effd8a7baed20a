"""Commands that show what holds a lead together: lead, campaigns, campaign."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from xuncha import screen
from xuncha.commands import Json, Limit, Workspace, who

MOST_READ = 200  # documents that the places are taken from


def register(app: typer.Typer) -> None:
    """Hang the commands on the command line."""
    app.command()(lead)
    app.command()(campaigns)
    app.command()(campaign)


def lead(
    id: Annotated[str, typer.Argument(metavar="LEAD", help="the lead's id, as `xuncha leads` lists it")],
    reveal: Annotated[bool, typer.Option("--reveal", help="show contacts unmasked; that enters the ledger")] = False,
    by: Annotated[str, typer.Option(help="who looks, for the ledger (default: the system's user)")] = "",
    workspace: Workspace = None,
    json: Json = False,
) -> None:
    """Show a lead: the parts of its priority, legal hooks, every edge with its evidence and dates, campaigns, what happened. Looking enters the ledger."""
    from core.errors import InputError
    from core.store import Store
    from xuncha.workspace import find, now, settings_of

    with Store.open(settings_of(find(workspace)).path("database")) as store:
        found = store.leads.get(id)
        if found is None:
            raise InputError(f"lead {id!r}: expected a lead, found none; `xuncha leads` lists them")
        with store.atomic():
            store.ledger.append(now(), by or who(), "lead viewed", id)
            if reveal:
                told = {"contacts": len(found.contacts)}
                store.ledger.append(now(), by or who(), "contacts revealed", id, told)
        data = _lead(store, found, reveal)
    if json:
        screen.as_json(data)
        return
    screen.say(f"{data['id']}  {data['label_title']} {data['label_title_en']}  {data['title']}")
    for reason in data["priority"]["parts"]:
        screen.say(f"    {reason}")
    for hook in data["law"]:
        screen.say(f"  涉及 falls under: {hook}")
    for kind, named in (("claimed", "文中"), ("phone", "号段"), ("account", "账号属地")):
        if data["places"][kind]:
            screen.say(
                f"  places, {kind} {named}: {', '.join(f'{name} {n}' for name, n in data['places'][kind].items())}"
            )
    for one in data["campaigns"]:
        screen.say(f"  campaign {one['id']}: {' '.join(one['terms'])} ({one['documents']} of {one['size']} documents)")
    for one in data["rivals"]:
        screen.say(
            f"  the same text (campaign {one['campaign']}) in {one['documents']} documents of lead {one['lead']}"
        )
    rows = [
        (e["document"], e["kind"], e["value"], "yes" if e["ties"] else "no", e["evidence"], e["first"], e["last"])
        for e in data["edges"]
    ]
    screen.table(("document", "edge", "with", "ties", "evidence", "first", "last"), rows)
    for event in data["events"]:
        screen.say(f"  {event['at']:%Y-%m-%d}  {event['kind']}  {event['detail']}")


def _lead(store: Any, found: Any, reveal: bool) -> dict[str, Any]:
    from core.labels import hooks, labels
    from text.origins import origins
    from text.shown import masked, plain, without_contacts

    label = labels().get(found.label)
    edges = []
    for edge in store.edges.of(found):
        evidence = dict(edge.evidence)
        value = edge.value
        if edge.kind == "contact":
            kind, _, contact = value.partition(":")
            shown = contact if reveal else masked(contact)
            raw = evidence["raw"] if reveal else masked(evidence["raw"])
            value = f"{kind}:{plain(shown, 60)}"
            told = f"{plain(raw, 60)} ({', '.join(evidence['rules'])}; {evidence['confidence']:.2f})"
        elif edge.kind == "picture":
            told, value = f"picture {evidence['sha256'][:12]} looks the same", value[:12]
        else:
            told = f"similarity {evidence['similarity']:.2f} to document {evidence['nearest']}"
        edges.append(
            {"document": edge.document, "kind": edge.kind, "value": value, "ties": edge.ties, "evidence": told,
             "first": f"{edge.first:%Y-%m-%d}", "last": f"{edge.last:%Y-%m-%d}"}
        )  # fmt: skip
    known = [value for _, value in found.contacts]
    return {
        "id": found.id,
        "label": found.label,
        "label_title": label.title if label else found.label,
        "label_title_en": label.title_en if label else "",
        "title": plain(found.title if reveal else without_contacts(found.title, known)),
        "priority": {"value": round(found.priority, 4), "parts": list(found.reasons)},
        "law": hooks(label) if label else [],
        "places": origins(
            [one for id in found.documents[:MOST_READ] if (one := store.documents.get(id))], found.contacts
        ),
        "campaigns": store.campaigns.of_lead(found.id),
        "rivals": store.edges.rivals(found.id),
        "edges": edges,
        "events": store.leads.events(lead=found.id),
    }


def campaigns(limit: Limit = 20, workspace: Workspace = None, json: Json = False) -> None:
    """List the campaigns with most documents, each named by its key terms."""
    from core.store import Store
    from xuncha.workspace import find, settings_of

    with Store.open(settings_of(find(workspace)).path("database")) as store:
        found = store.campaigns.largest(limit)
    if json:
        screen.as_json(found)
    else:
        screen.table(
            ("campaign", "documents", "key terms"), [(c["id"], c["size"], " ".join(c["terms"])) for c in found]
        )


def campaign(
    id: Annotated[str, typer.Argument(metavar="CAMPAIGN", help="the campaign's id, as `xuncha campaigns` lists it")],
    workspace: Workspace = None,
    json: Json = False,
) -> None:
    """Show a campaign as template and slots, contacts masked, and what happened to it."""
    from core.errors import InputError
    from core.store import Store
    from text.shown import masked, plain, without_contacts
    from text.template import MOST_TEXTS, template
    from xuncha.workspace import find, settings_of

    with Store.open(settings_of(find(workspace)).path("database")) as store:
        row = store.campaigns.get(id)
        if row is None:
            raise InputError(f"campaign {id!r}: expected a campaign, found none; `xuncha campaigns` lists them")
        parts = template([text for _, text in store.campaigns.texts_of(id, MOST_TEXTS)])
        events = store.campaigns.events(campaign=id)
    shown: list[dict[str, Any]] = [
        {"constant": plain(without_contacts(part.text), 2_000)}
        if part.constant
        else {
            "slot": part.kind, "distinct": part.distinct,
            "values": [[plain(masked(value) if part.kind == "contact" and value else without_contacts(value), 80), count] for value, count in part.values],
        }
        for part in parts
    ]  # fmt: skip
    if json:
        screen.as_json({**row, "template": shown, "events": events})
        return
    into = f", merged into {row['merged_into']}" if row["merged_into"] else ""
    screen.say(f"{row['id']}  {' '.join(row['terms'])}  ({row['size']} documents{into})")
    for part in shown:
        if "constant" in part:
            screen.say(f"  {part['constant']}")
        else:
            some = " | ".join(f"{value or '–'} ×{count}" for value, count in part["values"][:6])
            screen.say(f"    [{part['slot']}, {part['distinct']} values: {some}]")
    for event in events:
        screen.say(f"  {event['at']:%Y-%m-%d}  {event['kind']}  {event['detail']}")
