"""Pictures that documents show: which are fetched, and what is believed of what comes. They go the way of every page: queue, robots, pace,
guards, budgets, capture; nothing is decoded here, only the first bytes and the header are looked at.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.types import Document
from crawler.pages import Follow, absolute
from crawler.patrol import Patrol
from crawler.revisits import PICTURE
from crawler.sources import Source
from pictures.sniff import MIN_SIDE, Header, NotAPicture, header

if TYPE_CHECKING:
    from crawler.outcomes import Outcome

PRIORITY = -8  # after all pages: a page may be gone tomorrow, and leads to others
ADDRESS = "picture"  # in a follow's extra: the address as the document shows it, whatever it redirects to


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture that came: the SHA-256 (hex) and size of its file, and its header."""

    sha256: str
    size: int
    header: Header


def taken(body: bytes, most: int) -> Shown:
    """What a response holds, if it is a picture that may be read.

    Raises:
        NotAPicture: it is none, or is larger or smaller than what is read.
    """
    if len(body) > most:
        raise NotAPicture(f"{len(body):,} bytes, more than the {most:,} of max_picture_bytes")
    told = header(body)
    if min(told.width, told.height) < MIN_SIDE:
        raise NotAPicture(f"{told.kind}: {told.width} x {told.height} pixels: too small to hold words")
    return Shown(hashlib.sha256(body).hexdigest(), len(body), told)


def shown(patrol: Patrol, source: Source, id: int, document: Document) -> None:
    """Note the pictures that a stored document shows, and queue those that nothing is known of; within a transaction."""
    most = int(patrol.settings["pictures_per_document"])
    if not source.pictures or not most or not document.pictures:
        return
    for url in patrol.store.pictures.show(id, addresses(document), most):
        ask(patrol, source, url)


def addresses(document: Document) -> list[str]:
    """The addresses of a document's pictures that can be fetched."""
    return [url for picture in document.pictures if (url := absolute(document.url, picture.url)).startswith("http")]


def due(patrol: Patrol, source: Source) -> Iterator[str]:
    """Pictures that earlier nights left: a budget was spent, or an import brought the document."""
    limit = int(patrol.settings["pictures_per_source"])
    if source.pictures and int(patrol.settings["pictures_per_document"]) and limit:
        yield from patrol.store.pictures.waiting(source.name, limit)


def ask(patrol: Patrol, source: Source, url: str) -> None:
    """Queue a picture, as long as the source's share of a night lasts; what is left over is queued by the next night."""
    if not source.shows(url):
        hosts = ", ".join((*source.hosts, *source.picture_hosts))
        patrol.refuse(source.name, url, "off the source", f"picture; hosts of its pictures: {hosts}")
        patrol.store.pictures.failed(url, "", "off the source", patrol.now())
    elif patrol.pictures_asked.get(source.name, 0) < int(patrol.settings["pictures_per_source"]):
        follow = Follow(url, PICTURE, priority=PRIORITY, extra={"exact": True, ADDRESS: url})
        if patrol.push(source, follow, known=False):
            patrol.pictures_asked[source.name] = patrol.pictures_asked.get(source.name, 0) + 1


def came(patrol: Patrol, item: Outcome) -> None:
    """Store what came of a picture's address; within the transaction of its page. What is asked again is not over yet."""
    address = str(item.extra.get(ADDRESS) or item.leased.url)
    if item.retry or (item.refusal and item.keep):  # comes again
        return
    leads_on = [found.url for found in item.found if isinstance(found, Follow)]
    if leads_on:  # fetched as its target, unless that is known; should the target be queued under its own name, the next night knows it
        patrol.store.pictures.same(address, leads_on[0])
        return
    if item.shown is not None and item.capture is not None:
        told = item.shown.header
        patrol.store.pictures.came(
            address, item.capture, item.shown.sha256, item.shown.size, (told.kind, told.width, told.height)
        )
        return
    why = ": ".join(item.refusal) if item.refusal else f"status {item.status}"
    patrol.store.pictures.failed(address, item.capture.id if item.capture else "", why, patrol.now())
