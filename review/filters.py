"""The filters of the queue: read from a query string, written to one, turned into what the store is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import parse_qsl, urlencode

from core.labels import labels
from core.store.rows import when
from core.store.wanted import STATES, Wanted
from review.search import expression, without_identifiers
from review.words import BEIJING
from text.contacts import find_contacts

MOST_CHARACTERS = 100
MOST_PAGE = 10_000
BLIND = "second"  # the state in which nobody sees what the first person answered


@dataclass(frozen=True, slots=True)
class Filters:
    """What the queue is narrowed to; ``q`` is searched for in the text, ``since`` and ``until`` are days (YYYY-MM-DD, Beijing)."""

    q: str = ""
    state: str = "undecided"
    label: str = ""
    source: str = ""
    platform: str = ""
    province: str = ""
    contact: str = ""
    since: str = ""
    until: str = ""
    page: int = 1

    @classmethod
    def read(cls, values: Mapping[str, str]) -> Filters:
        """Filters from form or query values; what is unknown or malformed is left out."""
        known = {field.name for field in fields(cls)}
        given = {name: value.strip()[:MOST_CHARACTERS] for name, value in values.items() if name in known}
        page = given.pop("page", "1")
        found = cls(**given, page=min(int(page), MOST_PAGE) if page.isascii() and page.isdigit() and int(page) else 1)
        return replace(
            found,
            state=found.state if found.state in STATES else "undecided",
            label=found.label if found.label in labels() else "",
            since=found.since if _day(found.since) else "",
            until=found.until if _day(found.until) else "",
        )

    @classmethod
    def parse(cls, query: str) -> Filters:
        """Filters from a query string, as ``query`` writes it."""
        return cls.read(dict(parse_qsl(query[:2_000])))

    def query(self, page: int) -> str:
        """These filters as a query string, for a page of the queue; what asks for nothing is left out."""
        values, nothing = asdict(replace(self, page=page)), asdict(Filters())
        return urlencode({name: value for name, value in values.items() if value != nothing[name]})

    @property
    def asks(self) -> bool:
        """Whether anything but a state and a page is asked for."""
        return replace(self, page=1, state="undecided") != Filters()

    @property
    def blind(self) -> bool:
        """Whether this is the queue of second looks, where first answers stay hidden."""
        return self.state == BLIND

    @property
    def work(self) -> Filters:
        """These filters as a queue to be worked: of all leads, those that nobody has decided."""
        return replace(self, state="undecided") if self.state == "any" else self

    @property
    def elsewhere(self) -> Filters:
        """These filters, over leads of all states."""
        return replace(self, state="any")

    def masked(self) -> Filters:
        """These filters without what a mask could be opened by, sign by sign."""
        return replace(self, q=without_identifiers(self.q))

    def redacted(self) -> Filters:
        """These filters without what asks after a person's contact."""
        return replace(self.masked(), contact="")

    def wanted(self, me: str) -> Wanted:
        """What the store is asked for ``me``; a query that nothing can be found by (see ``unfindable``) is the caller's to tell."""
        since, until = _day(self.since), _day(self.until)
        return Wanted(
            state=self.state, label=self.label, source=self.source, platform=self.platform, province=self.province,
            contact=_canonical(self.contact), since=_midnight(since) if since else "",
            until=_midnight(until + timedelta(days=1)) if until else "", terms=expression(self.q), me=me,
        )  # fmt: skip


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None
    return day if day and 1990 < day.year < 2200 else None


def _midnight(day: date) -> str:
    """The beginning of a day in Beijing, as the store writes it."""
    return when(datetime.combine(day, time(), BEIJING).astimezone(UTC))


def _canonical(contact: str) -> str:
    """A contact as typed, in the form that the store keeps; only whole values match, so that masks cannot be guessed open."""
    points = find_contacts(contact)
    whole = [point for point in points if point.start == 0 and point.end == len(contact)]
    return whole[0].canonical if whole else contact.removeprefix("@").lower()
