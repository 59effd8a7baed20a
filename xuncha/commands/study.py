"""Commands of a prevalence study: sample, label, agreement, estimate."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xuncha import screen
from xuncha.commands import Json, Workspace

if TYPE_CHECKING:
    from core.settings import Settings
    from core.store import Store

Name = Annotated[str, typer.Argument(metavar="SAMPLE", help="the name of the sample")]


def register(app: typer.Typer) -> None:
    """Hang the commands on the command line."""
    app.command()(sample)
    app.command()(label)
    app.command()(agreement)
    app.command()(estimate)


@contextmanager
def _opened(workspace: Path | None) -> Iterator[tuple[Store, Settings]]:
    from core.store import Store
    from xuncha.workspace import find, settings_of

    settings = settings_of(find(workspace))
    with Store.open(settings.path("database")) as store:
        yield store, settings


def sample(
    design: Annotated[
        str, typer.Option(help="stratified (by score, with a floor in each stratum) or random")
    ] = "stratified",
    size: Annotated[int, typer.Option(help="documents to draw")] = 400,
    seed: Annotated[int, typer.Option(help="the same seed and store give the same sample")] = 7,
    unit: Annotated[
        str, typer.Option(help="document, or campaign: re-written and repeated adverts count once")
    ] = "document",
    name: Annotated[str, typer.Option(help="what to call it (default: from design, size and seed)")] = "",
    workspace: Workspace = None,
    json: Json = False,
) -> None:
    """Draw an audit sample of judged documents and write the raters' queue, blind to the score, contacts masked."""
    from reports.prevalence.sample import draw, hand_out
    from xuncha.workspace import now

    with _opened(workspace) as (store, settings):
        rater = store.overview.rater(f"model:{settings['model']}@")
        drawn = draw(store, rater, now(), kind=design, size=size, seed=seed, unit=unit, name=name)
        files = hand_out(store, drawn["name"], settings.path("reports"))
    if json:
        screen.as_json({**drawn, "files": [str(path) for path in files]})
        return
    screen.say(f"sample {drawn['name']}: {drawn['size']} of {drawn['frame']} judged documents ({drawn['rater']})")
    rows = [
        (part["stratum"], part["documents"], part["drawn"], f"{part['probability']:.4f}") for part in drawn["strata"]
    ]
    screen.table(("stratum", "documents", "drawn", "probability"), rows)
    for path in files:
        screen.say(f"wrote {path}")


def label(
    name: Name,
    file: Annotated[
        Path, typer.Argument(help="CSV or JSON lines with document and label (and rater, adjudicated, note)")
    ],
    rater: Annotated[str, typer.Option(help="who labelled, where the file does not say")] = "",
    adjudicated: Annotated[bool, typer.Option("--adjudicated", help="these labels settle disagreements")] = False,
    workspace: Workspace = None,
    json: Json = False,
) -> None:
    """Bring in a rater's labels of a sample; a later label of the same rater counts instead of an earlier one."""
    from reports.prevalence.sample import take_in
    from xuncha.workspace import now

    with _opened(workspace) as (store, _):
        counts = take_in(store, name, file, now(), rater=rater, adjudicated=adjudicated)
    if json:
        screen.as_json(counts)
    else:
        screen.say(f"{counts['labels']} labels stored, {counts['empty']} lines without a label passed over")


def agreement(name: Name, workspace: Workspace = None, json: Json = False) -> None:
    """Tell how far the raters of a sample agree (Cohen's kappa, Krippendorff's alpha) and where they do not."""
    from reports.prevalence.report import agreement as compared

    with _opened(workspace) as (store, _):
        found = compared(store, name)
    if json:
        screen.as_json(found)
        return
    screen.say(f"{found['documents']} documents labelled by {', '.join(found['raters']) or 'nobody'}")
    screen.table(("measure", "of", "raters", "documents", "value", "95 % low", "high"), found["rows"])
    for row in found["disagreements"]:
        told = ", ".join(f"{rater}: {given}" for rater, given in row["labels"].items())
        screen.say(
            f"document {row['document']}  {told}" + (f"  settled: {row['settled']}" if row["settled"] else "  open")
        )


def estimate(
    name: Name,
    by: Annotated[
        str, typer.Option(help="platform, month or platform,month: estimates for parts of the frame, too")
    ] = "",
    workspace: Workspace = None,
    json: Json = False,
) -> None:
    """Estimate prevalence from a labelled sample by several methods, with intervals, and write the report."""
    from reports.prevalence.page import terminal
    from reports.prevalence.report import build, write
    from xuncha.workspace import now

    with _opened(workspace) as (store, settings):
        data = build(store, settings, now(), sample=name, by=[part.strip() for part in by.split(",") if part.strip()])
    files = write(data, settings.path("reports"))
    if json:
        screen.as_json({**data, "files": [str(path) for path in files]})
        return
    terminal(data, screen.say, screen.table, screen.warn)
    for path in files:
        screen.say(f"wrote {path}")
