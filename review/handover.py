"""Handing an approved case over: the files are made, the recipient is recorded, the leads count as referred, and each download is logged."""

from __future__ import annotations

import hashlib
import shutil
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, RedirectResponse, Response

from core.errors import XunchaError
from core.store.cases import Step
from core.types import Act, Decision
from review.cases import barred, enter, found, parties
from review.decide import note
from review.door import Visit
from review.roles import May
from review.tools import Handover

FOLDER = "exports"  # below the workspace
MOST_RECIPIENT = 200
MOST_ERROR = 400
EPOCH = (1980, 1, 1, 0, 0, 0)  # of each entry of a ZIP, so that the same files give the same bytes


def export(visit: Visit) -> Response:
    """Make the files of an approved case for a recipient; never for who approved it, and only of what was approved."""
    row = found(visit)
    recipient = " ".join(visit.form.get("recipient", "").split())[:MOST_RECIPIENT]
    chosen = [name for name in visit.desk.tools.exports if visit.form.get(f"export:{name}")]
    events = visit.store.cases.events(row["id"])
    told, why = parties(events), barred(visit, row, May.EXPORT)
    approved = visit.store.cases.last(row["id"], Step.APPROVED)
    if row["state"] not in ("approved", "exported") or not told["approved"] or approved is None:
        return _case(row, "state")
    if why:
        return _case(row, why)
    if not recipient or not chosen:
        return _case(row, "recipient")
    if approved["detail"]["content"] != visit.store.cases.content(row["id"]):
        with visit.store.writing():
            enter(visit, row["id"], Step.RETURNED)
        return _case(row, "moved")
    leads = [lead["id"] for lead in visit.store.cases.leads(row["id"])]
    handover = Handover(row["id"], row["title"], tuple(leads), recipient, visit.by, told["approved"], note(visit))
    folder = visit.desk.settings.workspace / FOLDER / row["id"] / f"{visit.now:%Y%m%dT%H%M%S%fZ}"
    try:
        folder.mkdir(parents=True, mode=0o700)  # contacts stand in it unmasked
        files = [
            file
            for name in chosen
            for made in visit.desk.tools.exports[name].make(
                visit.store, visit.desk.settings, handover, folder, visit.now
            )
            for file in [_zipped(made) if made.is_dir() else made]
        ]
    except (XunchaError, OSError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        with visit.store.writing():
            enter(visit, row["id"], Step.FAILED, {"error": str(error)[:MOST_ERROR]})
        return _case(row, "made")
    listed = [
        {
            "file": str(one.relative_to(visit.desk.settings.workspace)),
            "sha256": _digest(one),
            "size": one.stat().st_size,
        }
        for one in files
    ]
    with visit.store.writing():
        if approved["detail"]["content"] != visit.store.cases.content(
            row["id"]
        ):  # it changed while the files were being made
            shutil.rmtree(folder)
            enter(visit, row["id"], Step.RETURNED)
            return _case(row, "moved")
        number = enter(visit, row["id"], Step.EXPORTED, {"recipient": recipient, "forms": chosen, "files": listed})
        for lead in leads:
            detail = {"case": row["id"], "recipient": recipient, "event": number}
            visit.store.decisions.add(Decision(lead, Act.REFER, visit.by, visit.now, detail=detail))
    return _case(row, "")


def delivered(visit: Visit) -> Response:
    """Record that an export was received: by whom, how, under which number."""
    row = found(visit)
    fields = {
        name: " ".join(visit.form.get(name, "").split())[:MOST_RECIPIENT]
        for name in ("receiver", "channel", "reference")
    }
    if not visit.may(May.EXPORT):
        raise HTTPException(403, "role")
    if row["state"] != "exported":
        return _case(row, "state")
    if not fields["receiver"]:
        return _case(row, "recipient")
    with visit.store.writing():
        enter(visit, row["id"], Step.DELIVERED, fields)
    return _case(row, "")


def download(visit: Visit) -> Response:
    """A file of an export, as an attachment that no browser opens by itself; its digest is checked first, and the act is logged."""
    row = found(visit)
    number, place = visit.request.path_params["event"], visit.request.path_params["file"]
    event = next(
        (
            one
            for one in visit.store.cases.events(row["id"])
            if str(one["id"]) == number and one["act"] == Step.EXPORTED
        ),
        None,
    )
    files: Sequence[dict[str, Any]] = event["detail"]["files"] if event else []
    if not (place.isascii() and place.isdigit() and len(place) < 4 and int(place) < len(files)):
        raise HTTPException(404)
    entry = files[int(place)]
    path = visit.desk.settings.workspace / entry["file"]
    if not path.is_file() or _digest(path) != entry["sha256"]:
        raise HTTPException(410)
    with visit.store.writing():
        enter(visit, row["id"], Step.DOWNLOADED, {"file": entry["file"], "sha256": entry["sha256"]})
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(path.name)}"}
    return FileResponse(path, media_type="application/octet-stream", headers=headers)


def _case(row: dict[str, Any], problem: str) -> Response:
    return RedirectResponse(f"/case/{row['id']}{f'?problem={problem}' if problem else ''}", 303)


def _zipped(folder: Path) -> Path:
    """A folder as one ZIP beside it, entries sorted and without times; the folder itself is gone with this."""
    target = folder.with_name(f"{folder.name}.zip")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as pack:
        for path in _files(folder):
            entry = zipfile.ZipInfo(f"{folder.name}/{path.relative_to(folder).as_posix()}", EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            with path.open("rb") as source, pack.open(entry, "w") as sink:
                shutil.copyfileobj(source, sink)
    shutil.rmtree(folder)
    return target


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
