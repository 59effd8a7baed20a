"""The filters of the queue: read from a query string, written to one, turned into what the store is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from urllib.parse import parse_qsl, urlencode

from core.labels import labels
from core.store.review import STATES, Wanted
from review.search import expression
from text.contacts import find_contacts

MOST_CHARACTERS = 100
MOST_PAGE = 10_000


@dataclass(frozen=True, slots=True)
class Filters:
    """What the queue is narrowed to; ``q`` is searched for in the text."""

    q: str = ""
    state: str = "undecided"
    label: str = ""
    source: str = ""
    province: str = ""
    contact: str = ""
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
    def narrowed(self) -> bool:
        """Whether anything but the page is asked for."""
        return replace(self, page=1) != Filters()

    def wanted(self) -> Wanted:
        """What the store is asked; a query that nothing can be found by (see ``unfindable``) is the caller's to tell."""
        return Wanted(self.state, self.label, self.source, self.province, _canonical(self.contact), expression(self.q))


def _canonical(contact: str) -> str:
    """A contact as typed, in the form that the store keeps; only whole values match, so that masks cannot be guessed open."""
    points = find_contacts(contact)
    whole = [point for point in points if point.start == 0 and point.end == len(contact)]
    return whole[0].canonical if whole else contact.removeprefix("@").lower()
