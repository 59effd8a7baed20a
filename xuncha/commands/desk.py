"""Commands for the review application: review, and the accounts that use it (user add, list, link, password, close)."""

from __future__ import annotations

from typing import Annotated

import typer

from xuncha import screen
from xuncha.commands import Json, Workspace

Name = Annotated[str, typer.Argument(help="the account's name")]
Password = Annotated[
    str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True, help="asked for when it is not given")
]


def register(app: typer.Typer) -> None:
    """Hang the commands on the command line."""
    app.command()(review)
    user = typer.Typer(help="Accounts of the review application.", no_args_is_help=True)
    user.command("add")(user_add)
    user.command("list")(user_list)
    user.command("link")(user_link)
    user.command("password")(user_password)
    user.command("close")(user_close)
    app.add_typer(user, name="user")


def review(
    host: Annotated[str, typer.Option(help="the address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="the port to listen on")] = 8790,
    names: Annotated[
        list[str] | None,
        typer.Option("--name", help="a further host name it answers to: a proxy's; may be given again"),
    ] = None,
    link: Annotated[
        str, typer.Option(help="an account that a one-time link is shown for, to sign in with at once")
    ] = "",
    workspace: Workspace = None,
) -> None:
    """Serve the review application on this machine. Draws the next random sample when nothing of the last one is left to label."""
    from core.store import Store
    from review import accounts
    from review.serve import serve
    from xuncha.desk import keep_drawn, tools
    from xuncha.workspace import find, now, settings_of

    settings = settings_of(find(workspace))
    with Store.open(settings.path("database")) as store:
        drawn = keep_drawn(store, settings, now())
        people = [row for row in store.accounts.all() if not row["closed_at"]]
        token = accounts.one_time_link(store, link, now()) if link else ""
    if drawn:
        screen.say(f"drew the random sample {drawn}: its documents come up among the leads")
    if not people:
        screen.warn("nobody can sign in yet: `xuncha user add NAME --role analyst`")
    screen.say(f"http://{host}:{port}/{f'enter/{token}' if token else ''}  (Ctrl-C ends it)")
    serve(settings, host, port, names or (), tools())


def user_add(
    name: Name,
    role: Annotated[
        str, typer.Option(help="viewer, analyst, lead_reviewer, researcher, operator or auditor")
    ] = "analyst",
    password: Password = "",
    workspace: Workspace = None,
) -> None:
    """Add an account for the review application."""
    from core.store import Store
    from review import accounts
    from xuncha.workspace import find, now, settings_of

    with Store.open(settings_of(find(workspace)).path("database")) as store:
        accounts.add(store, name, role, password, now())
    screen.say(f"added {name} as {role}")


def user_list(workspace: Workspace = None, json: Json = False) -> None:
    """List the accounts: role, since when, last seen, whether closed."""
    from core.store import Store
    from xuncha.workspace import find, settings_of

    with Store.open(settings_of(find(workspace)).path("database")) as store:
        rows = store.accounts.all()
    columns = ("name", "role", "created_at", "seen_at", "closed_at")
    if json:
        screen.as_json([{column: row[column] or None for column in columns} for row in rows])
    else:
        screen.table(columns, [tuple((row[column] or "")[:19] for column in columns) for row in rows])


def user_link(
    name: Name,
    base: Annotated[str, typer.Option(help="where the application is served")] = "http://127.0.0.1:8790",
    workspace: Workspace = None,
) -> None:
    """Make a link that signs an account in once, within ten minutes: for the first time, or a forgotten password."""
    from core.store import Store
    from review import accounts
    from xuncha.workspace import find, now, settings_of

    with Store.open(settings_of(find(workspace)).path("database")) as store:
        token = accounts.one_time_link(store, name, now())
    screen.say(f"{base.rstrip('/')}/enter/{token}")


def user_password(name: Name, password: Password = "", workspace: Workspace = None) -> None:
    """Give an account another password; its sessions end."""
    from core.store import Store
    from review import accounts
    from xuncha.workspace import find, now, settings_of

    with Store.open(settings_of(find(workspace)).path("database")) as store:
        accounts.new_password(store, name, password, now())
    screen.say(f"{name} has another password; sessions are ended")


def user_close(name: Name, workspace: Workspace = None) -> None:
    """Close an account for good. What it decided stays, under its name."""
    from core.store import Store
    from review import accounts
    from xuncha.workspace import find, now, settings_of

    with Store.open(settings_of(find(workspace)).path("database")) as store:
        accounts.close(store, name, now())
    screen.say(f"closed {name}")
