"""Commands that prove: key new, bundle, verify."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xuncha import screen
from xuncha.commands import Json, Workspace, who


def register(app: typer.Typer) -> None:
    """Hang the commands on the command line."""
    app.command()(bundle)
    app.command()(verify)
    key = typer.Typer(help="The key that signs bundles.", no_args_is_help=True)
    key.command("new")(key_new)
    app.add_typer(key, name="key")


def key_new(workspace: Workspace = None) -> None:
    """Make the workspace's signing key, which only its owner can read, and show its fingerprint: tell that to those who verify."""
    from core.store import Store
    from evidence import signature
    from xuncha.workspace import find, now, settings_of

    settings = settings_of(find(workspace))
    path = settings.workspace / signature.KEY
    public = signature.new_key(path).public_key()
    path.with_suffix(".pub.pem").write_bytes(signature.public_pem(public))
    with Store.open(settings.path("database")) as store:
        store.ledger.append(now(), who(), "signing key made", signature.fingerprint(public))
    screen.say(f"made {path} and {path.with_suffix('.pub.pem').name}\n{signature.fingerprint(public)}")


def bundle(
    lead: Annotated[str, typer.Argument(help="the lead's id, as `xuncha leads` lists it")],
    out: Annotated[Path, typer.Option("--out", help="the folder that the bundle's own folder is made in")],
    by: Annotated[str, typer.Option(help="who takes it out, for record and ledger (default: the system's user)")] = "",
    screenshots: Annotated[
        bool,
        typer.Option(
            help="pictures of the pages, rendered from the archive with the network off (extra [screenshots])"
        ),
    ] = True,
    workspace: Workspace = None,
    json: Json = False,
) -> None:
    """Write a lead's evidence as a signed BagIt bag: WACZ, screenshots, texts, record, decisions, audit proof, 清单 and 提取记录. The export enters the ledger."""
    import platform

    import xuncha
    from core.store import Store
    from evidence import signature
    from evidence.bundle import NO_PICTURES, Maker, Pictures, export, shown
    from evidence.screenshot import take_all
    from evidence.stamp import authorities, roots, stamp_bundle
    from xuncha.workspace import find, now, settings_of

    settings = settings_of(find(workspace))
    key = signature.load_key(settings.workspace / signature.KEY)
    maker = Maker(
        by or who(), f"xuncha/{xuncha.__version__}", f"{platform.platform()}, Python {platform.python_version()}"
    )
    authorities(settings), roots(settings)  # a mistake in them is told before the export, not after it
    with Store.open(settings.path("database")) as store:
        pictures = NO_PICTURES
        if screenshots:
            pages = shown(store, lead)
            shots, missing = take_all(pages, settings.path("archive"), store.captures.last_before)
            pictures = Pictures(tuple(shots), tuple(missing))
        made = export(store, settings, lead, out, key, maker, now(), pictures)
        faults = stamp_bundle(store, settings, made.folder, now)
    for line in [*(f"not taken: {one}" for one in pictures.missing if screenshots), *faults]:
        screen.warn(f"xuncha: {line}")
    if json:
        screen.as_json(
            {"folder": str(made.folder), "head": made.head, "key": made.fingerprint, "exhibits": made.exhibits,
             "screenshots": made.screenshots, "not_taken": pictures.missing, "stamp_faults": faults}
        )  # fmt: skip
        return
    screen.say(
        f"wrote {made.folder} ({made.exhibits} exhibits, {made.screenshots} screenshots); signed by {made.fingerprint}"
    )
    screen.say(f"ledger head {made.head}: send it, and the key's fingerprint, by another way than the bundle")


def verify(
    folder: Annotated[Path, typer.Argument(metavar="BUNDLE", help="the bundle's folder")],
    key: Annotated[Path | None, typer.Option(help="the public key (PEM) that its maker is known by")] = None,
    workspace: Annotated[
        Path | None, typer.Option("--workspace", "-w", help="the workspace that made it: its ledger is compared too")
    ] = None,
    json: Json = False,
) -> None:
    """Check a bundle: manifests, WACZ, payloads against the record, audit chain, signatures. Each damage is named; exit status 4."""
    from contextlib import ExitStack

    from core.errors import EvidenceError, InputError
    from core.store import Store
    from evidence import signature
    from evidence.verify import verify as damages_of
    from xuncha.workspace import settings_of

    try:
        known = signature.read_public(key.read_bytes()) if key else None
    except (OSError, EvidenceError) as error:
        raise InputError(f"{key}: expected a public key: {error}") from error
    with ExitStack() as stack:
        ledger = stack.enter_context(Store.open(settings_of(workspace).path("database"))).ledger if workspace else None
        damages = damages_of(folder, known, ledger)
    if json:
        screen.as_json(
            {
                "whole": not damages,
                "damages": [{"file": d.file, "expected": d.expected, "found": d.found} for d in damages],
            }
        )
    else:
        for damage in damages:
            screen.say(str(damage))
    if damages:
        raise EvidenceError(
            f"{folder}: {len(damages)} damages; do not rely on this bundle, ask its maker for another copy"
        )
    if not json:
        signer = signature.fingerprint(signature.read_public((folder / "pubkey.pem").read_bytes()))
        screen.say(f"{folder}: whole; signed by {signer}")
        if known is None:
            screen.say(
                "compare that fingerprint with what the maker told you by another way, or give the key with --key"
            )
