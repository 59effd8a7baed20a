"""Commands that judge: classify, train, evaluate, models, queue."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from xuncha import screen
from xuncha.commands import Json, Limit, Workspace

if TYPE_CHECKING:
    from classifier.material import Example

Model = Annotated[str, typer.Option("--model", "-m", help="a model of models/ (default: the workspace's setting)")]


def register(app: typer.Typer) -> None:
    """Hang the commands on the command line."""
    app.command()(classify)
    app.command()(train)
    app.command()(evaluate)
    app.command()(models)
    app.command()(queue)


def classify(
    file: Annotated[
        str | None,
        typer.Argument(
            help="JSON lines with `text` (and id, title, url, site, author, venue), or - for standard input; without it, the store's new documents"
        ),
    ] = None,
    model: Model = "",
    workspace: Workspace = None,
    json: Json = False,
) -> None:
    """Judge documents: those of a file, a line each, or the store's that have not been judged yet."""
    from classifier.models import load
    from core import settings as declared
    from xuncha.workspace import find

    if file is None:
        _classify_store(model, workspace, json)
        return
    from classifier.lines import judge_lines
    from core.errors import InputError

    rater = load(model or str(declared.load(find(workspace))["model"]))
    with _stream(file) as stream:
        broken = judge_lines(rater, stream, sys.stdout.buffer if json else None, screen.warn, screen.say)
    if broken:
        screen.warn(f"xuncha: {broken} broken lines were passed over")
        raise typer.Exit(InputError.exit_status)


def _stream(file: str) -> BinaryIO:
    from core.errors import InputError

    if file == "-":
        return sys.stdin.buffer
    try:
        return Path(file).open("rb")
    except OSError as error:
        raise InputError(f"{file}: cannot be read: {error}") from error


def _classify_store(model: str, workspace: Path | None, json: bool) -> None:
    from classifier.models import load
    from core.store import Store
    from xuncha import stages
    from xuncha.workspace import find, locked, now, settings_of

    settings = settings_of(find(workspace))
    rater = load(model or str(settings["model"]))
    with (
        locked(settings.workspace),
        Store.open(settings.path("database")) as store,
        screen.progress("documents judged") as advance,
    ):
        counts = stages.classify(store, rater, now, advance)
    if json:
        screen.as_json({"rater": rater.name, **counts})
    else:
        screen.say(
            f"{rater.name}: {counts['documents']} judged, {counts['flagged']} flagged, {counts['unsure']} unsure"
        )


def models(json: Json = False) -> None:
    """List the models, what they are and how good."""
    import json as codec

    from classifier.models import declared
    from classifier.models import models as folders

    rows = []
    for name, folder in folders().items():
        _, _, data = declared(name)
        floors = codec.loads((folder / "floors.json").read_text("utf-8")) if (folder / "floors.json").exists() else {}
        rows.append((name, data["kind"], data["title"], floors.get("f1", "-")))
    columns = ("model", "kind", "title", "F1 floor")
    if json:
        screen.as_json([dict(zip(columns, row, strict=True)) for row in rows])
    else:
        screen.table(columns, rows)


def train(
    model: Annotated[str, typer.Argument(help="the model of models/ to train")],
    gold_only: Annotated[bool, typer.Option(help="leave the shared negatives out even where they are present")] = False,
    from_decisions: Annotated[
        bool,
        typer.Option(
            "--from-decisions",
            help="learn from the workspace's confirmed and rejected leads too; refused when a figure falls below its floor",
        ),
    ] = False,
    workspace: Workspace = None,
) -> None:
    """Train a model on the gold documents of the training writers (and the shared negatives where present)."""
    from classifier import material
    from classifier.models import declared
    from core.errors import ModelError

    shared = [] if gold_only else material.shared("train")
    if not shared:
        screen.warn(
            "shared negatives are missing or left out: the model will raise more false alarms on everyday texts"
        )
    if from_decisions:
        _train_from_decisions(model, shared, workspace)
        return
    folder, module, data = declared(model)
    if not hasattr(module, "train"):
        raise ModelError(f"model {model!r} of kind {data['kind']!r} learns nothing; there is nothing to train")
    told = module.train(folder, data.get("options") or {}, material.training(), shared)
    screen.say(f"trained {folder}: {told}")


def _train_from_decisions(model: str, shared: list[Example], workspace: Path | None) -> None:
    from classifier import decided
    from core.errors import InputError
    from core.store import Store
    from xuncha.workspace import find, settings_of

    with Store.open(settings_of(find(workspace)).path("database")) as store:
        learned = decided.examples(store.decisions.answered())
    if not learned:
        raise InputError("expected confirmed or rejected leads, found none; decide some in `xuncha review` first")
    adverts = sum(example.flagged for example in learned)
    screen.say(
        f"{len(learned)} documents of {len({example.group for example in learned})} decided leads, {adverts} of them adverts"
    )
    told = decided.retrain(model, learned, shared)
    screen.say(
        f"trained {model}; on the final quarter: "
        + ", ".join(f"{key} {value:.3f}" for key, value in told["figures"].items())
    )


def queue(
    uncertain: Annotated[
        bool,
        typer.Option(
            "--uncertain",
            help="those nearest to the threshold, where a person's answer teaches most; without it the surest come first",
        ),
    ] = False,
    limit: Limit = 20,
    model: Model = "",
    workspace: Workspace = None,
    json: Json = False,
) -> None:
    """List the documents to judge next: undecided ones, one of each campaign. No authors or addresses, and contacts masked."""
    from classifier.models import load
    from core.store import Store
    from text.shown import plain, without_contacts
    from xuncha.workspace import find, settings_of

    settings = settings_of(find(workspace))
    rater = load(model or str(settings["model"]))
    near = float(getattr(rater, "threshold", 0.5)) if uncertain else 1.0
    with Store.open(settings.path("database")) as store:
        found = store.judgements.undecided(rater.name, near, limit)
    rows = [
        {
            "document": id,
            "score": judgement.score,
            "label": judgement.label,
            "source": document.source,
            "title": plain(without_contacts(document.title), 80),
            "text": plain(without_contacts(document.text), 400 if json else 60),
        }
        for id, _, document, judgement in found
    ]
    if json:
        screen.as_json(rows)
    elif rows:
        screen.table(tuple(rows[0]), [tuple(row.values()) for row in rows])
    else:
        screen.say(f"nothing undecided that {rater.name} has judged; `xuncha classify` judges what is new")


def evaluate(
    model: Annotated[str, typer.Argument(help="the model to evaluate (default: all)")] = "",
    set: Annotated[
        Path | None, typer.Option("--set", help="a gold file of your own instead of the final quarter")
    ] = None,
    card: Annotated[bool, typer.Option(help="write the model's card and raise its floors")] = False,
    quick: Annotated[bool, typer.Option(help="without robustness and leave-one-venue-out")] = False,
    json: Json = False,
) -> None:
    """Measure models on the final quarter of the gold set: labels, slices, calibration, robustness, false alarms, floors."""
    from classifier.card import below_floors, measure, show, write_card
    from classifier.models import models as folders
    from core.errors import Unavailable

    names = [model] if model else list(folders())
    fallen = []
    for name in names:
        try:
            found = measure(name, set, quick)
        except Unavailable as error:
            if model:
                raise
            screen.warn(f"{name} left out: {error}")
            continue
        if json:
            screen.as_json(found)
        else:
            show(found, screen.say)
        if card and set is None:
            screen.say(f"wrote {write_card(name, found)}")
        fallen += below_floors(name, found) if set is None else []
    for line in fallen:
        screen.warn(f"xuncha: {line}")
    if fallen:
        raise typer.Exit(1)
