"""Nights of flagged documents, for the facts about building leads. All text and contacts are authored."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from core.labels import labels
from core.settings import Settings, load
from core.store import Store
from core.types import ContactKind, ContactPoint, Document, Judgement, Lead
from leads.build import link
from leads.campaigns import name, place

FIRST = datetime(2026, 11, 1, 20, 0, tzinfo=UTC)
RATER = "model:stack@0123456789ab"
TEXTS = {  # three templates that share no wording; a rewriting of one adds a few words
    "route": "广东福建的姐妹看过来，七周就能知道要不要备小裙子，罗湖口岸有人接，当天来回，出了结果再付尾款。",
    "courier": "不想跑的可以在家里抽好，专人冷链带过关，深圳和厦门都有点位，报告三个工作日发到邮箱里查收。",
    "agents": "长期招募各地合伙人，手上有宝妈资源的优先，介绍一单返八百块，月结不拖欠，做得好的另有奖励。",
}


def wechat(value: str, confidence: float = 1.0) -> ContactPoint:
    return ContactPoint(ContactKind.WECHAT, f"薇 {value}", value, 0, len(value) + 2, ("labelled",), confidence)


class Nights:
    """A store and the nights that passed over it; ``link`` is the night's last act."""

    def __init__(self, **settings: object) -> None:
        self.store = Store.in_memory()
        self.settings: Settings = load(Path("/nowhere"), {}).replace(**settings)
        self.night = 0

    @property
    def now(self) -> datetime:
        return FIRST + timedelta(days=self.night)

    def see(
        self, name: str, *contacts: ContactPoint | str, text: str = "", flagged: bool = True,
        label: str = "fetal_sex_test_ad", score: float = 0.9, platform: str = "forum", parent: str = "",
    ) -> int:  # fmt: skip
        """A document as tonight's crawl and judgement leave it; seen again under its name, it is changed or known."""
        document = Document(
            platform,
            name,
            f"http://{platform}.example/{name}",
            "post",
            text or f"一条广告 {name}",
            f"标题 {name}",
            parent=parent,
        )
        id, _ = self.store.documents.add(document, self.now)
        row = self.store.documents.row(id)
        assert row is not None
        said = Judgement(label if flagged else "unrelated", flagged, score, RATER)
        self.store.judgements.add([(id, row["version"], said)], self.now)
        points = [wechat(contact) if isinstance(contact, str) else contact for contact in contacts]
        self.store.contact_points.add(id, row["version"], points, flagged)
        return id

    def link(self) -> dict[str, int]:
        """Tie what is flagged, then let a day pass."""
        run = self.store.runs.start("link", self.now)
        self.gather(run)
        counts = link(self.store, self.settings, labels(), RATER, self.now, run)
        self.night += 1
        return counts

    def gather(self, run: int | None = None) -> dict[str, int]:
        """Bring campaigns up to date."""
        run = run or self.store.runs.start("campaigns", self.now)
        counts = place(self.store, RATER, float(self.settings["near_duplicate"]), lambda: self.now, run)
        name(self.store, run)
        return counts

    def events(self, *kinds: str) -> list[tuple[str, str]]:
        """(kind, lead) of the last night."""
        since = self.now - timedelta(days=1)
        return [
            (row["kind"], row["lead"]) for row in self.store.leads.events(since) if not kinds or row["kind"] in kinds
        ]

    def leads(self) -> dict[str, tuple[int, ...]]:
        """The documents of each open lead."""
        return {lead.id: lead.documents for lead in self.store.leads.queue(1000)}

    def sets(self) -> set[frozenset[int]]:
        """Which documents are together."""
        return {frozenset(documents) for documents in self.leads().values()}

    def only(self) -> Lead:
        """The one open lead."""
        [lead] = self.store.leads.queue(1000)
        return lead


def happened(counts: Mapping[str, int]) -> dict[str, int]:
    """The counts of a night that are not zero, the number of leads left out."""
    return {kind: number for kind, number in counts.items() if number and kind != "leads"}
