"""The nouns. Frozen: what crosses a room's border is not altered behind it.

Times are timezone-aware UTC datetimes. Offsets count Unicode code points of the raw text. Identities of documents are
(platform, native id) pairs, as the platform gave them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Provenance(StrEnum):
    """How a capture came to us."""

    LIVE = "live"
    ARCHIVE = "archive"
    IMPORT = "import"


class ContactKind(StrEnum):
    """What a contact point is dialled with."""

    WECHAT = "wechat"
    QQ = "qq"
    PHONE = "phone"
    TELEGRAM = "telegram"
    WHATSAPP = "whatsapp"
    LINE = "line"
    EMAIL = "email"
    URL = "url"


class Act(StrEnum):
    """What a person may do to a lead; append-only."""

    CONFIRM = "confirm"
    REJECT = "reject"
    UNSURE = "unsure"
    ASSIGN = "assign"
    SPLIT = "split"
    MERGE = "merge"
    REFER = "refer"
    NOTE = "note"
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a raw text: ``text[start:end] == quote``; ``reason`` says in words why it counts.

    ``field`` is where it stands: text, or picture (the words of the pictures, ``Document.picture_text``).
    """

    start: int
    end: int
    quote: str
    reason: str = ""
    field: str = "text"


@dataclass(frozen=True, slots=True)
class SiteContext:
    """The words of the site around a document."""

    title: str = ""
    navigation: tuple[str, ...] = ()
    footer: str = ""
    host: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that a document shows; ``alt`` is its alternative text."""

    url: str
    alt: str = ""


@dataclass(frozen=True, slots=True)
class Capture:
    """One response as it was received.

    ``id`` is the WARC record id (``urn:uuid:...``), ``sha256`` that of the payload as received (hex), ``warc`` the archive
    file relative to the workspace with the record's byte ``offset``; ``robots`` the verdict and its reason.
    """

    id: str
    source: str
    url: str
    fetched_at: datetime
    status: int
    media_type: str
    sha256: str
    size: int
    warc: str
    offset: int
    robots: str
    provenance: Provenance
    run: int | None = None
    address: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """One post, comment, listing or article taken from a capture.

    ``published_raw`` keeps the time as the page wrote it; ``published_at`` is None where it cannot be resolved.
    ``parent`` is the native id of the post that a comment belongs to, on the same platform. ``picture_text`` are the words that were
    read in its pictures, a line each, and ``code_text`` what their QR and bar codes say; both are empty until the pictures are read.
    """

    platform: str
    native_id: str
    url: str
    kind: str
    text: str
    title: str = ""
    author: str = ""
    published_at: datetime | None = None
    published_raw: str = ""
    site: SiteContext = SiteContext()
    links: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()
    source: str = ""
    capture: str = ""
    parent: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)
    picture_text: str = ""
    code_text: str = ""


class Change(StrEnum):
    """What storing a document found."""

    NEW = "new"
    CHANGED = "changed"
    KNOWN = "known"


@dataclass(frozen=True, slots=True)
class ContactPoint:
    """A way to reach somebody, as it stands in a raw text, and its canonical value; ``rules`` led from one to the other.

    ``field`` is where it stands: text, title, alt (the alternative texts of the pictures, a line each), picture (words read in the
    pictures) or qr (what their codes say).
    """

    kind: ContactKind
    raw: str
    canonical: str
    start: int
    end: int
    rules: tuple[str, ...] = ()
    confidence: float = 1.0
    field: str = "text"


@dataclass(frozen=True, slots=True)
class Place:
    """A Chinese province or city named in a text, without suffix (深圳, 广东)."""

    name: str
    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Price:
    """An amount of money in a text; ``currency`` is an ISO 4217 code."""

    amount: float
    currency: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Judgement:
    """(document, label, score, spans, rater). ``rater`` is ``model:<name>@<digest>`` or ``person:<name>``.

    ``score`` is the calibrated probability that the document is flagged (0..1); ``labels`` the probability of each label.
    """

    label: str
    flagged: bool
    score: float
    rater: str
    labels: Mapping[str, float] = field(default_factory=dict)
    spans: tuple[Span, ...] = ()
    unsure: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """A URL that was not fetched, or not kept, and why."""

    url: str
    source: str
    reason: str
    detail: str
    at: datetime
    run: int | None = None


@dataclass(frozen=True, slots=True)
class Lead:
    """Flagged documents tied by contact points or campaign; ``reasons`` explain the priority, part by part."""

    id: str
    label: str
    title: str
    documents: tuple[int, ...]
    contacts: tuple[tuple[str, str], ...]
    priority: float
    reasons: tuple[str, ...]
    first_seen: datetime
    last_seen: datetime


@dataclass(frozen=True, slots=True)
class Decision:
    """An append-only act of a person on a lead."""

    lead: str
    act: Act
    by: str
    at: datetime
    label: str = ""
    note: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Run:
    """One execution of a stage: its inputs, counts and issues; ``state`` is running, finished, failed or interrupted."""

    id: int
    stage: str
    started_at: datetime
    finished_at: datetime | None
    state: str
    counts: Mapping[str, int]
    issues: tuple[str, ...]
