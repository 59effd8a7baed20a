"""The roof's part of the review application: what other rooms do for it, and the random sample that is always there to be labelled."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import xuncha
from core.labels import labels
from core.settings import Settings
from core.store import Store
from review.tools import Export, Handover, Tools


def tools() -> Tools:
    """What review may ask of other rooms; reports for cases are found like all reports, without registration."""
    return Tools(reckon=_reckon, exports=exports())


def exports() -> dict[str, Export]:
    """The forms in which a case leaves the house: the evidence bundle, and each report that declares itself one for cases.

    Such a report has ``FOR_CASES = True`` beside the contract of all reports; its ``build`` takes the options ``leads`` and ``reveal``:
    what a second person has approved shows contacts in full.
    """
    from reports import reports

    found = {"bundle": Export("证据包（BagIt，带签名）", "Evidence bundles (BagIt, signed)", _bundles)}
    for name, module in reports().items():
        if getattr(module, "FOR_CASES", False):
            title = (
                module.TITLE if isinstance(module.TITLE, dict) else {"zh": str(module.TITLE), "en": str(module.TITLE)}
            )
            found[name] = Export(title["zh"], title["en"], _report(name))
    return found


def keep_drawn(store: Store, settings: Settings, now: datetime) -> str:
    """Draw the next sample of the audit slice when none is left to label; returns its name, empty where none was drawn.

    A simple random sample of all judged documents, whose inclusion probabilities are recorded: `xuncha estimate` reads it as any other.
    """
    from reports.prevalence import sample

    rater = store.overview.rater("model:")
    if not float(settings["audit_share"]) or not rater or store.audit.sample():
        return ""
    name = f"queue-{now:%Y%m%dT%H%M%SZ}"
    size = max(1, int(settings["audit_sample"]))
    drawn = sample.draw(store, rater, now, kind="random", size=size, seed=int(now.timestamp()), name=name)
    store.ledger.append(
        now, "command line", "sample drawn", name, {"documents": drawn["size"], "frame": drawn["frame"]}
    )
    return name


def _reckon(store: Store, leads: Sequence[str], now: datetime) -> None:
    from leads.reckon import reckon

    reckon(store, labels(), leads, now)


def _bundles(store: Store, settings: Settings, handover: Handover, folder: Path, now: datetime) -> list[Path]:
    """A signed bundle for each lead of a case."""
    from evidence import signature
    from evidence.bundle import Maker, export

    key = signature.load_key(settings.workspace / signature.KEY)
    environment = f"{platform.platform()}, Python {platform.python_version()}"
    maker = Maker(handover.by, f"xuncha/{xuncha.__version__}", environment)
    return [export(store, settings, lead, folder, key, maker, now).folder for lead in handover.leads]


def _report(name: str):  # type: ignore[no-untyped-def]
    def make(store: Store, settings: Settings, handover: Handover, folder: Path, now: datetime) -> list[Path]:
        from reports import report

        module = report(name)
        return list(module.write(module.build(store, settings, now, leads=handover.leads, reveal=True), folder))

    return make
